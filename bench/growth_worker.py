"""The process that fills a table and runs a checkout's handlers, for `bench.growth`: orders come as lines of JSON.

It is run by its path, with the checkout's folders before ours: this module and `bench.sides` are the bench's own, and
all else is the checkout's, which may be of an earlier commit.
"""

import argparse
import importlib
import itertools
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.sides import MARK, ROOT, event_of, handler_of, put_rows

SECONDS = 29.0
"""Whoever is not done by then has no answer: API Gateway's limit."""
APP, AGENTS, PER_DAY = "01990000-0000-7000-8000-000000000001", 50, 16
ORGANIZATION = "organization-1"
CANCELED_EVERY = 50
UNAVAILABLE, TAKEN, NOT_THERE, MOST_TRIES = 503, 409, 404, 10
WANTED = {
    "guestName": "Zelda Quintero",
    "guestEmail": "zelda.quintero@example.com",
    "guestPhone": "+57 300 555 0199",
}
"""Whom searches look for; one call in all, among the first thousand."""
WANTED_AT = 137
GIVEN = ("Ana", "Ben", "Carla", "Dinesh", "Eva", "Farid", "Grace", "Hugo", "Ines", "Jonas", "Kemi", "Luis", "Mia")
FAMILY = ("Abad", "Brandt", "Castro", "Diaz", "Engel", "Fuchs", "Gomez", "Haas", "Ito", "Jensen", "Khan", "Lopez")
RECOUNTS = "counters"
"""The operator's commands that derive rows from calls which are there already; an earlier commit has none."""
LIST = f"/api/v1/video/{APP}/scheduled-calls"


def agent_id(number: int) -> str:
    """Of the app's agents."""
    return f"01990000-0000-7000-9000-{number:012d}"


def start_of(number: int) -> datetime:
    """When the call of this number starts: all agents' first times, then their second ones.

    From the first of a month on: a page is read month by month, so on whatever day it is measured the same months are.
    """
    day, slot = divmod(number // AGENTS, PER_DAY)
    this_month = datetime.now(UTC).replace(day=1, hour=9, minute=0, second=0, microsecond=0)
    first = (this_month + timedelta(days=62)).replace(day=1)
    return first + timedelta(days=day, minutes=30 * slot)


def text(at: datetime) -> str:
    """As a query says it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def booking(number: int) -> dict[str, Any]:
    """The request that books the call of this number."""
    guest = {
        "guestName": f"{GIVEN[number % len(GIVEN)]} {FAMILY[number // len(GIVEN) % len(FAMILY)]}",
        "guestEmail": f"guest.{number}@example.com",
        "guestPhone": f"+57 301 {number // 10_000:03d} {number % 10_000:04d}",
    }
    said = {
        **(WANTED if number == WANTED_AT else guest),
        "scheduledAtUtc": text(start_of(number)),
        "durationMinutes": 25,
        "appTimezone": "America/Bogota",
        "guestTimezone": "America/Bogota",
        "assignedAgentId": agent_id(number % AGENTS),
    }
    return event_of("POST", LIST, APP, body=said)


def campaign_id(size: int) -> str:
    """Of the campaign with so many calls."""
    return f"01990000-0000-7000-a000-{size:012d}"


class Invocation:
    """Lambda's context of an invocation that has as much time as the gateway waits."""

    def __init__(self) -> None:
        self._until = time.monotonic() + SECONDS

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds."""
        return max(0, int(1000 * (self._until - time.monotonic())))


def sign_in() -> str:
    """The cookie of an owner of the app; none if nobody signs in."""
    try:
        from slotline.domain.access.sessions import COOKIE, Session, SessionKey, Stage
        from slotline.domain.access.users import User
        from slotline.wiring.access import people, sessions
    except ModuleNotFoundError:
        return ""
    now = datetime.now(UTC)
    user = User(
        user_id="01990000-0000-7000-8000-0000000000aa",
        organization_id=ORGANIZATION,
        email="owner@example.com",
        name="Owner",
        is_owner=True,
        created_at=now,
    )
    people.users().add(user)
    key = SessionKey(user_id=user.user_id, secret="slc_" + "b" * 43)
    session = Session(
        session_hash=key.session_hash,
        user_id=user.user_id,
        epoch=user.session_epoch,
        stage=Stage.IN,
        created_at=now,
        seen_at=now,
    )
    sessions.sessions().begin(session)
    return f"{COOKIE}={key.cookie}"


def serve() -> None:
    """The worker: orders from standard input. The bench is this one, and all else the checkout's."""
    sys.path.remove(str(ROOT))
    handlers: dict[str, Callable[[Any, Any], dict[str, Any]]] = {}

    def ask(folder: str, event: Mapping[str, Any]) -> dict[str, Any]:
        handler = handlers.get(folder) or handlers.setdefault(folder, handler_of(folder))
        return handler(event, Invocation())

    def book(first: int, last: int) -> int:
        for number in range(first, last):
            answer, tries = ask("scheduled_calls/create", booking(number)), 1
            while answer["statusCode"] == UNAVAILABLE:  # such as while the emulator looks through all of its rows
                assert tries < MOST_TRIES, answer
                answer, tries = ask("scheduled_calls/create", booking(number)), tries + 1
            if tries > 1 and answer["statusCode"] == TAKEN:
                continue  # by itself: an answer was lost
            assert answer["statusCode"] == 201, answer
            if number % CANCELED_EVERY == CANCELED_EVERY - 1:
                call = json.loads(answer["body"])["data"]["call"]["id"]
                event = event_of("DELETE", f"{LIST}/{call}", APP, body={"reason": "measured"})
                answer = ask("scheduled_calls/cancel", event)
                assert answer["statusCode"] == 200, answer
        return last - first

    def timed(folder: str, event: Mapping[str, Any]) -> dict[str, Any]:
        started = time.perf_counter()
        answer = ask(folder, event)
        took = (time.perf_counter() - started) * 1000
        kind = {name.lower(): value for name, value in answer.get("headers", {}).items()}.get("content-type", "")
        return {"status": answer["statusCode"], "type": kind, "body": answer.get("body"), "milliseconds": took}

    does: dict[str, Callable[..., Any]] = {
        "book": book,
        "copy": write_calls,
        "ask": timed,
        "campaign": write_campaign,
        "derive": derive,
        "sign_in": sign_in,
    }
    for line in sys.stdin:
        order = json.loads(line)
        came = does[order.pop("do")](**order)
        sys.stdout.write(f"{MARK}{json.dumps(came)}\n")
        sys.stdout.flush()


def write_calls(first: int, last: int) -> int:
    """Rows of calls as bookings of these numbers would have left them, by the store's own functions."""
    from slotline.domain.booking.calls import CallStatus, Guest
    from slotline.store.booking import items, writes
    from slotline.wiring import common

    pattern, made = _a_call(), []
    for number in range(first, last):
        said = json.loads(booking(number)["body"])
        is_canceled = number % CANCELED_EVERY == CANCELED_EVERY - 1
        phone = said["guestPhone"]
        call = replace(
            pattern,
            id=f"01990000-0000-7000-c000-{number:012d}",
            guest=Guest(
                name=said["guestName"],
                phone=phone,
                phone_e164=phone.replace(" ", ""),
                email=said["guestEmail"],
                timezone=said["guestTimezone"],
            ),
            scheduled_at=start_of(number),
            assigned_agent_id=said["assignedAgentId"],
            status=CallStatus.CANCELLED if is_canceled else pattern.status,
        )
        made.append(call)
    put_rows(dict(os.environ), "SCHEDULING_TABLE", [items.call_to_item(call) for call in made])
    table = os.environ["SCHEDULING_TABLE"]
    part = writes.list_months(table, APP, sorted({call.month for call in made}))
    common.dynamodb().update_item(**part["Update"])
    _derived("booking", made)
    return last - first


def _a_call() -> Any:
    """One that the handler has booked."""
    from slotline.domain.booking.call_lists import CallQuery
    from slotline.wiring.booking.calls import calls

    query = CallQuery(app_id=APP, agent_ids=frozenset({agent_id(0)}), limit=1)
    return calls().find(query).calls[0]


def _derived(context: str, made: Sequence[Any]) -> None:
    """What follows from calls, as the streams' functions write it; nothing follows if a checkout derives nothing."""
    try:
        derived = importlib.import_module(f"slotline.store.{context}.derived")
        wiring: Any = importlib.import_module("slotline.wiring.shared.derived")
    except ModuleNotFoundError:
        return
    derivations = wiring.of_bookings() if context == "booking" else wiring.of_dials()
    for at in range(0, len(made), 100):
        _applied(derivations, [derived.derived_of_call(call) for call in made[at : at + 100]])


def _applied(derivations: Any, changes: Sequence[Any]) -> None:
    """Again if the emulator takes its time: what was written by then is no news."""
    from slotline.ports.shared import StoreBusyError

    for tries in range(1, MOST_TRIES + 1):
        try:
            derivations.apply(changes)
        except StoreBusyError:
            if tries == MOST_TRIES:
                raise
        else:
            return


def write_campaign(size: int) -> int:
    """A campaign and its calls, by the store's own functions."""
    from slotline.domain.dialing.calls import DialCall, DialStatus
    from slotline.domain.dialing.campaigns import Campaign, CampaignState
    from slotline.wiring.dialing import calls

    now = datetime.now(UTC)
    first = now.replace(microsecond=0) + timedelta(days=size // 1_000)  # no two campaigns at the same time
    states = itertools.cycle([DialStatus.SCHEDULED] * 6 + [DialStatus.COMPLETED, DialStatus.BUSY, DialStatus.NO_ANSWER])
    made = [
        DialCall(
            id=f"01990000-0000-7000-b000-{size + number:012d}",
            organization_id=ORGANIZATION,
            use_case_id="use-case-1",
            number_id="number-1",
            phone_number=f"+1202555{number % 10_000:04d}",
            e164=f"+1202555{number % 10_000:04d}",
            status=next(states),
            scheduled_at=first + timedelta(seconds=number // 20),
            max_duration_mins=5,
            campaign_id=campaign_id(size),
            params={"first_name": GIVEN[number % len(GIVEN)], "company": "Example"},
            created_at=now,
            updated_at=now,
        )
        for number in range(size)
    ]
    campaign = Campaign(
        id=campaign_id(size),
        organization_id=ORGANIZATION,
        name="Bench",
        use_case_id="use-case-1",
        number_id="number-1",
        state=CampaignState.RUNNING,
        calls=size,
        created_at=now,
        updated_at=now,
    )
    calls.campaigns().open(campaign.covering(made))
    for at in range(0, size, 1_000):
        calls.dial_calls().add(made[at : at + 1_000])
        _derived("dialing", made[at : at + 1_000])
    return size


def derive() -> list[str]:
    """What the streams' functions would have derived from the calls, by the operator's commands that do so later."""
    from tools.commands import all_commands
    from tools.provision import Provision
    from tools.target import Target

    tables_of = {f"{name}_table": os.environ[f"{name.upper()}_TABLE"] for name in ("scheduling", "dialing", "access")}
    target = Target(endpoint_url=os.environ["AWS_ENDPOINT_URL"], region=os.environ["AWS_REGION"], **tables_of)
    recounts = [command for command in all_commands() if command.thing == RECOUNTS]
    for command in recounts:
        parser = argparse.ArgumentParser()
        command.options(parser)
        command.run(Provision.of(target), parser.parse_args([]))
    return [command.verb for command in recounts]


if __name__ == "__main__":
    serve()
