"""Search rows after thousands of random changes that a stream repeats, reorders, delays and loses."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from slotline.clock import FullJitter
from slotline.domain.booking.call_lists import CallQuery
from slotline.domain.booking.calls import Call, CallStatus, Guest
from slotline.ports.shared import Derived
from slotline.store.booking.calls import DynamoCalls
from slotline.store.booking.derived import derived_of_call
from slotline.store.booking.found_calls import search_rows
from slotline.store.booking.items import call_to_item
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import to_values
from slotline.store.dynamodb.rows import write_rows
from slotline.store.shared.derived import DynamoDerivations
from slotline.usecases.booking.derive_calls import DeriveCalls
from slotline.usecases.shared.derive import Derive
from tests.support.builders.apps import NOW, SetClock
from tests.support.builders.bookings import APP_ID, TOMORROW, a_call, minutes
from tests.support.memory.timing import MemoryDeadLetters

QUICK, ALL = 400, 10_000
TOLD_AFTER = 500
"""Changes in a batch of the stream, as a rule."""
CALLS = 30
FIRST = ["María", "Anne-Marie", "Søren", "太郎", "Jo", "Bartholomew", "محمد"]
LAST = ["O'Neill", "García", "van der Berg", "山田", "Ng", "Łukaszewicz", "Oneill"]
TABLE = "SchedulingTable"


@dataclass
class World:
    """Calls as they are, their rows, and a stream that is told of each change and may tell of it badly."""

    client: Any
    draw: random.Random
    calls: dict[str, Call] = field(default_factory=dict)
    untold: list[Call | Derived] = field(default_factory=list)
    late: list[Derived] = field(default_factory=list)
    deleted: list[Derived] = field(default_factory=list)
    changed: dict[str, Call] = field(default_factory=dict)
    lost: int = 0

    def __post_init__(self) -> None:
        self.derivations = DynamoDerivations(self.client, TABLE, SetClock(NOW))
        self.letters = MemoryDeadLetters()
        waits = FullJitter(first_seconds=0, longest_seconds=0)
        derive = Derive(derivations=self.derivations, dead_letters=self.letters, backoff=waits, clock=SetClock(NOW))
        self.derive = DeriveCalls(calls=DynamoCalls(self.client, TABLE), derive=derive, derived_of=derived_of_call)

    def act(self) -> None:
        """One change of one call."""
        if len(self.calls) < CALLS:
            self._keep(a_call(guest=self._guest(), scheduled_at=self._start(), assigned_agent_id=None))
            return
        call = self.draw.choice(list(self.calls.values()))
        if self.draw.random() < 0.02:
            self._delete(call)
            return
        guest = call.guest
        other = self._guest()
        change: dict[str, Any] = self.draw.choice(
            [
                {"guest": replace(guest, name=other.name)},
                {"guest": replace(guest, email=other.email)},
                {"guest": replace(guest, phone=other.phone, phone_e164=other.phone_e164)},
                {"guest": replace(guest, phone=None, phone_e164=None)},
                {"scheduled_at": self._start()},
                {"status": self.draw.choice(list(CallStatus))},
                {"external_id": self.draw.choice(["CRM-42", "crm-42", "O'Neill", None])},
                {"assigned_agent_id": self.draw.choice(["agent-1", "agent-2", None])},
            ]
        )
        self._keep(replace(call, revision=call.revision + 1, **change))

    def tell(self) -> None:
        """The changes since the last batch: as they came, again, in another order, some late, some never."""
        self._write()
        batch, self.untold = self.untold, []
        if self.draw.random() < 0.1:
            self.lost += len(batch)
            return
        for _ in range(self.draw.choice([1, 1, 2])):
            self.draw.shuffle(batch)
            places = [(call.app_id, call.id) for call in batch if isinstance(call, Call)]
            self.derive(dict.fromkeys(places), [gone for gone in batch if isinstance(gone, Derived)])
        self.draw.shuffle(self.late)
        late, self.late = self.late[:8], self.late[8:]
        self.derivations.apply(late)
        self.late += [derived_of_call(call) for call in batch[:4] if isinstance(call, Call)]

    def walk(self) -> int:
        """What a recount does: every call as it is, and every one that is gone."""
        self._write()
        mended = 0
        for call in self.calls.values():
            mended += self.derivations.mend([(keys.call(APP_ID, call.id), derived_of_call(call))])
        for gone in self.deleted:
            mended += self.derivations.mend([({"pk": gone.subject, "sk": "CALL"}, gone)])
        return mended

    def _guest(self) -> Guest:
        number = self.draw.randrange(1_000)
        phone = self.draw.choice(
            [f"+57 300 555 0{number:03}", f"+1 (202) 555-0{number:03}", f"+44 20 7946 0{number:03}"]
        )
        return Guest(
            name=f"{self.draw.choice(FIRST)} {self.draw.choice(LAST)}",
            email=f"Guest.{number}@example.com",
            phone=phone,
            phone_e164="+" + "".join(filter(str.isdigit, phone)),
        )

    def _start(self) -> Any:
        return TOMORROW + timedelta(days=self.draw.randrange(300)) + minutes(15 * self.draw.randrange(40))

    def _keep(self, call: Call) -> None:
        self.calls[call.id] = self.changed[call.id] = call
        self.untold.append(call)

    def _delete(self, call: Call) -> None:
        self._write()
        del self.calls[call.id]
        self.client.delete_item(TableName=TABLE, Key=to_values(keys.call(APP_ID, call.id)))
        gone = Derived(subject=keys.call(APP_ID, call.id)["pk"], version=call.revision, is_gone=True)
        self.deleted.append(gone)
        self.untold.append(gone)

    def _write(self) -> None:
        write_rows(self.client, TABLE, [call_to_item(call) for call in self.changed.values()])
        self.changed = {}


def found_rows(client: Any) -> set[tuple[str, str, str]]:
    pages = client.get_paginator("scan").paginate(
        TableName=TABLE, FilterExpression="contains(pk, :found)", ExpressionAttributeValues={":found": {"S": "#FOUND#"}}
    )
    return {
        (row["pk"]["S"], row["sk"]["S"], row.get("found_by", {"S": ""})["S"]) for page in pages for row in page["Items"]
    }


def ways_to(guest: Guest) -> Iterator[str]:
    """Searches that are promised to find a guest."""
    first, *_, last = guest.name.split()
    yield from (last.upper(), f"{last} {first}", first[:1], f"{first[:3]} {last[:2]}", last.replace("'", ""))
    if guest.email:
        yield guest.email.upper()
    if guest.phone_e164:
        digits = guest.phone_e164.removeprefix("+")
        yield from (f"00{digits}", f" {digits}", digits[-7:], str(guest.phone))


@pytest.mark.parametrize("changes", [QUICK, pytest.param(ALL, marks=pytest.mark.slow)])
def test_search_rows_are_those_of_a_recount_whatever_the_stream_did_and_every_guest_is_found(
    tables: Any, changes: int
) -> None:
    world = World(tables, random.Random(7))
    for number in range(1, changes + 1):
        world.act()
        if number % TOLD_AFTER == 0 or world.draw.random() < 0.0005:
            world.tell()
    world.tell()
    world.walk()
    expected = {
        (row["pk"], row["sk"], row.get("found_by", "")) for call in world.calls.values() for row in search_rows(call)
    }
    assert found_rows(tables) == expected
    assert world.walk() == 0, "a recount leaves nothing to the next one"
    assert world.letters.letters == []
    if changes == ALL:
        assert world.lost > 0
    write_rows(tables, TABLE, [keys.calls_are_counted(APP_ID)])
    calls = DynamoCalls(tables, TABLE)
    guests = list(world.calls.values())
    for call in guests[:: 4 if changes == ALL else 20]:
        for search in ways_to(call.guest):
            page = calls.find(CallQuery(app_id=APP_ID, search=search, limit=200))
            assert call.id in [found.id for found in page.calls], search
            assert list(page.calls) == sorted(page.calls, key=lambda found: (found.scheduled_at, found.id))
