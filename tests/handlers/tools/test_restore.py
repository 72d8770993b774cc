"""Rows of restored tables, back in the stack's own: what comes back, what stays, and what goes."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from slotline.domain.booking.reminders import ReminderStatus
from slotline.domain.dialing.campaigns import CampaignState
from slotline.domain.dialing.numbers import CarrierName
from slotline.domain.dialing.restoring import UNSEEN, Backup
from slotline.domain.dialing.statuses import DialStatus
from slotline.domain.shared.instants import format_instant
from slotline.store.booking.items import call_to_item, reminder_to_item
from slotline.store.dialing.calls import DynamoDialCalls
from slotline.store.dialing.campaigns import campaign_from_item, campaign_to_item
from slotline.store.dialing.items import dial_call_to_item
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import to_values
from slotline.store.dynamodb.rows import get_row
from slotline.store.shared.timers import DynamoTimers
from tests.handlers.tools.conftest import Ran
from tests.support.aws.moto_tables import REGION, TABLES, aws_in_memory, create_tables, template
from tests.support.builders.apps import NOW, SetClock
from tests.support.builders.bookings import a_call, a_reminder
from tests.support.builders.dialing import a_campaign, a_dial_call
from tools.errors import ToolError
from tools.restore import LOOKS_BACK, RULES, TakeBack, TakenBack, home_of
from tools.target import Target

SCHEDULING, DIALING, ACCESS = TABLES
RESTORED = {name: f"Restored{name}" for name in TABLES}
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
CUT = NOW - 2 * HOUR
CALL = a_call(scheduled_at=NOW + timedelta(days=1))
PRESET = keys.preset("app", "preset")


class Stopped(Exception):
    """Somebody stopped the run."""


class Tables:
    """A stack's tables, and tables that were restored from their backups."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.target = Target(None, REGION, *TABLES)
        create_tables(client, {RESTORED[name]: template()["Resources"][name] for name in TABLES}, (*RESTORED.values(),))

    def put(self, table: str, *rows: dict[str, Any]) -> None:
        for row in rows:
            self.client.put_item(TableName=table, Item=to_values(row))

    def backs_up(self, table: str, *rows: dict[str, Any]) -> None:
        self.put(RESTORED[table], *rows)

    def row(self, table: str, key: dict[str, str]) -> dict[str, Any] | None:
        return get_row(self.client, table, key)

    def takes_back(self, *, all_rows: bool = False, client: Any = None, **more: Any) -> TakenBack:
        said = {"client": client or self.client, "target": self.target, "clock": SetClock(NOW), "dry_run": False}
        backup = Backup(cut=CUT, stopped=NOW)
        return TakeBack(**{**said, "backup": backup, "all_rows": all_rows, **more})(RESTORED)

    def everything(self) -> list[Any]:
        return [self.client.scan(TableName=name)["Items"] for name in TABLES]


@pytest.fixture
def tables() -> Iterator[Tables]:
    with aws_in_memory() as client:
        yield Tables(client)


def _call_row(**more: Any) -> dict[str, Any]:
    return call_to_item(replace(CALL, **more))


CALL_KEY = keys.call(CALL.app_id, CALL.id)


def _keys_by_table() -> dict[str, list[dict[str, str]]]:
    """A key of each kind, by the table under whose heading it is spelled."""
    some: dict[Any, Any] = {datetime: NOW, date: NOW.date(), int: 1}
    lines = inspect.getsource(keys).splitlines()
    headings = {name: next(n for n, line in enumerate(lines, 1) if line.startswith(f"# {name} -")) for name in TABLES}
    found: dict[str, list[dict[str, str]]] = {name: [] for name in TABLES}
    for _, key in inspect.getmembers(keys, inspect.isfunction):
        if inspect.signature(key).return_annotation != dict[str, str]:
            continue
        given = [
            some.get(one.annotation, NOW if "datetime" in str(one.annotation) else "x")
            for one in inspect.signature(key).parameters.values()
        ]
        line = inspect.getsourcelines(key)[1]
        table = max((name for name in TABLES if headings[name] < line), key=lambda name: headings[name])
        found[table].append(key(*given))
    return found


def test_every_kind_of_row_has_its_rule():
    found = {key["sk"].partition("#")[0] for table in _keys_by_table().values() for key in table}
    assert found == set(RULES)


def test_what_is_gone_comes_back_and_what_is_there_stays(tables: Tables):
    tables.backs_up(
        SCHEDULING, {**PRESET, "name": "then"}, {**keys.app("app"), "name": "then", "share": Decimal("1.5")}
    )
    tables.put(SCHEDULING, {**PRESET, "name": "now"}, {**keys.preset("app", "new"), "name": "new"})
    done = tables.takes_back()
    assert (dict(done.restored), dict(done.removed)) == ({"APP": 1}, {})
    assert tables.row(SCHEDULING, keys.app("app")) == {**keys.app("app"), "name": "then", "share": 1.5}
    assert tables.row(SCHEDULING, PRESET) == {**PRESET, "name": "now"}


def test_with_all_rows_everything_is_as_it_was_and_what_is_newer_goes(tables: Tables):
    new = a_call(id="new", scheduled_at=CALL.scheduled_at)
    tables.backs_up(SCHEDULING, {**PRESET, "name": "then"})
    tables.put(SCHEDULING, {**PRESET, "name": "now"}, call_to_item(new))
    done = tables.takes_back(all_rows=True)
    assert tables.row(SCHEDULING, PRESET) == {**PRESET, "name": "then"}
    assert tables.row(SCHEDULING, keys.call(new.app_id, "new")) is None
    assert (dict(done.removed), done.removed_calls) == ({"CALL": 1}, [keys.call(new.app_id, "new")["pk"]])


@pytest.mark.parametrize(
    ("table", "key"),
    [
        (SCHEDULING, keys.event("app", "call", 1, "event")),
        (SCHEDULING, keys.delivery("app", "webhook", "CALL#call", 1)),
        (SCHEDULING, keys.invited("app", "call")),
        (SCHEDULING, keys.asked_in_app("app")),
        (SCHEDULING, keys.sending("app", "call", "sending")),
        (SCHEDULING, keys.suppression("app", "email", "hash")),
        (DIALING, keys.do_not_call("org", "+573005550100")),
        (DIALING, keys.dial_attempt("org", "call", 1)),
        (DIALING, keys.dial_event("org", "call", 1)),
        (ACCESS, keys.number_grant("+12025550100")),
        (ACCESS, keys.receipt("client", "route", "key")),
    ],
    ids=lambda given: given if isinstance(given, str) else given["sk"].partition("#")[0],
)
def test_what_tells_of_things_done_is_never_overwritten_nor_taken_away(tables: Tables, table: str, key: dict[str, str]):
    new, lost = ({**key, "pk": f"{key['pk']}{what}"} for what in ("new", "lost"))
    tables.backs_up(table, {**key, "said": "then"}, {**lost, "said": "then"})
    tables.put(table, {**key, "said": "now"}, {**new, "said": "now"})
    tables.takes_back(all_rows=True)
    assert [(tables.row(table, one) or {})["said"] for one in (key, new, lost)] == ["now", "now", "then"]


@pytest.mark.parametrize(
    "key",
    [
        keys.rate("client", NOW.date()),
        keys.ticket_queue("app", "agent"),
        keys.pace("+12025550100"),
        keys.minute(NOW),
    ],
    ids=lambda key: key["sk"].partition("#")[0],
)
def test_what_says_how_things_are_now_never_comes_back(tables: Tables, key: dict[str, str]):
    """Above all which minutes have their schedule: the planner would think that somebody wakes their rows."""
    tables.backs_up(ACCESS, {**key, "made": True})
    assert not tables.takes_back(all_rows=True).restored
    assert tables.row(ACCESS, key) is None
    tables.put(ACCESS, {**key, "made": False})
    tables.takes_back(all_rows=True)
    assert tables.row(ACCESS, key) == {**key, "made": False}


def test_a_credential_that_comes_back_is_named_and_one_that_was_revoked_stays_revoked(tables: Tables):
    gone, revoked, spoiled, new = (keys.client(name) for name in ("gone", "revoked", "spoiled", "new"))
    tables.backs_up(ACCESS, *({**key, "status": "active", "name": "then"} for key in (gone, revoked, spoiled)))
    tables.put(ACCESS, {**revoked, "status": "revoked"}, {**spoiled, "status": "active", "name": "?"}, new)
    done = tables.takes_back(all_rows=True)
    assert sorted(done.credentials) == ["CLIENT#gone", "CLIENT#spoiled"]
    assert (tables.row(ACCESS, revoked) or {})["status"] == "revoked"
    assert (tables.row(ACCESS, spoiled) or {})["name"] == "then"
    assert tables.row(ACCESS, new) == new


def test_whoever_was_suspended_since_the_cut_is_not_let_in_again_by_a_restore(tables: Tables):
    account = keys.user("ada")
    tables.backs_up(ACCESS, {**account, "status": "active", "roles": {"app": "admin"}})
    tables.put(ACCESS, {**account, "status": "suspended", "roles": {}})
    assert not tables.takes_back(all_rows=True).credentials
    assert tables.row(ACCESS, account) == {**account, "status": "suspended", "roles": {}}


@pytest.mark.parametrize(
    ("table", "key", "secrets"),
    [
        (ACCESS, keys.client("client"), "secrets"),
        (ACCESS, keys.user("hash"), "password_hash"),
        (SCHEDULING, keys.subscription("app", "webhook"), "secret"),
    ],
)
def test_a_secret_that_was_replaced_since_is_not_valid_again(
    tables: Tables, table: str, key: dict[str, str], secrets: str
):
    tables.backs_up(table, {**key, "name": "then", secrets: "leaked"})
    tables.put(table, {**key, "name": "now", secrets: "new"})
    done = tables.takes_back(all_rows=True)
    assert tables.row(table, key) == {**key, "name": "then", secrets: "new"}
    assert [*done.credentials, *done.webhooks], "somebody looks whether the rest should be as it was"
    assert not tables.takes_back(all_rows=True).restored, "a second run finds nothing to do"


def test_a_webhook_that_comes_back_is_named_since_its_app_may_have_deleted_it(tables: Tables):
    tables.backs_up(SCHEDULING, keys.subscription("app", "webhook"), keys.dial_subscription("org", "app", "webhook"))
    assert tables.takes_back().webhooks == ["APP#app WEBHOOK#webhook"]


def test_a_message_that_was_sent_since_is_not_sent_again(tables: Tables):
    planned = a_reminder(CALL, due_at=CUT + MINUTE)
    key = keys.reminder(planned.app_id, planned.call_id, planned.id)
    tables.backs_up(SCHEDULING, reminder_to_item(planned))
    tables.put(SCHEDULING, reminder_to_item(replace(planned, status=ReminderStatus.SENT, due_at=None)))
    tables.takes_back(all_rows=True)
    assert (tables.row(SCHEDULING, key) or {})["status"] == "sent"


@pytest.mark.parametrize("there", [None, 7])
def test_a_call_counts_on_from_what_no_receiver_and_no_calendar_has_seen(tables: Tables, there: int | None):
    tables.backs_up(SCHEDULING, _call_row(revision=3, calendar_sequence=2))
    if there:
        tables.put(SCHEDULING, _call_row(revision=there, calendar_sequence=5, cancellation_reason="moved"))
    tables.takes_back(all_rows=True)
    assert tables.row(SCHEDULING, CALL_KEY) == {
        **(tables.row(RESTORED[SCHEDULING], CALL_KEY) or {}),
        "revision": (there or 3) + UNSEEN,
        "calendar_sequence": (5 if there else 2) + UNSEEN,
    }


def test_what_ttl_would_have_taken_by_now_does_not_come_back(tables: Tables):
    tables.backs_up(ACCESS, {**keys.receipt("client", "route", "key"), "expires_at": int(NOW.timestamp())})
    assert not tables.takes_back().restored


@pytest.mark.parametrize(
    ("due_at", "from_then"), [(CUT + MINUTE, CUT + MINUTE), (CUT - timedelta(days=9), CUT - LOOKS_BACK)]
)
def test_the_sweep_looks_again_at_what_was_due_since_the_cut(tables: Tables, due_at: datetime, from_then: datetime):
    timers = DynamoTimers(tables.client, (), ACCESS)
    timers.swept(NOW)
    tables.backs_up(SCHEDULING, reminder_to_item(a_reminder(CALL, due_at=due_at)))
    assert tables.takes_back().sweeps_from == from_then
    assert timers.swept_until() == from_then


def test_a_watermark_that_is_behind_is_not_moved_on(tables: Tables):
    timers = DynamoTimers(tables.client, (), ACCESS)
    timers.swept(CUT - HOUR)
    tables.backs_up(SCHEDULING, reminder_to_item(a_reminder(CALL, due_at=NOW + HOUR)))
    assert tables.takes_back().sweeps_from is None
    assert timers.swept_until() == CUT - HOUR


DUE = a_dial_call(due_at=CUT + MINUTE, campaign_id="campaign")
NUMBER = {
    **keys.number("org", "number"),
    "id": "number",
    "organization_id": "org",
    "phone_number": "+12025550100",
    "carrier": "connect",
}


def _lose_dials(tables: Tables) -> None:
    tables.backs_up(
        DIALING,
        dial_call_to_item(DUE),
        NUMBER,
        campaign_to_item(a_campaign(CampaignState.RUNNING)),
        {**keys.dial_import("org", "campaign"), "due_at": CUT, "due_bucket": "bucket", "state": "writing"},
    )


def test_a_lost_dial_call_comes_back_as_an_attempt_to_be_looked_up_at_its_numbers_carrier(tables: Tables):
    _lose_dials(tables)
    assert tables.takes_back().unsure_dials == ["org/call"]
    found = DynamoDialCalls(tables.client, DIALING).get("org", "call")
    assert found
    call, (attempt,) = found
    assert (call.status, call.is_called_off, call.due_at) == (DialStatus.UNKNOWN, True, NOW)
    assert (attempt.status, attempt.carrier, attempt.claimed_at) == (DialStatus.UNKNOWN, CarrierName.CONNECT, CUT)
    assert tables.row(DIALING, keys.dial_event("org", "call", call.revision)), "its webhooks say so"


def test_a_lost_campaign_comes_back_paused_and_its_import_never_goes_on(tables: Tables):
    _lose_dials(tables)
    tables.takes_back()
    campaign = campaign_from_item(tables.row(DIALING, keys.campaign("org", "campaign")) or {})
    assert (campaign.state, campaign.due_at) == (CampaignState.PAUSED, None)
    kept = tables.row(DIALING, keys.dial_import("org", "campaign")) or {}
    assert kept["state"] == "writing"
    assert not {"due_at", "due_bucket"} & kept.keys()


def test_a_dial_call_that_has_rung_since_stays(tables: Tables):
    _lose_dials(tables)
    rang = replace(DUE, status=DialStatus.COMPLETED, attempted_at=(CUT + MINUTE,), due_at=None, revision=5)
    tables.put(DIALING, dial_call_to_item(rang))
    done = tables.takes_back(all_rows=True)
    assert done.unsure_dials == []
    found = DynamoDialCalls(tables.client, DIALING).get("org", "call")
    assert found
    assert found[0] == rang


def test_a_dry_run_says_the_same_and_writes_nothing(tables: Tables):
    _lose_dials(tables)
    tables.backs_up(SCHEDULING, _call_row(), {**PRESET, "name": "then"})
    tables.put(SCHEDULING, {**PRESET, "name": "now"}, call_to_item(a_call(id="new")))
    before = tables.everything()
    would = tables.takes_back(all_rows=True, dry_run=True)
    assert tables.everything() == before
    assert tables.takes_back(all_rows=True) == would


class Stopping:
    """A client that is stopped before its write with this number, counted from 0."""

    def __init__(self, client: Any, at: int | None) -> None:
        self._client, self._left = client, at

    def __getattr__(self, name: str) -> Any:
        if name in {"put_item", "delete_item"} and self._left is not None:
            if self._left <= 0:
                raise Stopped
            self._left -= 1
        return getattr(self._client, name)


@pytest.mark.parametrize("at", range(9))
def test_a_run_that_was_stopped_anywhere_is_finished_by_the_next_one(tables: Tables, at: int):
    _lose_dials(tables)
    tables.backs_up(SCHEDULING, _call_row(), {**PRESET, "name": "then"})
    tables.put(
        SCHEDULING,
        _call_row(revision=4, cancellation_reason="later"),
        {**PRESET, "name": "now"},
        call_to_item(a_call(id="new")),
    )
    with suppress(Stopped):
        tables.takes_back(all_rows=True, client=Stopping(tables.client, at))
    tables.takes_back(all_rows=True)
    assert (tables.row(SCHEDULING, CALL_KEY) or {})["revision"] == 4 + UNSEEN, "raised once"
    assert (tables.row(SCHEDULING, PRESET) or {})["name"] == "then"
    found = DynamoDialCalls(tables.client, DIALING).get("org", "call")
    assert found
    assert (found[0].status, found[0].last_attempt, len(found[1])) == (DialStatus.UNKNOWN, 1, 1)


def test_a_second_run_changes_nothing(tables: Tables):
    _lose_dials(tables)
    tables.backs_up(SCHEDULING, _call_row(revision=3), {**PRESET, "name": "then"})
    tables.put(SCHEDULING, _call_row(revision=4, cancellation_reason="later"))
    tables.takes_back(all_rows=True)
    before = tables.everything()
    tables.takes_back(all_rows=True)
    assert tables.everything() == before


def test_a_row_that_was_changed_while_it_was_compared_stays_and_is_counted(tables: Tables):
    tables.backs_up(SCHEDULING, _call_row(revision=3))
    tables.put(SCHEDULING, _call_row(revision=4, cancellation_reason="read"))

    class Meanwhile:
        """A client before whose write somebody else changes the call."""

        def __getattr__(self, name: str) -> Any:
            if name == "put_item":
                tables.put(SCHEDULING, _call_row(revision=5, cancellation_reason="changed"))
            return getattr(tables.client, name)

    assert tables.takes_back(all_rows=True, client=Meanwhile()).changed_meanwhile == 1
    assert (tables.row(SCHEDULING, CALL_KEY) or {})["cancellation_reason"] == "changed"


def test_the_stacks_own_table_is_refused(tables: Tables):
    run = TakeBack(
        client=tables.client,
        target=tables.target,
        backup=Backup(cut=CUT, stopped=NOW),
        clock=SetClock(NOW),
        all_rows=True,
        dry_run=False,
    )
    with pytest.raises(ToolError, match="the stack's own table"):
        run({SCHEDULING: SCHEDULING})


@pytest.mark.parametrize(
    ("option", "table", "key"),
    [
        ("--scheduling", DIALING, keys.dial_event("org", "call", 1)),
        ("--scheduling", ACCESS, keys.ticket_queue("app", "agent")),
        ("--dialing", SCHEDULING, keys.event("app", "call", 1, "event")),
        ("--dialing", SCHEDULING, keys.dial_subscription("org", "app", "webhook")),
        ("--access", SCHEDULING, keys.room("call")),
        ("--access", DIALING, keys.number("org", "number")),
    ],
)
def test_a_table_that_was_restored_from_another_one_is_refused_before_anything_is_written(
    tables: Tables,
    monkeypatch: pytest.MonkeyPatch,
    run: Callable[..., Ran],
    option: str,
    table: str,
    key: dict[str, str],
):
    monkeypatch.setattr("tools.__main__.target_of_stack", lambda _name, _region: tables.target)
    tables.backs_up(table, key)
    ran = run("restore", "take-back", "--rows", "all", "--cut", _instant(HOUR), option, RESTORED[table])
    assert ran.status == 1
    assert "rows of another table" in ran.err
    assert tables.everything() == [[], [], []]


def test_an_empty_table_does_not_empty_the_stacks_own(
    tables: Tables, monkeypatch: pytest.MonkeyPatch, run: Callable[..., Ran]
):
    """A name that was mistyped, or a restore to a moment before the first row, would take everything away."""
    monkeypatch.setattr("tools.__main__.target_of_stack", lambda _name, _region: tables.target)
    tables.put(SCHEDULING, _call_row())
    ran = run("restore", "take-back", "--rows", "all", "--cut", _instant(HOUR), "--scheduling", RESTORED[SCHEDULING])
    assert (ran.status, "has no rows" in ran.err) == (1, True)
    assert tables.row(SCHEDULING, CALL_KEY)


def test_every_kind_of_row_is_at_home_in_its_table(tables: Tables):
    for table, found in _keys_by_table().items():
        own = [key for key in found if key["pk"] != "x"]  # what is derived is wherever its subject is
        assert {home_of(tables.target, to_values(key)) for key in own} == {table}


def _instant(ago: timedelta) -> str:
    return format_instant(datetime.now(UTC) - ago)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--cut", _instant(HOUR)], "--scheduling, --dialing or --access"),
        (["--cut", "yesterday", "--dialing", "t"], "--cut must be an ISO-8601 instant"),
        (["--cut", _instant(-HOUR), "--dialing", "t"], "--cut must be before --stopped"),
        (["--cut", _instant(HOUR), "--stopped", _instant(2 * HOUR), "--dialing", "t"], "must be before --stopped"),
        (["--cut", _instant(HOUR), "--stopped", _instant(-HOUR), "--dialing", "t"], "not be in the future"),
        (["--cut", _instant(HOUR), "--dialing", "NoSuchTable"], "AWS:"),
    ],
)
def test_what_is_asked_for_wrongly_is_refused_with_what_would_be_right(
    run: Callable[..., Ran], arguments: list[str], said: str
):
    ran = run("restore", "take-back", "--rows", "missing", *arguments)
    assert ran.status == 1
    assert said in ran.err


def test_the_command_says_what_it_did(tables: Tables, monkeypatch: pytest.MonkeyPatch, run: Callable[..., Ran]):
    monkeypatch.setattr("tools.__main__.target_of_stack", lambda _name, _region: tables.target)
    tables.backs_up(SCHEDULING, {**PRESET, "name": "then"})
    ran = run(
        "restore", "take-back", "--rows", "missing", "--cut", _instant(HOUR), "--scheduling", RESTORED[SCHEDULING]
    )
    assert ran.json == {
        "restored": {"PRESET": 1},
        "removed": {},
        "put_right": {},
        "changed_meanwhile": 0,
        "removed_calls": [],
        "overlapping_calls": [],
        "unsure_dials": [],
        "credentials": [],
        "webhooks": [],
        "sweeps_from": None,
    }
