"""Calendars as a search reads them: the lock's own rows, without what has run out."""

from datetime import UTC, datetime, timedelta

from slotline.domain.booking.agent_time import DoNotDisturbWindow
from slotline.domain.booking.blocks import block
from slotline.domain.booking.claims import Claim, ClaimKind
from slotline.domain.booking.slots import Busy, epoch_minute
from slotline.domain.shared.intervals import MINUTE, Interval
from slotline.ports.apps import AgentChange
from slotline.ports.booking import AppCalendars
from tests.contract.conftest import AGENTS, Backend
from tests.support.builders.bookings import AGENT, APP_ID, TOMORROW, a_call, minutes, new_id, read_for, write_call

MIDNIGHT = datetime(2026, 4, 24, tzinfo=UTC)
AROUND = Interval(MIDNIGHT - timedelta(days=1), MIDNIGHT + timedelta(days=1))


def read(
    backend: Backend, agent_id: str | None = None, around: Interval = AROUND, app_id: str = APP_ID
) -> AppCalendars:
    return backend.calendars.read(app_id, agent_id, around, backend.clock.now())


def busy(claim: Claim) -> Busy:
    start, end = epoch_minute(claim.meeting.start), epoch_minute(claim.meeting.end)
    return Busy(start, end, claim.before // MINUTE, claim.after // MINUTE, claim.kind, claim.id)


def test_every_agent_comes_with_what_is_taken_from_them(backend: Backend) -> None:
    first = write_call(backend.bookings, a_call(buffer_before_minutes=5, buffer_after_minutes=10))
    second = write_call(backend.bookings, a_call(assigned_agent_id="agent-2"))
    found = read(backend)
    assert found.app
    assert found.app.app_id == APP_ID
    assert [(agent.agent_id, list(taken)) for agent, taken in found.agents] == [
        (AGENT, [busy(first.claim)]),
        ("agent-2", [busy(second.claim)]),
    ]


def test_one_agent_is_read_alone(backend: Backend) -> None:
    write_call(backend.bookings, a_call(assigned_agent_id="agent-2"))
    assert [(agent.agent_id, list(taken)) for agent, taken in read(backend, AGENT).agents] == [(AGENT, [])]


def test_inactive_agents_and_those_who_are_not_there_have_no_calendar(backend: Backend) -> None:
    backend.agents.change(APP_ID, AGENT, AgentChange(values={"active": False}))
    assert [agent.agent_id for agent, _ in read(backend).agents] == [AGENTS[1]]
    assert list(read(backend, AGENT).agents) == []
    assert list(read(backend, "nobody").agents) == []


def test_an_app_that_is_not_there_is_none(backend: Backend) -> None:
    found = read(backend, app_id=new_id())
    assert (found.app, list(found.agents)) == (None, [])


def test_a_claim_over_midnight_is_read_once_whichever_day_is_asked_for(backend: Backend) -> None:
    call = write_call(backend.bookings, a_call(scheduled_at=MIDNIGHT - minutes(15)))
    for around in (AROUND, Interval.starting(MIDNIGHT - minutes(90), minutes(30)), Interval.starting(MIDNIGHT, MINUTE)):
        ((_, taken),) = read(backend, AGENT, around).agents
        assert list(taken) == [busy(call.claim)]


def test_what_is_taken_comes_in_order_of_its_start_with_its_kind(backend: Backend) -> None:
    call = write_call(backend.bookings, a_call())
    window = DoNotDisturbWindow(id=new_id(), interval=Interval.starting(TOMORROW - minutes(300), minutes(60)))
    backend.agent_time.add_window(APP_ID, AGENT, window, block(AGENT, [window.claim]), None)
    ((_, taken),) = read(backend, AGENT).agents
    assert list(taken) == [busy(window.claim), busy(call.claim)]


def test_a_hold_is_read_until_the_instant_that_it_ends(backend: Backend) -> None:
    hold = Claim(
        id=new_id(),
        kind=ClaimKind.HOLD,
        meeting=Interval.starting(TOMORROW, minutes(30)),
        expires_at=backend.clock.now() + minutes(10),
    )
    agent_days = read_for(backend.bookings, a_call()).agent_days
    assert agent_days
    backend.bookings.take_time(APP_ID, agent_days.take(hold, backend.clock.now()))
    backend.clock.advance(minutes=9, seconds=59)
    assert [list(taken) for _, taken in read(backend, AGENT).agents] == [[busy(hold)]]
    backend.clock.advance(seconds=1)
    assert [list(taken) for _, taken in read(backend, AGENT).agents] == [[]]


def test_the_days_of_some_agents_are_read_and_no_others(backend: Backend) -> None:
    first = write_call(backend.bookings, a_call(buffer_before_minutes=5, buffer_after_minutes=10))
    write_call(backend.bookings, a_call(assigned_agent_id="agent-2"))
    agents = backend.calendars.agents(APP_ID, None)
    assert [agent.agent_id for agent in agents] == [AGENT, "agent-2"]
    days = [(agents[1], [TOMORROW.date() - timedelta(days=1)]), (agents[0], [TOMORROW.date()])]
    assert [list(one.busy) for one in backend.calendars.taken(APP_ID, days, backend.clock.now())] == [
        [],
        [busy(first.claim)],
    ]
    assert list(backend.calendars.taken(APP_ID, [], backend.clock.now())) == []


def test_only_active_agents_are_named(backend: Backend) -> None:
    backend.agents.change(APP_ID, AGENT, AgentChange(values={"active": False}))
    assert [agent.agent_id for agent in backend.calendars.agents(APP_ID, None)] == [AGENTS[1]]
    assert list(backend.calendars.agents(APP_ID, AGENT)) == list(backend.calendars.agents(APP_ID, "nobody")) == []
