"""All that is known of a call, as its page shows it: facts, answers, messages, and what may be done with it now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slotline.domain.booking.apps import Preset
from slotline.domain.booking.calls import AssignmentMethod, Call, CallStatus
from slotline.domain.booking.lifecycle import may_reopen_until, may_start
from slotline.domain.booking.reminders import Reminder, ReminderKind
from slotline.domain.booking.seen_calls import seen_as
from slotline.domain.booking.shown_answers import labelled_answers, shown_answer
from slotline.domain.shared.instants import instant_or_none
from slotline.pages.calls.messages import message_rows
from slotline.pages.calls.shown import CallWords
from slotline.pages.calls.timeline import Teller
from slotline.words.dates import date_of, moment_of, span_of, zone_of, zone_or_utc

MESSAGE_BADGES: Mapping[str, str] = {"planned": "", "sent": "good", "failed": "bad", "dropped": "quiet"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Possible:
    """What may be done with a call at this moment, by the rules of the use cases that do it."""

    confirm: bool
    move: bool
    assign: bool
    cancel: bool
    start: bool
    reopen: bool
    complete: bool
    miss: bool
    edit: bool
    remind: bool

    @classmethod
    def with_call(cls, call: Call, now: datetime) -> "Possible":
        """With this call, now."""
        is_open, has_started = not call.is_final, call.status is CallStatus.STARTED
        waits = is_open and not has_started
        allowed = may_start(call)
        return cls(
            confirm=waits and call.status is not CallStatus.CONFIRMED,
            move=waits,
            assign=is_open,
            cancel=is_open,
            start=waits and allowed.start <= now < allowed.end,
            reopen=has_started and now < may_reopen_until(call),
            complete=has_started,
            miss=is_open and now >= call.scheduled_at,
            edit=is_open,
            remind=is_open or call.status is CallStatus.CANCELLED,
        )

    @property
    def nothing(self) -> bool:
        """Whether the call does not change any more."""
        return not (self.assign or self.remind)


def shown_call(call: Call, words: CallWords, preset: Preset | None) -> dict[str, Any]:
    """The facts. `preset`: the rules that the call was booked under, if they are still known."""
    start, end = call.claim.meeting.start, call.claim.meeting.end
    local = start.astimezone(words.zone)
    guest = call.guest
    other = zone_or_utc(guest.timezone) if guest.timezone and guest.timezone != words.zone.key else None
    buffers = [(name, getattr(call, f"buffer_{name}_minutes")) for name in ("before", "after")]
    return {
        "id": call.id,
        "revision": call.revision,
        "seen": seen_as(call),
        "guest": guest,
        "date": date_of(words.dates, local),
        "time": span_of(words.dates, local, end.astimezone(words.zone)),
        "zone": zone_of(words.dates, local),
        "start_iso": words.moment(start)["iso"],
        "guest_time": moment_of(words.dates, start.astimezone(other)) if other else None,
        "minutes": call.duration_minutes,
        "buffers": [(name, minutes) for name, minutes in buffers if minutes],
        "status": words.status(call.status),
        "service": words.service(call.preset_id),
        "agent": words.agent(call.assigned_agent_id),
        "agent_id": call.assigned_agent_id,
        "is_of_pool": call.assignment_method is AssignmentMethod.POOL,
        "source": words.texts.text("calls", "source", call.booking_source.value),
        "booked": words.moment(call.created_at),
        "changed": words.moment(call.updated_at),
        "cancelled": words.moment(call.cancelled_at) if call.cancelled_at else None,
        "cancellation_reason": call.cancellation_reason,
        "external_id": call.external_id,
        "metadata": [(key, shown_answer(value, _yes_no(words))) for key, value in (call.metadata or {}).items()],
        "answers": _answers(call, words, preset),
        "has_zone_change": call.has_zone_change,
    }


def _answers(call: Call, words: CallWords, preset: Preset | None) -> Sequence[tuple[str, str]]:
    if preset is None:
        return [(key, shown_answer(value, _yes_no(words))) for key, value in call.answers.items()]
    labelled = labelled_answers(call, preset, words.texts.language)
    return [(label, shown_answer(value, _yes_no(words))) for label, value in labelled]


def _yes_no(words: CallWords) -> tuple[str, str]:
    return words.texts.text("calls", "yes"), words.texts.text("calls", "no")


def shown_messages(call: Call, messages: Sequence[Reminder], teller: Teller) -> Sequence[Mapping[str, Any]]:
    """The call's messages in the order in which they go out. `again`: the kind, if it may be sent once more now."""
    by_id = {one.id: one for one in messages}
    return [
        {
            "kind": row.kind,
            "channel": row.channel,
            "audience": row.whom,
            "at": {"text": row.when, "iso": row.instant},
            "status": teller.words.text("messages_of_call", "states", row.state),
            "badge": MESSAGE_BADGES[row.state],
            "again": _again(call, by_id[row.id]),
            "channel_id": by_id[row.id].channel.value,
        }
        for row in message_rows(messages, teller)
    ]


def _again(call: Call, message: Reminder) -> str | None:
    is_about_the_end = message.kind is ReminderKind.CANCELLATION
    may = call.status is CallStatus.CANCELLED if is_about_the_end else not call.is_final
    return message.kind.value if may and message.agent_id is None and message.status.value != "planned" else None


def shown_choice(record: Mapping[str, Any] | None, words: CallWords) -> Sequence[Mapping[str, Any]]:
    """The figures of every agent whom the engine compared, the winner first; none if it did not choose."""
    compared = (record or {}).get("candidates") or ()
    rows = [
        {
            "agent": words.agent(one.get("agent_id")),
            "is_winner": one.get("agent_id") == (record or {}).get("winner"),
            "is_free": bool(one.get("free")),
            "turns": one.get("turns"),
            "weight": one.get("weight"),
            "last_turn": _at(one.get("last_turn_at"), words),
        }
        for one in compared
    ]
    return sorted(rows, key=lambda row: (not row["is_winner"], not row["is_free"], str(row["agent"])))


def _at(value: Any, words: CallWords) -> str | None:
    """An instant of a record, as rows or as the domain have it."""
    instant = value if isinstance(value, datetime) else instant_or_none(str(value)) if value else None
    return words.at(instant) if instant else None
