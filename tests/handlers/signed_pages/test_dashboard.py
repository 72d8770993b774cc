"""The dashboard of an app: who sees it, which days it shows, and that its figures are those of the calls."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest

from slotline.domain.access.users import Role
from slotline.domain.booking.calls import Actor, ActorType, BookingSource, Call, CallStatus, EventType, TimelineEvent
from slotline.store.booking.derived import derived_of_call, derived_of_event
from slotline.store.dialing.derived import derived_of_call as derived_of_dial
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import to_values
from slotline.store.shared.derived import DynamoDerivations
from tests.handlers.signed_pages.conftest import OTHER_APP, SignIn
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import a_call
from tests.support.builders.dialing import a_dial_call
from tests.support.builders.people import Reply
from tests.support.handlers import APP_ID

HERE = f"/console/{APP_ID}"
YESTERDAY = NOW - timedelta(days=1)
DONE, MISSED, OFF = CallStatus.COMPLETED, CallStatus.NO_SHOW, CallStatus.CANCELLED


def derive(people: TablePorts, calls: Sequence[Call]) -> None:
    DynamoDerivations(people.client, "SchedulingTable", people.clock).apply([derived_of_call(call) for call in calls])


def call_of(number: int, status: CallStatus, start: datetime = YESTERDAY, **changes: Any) -> Call:
    values = {"booking_source": BookingSource.API, "created_at": start - timedelta(hours=30), **changes}
    return replace(a_call(app_id=APP_ID, id=f"call-{number}"), status=status, scheduled_at=start, **values)


def rows_of(reply: Reply, name: str) -> list[list[str]]:
    """The cells of a plot's table, below its head."""
    table = re.search(rf'<table class="table" id="{name}-table">.*?<tbody>(.*?)</tbody>', reply.body, re.DOTALL)
    assert table, name
    rows = re.findall(r"<tr>(.*?)</tr>", table[1], re.DOTALL)
    return [[unescape(re.sub(r"<[^>]*>", "", cell)) for cell in re.findall(r"<t[hd].*?</t[hd]>", row)] for row in rows]


@pytest.fixture
def some_calls(people: TablePorts) -> TablePorts:
    """Six held, two missed, one cancelled; a month before that one was held."""
    statuses = [DONE] * 6 + [MISSED] * 2 + [OFF]
    calls = [call_of(number, status) for number, status in enumerate(statuses)]
    derive(people, [*calls, call_of(99, DONE, YESTERDAY - timedelta(days=30))])
    return people


@pytest.mark.usefixtures("some_calls")
def test_the_figures_are_those_of_the_calls_and_of_as_many_days_before(sign_in: SignIn) -> None:
    reply = sign_in(Role.SUPERVISOR).get(HERE)
    for said in (
        "Calls on these days 9 1 in the 28 days before",
        "No-show rate 25% 0% in the 28 days before",
        "Booked ahead, median 1 to 2 days 1 to 2 days in the 28 days before",
    ):
        assert said in reply.text
    assert rows_of(reply, "calls")[-2] == ["Apr 21", "6", "2", "1", "9"]
    assert rows_of(reply, "no_shows") == [["Apr 21", "2", "8", "25%"]]
    assert rows_of(reply, "loads") == [["Agent-1", "8", "2"]]
    assert [row for row in rows_of(reply, "leads") if row[1] != "0"] == [["1 to 2 days", "9", "100%"]]


@pytest.mark.usefixtures("some_calls")
@pytest.mark.parametrize(
    ("query", "first", "last", "days"),
    [
        ("", "2026-03-26", "2026-04-22", 28),
        ("?days=7", "2026-04-16", "2026-04-22", 7),
        ("?days=3", "2026-03-26", "2026-04-22", 28),
        ("?from=2026-04-22&to=2026-04-20", "2026-04-20", "2026-04-22", 3),
        ("?from=2020-01-01&to=2026-04-22", "2026-01-22", "2026-04-22", 91),
        ("?from=no&to=2026-04-22", "2026-03-26", "2026-04-22", 28),
    ],
)
def test_the_address_says_which_days(sign_in: SignIn, query: str, first: str, last: str, days: int) -> None:
    reply = sign_in().get(HERE + query)
    assert reply.page.form("period").fields == [("from", first), ("to", last)]
    assert len(rows_of(reply, "calls")) == days
    assert ("At most 91 days" in reply.text) == (days == 91)


def test_messages_are_shown_by_channel_and_calls_of_nobody_beside_those_of_agents(
    people: TablePorts, sign_in: SignIn
) -> None:
    derive(people, [call_of(1, DONE), call_of(2, CallStatus.CONFIRMED, NOW, assigned_agent_id=None)])
    events = [
        TimelineEvent(
            id=f"event-{number}",
            call_id="call-1",
            revision=number,
            sequence=16 * number,
            event_type=event_type,
            actor=Actor(type=ActorType.SYSTEM),
            payload={"channel": channel},
            created_at=YESTERDAY,
        )
        for number, (event_type, channel) in enumerate(
            [
                (EventType.REMINDER_SENT, "email"),
                (EventType.REMINDER_SENT, "sms"),
                (EventType.REMINDER_FAILED, "sms"),
                (EventType.REMINDER_BOUNCED, "email"),
                (EventType.CONFIRMED, "email"),
            ],
            start=2,
        )
    ]
    derived = [one for event in events if (one := derived_of_event(APP_ID, event))]
    DynamoDerivations(people.client, "SchedulingTable", people.clock).apply(derived)
    reply = sign_in().get(f"{HERE}?lang=es")
    assert rows_of(reply, "messages") == [["Correo electrónico", "1", "0", "1"], ["SMS", "1", "1", "0"]]
    assert rows_of(reply, "loads") == [["Agent-1", "1", "0"], ["Aún sin agente", "1", "0"]]


def test_what_campaigns_came_to_is_that_of_the_organization(people: TablePorts, sign_in: SignIn) -> None:
    derive(people, [call_of(1, DONE)])
    calls = [
        a_dial_call(id=f"dial-{number}", organization_id=organization, campaign_id="may", scheduled_at=YESTERDAY)
        for number, organization in enumerate(["organization-1"] * 3 + ["organization-2"])
    ]
    DynamoDerivations(people.client, "DialingTable", people.clock).apply([derived_of_dial(call) for call in calls])
    assert rows_of(sign_in().get(HERE), "dialed") == [["Planned", "3", "100%"]]


@pytest.mark.usefixtures("people")
def test_an_app_without_bookings_says_what_to_do(sign_in: SignIn) -> None:
    reply = sign_in().get(HERE)
    assert (reply.status, "Nothing in these days" in reply.text) == (200, True)


def test_until_all_is_counted_the_page_says_since_when(some_calls: TablePorts, sign_in: SignIn) -> None:
    browser, mark = sign_in(), keys.is_rolled_up(APP_ID)
    said = "Counting began on Wednesday, April 22, 2026."
    assert said in browser.get(HERE).text
    for table, row in (("SchedulingTable", mark), ("DialingTable", keys.dials_are_rolled_up())):
        some_calls.client.put_item(TableName=table, Item=to_values(row))
    assert said not in browser.get(HERE).text


@pytest.mark.usefixtures("people")
def test_an_agent_does_not_see_the_dashboard_and_nobody_sees_another_organizations(sign_in: SignIn) -> None:
    assert sign_in(Role.AGENT).get(HERE).status == 403
    assert sign_in(Role.ADMIN).get(f"/console/{OTHER_APP}").status == 404
