"""Numbers that were kept before trunk prefixes were left out, put into the form that they are compared in.

`+44 (0) 20 7946 0960` was kept as `+4402079460960`, which is nobody's number: on the do-not-call list it protected
nobody. Each row is done by itself, on condition that it is as it was read, and the right row is there before the wrong
one goes. So a run may be stopped anywhere, and the next one does what is left. What was typed stays as it was typed.
"""

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from slotline.aws import raising_store_busy
from slotline.clock import FullJitter
from slotline.domain.booking.call_json import call_from_json
from slotline.domain.booking.calls import Call, Guest
from slotline.domain.booking.customer_limits import LONGEST_WINDOW, identities
from slotline.domain.dialing.numbers import NumberGrant
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.phones import as_compared, forms_of, to_e164
from slotline.ports.shared import RaceLost
from slotline.store.booking import writes
from slotline.store.booking.items import booking_attribute, history_from_item
from slotline.store.dialing.items import dial_call_from_item, dial_call_to_item
from slotline.store.dialing.settings import number_from_item
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import Item, from_values, to_values
from slotline.store.dynamodb.rows import get_row
from slotline.store.dynamodb.transactions import ConditionsFailed, Labelled, transact, write
from slotline.usecases.shared.retrying import retry
from tools.numbers import NumberOwners

_SCHEDULING = (
    "(sk = :call AND attribute_exists(guest_phone_e164))"
    " OR (begins_with(sk, :reminder) AND attribute_exists(recipient))"
)
_DIALING = (
    "begins_with(sk, :listed) OR (sk = :dial AND attribute_exists(due_at)) OR begins_with(sk, :use_case)"
    " OR begins_with(sk, :number)"
)


@dataclass(slots=True)
class Renormalized:
    """What was changed, or would be: how many rows of each kind, what nobody can read, and what several would be."""

    changed: Counter[str] = field(default_factory=Counter)
    unreadable: list[dict[str, Any]] = field(default_factory=list)
    conflicts: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Renormalize:
    """The run over one system. `dry_run`: nothing is written."""

    owners: NumberOwners
    dry_run: bool
    done: Renormalized = field(default_factory=Renormalized)

    def __call__(self) -> Renormalized:
        """Every row once. Raises RaceLost or StoreBusyError: the next run does what is left."""
        target = self.owners.target
        wrong_grants = [grant for grant in self.owners.grants.all() if _is_wrong(grant.phone_number)]
        for grant in wrong_grants:
            self._grant_right_number(grant)
        for row in self._scan(target.dialing_table, _DIALING, _DIALING_VALUES):
            self._dialing(row)
        for grant in wrong_grants:
            self._take_away(grant)
        for row in self._scan(target.scheduling_table, _SCHEDULING, _SCHEDULING_VALUES):
            self._scheduling(row)
        return self.done

    def _scan(self, table: str, condition: str, values: Mapping[str, str]) -> Iterator[Item]:
        pages = self.owners.client.get_paginator("scan").paginate(
            TableName=table,
            ConsistentRead=True,
            FilterExpression=condition,
            ExpressionAttributeValues=to_values(values),
        )
        with raising_store_busy():
            for page in pages:
                yield from (from_values(row) for row in page["Items"])

    def _dialing(self, row: Item) -> None:
        sk = row["sk"]
        if sk.startswith(_DIALING_VALUES[":listed"]):
            self._listed(row)
        elif sk == _DIALING_VALUES[":dial"]:
            self._dial_call(row)
        elif keys.is_number(sk):
            self._number(row)
        elif row.get("transfer_number"):  # it is kept as it was typed, and read when somebody is put through
            self._reads("use_case", row["transfer_number"], organization_id=row["organization_id"], id=row["id"])

    def _listed(self, row: Item) -> None:
        """A number on the do-not-call list: its right row first, so that it is protected throughout."""
        organization_id, e164 = row["pk"].removeprefix("ORG#"), row["e164"]
        right = self._reads("do_not_call", e164, organization_id=organization_id)
        if right in {None, e164}:
            return
        self.done.changed["do_not_call"] += 1
        if self.dry_run:
            return
        table = self.owners.target.dialing_table
        kept = {**row, **keys.do_not_call(organization_id, right), "e164": right}
        with suppress(ConditionsFailed):  # it is listed in both forms
            write(self.owners.client, [("right", parts.put_new(table, kept))])
        self._delete(table, keys.do_not_call(organization_id, e164))

    def _dial_call(self, row: Item) -> None:
        """A call that is not over. Its revision stays: whoever writes it meanwhile dials the right number anyway."""
        call = dial_call_from_item(row)
        right = self._reads("phone_call", call.phone_number, organization_id=call.organization_id, id=call.id)
        if right in {None, call.e164}:
            return
        self.done.changed["phone_calls"] += 1
        if self.dry_run:
            return
        key = keys.dial_call(call.organization_id, call.id)
        after = dial_call_to_item(replace(call, e164=right, metadata={**call.metadata, "to": right}))
        changed = {name: after[name] for name in ("e164", "metadata")}
        with suppress(ConditionsFailed):  # it was changed just now; the next run sees to it
            part = parts.change(
                self.owners.target.dialing_table,
                key,
                changed,
                "revision = :revision AND e164 = :e164",
                revision=call.revision,
                e164=call.e164,
            )
            write(self.owners.client, [("call", part)])

    def _number(self, row: Item) -> None:
        """A number to call from. One that is somebody else's in its right form stays, and is listed."""
        number = number_from_item(row)
        place = {"organization_id": number.organization_id, "id": number.id}
        right = self._reads("number", number.phone_number, **place)
        if right is None or right == number.phone_number:
            return
        grant = self.owners.grants.get(right)
        if grant and (grant.organization_id != number.organization_id or grant.number_id not in {None, number.id}):
            self.done.conflicts.append({"phone_number": right, "kept_as": number.phone_number, **place})
            return
        self.done.changed["numbers"] += 1
        if not self.dry_run:
            self.owners.numbers.replace(
                replace(number, phone_number=right, revision=number.revision + 1), number.revision
            )

    def _grant_right_number(self, grant: NumberGrant) -> None:
        right = as_compared(grant.phone_number)
        there = self.owners.grants.get(right)
        if there is None and not self.dry_run:
            self.owners.grants.put(replace(grant, phone_number=right, revision=1))
        if there is not None and there.organization_id != grant.organization_id:
            granted = {"organization_id": there.organization_id}
            self.done.conflicts.append({"phone_number": right, "kept_as": grant.phone_number, **granted})

    def _take_away(self, grant: NumberGrant) -> None:
        """A grant of a number in its wrong form, now that nothing is kept under it."""
        if any(conflict["kept_as"] == grant.phone_number for conflict in self.done.conflicts):
            return
        self.done.changed["grants"] += 1
        if not self.dry_run:
            self._delete(self.owners.target.access_table, keys.number_grant(grant.phone_number))

    def _scheduling(self, row: Item) -> None:
        if row["sk"] == _SCHEDULING_VALUES[":call"]:
            self._call(row)
        else:
            self._reminder(row)

    def _reminder(self, row: Item) -> None:
        recipient = row["recipient"]
        right = recipient if "@" in recipient else self._reads("reminder", recipient, call_id=row["call_id"])
        if right in {None, recipient}:
            return
        self.done.changed["reminders"] += 1
        if self.dry_run:
            return
        table, key = self.owners.target.scheduling_table, {"pk": row["pk"], "sk": row["sk"]}
        with suppress(ConditionsFailed):  # it was planned again just now
            part = parts.change(table, key, {"recipient": right}, "recipient = :recipient", recipient=recipient)
            write(self.owners.client, [("reminder", part)])

    def _call(self, row: Item) -> None:
        """A guest's number, and under which number their bookings are counted."""
        call = call_from_json(row)
        guest = self._right_guest(call)
        if guest is None or _is_right(call, guest):
            return
        self.done.changed["scheduled_calls"] += 1
        if not self.dry_run:
            retry(lambda: self._rewrite(call.app_id, call.id), FullJitter(), or_else=RaceLost())

    def _rewrite(self, app_id: str, call_id: str) -> None:
        """One transaction: the call as it is by now, and its booking counted in the right window, no more in the wrong.

        Two windows of one customer become one so, a booking at a time.
        """
        table = self.owners.target.scheduling_table
        row = get_row(self.owners.client, table, keys.call(app_id, call_id))
        call = call_from_json(row) if row else None
        guest = self._right_guest(call) if call else None
        if call is None or guest is None or _is_right(call, guest):
            return
        right, wrong = identities(guest)[0], _wrong_identities(guest)
        counted_as = tuple(dict.fromkeys(right if name in wrong else name for name in call.counted_as))
        after = replace(call, guest=guest, counted_as=counted_as, revision=call.revision + 1)
        labelled: list[Labelled] = [("call", writes.put_call(table, after, call.revision))]
        for name in wrong.intersection(call.counted_as):
            labelled += self._recounted(call, name, right)
        try:
            transact(self.owners.client, labelled)
        except ConditionsFailed as refused:
            raise RaceLost from refused

    def _recounted(self, call: Call, wrong: str, right: str) -> Sequence[Labelled]:
        table = self.owners.target.scheduling_table
        rows = {name: get_row(self.owners.client, table, keys.customer(call.app_id, name)) for name in (wrong, right)}
        before, after = (history_from_item(name, row) for name, row in rows.items())
        booked_at = before.bookings.get(call.id)
        if booked_at is None:
            return ()
        ends = max(int((booked_at + LONGEST_WINDOW).timestamp()), int((rows[right] or {}).get("expires_at", 0)))
        part = parts.count_in_window(
            table,
            keys.customer(call.app_id, right),
            booking_attribute(call.id),
            booked_at,
            version=after.version,
            expires=ends,
        )
        return [("right", part), ("wrong", writes.uncount_customer(table, call, wrong))]

    def _right_guest(self, call: Call) -> Guest | None:
        """The guest with the number as it is compared, by what was typed; None if nobody can read it."""
        given = call.guest.phone or call.guest.phone_e164
        right = self._reads("scheduled_call", given, app_id=call.app_id, id=call.id) if given else None
        return replace(call.guest, phone_e164=right) if right else None

    def _reads(self, where: str, given: str, **place: str) -> str | None:
        """The number as it is compared. One that nobody can read is listed, once."""
        try:
            return to_e164(given)
        except InvalidRequest:
            entry = {"where": where, "phone_number": given, **place}
            if entry not in self.done.unreadable:
                self.done.unreadable.append(entry)
            return None

    def _delete(self, table: str, key: Mapping[str, str]) -> None:
        with raising_store_busy():
            self.owners.client.delete_item(TableName=table, Key=to_values(key))


def renormalize_options(parser: ArgumentParser) -> None:
    """Whether it is done."""
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")


_SCHEDULING_VALUES = {":call": "CALL", ":reminder": keys.reminder("", "", "")["sk"]}
_DIALING_VALUES = {
    ":listed": keys.do_not_call("", "")["sk"],
    ":dial": "DIAL",
    ":use_case": keys.use_case("", "")["sk"],
    ":number": keys.number("", "")["sk"],
}


def _is_right(call: Call, guest: Guest) -> bool:
    """True if the call has the guest's right number, and is counted under no other form of it."""
    return guest == call.guest and _wrong_identities(guest).isdisjoint(call.counted_as)


def _wrong_identities(guest: Guest) -> frozenset[str]:
    """What the guest's number was known by in the forms that it had in rows."""
    forms = forms_of(guest.phone_e164)[1:] if guest.phone_e164 else ()
    return frozenset(identities(replace(guest, phone_e164=form))[0] for form in forms)


def _is_wrong(e164: str) -> bool:
    return as_compared(e164) != e164
