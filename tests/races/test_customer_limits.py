"""One customer wants several free slots at the same instant, with one place left under the app's limit: one is booked.

Each slot is free and of another hour, so that nothing but the customer's limit stands against it. RACE_ROUNDS_SLOW
says how many rounds of each kind there are.
"""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import pytest

from local.process import RunningSystem
from slotline.domain.booking.apps import CustomerLimit, Period
from tests.races.conftest import ROUNDS
from tests.support.oracles.invariants import (
    Slot,
    State,
    days_equal_their_calls,
    every_booking_exists,
    no_two_calls_collide,
)
from tests.support.worlds.api import Api, OwnApp, own_app, target_of, text
from tests.support.worlds.crowd import Crowd, Outcome, OverHttp, Wish, crowd, statuses

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(3600)]
MOST = 3
"""Bookings a day that the app allows a customer."""
EVENING = 20


@dataclass(frozen=True)
class Counter:
    """An app that limits its customers, and a crowd before it."""

    api: Api
    place: OwnApp
    crowd: Crowd
    _days: Iterator[int] = field(default_factory=count)

    def fresh_day(self) -> datetime:
        """The midnight of a day that no other round touches."""
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + timedelta(days=3 + 2 * next(self._days))

    def customer_with_one_place_left(self, midnight: datetime) -> tuple[str, set[str]]:
        """A new customer's address, and the bookings that they have made in the evening of this day."""
        email = f"{midnight.date()}@example.com"
        hours = [midnight + timedelta(hours=EVENING + number) for number in range(MOST - 1)]
        agent_id = self.place.agent_ids[0]
        return email, {self.api.book(agent_id, start, guestPhone=None, guestEmail=email) for start in hours}

    def rows(self) -> list[dict[str, Any]]:
        """The app's rows, as they lie there."""
        client, table = target_of(self.place.system).client("dynamodb"), self.place.system.tables["scheduling"]
        pages = client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        return [
            row for page in pages for row in page["Items"] if row["pk"]["S"].startswith(f"APP#{self.place.app_id}#")
        ]

    def state(self) -> State:
        client = target_of(self.place.system).client("dynamodb")
        return State.read(client, self.place.system.tables["scheduling"], self.place.app_id)


@pytest.fixture(scope="module")
def counter(system: RunningSystem) -> Iterator[Counter]:
    """Sixteen clients at the API of an app of their own."""
    place = own_app(system, customer_limits=(CustomerLimit(max_bookings=MOST, per=Period.DAY),))
    address = urlsplit(system.base_url)
    assert address.hostname
    assert address.port
    with place.client() as api:
        token = api.client.headers["Authorization"].removeprefix("Bearer ")
        with crowd(OverHttp(address.hostname, address.port, token, place.app_id), processes=4, threads=4) as clients:
            yield Counter(api, place, clients)


def counted(rows: list[dict[str, Any]]) -> list[tuple[set[str], int]]:
    """Of every customer: the bookings that are counted, and how often the row was written."""
    return [
        ({name.removeprefix("booking_") for name in row if name.startswith("booking_")}, int(row["version"]["N"]))
        for row in rows
        if "#CUSTOMER#" in row["pk"]["S"]
    ]


def made(rows: list[dict[str, Any]]) -> Mapping[str, set[str]]:
    """Of every customer: the calls that are there."""
    calls: dict[str, set[str]] = {}
    for row in rows:
        if row["sk"]["S"] == "CALL":
            calls.setdefault(row["guest_email"]["S"], set()).add(row["id"]["S"])
    return calls


def one_round(counter: Counter, contenders: int) -> tuple[str, set[str], list[Outcome]]:
    """The last place of a new customer: their address, all their bookings, and what came of the race."""
    midnight = counter.fresh_day()
    email, before = counter.customer_with_one_place_left(midnight)
    agents = counter.place.agent_ids
    answers = counter.crowd.rush(
        [
            Wish(agents[number % len(agents)], text(midnight + timedelta(hours=number)), email=email)
            for number in range(contenders)
        ]
    )
    assert statuses(answers) == {201: 1, 429: contenders - 1}
    assert {answer.code for answer in answers if answer.status == 429} == {"customer_limit"}
    waits = {json.loads(answer.text)["error"]["details"][0]["nextAllowedAt"] for answer in answers if answer.code}
    assert len(waits) == 1, "all who are refused are told the same instant"
    (winner,) = (answer.call_id for answer in answers if answer.call_id)
    return email, before | {winner}, answers


@pytest.mark.parametrize("contenders", [2, 16])
def test_of_all_bookings_at_once_one_gets_the_last_place_under_a_customers_limit(
    counter: Counter, contenders: int
) -> None:
    started, acknowledged, outcomes = time.perf_counter(), {}, []
    for _ in range(ROUNDS):
        email, acknowledged[email], answers = one_round(counter, contenders)
        outcomes += answers
    rows, state = counter.rows(), counter.state()
    bookings = made(rows)
    assert {email: bookings[email] for email in acknowledged} == acknowledged, "who was told so has a call, nobody else"
    windows = counted(rows)
    for calls in acknowledged.values():
        assert (calls, MOST) in windows, "the window counts the calls that are there, each once"
    assert len(windows) == len(bookings), "nobody else is counted"
    slots = {
        answer.call_id: Slot.at(answer.wish.agent_id, answer.wish.start, 30) for answer in outcomes if answer.call_id
    }
    every_booking_exists(state, slots)
    no_two_calls_collide(state)
    days_equal_their_calls(state)
    figures = f"{ROUNDS} rounds, {len(outcomes)} attempts, {len(slots)} winners, {time.perf_counter() - started:.1f} s"
    print(f"\n{contenders} at a customer's last place: {figures}")  # noqa: T201 - shown by pytest -s
