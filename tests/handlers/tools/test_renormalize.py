"""Numbers that were kept with their trunk prefix are put into the form that they are compared in."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from slotline.domain.booking.calls import Call, Guest
from slotline.domain.booking.customer_limits import CustomerHistory, identities
from slotline.domain.booking.reminders import Channel, Reminder, ReminderKind
from slotline.domain.dialing.do_not_call import DoNotCallEntry
from slotline.domain.dialing.numbers import NumberGrant
from slotline.ids import new_id
from slotline.store.booking.calls import DynamoCalls
from slotline.store.booking.items import booking_attribute, call_to_item, history_from_item, reminder_to_item
from slotline.store.dialing.calls import DynamoDialCalls
from slotline.store.dialing.do_not_call import DynamoDoNotCall
from slotline.store.dialing.grants import grant_to_item
from slotline.store.dialing.settings import NUMBERS, USE_CASES, DynamoDialSettings
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import to_values
from slotline.store.dynamodb.rows import get_row
from tests.support.aws.moto_tables import REGION, TABLES, aws_in_memory
from tests.support.builders.apps import NOW, SetClock
from tests.support.builders.bookings import a_call
from tests.support.builders.dialing import a_dial_call, a_number, a_use_case
from tools.numbers import NumberOwners
from tools.renormalize import Renormalize, Renormalized
from tools.target import Target

TYPED, WRONG, RIGHT = "+44 (0) 20 7946 0960", "+4402079460960", "+442079460960"
ORGANIZATION, APP = "org", new_id()
HOUR = timedelta(hours=1)


class Stopped(Exception):
    """Somebody stopped the run."""


class Stopping:
    """A client that is stopped before its write with this number, counted from 0."""

    WRITES = frozenset({"put_item", "update_item", "delete_item", "transact_write_items"})

    def __init__(self, client: Any, at: int | None) -> None:
        self._client, self._at, self.writes = client, at, 0

    def __getattr__(self, name: str) -> Any:
        if name in self.WRITES:
            if self.writes == self._at:
                raise Stopped
            self.writes += 1
        return getattr(self._client, name)


class System:
    """What was kept before, by its rows."""

    def __init__(self) -> None:
        self.target = Target(None, REGION, *TABLES)
        self.client = self.target.client("dynamodb")
        scheduling, dialing, access = TABLES
        self.do_not_call = DynamoDoNotCall(self.client, dialing, access)
        self.dials, self.calls = DynamoDialCalls(self.client, dialing), DynamoCalls(self.client, scheduling)
        self.numbers = DynamoDialSettings(self.client, dialing, access, SetClock(), NUMBERS)
        self.use_cases = DynamoDialSettings(self.client, dialing, access, SetClock(), USE_CASES)
        self.owners = NumberOwners.of(self.target, SetClock())

    def put(self, table: str, item: dict[str, Any]) -> None:
        self.client.put_item(TableName=table, Item=to_values(item))

    def book(self, guest: Guest, *, counted: bool = True, at: Any = NOW) -> Call:
        """A call as it was booked then, and counted under the guest's number as it was kept."""
        call = replace(a_call(app_id=APP), guest=guest, counted_as=identities(guest) if counted else (), created_at=at)
        self.put(TABLES[0], call_to_item(call))
        for identity in call.counted_as:
            self.client.update_item(
                TableName=TABLES[0],
                Key=to_values(keys.customer(APP, identity)),
                UpdateExpression="SET #booking = :at, expires_at = :ends ADD version :one",
                ExpressionAttributeNames={"#booking": booking_attribute(call.id)},
                ExpressionAttributeValues=to_values({":at": at, ":ends": int(at.timestamp()) + 60, ":one": 1}),
            )
        return call

    def call(self, call: Call) -> Call:
        found = self.calls.get(APP, call.id)
        assert found
        return found[0]

    def window(self, guest: Guest) -> CustomerHistory:
        """Of the guest's number."""
        identity = identities(guest)[0]
        return history_from_item(identity, get_row(self.client, TABLES[0], keys.customer(APP, identity)))

    def run(self, *, stop_at: int | None = None, dry_run: bool = False) -> tuple[Renormalized, int]:
        """One run, and how many writes it made."""
        client = Stopping(self.client, stop_at)
        owners = replace(
            self.owners,
            client=client,
            grants=replace(self.owners.grants, client=client),
            numbers=replace(self.numbers, client=client),
        )
        return Renormalize(owners, dry_run=dry_run)(), client.writes

    def rows(self) -> list[dict[str, Any]]:
        return [row for table in TABLES for row in self.client.scan(TableName=table)["Items"]]


@pytest.fixture
def system() -> Iterator[System]:
    with aws_in_memory():
        yield System()


def a_guest(phone: str = TYPED, e164: str = WRONG, **more: Any) -> Guest:
    return Guest(name="Ana", phone=phone, phone_e164=e164, **more)


RIGHT_GUEST = a_guest("+44 20 7946 0960", RIGHT)


def a_reminder(call: Call) -> Reminder:
    """Somebody asked for a message to this number."""
    return Reminder(
        id=new_id(),
        app_id=APP,
        call_id=call.id,
        kind=ReminderKind.REMINDER_CUSTOM,
        channel=Channel.SMS,
        fire_at=NOW,
        scheduled_at=call.scheduled_at,
        created_at=NOW,
        due_at=NOW,
        recipient=WRONG,
    )


def filled(system: System) -> Call:
    """A row of every kind; the call."""
    system.do_not_call.add(ORGANIZATION, [DoNotCallEntry(e164=WRONG, reason="asked", listed_at=NOW)])
    system.dials.add([a_dial_call(phone_number=TYPED, e164=WRONG, due_at=NOW, metadata={"to": WRONG, "tags": []})])
    system.numbers.add(a_number(phone_number=WRONG), None)
    grant = NumberGrant(phone_number=WRONG, organization_id=ORGANIZATION, number_id="number", granted_at=NOW)
    system.put(TABLES[2], grant_to_item(grant))
    call = system.book(a_guest(email="ana@example.com"))
    system.put(TABLES[0], reminder_to_item(a_reminder(call)))
    return call


def is_right(system: System, call: Call) -> None:
    listed = system.do_not_call.list(ORGANIZATION, 50, None).rows
    assert listed == [DoNotCallEntry(e164=RIGHT, reason="asked", listed_at=NOW)]
    found = system.dials.get(ORGANIZATION, "call")
    assert found
    assert (found[0].phone_number, found[0].e164, found[0].metadata["to"]) == (TYPED, RIGHT, RIGHT)
    number = system.numbers.get(ORGANIZATION, "number")
    assert number
    assert number.phone_number == RIGHT
    assert [(one.phone_number, one.number_id) for one in system.owners.grants.all()] == [(RIGHT, "number")]
    kept = system.call(call)
    assert (kept.guest.phone, kept.guest.phone_e164) == (TYPED, RIGHT)
    assert kept.counted_as == identities(kept.guest)
    assert system.window(RIGHT_GUEST).bookings == {call.id: NOW}
    assert system.window(a_guest()).bookings == {}
    assert WRONG not in str(system.rows())


def test_every_kept_number_is_put_right_and_what_was_typed_stays(system: System):
    call = filled(system)
    done, _ = system.run()
    assert done.changed == dict.fromkeys(
        ("do_not_call", "phone_calls", "numbers", "grants", "scheduled_calls", "reminders"), 1
    )
    assert (done.unreadable, done.conflicts) == ([], [])
    is_right(system, call)


def test_once_more_changes_nothing(system: System):
    filled(system)
    system.run()
    before = system.rows()
    done, writes = system.run()
    assert (done.changed, writes, system.rows()) == ({}, 0, before)


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(system: System):
    filled(system)
    before = system.rows()
    told, writes = system.run(dry_run=True)
    assert (writes, system.rows()) == (0, before)
    assert told.changed == system.run()[0].changed


def test_a_run_that_is_stopped_anywhere_is_finished_by_the_next_and_nobody_is_unprotected_meanwhile():
    stops = 0
    while True:
        with aws_in_memory():
            system = System()
            call = filled(system)
            try:
                system.run(stop_at=stops)
            except Stopped:
                assert system.do_not_call.listed_among(ORGANIZATION, [RIGHT])
                counted = system.window(RIGHT_GUEST).bookings | system.window(a_guest()).bookings
                assert counted == {call.id: NOW}
                system.run()
                is_right(system, call)
                stops += 1
                continue
            is_right(system, call)
            break
    assert stops >= 8


def test_two_windows_of_one_customer_become_one_by_adding(system: System):
    early, late = system.book(a_guest()), system.book(a_guest(), at=NOW + HOUR)
    right = system.book(RIGHT_GUEST, at=NOW + 2 * HOUR)
    uncounted = system.book(a_guest(), counted=False)
    assert system.run()[0].changed == {"scheduled_calls": 3}
    merged = {early.id: NOW, late.id: NOW + HOUR, right.id: NOW + 2 * HOUR}
    assert system.window(RIGHT_GUEST).bookings == merged
    assert system.window(a_guest()).bookings == {}
    assert system.call(uncounted).counted_as == ()


def test_a_booking_that_is_counted_in_the_wrong_window_moves_though_its_guest_was_corrected(system: System):
    call = system.book(a_guest())
    corrected = replace(call, guest=a_guest(TYPED, RIGHT), revision=call.revision + 1)
    system.put(TABLES[0], call_to_item(corrected))
    assert system.run()[0].changed == {"scheduled_calls": 1}
    assert system.call(call).counted_as == identities(RIGHT_GUEST)
    assert (system.window(RIGHT_GUEST).bookings, system.window(a_guest()).bookings) == ({call.id: NOW}, {})
    assert system.run()[0].changed == {}


def test_a_number_that_is_listed_in_both_forms_keeps_the_entry_of_its_right_one(system: System):
    right = DoNotCallEntry(e164=RIGHT, reason="first", listed_at=NOW)
    system.do_not_call.add(ORGANIZATION, [right, DoNotCallEntry(e164=WRONG, reason="again", listed_at=NOW + HOUR)])
    assert system.run()[0].changed == {"do_not_call": 1}
    assert system.do_not_call.list(ORGANIZATION, 50, None).rows == [right]


def test_what_nobody_can_read_is_listed_and_left(system: System):
    unknown = "+9991234567"
    system.do_not_call.add(ORGANIZATION, [DoNotCallEntry(e164=unknown, listed_at=NOW)])
    system.use_cases.add(a_use_case(transfer_number=unknown), None)
    call = system.book(a_guest(unknown, unknown), counted=False)
    before = system.rows()
    done, writes = system.run()
    assert (writes, done.changed, system.rows()) == (0, {}, before)
    assert {(one["where"], one["phone_number"]) for one in done.unreadable} == {
        (where, unknown) for where in ("do_not_call", "use_case", "scheduled_call")
    }
    assert {"where": "scheduled_call", "phone_number": unknown, "app_id": APP, "id": call.id} in done.unreadable


def test_a_number_to_call_from_that_another_organization_has_stays_and_is_listed(system: System):
    system.numbers.add(a_number(phone_number=WRONG), None)
    system.put(TABLES[2], grant_to_item(NumberGrant(phone_number=RIGHT, organization_id="other", granted_at=NOW)))
    done, writes = system.run()
    assert (writes, done.changed) == (0, {})
    assert done.conflicts == [
        {"phone_number": RIGHT, "kept_as": WRONG, "organization_id": ORGANIZATION, "id": "number"}
    ]


def test_calls_that_are_over_and_zeros_that_are_a_numbers_own_stay(system: System):
    system.dials.add([a_dial_call(phone_number=TYPED, e164=WRONG, due_at=None)])
    rome = system.book(a_guest("+39 (0)6 698 12345", "+390669812345"))
    assert system.run()[0].changed == {}
    assert system.call(rome).guest.phone_e164 == "+390669812345"


def test_the_command_says_what_was_done(run, target):
    listed = DynamoDoNotCall(target.client("dynamodb"), target.dialing_table, target.access_table)
    listed.add("acme", [DoNotCallEntry(e164=WRONG, listed_at=NOW)])
    expected = {"changed": {"do_not_call": 1}, "unreadable": [], "conflicts": []}
    assert run("numbers", "renormalize", "--dry-run").json == expected
    assert run("numbers", "renormalize").json == expected
    assert run("numbers", "renormalize").json == {**expected, "changed": {}}
