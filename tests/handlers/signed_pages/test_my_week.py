"""The week of My schedules: what an agent sees of their own calls, and nobody else's."""

from datetime import UTC, datetime
from typing import Any

from slotline.domain.access.users import Role
from slotline.domain.booking.calls import AssignmentMethod, Call, CallStatus
from slotline.store.booking.bookings import DynamoBookings
from slotline.store.booking.derived import derived_of_call
from slotline.store.shared.derived import DynamoDerivations
from tests.handlers.signed_pages.conftest import SignIn
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.bookings import a_call, a_hold, read_for, write_call
from tests.support.builders.people import a_user
from tests.support.handlers import APP_ID

THURSDAY = datetime(2026, 4, 23, 10, 0, tzinfo=UTC)
WEEK = f"/my/{APP_ID}?week=2026-W17"


def put(people: TablePorts, guest: str, **changes: Any) -> Call:
    """A call of the agent who looks, unless the changes say otherwise, with what the stream makes of it."""
    bookings = DynamoBookings(people.client, "SchedulingTable", "AccessTable", people.clock)
    call = a_call(**{"app_id": APP_ID, "scheduled_at": THURSDAY, "name": guest, **changes})
    write_call(bookings, call)
    DynamoDerivations(people.client, "SchedulingTable", people.clock).apply([derived_of_call(call)])
    return call


def test_the_week_has_ones_own_calls_what_is_held_and_what_may_be_claimed(people: TablePorts, sign_in: SignIn):
    own = put(people, "Ann Own", buffer_after_minutes=10)
    put(people, "Bob Other", assigned_agent_id="agent-2")
    put(people, "Cleo Next", scheduled_at=datetime(2026, 4, 28, 10, 0, tzinfo=UTC))
    put(people, "Dan Gone", status=CallStatus.CANCELLED, scheduled_at=datetime(2026, 4, 24, 9, 0, tzinfo=UTC))
    pool = {"assignment_method": AssignmentMethod.POOL, "assigned_agent_id": None}
    put(people, "Eve Pool", **pool, scheduled_at=datetime(2026, 4, 24, 10, 0, tzinfo=UTC))
    put(people, "Fay Elsewhere", **pool, agent_ids=("agent-2",), scheduled_at=datetime(2026, 4, 24, 11, 0, tzinfo=UTC))
    bookings = DynamoBookings(people.client, "SchedulingTable", "AccessTable", people.clock)
    held = a_hold(datetime(2026, 4, 24, 15, 0, tzinfo=UTC))
    days = read_for(bookings, a_call(scheduled_at=held.meeting.start)).agent_days
    assert days is not None
    bookings.take_time(APP_ID, days.take(held, people.clock.now()))

    reply = sign_in(Role.AGENT).get(WEEK)

    assert reply.status == 200
    for text in ("Ann Own", "Eve Pool To claim", "Dan Gone", "1 cancelled booking", "Held for somebody"):
        assert text in reply.text, text
    for name in ("Bob Other", "Cleo Next", "Fay Elsewhere"):
        assert name not in reply.text, name
    assert f"/my/{APP_ID}/calls/{own.id}" in reply.page.links


def test_a_time_on_the_grid_leads_to_a_new_booking_unless_it_is_taken_or_over(people: TablePorts, sign_in: SignIn):
    put(people, "Ann Own", buffer_after_minutes=10)
    links = sign_in(Role.AGENT).get(WEEK).page.links
    free = {link.partition("start=")[2].replace("%3A", ":") for link in links if "/new?start=" in link}
    assert {"2026-04-23T09:30:00.000Z", "2026-04-23T11:00:00.000Z", "2026-04-25T09:00:00.000Z"} <= free
    assert not free & {"2026-04-23T10:00:00.000Z", "2026-04-23T10:30:00.000Z", "2026-04-22T11:30:00.000Z"}


def test_a_list_that_is_behind_is_set_right_by_the_agents_days(people: TablePorts, sign_in: SignIn):
    """The index of an agent's calls follows the calls by moments."""
    call = put(people, "Ann Own")
    people.client.update_item(
        TableName="SchedulingTable",
        Key={"pk": {"S": f"APP#{APP_ID}#CALL#{call.id}"}, "sk": {"S": "CALL"}},
        UpdateExpression="REMOVE agent_calendar_pk",
    )
    assert "Ann Own" in sign_in(Role.AGENT).get(WEEK).text


def test_a_refresh_answers_the_week_alone_and_nothing_if_it_is_the_same(people: TablePorts, sign_in: SignIn):
    put(people, "Ann Own")
    browser = sign_in(Role.AGENT)
    part = browser.get(WEEK, hx_request="true")
    assert ("Ann Own" in part.text, "<html" in part.body) == (True, False)
    assert browser.get(WEEK, hx_request="true", if_none_match=part.headers["etag"]).status == 204
    people.clock.advance(minutes=1)
    assert browser.get(WEEK, hx_request="true", if_none_match=part.headers["etag"]).status == 200, "the line of now"


def test_who_is_no_agent_of_the_app_has_no_week(people: TablePorts, sign_in: SignIn):
    del people
    assert sign_in(Role.ADMIN).get(WEEK).status == 403
    assert sign_in(a_user(Role.AGENT, "lost", agent_ids={APP_ID: "agent-9"})).get(WEEK).status == 404


def test_a_call_over_the_hours_that_are_worked_widens_what_is_shown(people: TablePorts, sign_in: SignIn):
    put(people, "Ann Own", scheduled_at=THURSDAY.replace(hour=20), duration_minutes=45)
    text = sign_in(Role.AGENT).get(WEEK).text
    assert ("8:00 PM" in text, "7:00 AM" in text) == (True, False)
    assert "3:00 AM" in sign_in(Role.AGENT).get(f"{WEEK}&hours=all").text
