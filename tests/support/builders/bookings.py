"""Calls, requests and writes that tests need, with sensible values for what a test does not care about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from slotline.domain.booking.apps import Agent, App, Preset, Verification
from slotline.domain.booking.bulk_jobs import BulkJob
from slotline.domain.booking.call_json import answer_of
from slotline.domain.booking.calls import (
    Actor,
    ActorType,
    AssignmentMethod,
    BookingSource,
    Call,
    CallStatus,
    EventType,
    Guest,
    TimelineEvent,
)
from slotline.domain.booking.claims import Claim, ClaimKind
from slotline.domain.booking.reminders import Channel, Reminder, ReminderKind, planned_id
from slotline.domain.booking.requests import BookingRequest
from slotline.domain.booking.sendings import Sending
from slotline.domain.booking.sent_codes import SentCode
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.domain.shared.intervals import Interval
from slotline.ports.booking import Bookings, BookingWrite, Situation
from tests.support.builders.apps import NOW
from tests.support.handlers import APP_ID

OTHER_APP_ID = "01890000-0000-7000-8000-000000000002"
AGENT = "agent-1"
CLIENT = Actor(type=ActorType.API, id="client-1")
JANE = Guest(name="Jane Doe", email="jane@example.com")
TOMORROW = datetime(2026, 4, 23, 15, 0, tzinfo=UTC)

_numbers = count(1)


def new_id() -> str:
    """An id that no other thing of this run has; later ones sort later."""
    return f"01970000-0000-7000-8000-{next(_numbers):012x}"


def minutes(number: float) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=number)


def an_app(app_id: str = APP_ID, **preset: Any) -> App:
    """An app whose preset has the defaults, but for what is given."""
    return App(
        app_id=app_id,
        organization_id="organization-1",
        name="Acme",
        timezone="UTC",
        preset=Preset(preset_id="preset-1", name="Default", **preset),
    )


def an_agent(agent_id: str = AGENT, **changes: Any) -> Agent:
    """An agent who is there."""
    return Agent(agent_id=agent_id, name=agent_id.title(), **changes)


def a_request(**changes: Any) -> BookingRequest:
    """Half an hour with the first agent, tomorrow at three."""
    return BookingRequest(
        **{
            "app_id": APP_ID,
            "source": BookingSource.API,
            "actor": CLIENT,
            "guest": JANE,
            "scheduled_at": TOMORROW,
            "app_timezone": "UTC",
            "assigned_agent_id": AGENT,
            **changes,
        }
    )


def a_call(**changes: Any) -> Call:
    """A booked call; what is given of the guest goes into the guest."""
    guest = {name: changes.pop(name) for name in list(changes) if name in Guest.__dataclass_fields__}
    return Call(
        **{
            "id": new_id(),
            "app_id": APP_ID,
            "booking_source": BookingSource.API,
            "assignment_method": AssignmentMethod.MANUAL,
            "assigned_agent_id": AGENT,
            "guest": Guest(**{"name": "Jane Doe", "email": "jane@example.com", **guest}),
            "scheduled_at": TOMORROW,
            "duration_minutes": 30,
            "buffer_before_minutes": 0,
            "buffer_after_minutes": 0,
            "app_timezone": "UTC",
            "status": CallStatus.SCHEDULED,
            "revision": 1,
            "created_at": NOW,
            "updated_at": NOW,
            **changes,
        }
    )


def a_hold(start: datetime = TOMORROW, **changes: Any) -> Claim:
    """Half an hour, held for ten minutes."""
    meeting = Interval.starting(start, minutes(30))
    return Claim(
        **{"id": new_id(), "kind": ClaimKind.HOLD, "meeting": meeting, "expires_at": NOW + minutes(10), **changes}
    )


def a_reminder(call: Call | None = None, **changes: Any) -> Reminder:
    """The e-mail of an hour before; named after its kind and channel, as what is planned is."""
    call = call or a_call(id="01890000-0000-7000-8000-0000000000ca")
    fire_at = call.scheduled_at - minutes(60)
    what = {"kind": ReminderKind.REMINDER_1H, "channel": Channel.EMAIL, **changes}
    return Reminder(
        **{
            "id": planned_id(what["kind"], what["channel"]),
            "app_id": call.app_id,
            "call_id": call.id,
            "fire_at": fire_at,
            "scheduled_at": call.scheduled_at,
            "created_at": NOW,
            "due_at": fire_at,
            **what,
        }
    )


def a_sending(call: Call | None = None, **changes: Any) -> Sending:
    """The e-mail of an hour before, as it was handed to its provider."""
    reminder = a_reminder(call)
    values = {
        "id": "sending-1",
        "app_id": reminder.app_id,
        "call_id": reminder.call_id,
        "reminder_id": reminder.id,
        "kind": reminder.kind,
        "channel": reminder.channel,
        "recipient": "hash-1",
        "sent_at": NOW,
    }
    return Sending(**{**values, **changes})


def a_key(key: str = "key-1", **changes: str) -> IdempotencyKey:
    """An idempotency key in its scope."""
    return IdempotencyKey(
        **{"principal": "client-1", "route": "POST /calls", "key": key, "fingerprint": "body-1", **changes}
    )


def an_event(call: Call, **changes: Any) -> TimelineEvent:
    """The event of the call's creation."""
    return TimelineEvent(
        **{
            "id": new_id(),
            "call_id": call.id,
            "revision": call.revision,
            "sequence": 16 * call.revision,
            "event_type": EventType.CREATED,
            "actor": CLIENT,
            "payload": {"scheduled_at": call.scheduled_at, "assigned_agent_id": call.assigned_agent_id},
            "created_at": call.created_at,
            **changes,
        }
    )


def read_for(store: Bookings, call: Call, key: IdempotencyKey | None = None) -> Situation:
    """What a decision about this call rests on."""
    return store.read_for_booking(call.app_id, call.assigned_agent_id, call.claim.padded, key)


def write_of(call: Call, seen: Situation, key: IdempotencyKey | None = None, now: datetime = NOW) -> BookingWrite:
    """All that booking the call writes, whatever stands in its way."""
    return BookingWrite(
        call=call,
        events=[an_event(call)],
        days=seen.agent_days.take(call.claim, now) if seen.agent_days else (),
        receipt=Receipt(key=key, result=answer_of(call), answered_at=now) if key else None,
        list_month=call.month not in seen.listed_months,
    )


def write_call(store: Bookings, call: Call, key: IdempotencyKey | None = None, now: datetime = NOW) -> Call:
    """Read, and write without deciding. Returns the call."""
    store.commit(write_of(call, read_for(store, call, key), key, now))
    return call


def a_code(**changes: Any) -> SentCode:
    """A code for Jane that was just made."""
    fields: dict[str, Any] = {
        "id": "01960000-0000-7000-8000-000000000001",
        "app_id": APP_ID,
        "channel": Verification.EMAIL,
        "recipient": "jane@example.com",
        "key_id": 1,
        "language": "en",
        "sender_name": "Acme",
        "created_at": NOW,
    }
    return SentCode(**{**fields, **changes})


def a_bulk_job(**changes: Any) -> BulkJob:
    """A draft of one call; any field may be set."""
    actor = Actor(type=ActorType.ADMIN, id="user-1", role="supervisor")
    job = BulkJob(id="job-1", app_id=APP_ID, rows_id="rows-1", total=1, actor=actor, created_at=NOW)
    return replace(job, **changes)
