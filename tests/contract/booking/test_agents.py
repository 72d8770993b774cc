"""Agents: added once, and changed attribute by attribute."""

from dataclasses import replace

import pytest

from slotline.domain.booking.apps import Agent
from slotline.domain.shared.idempotency import Receipt
from slotline.domain.shared.working_hours import Window
from slotline.ports.apps import AgentChange, KeptAgent
from slotline.ports.booking import Turn
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, RaceLost
from tests.contract.conftest import AGENTS, Backend
from tests.support.builders.apps import NOW
from tests.support.builders.audit import an_entry
from tests.support.builders.bookings import (
    AGENT,
    APP_ID,
    OTHER_APP_ID,
    a_call,
    a_key,
    an_agent,
    new_id,
    read_for,
    write_of,
)

HOURS = (Window(weekday=0, start="09:00", end="17:00", zone="America/Bogota"),)
NEW = an_agent("agent-9", email="nine@example.com", weight=3, working_hours=HOURS, turns=4)


def stored(backend: Backend, agent_id: str = AGENT) -> Agent:
    _, agent = backend.agents.find(APP_ID, agent_id)
    assert agent
    return agent


def a_receipt(result: str = "first") -> Receipt:
    return Receipt(key=a_key(), result={"made": result}, answered_at=NOW)


def test_looking_finds_the_app_and_the_agent(backend: Backend) -> None:
    app, agent = backend.agents.find(APP_ID, AGENT)
    assert app
    assert (app.app_id, agent) == (APP_ID, an_agent())


def test_what_is_not_there_is_none(backend: Backend) -> None:
    app, agent = backend.agents.find(APP_ID, "nobody")
    assert (app is None, agent) == (False, None)
    assert backend.agents.find(new_id(), AGENT) == (None, None)


def test_all_agents_come_in_order_of_their_ids(backend: Backend) -> None:
    backend.agents.add(APP_ID, NEW, NOW, None)
    backend.agents.add(APP_ID, an_agent("agent-10", active=False), NOW, None)
    app, found = backend.agents.all(APP_ID)
    assert app
    assert [agent.agent_id for agent in found] == ["agent-1", "agent-10", "agent-2", "agent-9"]
    assert [agent.agent_id for agent in backend.agents.all(OTHER_APP_ID)[1]] == list(AGENTS)


def test_an_app_that_is_not_there_has_no_agents(backend: Backend) -> None:
    app, found = backend.agents.all(new_id())
    assert (app, list(found)) == (None, [])


def test_an_added_agent_reads_back_with_everything_it_had(backend: Backend) -> None:
    backend.agents.add(APP_ID, NEW, NOW, a_receipt())
    assert stored(backend, "agent-9") == NEW
    assert backend.receipts.find(a_key()) == a_receipt()


def test_an_agent_whose_id_is_taken_stays_as_they_are(backend: Backend) -> None:
    with pytest.raises(AlreadyWritten):
        backend.agents.add(APP_ID, replace(NEW, agent_id=AGENT), NOW, a_receipt())
    assert stored(backend) == an_agent()
    assert backend.receipts.find(a_key()) is None


def test_an_answered_key_adds_nobody_and_outranks_a_taken_id(backend: Backend) -> None:
    backend.agents.add(APP_ID, NEW, NOW, a_receipt())
    for again in (NEW, replace(NEW, agent_id="agent-10")):
        with pytest.raises(AlreadyAnswered):
            backend.agents.add(APP_ID, again, NOW, a_receipt("second"))
    assert backend.receipts.find(a_key()) == a_receipt()
    assert backend.agents.find(APP_ID, "agent-10")[1] is None


def test_nobody_is_added_to_an_app_that_is_gone(backend: Backend) -> None:
    gone = new_id()
    with pytest.raises(RaceLost):
        backend.agents.add(gone, NEW, NOW, None)
    assert backend.agents.find(gone, NEW.agent_id) == (None, None)


def test_a_change_writes_the_attributes_named_and_no_others(backend: Backend) -> None:
    backend.agents.add(APP_ID, NEW, NOW, None)
    backend.agents.change(APP_ID, "agent-9", AgentChange(values={"name": "Nina", "active": False}))
    assert stored(backend, "agent-9") == replace(NEW, name="Nina", active=False)


def test_a_change_to_none_clears_an_attribute(backend: Backend) -> None:
    backend.agents.add(APP_ID, NEW, NOW, None)
    values = {"email": None, "working_hours": (*HOURS, replace(HOURS[0], weekday=3))}
    backend.agents.change(APP_ID, "agent-9", AgentChange(values=values))
    answer = stored(backend, "agent-9")
    assert (answer.email, [window.weekday for window in answer.working_hours]) == (None, [0, 3])


def test_turns_are_changed_as_they_were_read(backend: Backend) -> None:
    backend.agents.add(APP_ID, NEW, NOW, None)
    backend.agents.change(APP_ID, "agent-9", AgentChange(values={"weight": 6}, turns=(4, 8)))
    answer = stored(backend, "agent-9")
    assert (answer.weight, answer.turns) == (6, 8)
    backend.agents.change(APP_ID, AGENT, AgentChange(values={}, turns=(0, 5)))
    assert stored(backend).turns == 5


def test_a_turn_given_meanwhile_stays_and_the_change_loses(backend: Backend) -> None:
    call = a_call()
    backend.bookings.commit(
        replace(write_of(call, read_for(backend.bookings, call)), turn=Turn(agent_id=AGENT, turns=0, counted=0))
    )
    with pytest.raises(RaceLost):
        backend.agents.change(APP_ID, AGENT, AgentChange(values={"weight": 2}, turns=(0, 0)))
    assert (stored(backend).weight, stored(backend).turns) == (1, 1)
    backend.agents.change(APP_ID, AGENT, AgentChange(values={"weight": 2}))
    assert stored(backend).turns == 1


def test_nobody_who_is_not_there_is_changed(backend: Backend) -> None:
    with pytest.raises(RaceLost):
        backend.agents.change(APP_ID, "nobody", AgentChange(values={"name": "Nobody"}))
    assert backend.agents.find(APP_ID, "nobody")[1] is None


def test_a_change_and_its_entry_are_written_together_or_not_at_all(backend: Backend) -> None:
    entry = an_entry("agent.changed")
    backend.agents.change(APP_ID, AGENT, AgentChange(values={"weight": 2}, version=0), entry)
    for late in (0, 2):
        with pytest.raises(RaceLost):
            backend.agents.change(APP_ID, AGENT, AgentChange(values={"weight": 3}, version=late), an_entry())
    assert (stored(backend).weight, list(backend.audited())) == (2, [entry])


def test_an_agent_is_changed_as_they_were_read(backend: Backend) -> None:
    for weight in (2, 3):
        _, kept = backend.agents.kept(APP_ID, AGENT)
        assert kept
        change = AgentChange(values={"weight": weight}, version=kept.version)
        backend.agents.change(APP_ID, AGENT, change, an_entry())
    assert backend.agents.kept(APP_ID, AGENT)[1] == KeptAgent(agent=an_agent(weight=3), version=2)
    assert backend.agents.kept(APP_ID, "nobody")[1] is None


def test_an_added_agent_has_an_entry_and_one_who_was_there_has_none(backend: Backend) -> None:
    entry = an_entry("agent.added")
    backend.agents.add(APP_ID, NEW, NOW, None, entry)
    with pytest.raises(AlreadyWritten):
        backend.agents.add(APP_ID, NEW, NOW, None, an_entry("agent.added"))
    assert list(backend.audited()) == [entry]
