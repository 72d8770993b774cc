"""What booking keeps, as rows and back: calls, their timelines and rooms, days, messages, apps, presets and agents."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from slotline.domain.booking.agent_days import AgentDay
from slotline.domain.booking.agent_time import DoNotDisturbWindow, ExceptionKind, ExceptionState, ScheduleException
from slotline.domain.booking.apps import (
    Agent,
    AgentMessage,
    App,
    AssignmentMode,
    CustomerLimit,
    OnZoneChange,
    Period,
    Preset,
    Verification,
)
from slotline.domain.booking.call_json import call_to_json
from slotline.domain.booking.call_search import text_within
from slotline.domain.booking.calls import (
    Actor,
    ActorType,
    Call,
    EventType,
    TimelineEvent,
)
from slotline.domain.booking.claims import Claim, ClaimKind, Hold
from slotline.domain.booking.customer_limits import CustomerHistory
from slotline.domain.booking.lifecycle import next_step_at
from slotline.domain.booking.questions import question_from_json
from slotline.domain.booking.reminders import (
    Audience,
    Channel,
    News,
    Reminder,
    ReminderKind,
    ReminderStatus,
    Withdrawal,
)
from slotline.domain.booking.rooms import CallSource, RoomKind
from slotline.domain.booking.sendings import KEPT_FOR, Feedback, Sending, Suppression
from slotline.domain.booking.timeline import FREE_JSON
from slotline.domain.shared.instants import instant_or_none, parse_instant
from slotline.domain.shared.intervals import MINUTE, Interval
from slotline.domain.shared.plain_json import compact, plain
from slotline.domain.shared.working_hours import Window
from slotline.ports.booking import HeldSlot
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import Item
from slotline.store.dynamodb.keys import due_fields

NOBODY = "@"
"""Whom a message to an agent goes to, as a release reads it that knows of guests only: no channel takes it."""
CLAIM, _GUARD, ENDED = "claim_", "guard_", "ended_"
LOCAL_GUARD = "local_guard"
"""The attribute of an agent day that counts the claims ever put on the agent's local day of this date."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOLD = "hold_"
_BOOKING = "booking_"


def call_to_item(call: Call) -> Item:
    """The call's row, with its places in both calendars and the text that a search looks through."""
    agent, key = call.assigned_agent_id, keys.call(call.app_id, call.id)
    return {
        **key,
        **due_fields(key, next_step_at(call)),
        "calendar_pk": keys.calendar(call.app_id, call.month),
        "calendar_sk": keys.calendar_time(call.scheduled_at, call.id),
        "agent_calendar_pk": keys.agent_calendar(call.app_id, agent) if agent else None,
        "search_text": text_within(call),
        **call_to_json(call),
    }


_READ_BEFORE_AS = {
    EventType.REOPENED: EventType.UPDATED,
    EventType.JOINED: EventType.UPDATED,
    EventType.LEFT: EventType.UPDATED,
    EventType.ENDED: EventType.UPDATED,
}
"""Kinds of events that the release before does not know, each with the kind that it reads instead (decision 35). What
it does not know, it could neither show in a timeline nor tell webhooks."""


def event_to_item(app_id: str, event: TimelineEvent) -> Item:
    """The event's row, beside its call. Free JSON is text: DynamoDB has other numbers and nests less deep."""
    free = {name: value for name, value in event.payload.items() if name in FREE_JSON}
    return {
        **keys.event(app_id, event.call_id, event.revision, event.id),
        "id": event.id,
        "app_id": app_id,
        "call_id": event.call_id,
        "revision": event.revision,
        "sequence": event.sequence,
        "event_type": _READ_BEFORE_AS.get(event.event_type, event.event_type).value,
        "newer_type": event.event_type.value if event.event_type in _READ_BEFORE_AS else None,
        "actor_type": event.actor.type.value,
        "actor_id": event.actor.id,
        "actor_role": event.actor.role,
        "payload": {name: value for name, value in event.payload.items() if name not in FREE_JSON},
        "free_json": compact(free) if free else None,
        "created_at": event.created_at,
    }


def event_from_item(item: Mapping[str, Any]) -> TimelineEvent:
    """The event of a row."""
    return TimelineEvent(
        id=item["id"],
        call_id=item["call_id"],
        revision=item["revision"],
        sequence=item["sequence"],
        event_type=EventType(item.get("newer_type") or item["event_type"]),
        actor=Actor(type=ActorType(item["actor_type"]), id=item.get("actor_id"), role=item.get("actor_role")),
        payload={**item["payload"], **(json.loads(item["free_json"]) if "free_json" in item else {})},
        created_at=parse_instant(item["created_at"]),
    )


def scheduled_room_item(call: Call) -> Item:
    """The row that leads from a scheduled call's link to its booking: to be put with the booking, and never changed."""
    return room_fields(call.id, call.app_id, RoomKind.SCHEDULED, CallSource.BOOKING, call.created_at)


def room_fields(room_id: str, app_id: str, kind: RoomKind, source: CallSource, created_at: datetime) -> Item:
    """What every room's row has, whichever kind of call it is of."""
    return {
        **keys.room(room_id),
        "room_id": room_id,
        "app_id": app_id,
        "kind": kind.value,
        "source": source.value,
        "created_at": created_at,
    }


def claim_attribute(claim_id: str) -> str:
    """The attribute of an agent day that holds this claim."""
    return f"{CLAIM}{claim_id}"


def guard_attribute(hour: int) -> str:
    """The attribute of an agent day that counts the claims ever put into this hour."""
    return f"{_GUARD}{hour:02d}"


def ended_attribute(call_id: str) -> str:
    """The attribute of an agent day that has the start of a call that took place, or was missed."""
    return f"{ENDED}{call_id}"


def minute_of(instant: datetime) -> int:
    """Minutes since 1970."""
    return (instant - _EPOCH) // MINUTE


def claim_to_value(claim: Claim) -> Item:
    """A claim as it stands in its day: minutes since 1970, so that a day of many calls stays small."""
    return {
        "kind": claim.kind.value,
        "start": minute_of(claim.meeting.start),
        "end": minute_of(claim.meeting.end),
        "before": claim.before // MINUTE,
        "after": claim.after // MINUTE,
        **({"expires_at": claim.expires_at} if claim.expires_at else {}),
    }


def agent_day_from_item(day: date, item: Mapping[str, Any] | None) -> AgentDay:
    """The day of a row; an empty day where there is none."""
    fields = item or {}
    return AgentDay(
        day=day,
        claims=tuple(
            _claim(name.removeprefix(CLAIM), value) for name, value in fields.items() if name.startswith(CLAIM)
        ),
        guards={int(name.removeprefix(_GUARD)): value for name, value in fields.items() if name.startswith(_GUARD)},
        local_guard=fields.get(LOCAL_GUARD, 0),
        ended={
            name.removeprefix(ENDED): _EPOCH + value * MINUTE
            for name, value in fields.items()
            if name.startswith(ENDED)
        },
    )


def hold_to_item(hold: HeldSlot) -> Item:
    """The row that sees to the end of a hold."""
    held = hold.hold
    key = keys.hold(hold.app_id, held.agent_id, held.id)
    return {
        **key,
        **due_fields(key, held.ends_at),
        "app_id": hold.app_id,
        "id": held.id,
        **hold_to_value(held),
    }


def hold_from_item(item: Mapping[str, Any]) -> HeldSlot:
    """The hold of a row."""
    return HeldSlot(app_id=item["app_id"], hold=_hold(item["id"], item))


def hold_to_value(hold: Hold) -> Item:
    """What a hold holds, as it stands in its holders' windows."""
    value = {"agent_id": hold.agent_id, "claim": claim_to_value(hold.claim)}
    return value | ({"preset_id": hold.preset_id} if hold.preset_id else {})


def _hold(hold_id: str, value: Mapping[str, Any]) -> Hold:
    return Hold(agent_id=value["agent_id"], claim=_claim(hold_id, value["claim"]), preset_id=value.get("preset_id"))


def do_not_disturb_to_item(app_id: str, agent_id: str, window: DoNotDisturbWindow) -> Item:
    """The window's row, beside its agent's days."""
    return {
        **keys.do_not_disturb(app_id, agent_id, window.interval.start, window.id),
        "id": window.id,
        "agent_id": agent_id,
        "start": window.interval.start,
        "end": window.interval.end,
        "label": window.label,
        "notify": window.notify,
    }


def do_not_disturb_from_item(item: Mapping[str, Any]) -> DoNotDisturbWindow:
    """The window of a row."""
    return DoNotDisturbWindow(
        id=item["id"],
        interval=Interval(parse_instant(item["start"]), parse_instant(item["end"])),
        label=item.get("label"),
        notify=item["notify"],
    )


def _claim(claim_id: str, value: Mapping[str, Any]) -> Claim:
    return Claim(
        id=claim_id,
        kind=ClaimKind(value["kind"]),
        meeting=Interval(_EPOCH + value["start"] * MINUTE, _EPOCH + value["end"] * MINUTE),
        before=timedelta(minutes=value["before"]),
        after=timedelta(minutes=value["after"]),
        expires_at=instant_or_none(value.get("expires_at")),
    )


def history_from_item(identity: str, item: Mapping[str, Any] | None) -> CustomerHistory:
    """A customer's window of a row; an empty one where there is none."""
    fields = item or {}
    return CustomerHistory(
        identity=identity,
        version=fields.get("version", 0),
        bookings={
            name.removeprefix(_BOOKING): parse_instant(value)
            for name, value in fields.items()
            if name.startswith(_BOOKING)
        },
        holds={
            name.removeprefix(_HOLD): _hold(name.removeprefix(_HOLD), value)
            for name, value in fields.items()
            if name.startswith(_HOLD)
        },
    )


def booking_attribute(call_id: str) -> str:
    """The attribute of a customer's window that counts this call."""
    return f"{_BOOKING}{call_id}"


def hold_attribute(hold_id: str) -> str:
    """The attribute of a holder's window that says what this hold holds."""
    return f"{_HOLD}{hold_id}"


def reminder_to_item(reminder: Reminder) -> Item:
    """The message's row, beside its call."""
    key = keys.reminder(reminder.app_id, reminder.call_id, reminder.id)
    return {
        **key,
        **due_fields(key, reminder.due_at),
        "id": reminder.id,
        "app_id": reminder.app_id,
        "call_id": reminder.call_id,
        "kind": reminder.kind.value,
        "channel": reminder.channel.value,
        "fire_at": reminder.fire_at,
        "scheduled_at": reminder.scheduled_at,
        "created_at": reminder.created_at,
        "recipient": NOBODY if reminder.agent_id else reminder.recipient,
        "moved": reminder.news is News.MOVED,
        "news": reminder.news.value if reminder.news else None,
        "agent_id": reminder.agent_id,
        "agent_message": reminder.agent_message.value if reminder.agent_message else None,
        "withdrawal": plain(reminder.withdrawal),
        "status": reminder.status.value,
        "attempts": reminder.attempts,
        "claim_id": reminder.claim_id,
    }


def reminder_from_item(item: Mapping[str, Any]) -> Reminder:
    """The message of a row."""
    return Reminder(
        id=item["id"],
        app_id=item["app_id"],
        call_id=item["call_id"],
        kind=ReminderKind(item["kind"]),
        channel=Channel(item["channel"]),
        fire_at=parse_instant(item["fire_at"]),
        scheduled_at=parse_instant(item["scheduled_at"]),
        created_at=parse_instant(item["created_at"]),
        due_at=instant_or_none(item.get("due_at")),
        recipient=None if item.get("agent_id") else item.get("recipient"),
        news=_news(item),
        agent_id=item.get("agent_id"),
        agent_message=AgentMessage(item["agent_message"]) if item.get("agent_message") else None,
        withdrawal=Withdrawal(**item["withdrawal"]) if item.get("withdrawal") else None,
        status=ReminderStatus(item["status"]),
        attempts=item["attempts"],
        claim_id=item.get("claim_id"),
    )


def _news(item: Mapping[str, Any]) -> News | None:
    """What an invitation tells first. A release that knew of moves only says `moved`."""
    if item.get("news"):
        return News(item["news"])
    return News.MOVED if item["moved"] else None


def sending_to_item(sending: Sending) -> Item:
    """The row of a message that is handed to a provider, until nothing more is heard of it."""
    return {
        **keys.sending(sending.app_id, sending.call_id, sending.id),
        "id": sending.id,
        "app_id": sending.app_id,
        "call_id": sending.call_id,
        "reminder_id": sending.reminder_id,
        "kind": sending.kind.value,
        "channel": sending.channel.value,
        "recipient": sending.recipient,
        "audience": sending.audience.value,
        "agent_id": sending.agent_id,
        "sent_at": sending.sent_at,
        "expires_at": int((sending.sent_at + KEPT_FOR).timestamp()),
    }


def sending_from_item(item: Mapping[str, Any]) -> Sending:
    """The sending of a row."""
    return Sending(
        id=item["id"],
        app_id=item["app_id"],
        call_id=item["call_id"],
        reminder_id=item["reminder_id"],
        kind=ReminderKind(item["kind"]),
        channel=Channel(item["channel"]),
        recipient=item["recipient"],
        audience=Audience(item.get("audience", Audience.GUEST)),
        agent_id=item.get("agent_id"),
        sent_at=parse_instant(item["sent_at"]),
        heard=frozenset(Feedback(name) for name in item.get("heard", ())),
    )


def suppression_to_item(suppression: Suppression) -> Item:
    """The row of an address that is sent nothing any more."""
    key = keys.suppression(suppression.app_id, suppression.channel.value, suppression.recipient)
    return {**key, **plain(suppression)}


def suppression_from_item(item: Mapping[str, Any]) -> Suppression:
    """The suppression of a row."""
    return Suppression(
        app_id=item["app_id"],
        channel=Channel(item["channel"]),
        recipient=item["recipient"],
        feedback=Feedback(item["feedback"]),
        reason=item["reason"],
        call_id=item["call_id"],
        since=parse_instant(item["since"]),
    )


def app_from_item(item: Mapping[str, Any]) -> App:
    """The app of a row, with the copy of its active preset."""
    return App(
        app_id=item["app_id"],
        organization_id=item["organization_id"],
        name=item["name"],
        timezone=item["timezone"],
        preset=preset_from_map(item["preset"]),
    )


def preset_from_map(fields: Mapping[str, Any]) -> Preset:
    """The preset of a row or of an app's copy. What a later release keeps there beside it is left out."""
    return Preset(
        **{
            name: _FROM_MAP[name](value) if name in _FROM_MAP else value
            for name, value in fields.items()
            if value is not None and name in Preset.__dataclass_fields__
        }
    )


def _limits(values: Sequence[Mapping[str, Any]]) -> tuple[CustomerLimit, ...]:
    return tuple(CustomerLimit(max_bookings=limit["max_bookings"], per=Period(limit["per"])) for limit in values)


_FROM_MAP: Mapping[str, Callable[[Any], Any]] = {
    "assignment_mode": AssignmentMode,
    "customer_limits": _limits,
    "allowed_embed_origins": tuple,
    "genesys_origins": tuple,
    "agent_ids": tuple,
    "required_tags": tuple,
    "questions": lambda values: tuple(map(question_from_json, values)),
    "agent_messages": lambda values: tuple(map(AgentMessage, values)),
    "verification": Verification,
    "on_zone_change": OnZoneChange,
}
"""How a preset's fields are read that are not plain."""


def preset_to_map(preset: Preset) -> Item:
    """A preset as it is kept, both in its own row and in its app's. What is not set is left out."""
    return {name: value for name, value in plain(preset).items() if value is not None}


def agent_to_item(app_id: str, agent: Agent, created_at: datetime) -> Item:
    """The row of a new agent."""
    fields = {**plain(agent), "exceptions": {}, "created_at": created_at}
    return {**keys.agent(app_id, agent.agent_id), **fields}


def agent_from_item(item: Mapping[str, Any]) -> Agent:
    """The agent of a row."""
    return Agent(
        agent_id=item["agent_id"],
        name=item["name"],
        email=item.get("email"),
        timezone=item.get("timezone"),
        tags=tuple(item.get("tags") or ()),
        max_calls_per_day=item.get("max_calls_per_day"),
        photo_url=item.get("photo_url"),
        weight=item.get("weight", 1),
        active=item.get("active", True),
        working_hours=tuple(
            Window(weekday=window["weekday"], start=window["start"], end=window["end"], zone=window["zone"])
            for window in item.get("working_hours", ())
        ),
        exceptions=tuple(exception_from_map(fields) for fields in item.get("exceptions", {}).values()),
        turns=max(0, item.get("turns", 0)),  # cancelled calls may give back more than a lighter weight left
        turns_back=item.get("turns_back", 0),
        last_turn_at=instant_or_none(item.get("last_turn_at")),
    )


def exception_to_map(exception: ScheduleException) -> Item:
    """An exception as it stands in its agent's row."""
    return {
        "id": exception.id,
        "kind": exception.kind.value,
        "first": exception.first.isoformat(),
        "last": exception.last.isoformat(),
        "zone": exception.zone,
        "start": exception.start,
        "end": exception.end,
        **({"label": exception.label} if exception.label else {}),
        **({} if exception.state is ExceptionState.APPLIED else {"state": exception.state.value}),
    }


def exception_from_map(fields: Mapping[str, Any]) -> ScheduleException:
    """The exception in an agent's row."""
    return ScheduleException(
        id=fields["id"],
        kind=ExceptionKind(fields["kind"]),
        first=date.fromisoformat(fields["first"]),
        last=date.fromisoformat(fields["last"]),
        zone=fields["zone"],
        start=fields["start"],
        end=fields["end"],
        label=fields.get("label"),
        state=ExceptionState(fields.get("state", ExceptionState.APPLIED)),
    )
