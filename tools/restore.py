"""Rows of restored tables, taken back into the tables of a running stack.

DynamoDB restores into a new table, without stream, TTL or deletion protection, and under another name. So a stack never
takes in a restored table: what it needs is copied out of it. What each kind of row does then is written in `RULES`.
A run may be stopped anywhere and run again: what came back is not written twice.
"""

from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from slotline.aws import code_of, raising_store_busy
from slotline.domain.access.users import UserStatus
from slotline.domain.dialing.events import event_of
from slotline.domain.dialing.restoring import UNSEEN, Backup, restored_call, restored_campaign
from slotline.domain.shared.instants import format_instant, parse_instant
from slotline.ids import new_id
from slotline.ports.shared import Clock
from slotline.store.dialing.campaigns import campaign_from_item, campaign_to_item
from slotline.store.dialing.items import attempt_to_item, dial_call_from_item, dial_call_to_item, dial_event_to_item
from slotline.store.dialing.settings import number_from_item
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import AttributeValues, DynamoDBClient, Item, from_values, to_values
from slotline.store.dynamodb.rows import get_row, get_rows, row_of
from slotline.store.shared.timers import DynamoTimers
from tools import reading, restored_days
from tools.errors import ToolError
from tools.restored_days import TakenTime
from tools.target import Target

LOOKS_BACK = timedelta(days=1)
"""How far before the cut the sweep looks again at most."""

_COUNTED = ("revision", "calendar_sequence")
"""What of a call rises with its changes, and is known outside: to receivers of webhooks, and in calendars."""

BATCH = 100
"""Rows that are compared at once."""

WORKERS = 8
"""Requests at the same time."""


class Rule(StrEnum):
    """What a kind of row does."""

    BACK = "back"
    """It is as it was at the cut; with `--rows all` one that is newer goes."""
    STAYS = "stays"
    """It comes back only if it is missing, and one that is newer stays: it tells of what cannot be undone."""
    NEVER = "never"
    """It says how things are now, and never comes back."""
    CREDENTIAL = "credential"
    """As BACK, but a new one stays, one that was revoked or suspended stays so, and the secrets of one that is there
    stay."""
    WEBHOOK = "webhook"
    """As BACK, but its secrets stay as they are: its receiver has changed over since."""
    DIAL_CALL, CAMPAIGN, IMPORT, CALL, REMINDER = "dial_call", "campaign", "import", "call", "reminder"


RULES: Mapping[str, Rule] = {
    **dict.fromkeys(("APP", "MONTHS", "AGENT", "DAY", "DND", "HOLD", "BOOKINGS", "ROOM", "RECORDING"), Rule.BACK),
    **dict.fromkeys(("PRESET", "SLUG", "REVISION", "USECASE", "NUMBER"), Rule.BACK),
    **dict.fromkeys(("EVENT", "DELIVERY", "INVITED", "ASKED", "SENDING", "SUPPRESSED", "HAPPENED"), Rule.STAYS),
    **dict.fromkeys(("SIGNIN", "MEMBER", "OWNS", "KEY", "ORGANIZATION", "AUDIT"), Rule.STAYS),
    **dict.fromkeys(("CONNECTS", "DOMAIN", "IDENTITY"), Rule.STAYS),
    **dict.fromkeys(("ATTEMPT", "DNC", "RECEIPT", "GRANT"), Rule.STAYS),
    **dict.fromkeys(("RATE", "LINE", "PACE", "SCHEDULE", "WATERMARK", "WALK", "CODE"), Rule.NEVER),
    **dict.fromkeys(("SEATS", "MAIL", "RECORDED"), Rule.NEVER),
    **dict.fromkeys(("SESSION", "SIGNINTOKEN", "SIGNINSTATE", "DEVICE", "WAYIN"), Rule.NEVER),
    # An address that was taken away must not open a calendar again.
    "FEED": Rule.NEVER,
    # One that came back would change its calls once more.
    **dict.fromkeys(("BULK", "BULKCALL"), Rule.NEVER),
    # A recount makes them from calls.
    **dict.fromkeys(("DERIVED", "COUNTERS", "COUNTED", "FOUND", "LISTED"), Rule.NEVER),
    **dict.fromkeys(("CLIENT", "APIKEY", "WIDGETKEY", "USER", "CONNECTION"), Rule.CREDENTIAL),
    "WEBHOOK": Rule.WEBHOOK,
    "CALL": Rule.CALL,
    "REMINDER": Rule.REMINDER,
    "DIAL": Rule.DIAL_CALL,
    "CAMPAIGN": Rule.CAMPAIGN,
    "IMPORT": Rule.IMPORT,
}
"""By the first word of the sort key. A kind that is not here does as STAYS."""

SECRETS = (
    *("secrets", "secret", "client_secret", "retiring", "previous_secret", "previous_secret_until"),
    *("password_hash", "second_factor", "session_epoch"),
)
"""Attributes of credentials and webhooks: one that was taken away must not come back, and a new one goes on."""

_SHUT_OUT = frozenset({"revoked", UserStatus.SUSPENDED})
"""What a client, a key or an account is that opens nothing any more, by somebody's decision."""

REMOVED_IF_NEW = frozenset({Rule.BACK, Rule.WEBHOOK, Rule.CALL, Rule.REMINDER, Rule.CAMPAIGN, Rule.IMPORT})


@dataclass(slots=True)
class TakenBack:
    """What was done, or would be: rows by their kind."""

    restored: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    changed_meanwhile: int = 0
    put_right: Counter[str] = field(default_factory=Counter)
    """Agents' days and apps' calendars that did not say what their calls say."""
    removed_calls: list[str] = field(default_factory=list)
    overlapping_calls: list[str] = field(default_factory=list)
    unsure_dials: list[str] = field(default_factory=list)
    credentials: list[str] = field(default_factory=list)
    webhooks: list[str] = field(default_factory=list)
    earliest: datetime | None = None
    sweeps_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Change:
    """What becomes of one row. `puts`: in the order of their writing, the row itself last; without any it is deleted.

    `replaces`: what was read in its place.
    """

    kind: str
    key: AttributeValues
    puts: Sequence[AttributeValues] = ()
    replaces: Item | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBack:
    """The run over one system. `all_rows`: rows that are there go back too, and newer ones go."""

    client: DynamoDBClient
    target: Target
    backup: Backup
    clock: Clock
    all_rows: bool
    dry_run: bool
    done: TakenBack = field(default_factory=TakenBack)
    _would_write: dict[tuple[str, str], AttributeValues | None] = field(default_factory=dict)
    """What a dry run leaves unwritten, by key: None for a row that would go."""

    def __call__(self, restored: Mapping[str, str]) -> TakenBack:
        """`restored`: by the name of a table of the stack, the table that was restored from its backup.

        Raises ToolError, or StoreBusyError: the next run does what is left.
        """
        for live, old in restored.items():
            if live == old:
                raise ToolError(f"{old} is the stack's own table: name the one that was restored from its backup")
        for live, old in restored.items():
            self._walk(old, live, live, partial(self._comes_back, old))
            if self.all_rows:
                self._walk(live, old, live, self._goes)
        if self.target.scheduling_table in restored:
            self._put_days_right(self.target.scheduling_table)
        self._look_again()
        return self.done

    def _walk(self, table: str, other: str, live: str, decide: "Decide") -> None:
        """Decide about each row of a table, with the row of the same key in the other one; and write it."""
        with ThreadPoolExecutor(WORKERS) as pool:
            for rows in self._scan(table):
                row_keys = [from_values(_key(row)) for row in rows]
                there = get_rows(self.client, {other: row_keys})
                decided = [decide(row, row_of(there, key)) for row, key in zip(rows, row_keys, strict=True)]
                changes = [change for change in decided if change]
                for change, is_done in zip(changes, pool.map(lambda one: self._write(live, one), changes), strict=True):
                    self._count(change, is_done=is_done)

    def _scan(self, table: str) -> Iterator[Sequence[AttributeValues]]:
        pages = iter(self.client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True))
        while True:
            with raising_store_busy():
                page = next(pages, None)
            if page is None:
                return
            for start in range(0, len(page["Items"]), BATCH):
                yield page["Items"][start : start + BATCH]

    def _comes_back(self, old: str, row: AttributeValues, there: Item | None) -> _Change | None:
        kept, rule = from_values(row), RULES.get(_kind(row), Rule.STAYS)
        if rule is Rule.NEVER or kept == there or (there and not self.all_rows) or self._is_expired(kept):
            return None
        if there and _stays(rule, kept, there):
            return None
        puts = self._as_it_comes_back(rule, old, row, kept, there)
        return _Change(_kind(row), _key(row), puts, there) if puts else None

    def _as_it_comes_back(
        self, rule: Rule, old: str, row: AttributeValues, kept: Item, there: Item | None
    ) -> Sequence[AttributeValues]:
        match rule:
            case Rule.DIAL_CALL:
                return self._dial_call(old, kept, there)
            case Rule.CAMPAIGN:
                before = campaign_from_item(there) if there else None
                campaign = restored_campaign(campaign_from_item(kept), before, self.clock.now())
                return [to_values(campaign_to_item(campaign))] if campaign else []
            case Rule.IMPORT:  # it never goes on: nobody knows which calls it has made since
                return [{name: value for name, value in row.items() if name not in {"due_at", "due_bucket"}}]
            case Rule.CALL:
                return [{**row, **to_values(_beyond(kept, there or {}, _COUNTED))}]
            case Rule.CREDENTIAL | Rule.WEBHOOK if there:
                back = _with_secrets_of(there, kept)
                return [to_values(back)] if back != there else []
        return [row]

    def _dial_call(self, old: str, kept: Item, there: Item | None) -> Sequence[AttributeValues]:
        call = dial_call_from_item(kept)
        organization_id, now = call.organization_id, self.clock.now()
        campaign = get_row(self.client, old, keys.campaign(organization_id, call.campaign_id or ""))
        number = get_row(self.client, old, keys.number(organization_id, call.number_id))
        back = restored_call(
            call,
            dial_call_from_item(there) if there else None,
            self.backup,
            campaign=campaign_from_item(campaign) if campaign else None,
            carrier=number_from_item(number).carrier if number else None,
            claim_id=new_id(),
            now=now,
        )
        if back is None:
            return []
        if back.call.is_called_off and not call.is_called_off:
            self.done.unsure_dials.append(f"{organization_id}/{call.id}")
        event = event_of(call, back.call)
        rows = (
            attempt_to_item(organization_id, back.attempt) if back.attempt else None,
            dial_event_to_item(event) if event else None,
            dial_call_to_item(back.call),
        )
        return [to_values(one) for one in rows if one]

    def _goes(self, row: AttributeValues, was: Item | None) -> _Change | None:
        """A row that was not there at the cut."""
        is_new = was is None and RULES.get(_kind(row), Rule.STAYS) in REMOVED_IF_NEW
        return _Change(_kind(row), _key(row), replaces=from_values(row)) if is_new else None

    def _write(self, live: str, change: _Change) -> bool:
        """Whether the row was as it was read. What a stopped run wrote before it is there already."""
        if self.dry_run:
            if change.kind in restored_days.KINDS and live == self.target.scheduling_table:
                self._would_write[change.key["pk"]["S"], change.key["sk"]["S"]] = next(reversed(change.puts), None)
            return True
        with raising_store_busy():
            if not change.puts:
                self.client.delete_item(TableName=live, Key=change.key)
                return True
            *beside, itself = change.puts
            for row in beside:
                self._put(live, row, _ABSENT)
            return self._put(live, itself, _as_read(change.replaces))

    def _put(self, live: str, row: AttributeValues, condition: Mapping[str, Any]) -> bool:
        try:
            self.client.put_item(TableName=live, Item=row, **condition)
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            return False
        return True

    def _count(self, change: _Change, *, is_done: bool) -> None:
        if not is_done:
            self.done.changed_meanwhile += 1
        elif not change.puts:
            self.done.removed[change.kind] += 1
            if change.kind == "CALL":
                self.done.removed_calls.append(change.key["pk"]["S"])
        else:
            self.done.restored[change.kind] += 1
            row = change.puts[-1]
            if RULES.get(change.kind) is Rule.CREDENTIAL:
                self.done.credentials.append(change.key["pk"]["S"])
            if RULES.get(change.kind) is Rule.WEBHOOK and change.key["pk"]["S"].startswith("APP#"):
                self.done.webhooks.append(f"{change.key['pk']['S']} {change.key['sk']['S']}")
            if "due_at" in row:
                due_at = parse_instant(row["due_at"]["S"])
                self.done.earliest = min(self.done.earliest or due_at, due_at)

    def _put_days_right(self, table: str) -> None:
        """What takes time has its claim: a row that came back, or stayed, may know nothing of the others."""
        taken = TakenTime.of(self._afterwards(table), self.clock.now())
        for kind, part in taken.changes(table):
            self.done.put_right[kind] += 1
            if not self.dry_run:
                with raising_store_busy():
                    self.client.update_item(**part["Update"])
        self.done.overlapping_calls += taken.overlapping()

    def _afterwards(self, table: str) -> Iterator[Item]:
        """The rows that say who has whose time, as they are after a run, though a dry one has written none."""
        would_write = dict(self._would_write)
        for rows in self._scan(table):
            for row in rows:
                now = would_write.pop((row["pk"]["S"], row["sk"]["S"]), row)
                if now is not None and _kind(now) in restored_days.KINDS:
                    yield from_values(now)
        yield from (from_values(row) for row in would_write.values() if row is not None)

    def _look_again(self) -> None:
        """The sweep looks once more at what came back: it may have passed the moment at which that is due."""
        if self.done.earliest is None:
            return
        timers = DynamoTimers(self.client, (), self.target.access_table)
        swept, at = timers.swept_until(), max(self.done.earliest, self.backup.cut - LOOKS_BACK)
        if swept is None or at < swept:
            self.done.sweeps_from = at
            if not self.dry_run:
                timers.swept(at)

    def _is_expired(self, kept: Item) -> bool:
        """TTL would have taken it by now: a restored table has none."""
        return bool(kept.get("expires_at", 0)) and kept["expires_at"] <= self.clock.now().timestamp()


Decide = Callable[[AttributeValues, Item | None], _Change | None]
_ABSENT = {"ConditionExpression": "attribute_not_exists(pk)"}


def _as_read(there: Item | None) -> Mapping[str, Any]:
    """The condition that a row is as it was read, if its kind counts its changes."""
    if there is None:
        return _ABSENT
    if "revision" not in there:
        return {}
    values = to_values({":read": there["revision"]})
    return {"ConditionExpression": "revision = :read", "ExpressionAttributeValues": values}


def _kind(row: AttributeValues) -> str:
    return str(row["sk"]["S"]).partition("#")[0]


def _key(row: AttributeValues) -> AttributeValues:
    return {"pk": row["pk"], "sk": row["sk"]}


def _with_secrets_of(there: Item, kept: Item) -> Item:
    return {
        **{name: value for name, value in kept.items() if name not in SECRETS},
        **{name: there[name] for name in SECRETS if name in there},
    }


def _beyond(kept: Item, there: Item, counts: Sequence[str]) -> Item:
    """These counts, beyond any that somebody may have seen."""
    return {name: max(kept[name], there.get(name, 0)) + UNSEEN for name in counts if name in kept}


def _stays(rule: Rule, kept: Item, there: Item) -> bool:
    """Whether the row that is there stays, though all go back."""
    match rule:
        case Rule.STAYS | Rule.IMPORT:
            return True
        case Rule.CREDENTIAL:
            return there.get("status") in _SHUT_OUT
        case Rule.CALL:  # it came back in an earlier run
            return {**there, **{name: kept[name] for name in _COUNTED if name in kept}} == kept
        case Rule.REMINDER:  # what was sent since is not sent again
            return "due_at" in kept and "due_at" not in there
    return False


def _check_is_of(target: Target, client: DynamoDBClient, live: str, old: str) -> None:
    """Raises ToolError for a restored table that has no rows, or rows of another of the stack's tables."""
    with raising_store_busy():
        rows = client.scan(TableName=old, Limit=BATCH, ConsistentRead=True)["Items"]
    if not rows:
        raise ToolError(f"{old} has no rows: is its restore over (ACTIVE), and is --cut the moment that you mean?")
    for row in rows:
        if home_of(target, row) != live:
            raise ToolError(f"{old} was not restored from {live}: it has rows of another table ({_kind(row)})")


def home_of(target: Target, row: AttributeValues) -> str:
    """The stack's table that a row is at home in, by the first words of its key (`slotline.store.dynamodb.keys`)."""
    match row["pk"]["S"].partition("#")[0], _kind(row):
        case ("APP", "LINE") | ("ROOM", "SEATS" | "MAIL" | "RECORDED"):
            return target.access_table
        case ("APP" | "ROOM", _) | ("ORG", "WEBHOOK"):
            return target.scheduling_table
        case ("ORG", _):
            return target.dialing_table
    return target.access_table


def restore_options(parser: ArgumentParser) -> None:
    """What comes back, from where."""
    for name in ("scheduling", "dialing", "access"):
        parser.add_argument(f"--{name}", metavar="TABLE", help=f"the restored table of the {name} table")
    parser.add_argument("--cut", required=True, metavar="INSTANT", help="to which moment the tables were restored")
    parser.add_argument(
        "--stopped", metavar="INSTANT", help="since when nothing has been dialled; now if it is not given"
    )
    parser.add_argument(
        "--rows", required=True, choices=["missing", "all"], help="only what is gone, or everything as it was"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")


def take_back_rows(target: Target, clock: Clock, given: Namespace) -> dict[str, Any]:
    """The rows of restored tables, back in the stack's own."""
    tables = {
        target.scheduling_table: given.scheduling,
        target.dialing_table: given.dialing,
        target.access_table: given.access,
    }
    restored = {live: old for live, old in tables.items() if old}
    if not restored:
        raise ToolError("name a restored table: --scheduling, --dialing or --access")
    now = clock.now()
    stopped = reading.instant_of(given.stopped, "--stopped") if given.stopped else now
    cut = reading.instant_of(given.cut, "--cut")
    if not cut < stopped <= now:
        raise ToolError("--cut must be before --stopped, and that must not be in the future")
    client = target.client("dynamodb")
    for live, old in restored.items():
        _check_is_of(target, client, live, old)
    done = TakeBack(
        client=client,
        target=target,
        backup=Backup(cut=cut, stopped=stopped),
        clock=clock,
        all_rows=given.rows == "all",
        dry_run=given.dry_run,
    )(restored)
    return {
        "restored": dict(done.restored),
        "removed": dict(done.removed),
        "put_right": dict(done.put_right),
        "changed_meanwhile": done.changed_meanwhile,
        "removed_calls": done.removed_calls,
        "overlapping_calls": done.overlapping_calls,
        "unsure_dials": done.unsure_dials,
        "credentials": done.credentials,
        "webhooks": done.webhooks,
        "sweeps_from": format_instant(done.sweeps_from) if done.sweeps_from else None,
    }
