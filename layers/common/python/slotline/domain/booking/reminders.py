"""What is told to people about their calls, over which channels and when: planning, and planning again after a change.

A message waits in a row of its own, one for each kind and channel that the preset lists. Rows are written with the
booking and with every change of it, so no message is planned for a time that the call does not have. What was planned
for another time is overwritten or taken off in the same transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from slotline.domain.booking.calls import Call, CallStatus, Guest

if TYPE_CHECKING:
    from slotline.domain.booking.apps import Preset


class ReminderKind(StrEnum):
    """What a message is about. A preset lists which kinds go over which channels."""

    INVITATION = "invitation"
    REMINDER_24H = "reminder_24h"
    REMINDER_1H = "reminder_1h"
    REMINDER_15M = "reminder_15m"
    CANCELLATION = "cancellation"
    CONFLICT_NOTICE = "conflict_notice"
    REMINDER_CUSTOM = "reminder_custom"


class Channel(StrEnum):
    """How a message goes out."""

    WHATSAPP = "whatsapp"
    SMS = "sms"
    EMAIL = "email"
    GENESYS = "genesys"


class ReminderStatus(StrEnum):
    """What became of a message. `planned`: nothing yet; `dropped`: there was no reason left to send it."""

    PLANNED = "planned"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


LEADS = {
    ReminderKind.REMINDER_24H: timedelta(hours=24),
    ReminderKind.REMINDER_1H: timedelta(hours=1),
    ReminderKind.REMINDER_15M: timedelta(minutes=15),
}
"""How long before the start a reminder fires. Kinds that are not here are sent at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """One message about a call over one channel.

    `scheduled_at`: the start of the call that it was planned for. `recipient`: None means the guest as they can be
    reached when it is sent. `due_at`: when it acts next, on its own or after a failed attempt; None once it is over.
    """

    id: str
    app_id: str
    call_id: str
    kind: ReminderKind
    channel: Channel
    fire_at: datetime
    scheduled_at: datetime
    created_at: datetime
    due_at: datetime | None
    recipient: str | None = None
    moved: bool = False
    status: ReminderStatus = ReminderStatus.PLANNED
    attempts: int = 0
    claim_id: str | None = None

    @property
    def is_requested(self) -> bool:
        """Whether somebody asked for it: what is planned is named after what it is."""
        return not self.id.startswith(planned_id(self.kind, self.channel))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderPlan:
    """What a booking, or a change of one, makes of its messages: rows to write, and rows (by id) to take off."""

    put: tuple[Reminder, ...] = ()
    drop: tuple[str, ...] = ()


def planned_id(kind: ReminderKind, channel: Channel) -> str:
    """The id of a planned message: a call has one of each kind and channel, whatever happens to it."""
    return f"{kind}.{channel}"


def plan(call: Call, preset: "Preset", now: datetime) -> tuple[Reminder, ...]:
    """The messages of a new call. A kind whose moment has passed is not sent."""
    return tuple(_planned(call, preset, now, moved=False, at_once=(ReminderKind.INVITATION,)))


def replan(before: Call, after: Call, preset: "Preset", now: datetime) -> ReminderPlan:
    """What a change makes of a call's messages.

    A move plans everything anew and invites again. A start that is undone plans what is still to come. A new way to
    reach the guest is told everything, too. A call that is over drops what was planned; a cancelled one says so.
    """
    if after.status is CallStatus.CANCELLED and before.status is not CallStatus.CANCELLED:
        put = tuple(_at_once(after, preset, ReminderKind.CANCELLATION, now))
    elif after.is_final or after.status is CallStatus.STARTED:
        put = ()
    elif before.status is CallStatus.STARTED:
        put = tuple(_planned(after, preset, now, moved=False, at_once=()))
    elif after.scheduled_at != before.scheduled_at:
        put = tuple(_planned(after, preset, now, moved=True, at_once=(ReminderKind.INVITATION,)))
    else:
        channels = {channel for channel in Channel if reach_of(before.guest, channel) != reach_of(after.guest, channel)}
        if not channels:
            return ReminderPlan()
        everything = _planned(after, preset, now, moved=False, at_once=(ReminderKind.INVITATION,))
        put = tuple(reminder for reminder in everything if reminder.channel in channels)
        gone = {name for name in before.reminder_ids if name.partition(".")[2] in channels}
        return ReminderPlan(put=put, drop=_without(gone, put))
    over = after.is_final or after.status is CallStatus.STARTED or after.scheduled_at != before.scheduled_at
    was_over = before.is_final or before.status is CallStatus.STARTED
    return ReminderPlan(put=put, drop=_without(before.reminder_ids, put) if over and not was_over else ())


def conflict_notices(call: Call, preset: "Preset", window_id: str, now: datetime) -> tuple[Reminder, ...]:
    """Word to the guest that their agent blocked the call's time: one for each channel, whoever asks again."""
    if call.is_final:
        return ()
    notices = _at_once(call, preset, ReminderKind.CONFLICT_NOTICE, now)
    return tuple(replace(notice, id=f"{notice.id}.{window_id}") for notice in notices)


def remembered(before: Sequence[str], put: Sequence[Reminder]) -> tuple[str, ...]:
    """The ids of all messages that were ever planned for a call: what a later change has to take off."""
    return tuple(dict.fromkeys((*before, *(reminder.id for reminder in put))))


def _planned(
    call: Call, preset: "Preset", now: datetime, *, moved: bool, at_once: Sequence[ReminderKind]
) -> Sequence[Reminder]:
    found: list[Reminder] = []
    for kind in at_once:
        found += _at_once(call, preset, kind, now, moved=moved)
    for kind, lead in LEADS.items():
        for channel in _channels(call, preset, kind):
            is_dispatch = channel is Channel.GENESYS and preset.genesys_dispatch_minutes is not None
            minutes = timedelta(minutes=preset.genesys_dispatch_minutes or 0)
            fire_at = call.scheduled_at - (minutes if is_dispatch else lead)
            if fire_at > now:
                found.append(_reminder(call, kind, channel, fire_at, now, moved=False))
    return found


def _at_once(
    call: Call, preset: "Preset", kind: ReminderKind, now: datetime, *, moved: bool = False
) -> Sequence[Reminder]:
    return [_reminder(call, kind, channel, now, now, moved=moved) for channel in _channels(call, preset, kind)]


def _channels(call: Call, preset: "Preset", kind: ReminderKind) -> Sequence[Channel]:
    return [channel for name in preset.reminders.get(kind, ()) if reach_of(call.guest, channel := Channel(name))]


def _reminder(
    call: Call, kind: ReminderKind, channel: Channel, fire_at: datetime, now: datetime, *, moved: bool
) -> Reminder:
    return Reminder(
        id=planned_id(kind, channel),
        app_id=call.app_id,
        call_id=call.id,
        kind=kind,
        channel=channel,
        fire_at=fire_at,
        scheduled_at=call.scheduled_at,
        created_at=now,
        due_at=fire_at,
        moved=moved,
    )


def reach_of(guest: Guest, channel: Channel) -> str | None:
    """How the channel reaches the guest. Genesys knows people by their number, or else by their address."""
    if channel is Channel.EMAIL:
        return guest.email
    if channel is Channel.GENESYS:
        return guest.phone_e164 or guest.email
    return guest.phone_e164


def _without(ids: Sequence[str] | set[str], put: Sequence[Reminder]) -> tuple[str, ...]:
    written = {reminder.id for reminder in put}
    return tuple(sorted(set(ids) - written))
