"""A call's whole life, against an oracle that knows nothing of plans: it asks at every step what would be right."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.booking.apps import Agent, AgentMessage, Preset
from slotline.domain.booking.calls import FINAL, Call, CallStatus
from slotline.domain.booking.invitations import next_sequence
from slotline.domain.booking.planned_messages import plan, remembered, replan
from slotline.domain.booking.reminders import Channel, Reminder, ReminderKind, ReminderPlan
from slotline.domain.messages.sending import Verdict, verdict
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import minutes
from tests.support.builders.planned_messages import PHONE, Row, a_preset, a_reachable_call
from tests.support.properties import tried

hours = st.integers(1, 72).map(lambda number: timedelta(hours=number))
contacts = st.sampled_from(
    [(None, "jane@example.com"), (PHONE, None), (PHONE, "jane@example.com"), ("+442079460000", "joe@example.com")]
)
presets = st.builds(
    lambda listed, minutes, words: a_preset(
        {kind.value: [one.value for one in found] for kind, found in listed.items()},
        agent_messages=tuple(words),
        **minutes,
    ),
    st.dictionaries(st.sampled_from(list(ReminderKind)), st.lists(st.sampled_from(list(Channel)), unique=True)),
    st.sampled_from([{}, {"genesys_dispatch_minutes": 90}]),
    st.lists(st.sampled_from(list(AgentMessage)), unique=True),
)
steps = st.one_of(
    st.tuples(st.just("pass"), st.integers(1, 40 * 60).map(minutes)),
    st.tuples(st.just("move"), hours),
    st.tuples(st.just("reach"), contacts),
    st.tuples(st.just("confirm"), st.none()),
    st.tuples(st.just("name"), st.sampled_from(["Jane", "Joe"])),
    st.tuples(st.just("length"), st.sampled_from([30, 45])),
    st.tuples(st.just("agent"), st.sampled_from([None, "agent-1", "agent-2"])),
    st.tuples(st.sampled_from(["start", "reopen", "cancel", "miss"]), st.none()),
)
_STATUS = {
    "confirm": CallStatus.CONFIRMED,
    "start": CallStatus.STARTED,
    "reopen": CallStatus.SCHEDULED,
    "cancel": CallStatus.CANCELLED,
    "miss": CallStatus.NO_SHOW,
}


def addresses(call: Call) -> dict[str, str | None]:
    """How each channel reaches the guest."""
    phone, email = call.guest.phone_e164, call.guest.email
    return {"email": email, "sms": phone, "whatsapp": phone, "genesys": phone or email}


def called_for(call: Call, preset: Preset, now: datetime) -> set[Row]:
    """The reminders that the call as it is still has before it."""
    if call.status.value not in ("scheduled", "confirmed"):
        return set()
    leads = {"reminder_24h": 24 * 60, "reminder_1h": 60, "reminder_15m": 15}
    found = set()
    for kind, lead in leads.items():
        for channel in preset.reminders.get(kind, []):
            dispatch = preset.genesys_dispatch_minutes if channel == "genesys" else None
            at = call.scheduled_at - minutes(dispatch or lead)
            if addresses(call)[channel] and at > now:
                found.add((f"{kind}.{channel}", at))
    return found


def mentioned(call: Call) -> dict[str, tuple[object, ...]]:
    """What an invitation says over each channel, and to an agent."""
    at, name, length, confirmed = call.scheduled_at, call.guest.name, call.duration_minutes, call.status == "confirmed"
    return {
        "email": (at, confirmed, name, length, call.assigned_agent_id),
        "sms": (at, confirmed),
        "whatsapp": (at, confirmed, name),
        "genesys": (at, confirmed, name, length),
        "agent": (at, confirmed, name, length, call.guest.phone_e164, call.guest.email),
    }


def reads_otherwise(before: Call, call: Call, to: str) -> bool:
    """That a call began, or that its start is undone, is no news."""
    began = CallStatus.STARTED in (before.status, call.status)
    return mentioned(replace(before, status=call.status) if began else before)[to] != mentioned(call)[to]


def said_at_once(before: Call | None, call: Call, preset: Preset) -> set[str]:
    """The messages that a step is to send by itself."""
    if before is not None and before.status in FINAL:
        return set()
    return said_to_guest(before, call, preset) | said_to_agents(before, call, preset)


def said_to_guest(before: Call | None, call: Call, preset: Preset) -> set[str]:
    """The guest's part."""
    kind = "invitation"
    if call.status is CallStatus.CANCELLED:
        kind = "cancellation"
    elif call.status in FINAL:
        kind = "nothing"
    told = {channel for channel in preset.reminders.get(kind, []) if addresses(call)[channel]}
    if before is None or kind != "invitation":
        return {f"{kind}.{channel}" for channel in told}
    told = {
        channel
        for channel in told
        if addresses(before)[channel] != addresses(call)[channel] or reads_otherwise(before, call, channel)
    }
    left = {before.guest.email} - {call.guest.email, None}
    return {f"invitation.{channel}" for channel in told} | {
        f"to {address}: withdrawn" for address in left if "email" in preset.reminders.get("invitation", [])
    }


def said_to_agents(before: Call | None, call: Call, preset: Preset) -> set[str]:
    """The agents' part."""
    had, has = before.assigned_agent_id if before else None, call.assigned_agent_id
    said: set[tuple[str | None, str]] = set()
    if call.status is CallStatus.CANCELLED:
        said = {(has, "cancelled")}
    elif call.status in FINAL:
        said = set()
    elif before is None or had != has:
        said = {(had, "taken_away"), (has, "assigned")}
    else:
        then, now = mentioned(before)["agent"], mentioned(call)["agent"]
        is_moved = (then[0], then[3]) != (now[0], now[3])
        said = {(has, "moved" if is_moved else "assigned")} if reads_otherwise(before, call, "agent") else set()
    return {f"to {who}: {what}" for who, what in said if who and what in preset.agent_messages}


class Life:
    """The rows of one call, as the store keeps them, and everything that fired."""

    def __init__(self, call: Call, preset: Preset) -> None:
        self.call, self.preset, self.now = call, preset, NOW
        self.rows: dict[str, Reminder] = {}
        self.write(call, ReminderPlan(put=plan(call, preset, NOW)))

    def write(self, call: Call, planned: ReminderPlan) -> None:
        assert {one.id for one in planned.put}.isdisjoint(planned.drop), "no row twice in a transaction"
        assert len(planned.put) == len({one.id for one in planned.put})
        assert set(planned.drop) <= self.rows.keys(), "only what is there can be dropped"
        self.call = replace(call, reminder_ids=remembered(self.call.reminder_ids, planned.put))
        self.rows |= {one.id: one for one in planned.put}
        for gone in planned.drop:
            self.rows[gone] = replace(self.rows[gone], due_at=None)

    def fire(self) -> set[str]:
        """Everything that is due by now: what of it is sent."""
        due = [one for one in self.rows.values() if one.due_at is not None and one.due_at <= self.now]
        for one in due:
            self.rows[one.id] = replace(one, due_at=None)
        return {_name(one) for one in due if verdict(one, self.call, self.now, _agent(one)) is Verdict.SEND}

    def waiting(self) -> set[Row]:
        return {(one.id, one.due_at) for one in self.rows.values() if one.due_at is not None}

    def changed(self, step: tuple[str, Any]) -> Call:
        what, value = step
        call = self.call
        if call.is_final or (what in ("confirm", "move") and call.status is CallStatus.STARTED):
            return call
        match what:
            case "move":
                return replace(call, scheduled_at=self.now.replace(second=0) + value)
            case "reach":
                phone, email = value
                return replace(call, guest=replace(call.guest, phone=phone, phone_e164=phone, email=email))
            case "name":
                return replace(call, guest=replace(call.guest, name=value))
            case "length":
                return replace(call, duration_minutes=value)
            case "agent":
                return replace(call, assigned_agent_id=value)
            case "reopen" if call.status is not CallStatus.STARTED:
                return call
        return replace(call, status=_STATUS[what])


def _name(reminder: Reminder) -> str:
    if reminder.agent_id:
        return f"to {reminder.agent_id}: {reminder.agent_message}"
    return f"to {reminder.recipient}: withdrawn" if reminder.withdrawal else reminder.id


def _agent(reminder: Reminder) -> Agent | None:
    return Agent(agent_id=reminder.agent_id, name="Ada", email="ada@acme.example") if reminder.agent_id else None


@given(contact=contacts, preset=presets, journey=st.lists(steps, max_size=12))
@tried(600)
def test_whatever_becomes_of_a_call_what_waits_is_what_it_calls_for(
    contact: tuple[str | None, str | None], preset: Preset, journey: list[tuple[str, Any]]
) -> None:
    phone, email = contact
    life = Life(a_reachable_call(phone=phone, phone_e164=phone, email=email), preset)
    assert life.fire() == said_at_once(None, life.call, preset)
    assert life.waiting() == called_for(life.call, preset, life.now)
    sequence = 0
    for step in journey:
        before = life.call
        if step[0] == "pass":
            was_waiting = called_for(before, preset, life.now)
            life.now += step[1]
            passed = {name for name, at in was_waiting if at <= life.now and life.now < before.scheduled_at}
            assert life.fire() == passed
        else:
            after = life.changed(step)
            after = replace(after, calendar_sequence=next_sequence(before, after))
            if after != before:
                life.write(after, replan(before, after, preset, life.now))
            said = life.fire()
            assert said == said_at_once(before, after, preset)
            in_calendars = {one for one in said if one.startswith(("to ", "invitation.email", "cancellation.email"))}
            assert after.calendar_sequence is not None
            assert after.calendar_sequence > sequence if in_calendars else after.calendar_sequence >= sequence
            sequence = after.calendar_sequence
        assert life.waiting() == called_for(life.call, preset, life.now)
