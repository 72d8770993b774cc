"""Whom numbers to call from are granted to: what an operator does about it, and the commands for that."""

from argparse import ArgumentParser, Namespace
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from slotline.aws import raising_store_busy
from slotline.clock import FullJitter
from slotline.domain.dialing.campaigns import CampaignState
from slotline.domain.dialing.numbers import NOT_GRANTED, Number, NumberGrant
from slotline.domain.shared.audit import AuditEntry, Organization
from slotline.domain.shared.phones import to_e164
from slotline.ports.dialing import DialSettings, KeptCampaigns
from slotline.ports.shared import Clock, RaceLost
from slotline.store.dialing.campaigns import DynamoCampaigns
from slotline.store.dialing.grants import DynamoNumberGrants, grant_to_item
from slotline.store.dialing.settings import NUMBERS, DynamoDialSettings, number_from_item
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import DynamoDBClient, from_values, to_values
from slotline.store.dynamodb.rows import write_rows
from slotline.usecases.shared.retrying import retry
from tools.acts import act
from tools.errors import ToolError
from tools.target import Target

PAGE = 100
"""Rows of one read."""


@dataclass(frozen=True, slots=True)
class Revoked:
    """Who had a number that was taken away, and how many of its campaigns were paused for it."""

    organization_id: str
    paused_campaigns: int


@dataclass(frozen=True, slots=True)
class NumberOwners:
    """The acts, on one system."""

    client: DynamoDBClient
    target: Target
    grants: DynamoNumberGrants
    numbers: DialSettings[Number]
    campaigns: KeptCampaigns
    clock: Clock

    @classmethod
    def of(cls, target: Target, clock: Clock) -> "NumberOwners":
        """The acts on the system that the target leads to."""
        client, dialing, access = target.client("dynamodb"), target.dialing_table, target.access_table
        return cls(
            client,
            target,
            DynamoNumberGrants(client, dialing, access, clock),
            DynamoDialSettings(client, dialing, access, clock, NUMBERS),
            DynamoCampaigns(client, dialing, access),
            clock,
        )

    def grant(self, e164: str, organization_id: str) -> NumberGrant:
        """The organization may call from the number. Raises ToolError where another one may; RaceLost.

        If the organization has added the number before, calls go out from that one again.
        """
        there = self.grants.get(e164)
        if there and there.organization_id == organization_id:
            return there
        if there and there.organization_id:
            raise ToolError(f"{e164} is granted to organization {there.organization_id}: revoke it there first")
        own = [number for number in self._numbers_of(organization_id) if number.phone_number == e164]
        number_id, now = _first(own).id if own else None, self.clock.now()
        granted = (
            there.granted(organization_id, number_id, now)
            if there
            else NumberGrant(phone_number=e164, organization_id=organization_id, number_id=number_id, granted_at=now)
        )
        self.grants.put(granted, self._entry("number.granted", organization_id, None, granted))
        return granted

    def revoke(self, e164: str) -> Revoked:
        """Nobody calls from the number any more, and campaigns that would are paused. Once more does the rest of it.

        Raises ToolError where nobody had it; RaceLost. The grant goes first: a call looks at it just before its start.
        """
        there = self.grants.get(e164)
        organization_id = (there.organization_id or there.revoked_from) if there else None
        if there is None or organization_id is None:
            raise ToolError(f"{e164} is granted to nobody")
        if there.organization_id:
            entry = self._entry("number.revoked", organization_id, there, None)
            self.grants.put(there.revoked(self.clock.now()), entry)
        return Revoked(organization_id, self._pause(organization_id, e164))

    def hand_over(self, numbers: Sequence[str], organization_id: str) -> None:
        """The organization has these, whoever had them: for a demo, whose numbers are always the same."""
        now = self.clock.now()
        new = [NumberGrant(phone_number=e164, organization_id=organization_id, granted_at=now) for e164 in numbers]
        write_rows(self.client, self.target.access_table, [grant_to_item(grant) for grant in new])

    def conflicts(self) -> Mapping[str, Sequence[Number]]:
        """The numbers that several organizations have added, of which none has it now."""
        return {
            e164: numbers
            for e164, numbers in self._added().items()
            if len({number.organization_id for number in numbers}) > 1 and not _organization_of(self.grants.get(e164))
        }

    def adopt(self, *, dry_run: bool) -> tuple[Sequence[NumberGrant], Mapping[str, Sequence[Number]]]:
        """Grant numbers that were added before numbers were granted; what was granted, and what several have.

        Those get a grant that is nobody's, and their campaigns are paused. Again it finds nothing to do.
        """
        granted, contested = [], {}
        for e164, numbers in self._added().items():
            if self.grants.get(e164):
                continue
            first = _first(numbers)
            organizations = sorted({number.organization_id for number in numbers})
            is_one = len(organizations) == 1
            grant = NumberGrant(
                phone_number=e164,
                organization_id=first.organization_id if is_one else None,
                number_id=first.id if is_one else None,
                granted_at=self.clock.now(),
            )
            if not dry_run:
                entry = self._entry("number.granted", first.organization_id, None, grant) if is_one else None
                self.grants.put(grant, entry)
            if is_one:
                granted.append(grant)
                continue
            contested[e164] = numbers
            for organization_id in () if dry_run else organizations:
                self._pause(organization_id, e164)
        return granted, contested

    def _added(self) -> Mapping[str, Sequence[Number]]:
        """Every number that any organization has added, by the number: a Scan of DialingTable."""
        pages = self.client.get_paginator("scan").paginate(
            TableName=self.target.dialing_table,
            ConsistentRead=True,
            FilterExpression="begins_with(sk, :number)",
            ExpressionAttributeValues=to_values({":number": keys.number("", "")["sk"]}),
        )
        found: dict[str, list[Number]] = defaultdict(list)
        with raising_store_busy():
            for page in pages:
                for row in page["Items"]:
                    number = number_from_item(from_values(row))
                    found[number.phone_number].append(number)
        return dict(sorted(found.items()))

    def _pause(self, organization_id: str, e164: str) -> int:
        """Pause the organization's campaigns that call from the number; how many that were."""
        own = {number.id for number in self._numbers_of(organization_id) if number.phone_number == e164}
        paused, after = 0, None
        while own:
            page = self.campaigns.list(organization_id, PAGE, after)
            affected = [one for one in page.rows if one.number_id in own and one.state.places_calls]
            paused += sum(self._pause_one(organization_id, campaign.id) for campaign in affected)
            if page.next is None:
                break
            after = page.next
        return paused

    def _pause_one(self, organization_id: str, campaign_id: str) -> bool:
        def pause() -> bool:
            campaign = self.campaigns.get(organization_id, campaign_id)
            if campaign is None or not campaign.state.places_calls:
                return False
            paused = campaign.moved_to(CampaignState.PAUSED, self.clock.now(), NOT_GRANTED)
            before, after = ({"state": one.state, "reason": one.reason} for one in (campaign, paused))
            of = Organization(organization_id=organization_id)
            entry = act(self.clock).entry("campaign.paused", campaign_id, before, after, of=of)
            self.campaigns.replace(paused, campaign.revision, entry=entry)
            return True

        return retry(pause, FullJitter(), or_else=RaceLost())

    def _entry(
        self, action: str, organization_id: str, before: NumberGrant | None, after: NumberGrant | None
    ) -> AuditEntry:
        """What the log of whose it is says. It names the number by its id, if the organization has added it."""
        known = before or after
        was, now = ({"number_id": grant.number_id, "is_granted": True} if grant else None for grant in (before, after))
        subject = (known and known.number_id) or organization_id
        return act(self.clock).entry(action, subject, was, now, of=Organization(organization_id=organization_id))

    def _numbers_of(self, organization_id: str) -> Iterator[Number]:
        after = None
        while True:
            page = self.numbers.list(organization_id, PAGE, after)
            yield from page.rows
            if page.next is None:
                return
            after = page.next


def number_options(parser: ArgumentParser) -> None:
    """Some numbers."""
    parser.add_argument("numbers", nargs="+", metavar="NUMBER", help="with + and country code; several with spaces")


def grant_options(parser: ArgumentParser) -> None:
    """Some numbers, and to whom."""
    number_options(parser)
    whom = parser.add_mutually_exclusive_group(required=True)
    whom.add_argument("--organization", metavar="ID", help="the organization's id; `app show` says it")
    whom.add_argument("--app", metavar="ID", help="an app of the organization")


def list_options(parser: ArgumentParser) -> None:
    """Whose."""
    parser.add_argument("--organization", metavar="ID", help="of this organization alone")


def adopt_options(parser: ArgumentParser) -> None:
    """Whether it is done."""
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")


def numbers_of(given: Namespace) -> Sequence[str]:
    """What was typed, in E.164. Raises InvalidRequest before anything is done."""
    return [to_e164(number, "NUMBER") for number in dict.fromkeys(given.numbers)]


def shown_grant(grant: NumberGrant) -> dict[str, Any]:
    """A grant as it is shown."""
    return {
        "phone_number": grant.phone_number,
        "organization_id": grant.organization_id,
        "number_id": grant.number_id,
    }


def shown_conflicts(conflicts: Mapping[str, Sequence[Number]]) -> list[dict[str, Any]]:
    """Numbers in several hands as they are shown."""
    return [
        {
            "phone_number": e164,
            "added_by": [{"organization_id": number.organization_id, "number_id": number.id} for number in numbers],
        }
        for e164, numbers in conflicts.items()
    ]


def _first(numbers: Sequence[Number]) -> Number:
    """The one that was added first."""
    return min(numbers, key=lambda number: (number.created_at or datetime.min.replace(tzinfo=UTC), number.id))


def _organization_of(grant: NumberGrant | None) -> str | None:
    return grant.organization_id if grant else None
