"""What is told to people about their calls, over which channels and when: planning, and planning again after a change.

A message waits in a row of its own: to the guest one for each kind and channel that the preset lists, and one to each
agent who has or had the call. Rows are written with the booking and with every change of it, so no message is planned
for a time that the call does not have. What was planned for another time is overwritten or taken off in the same
transaction. So of several changes, one soon after the other, people get one message that says what is true by then.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from slotline.domain.booking.apps import AgentMessage, Preset
from slotline.domain.booking.calls import Call, CallStatus
from slotline.domain.booking.invitations import (
    SAID_OVER,
    SAID_TO_AGENT,
    Fact,
    left_address,
    news_of,
    sequence_of,
    what_changed,
)
from slotline.domain.booking.reminders import (
    LEADS,
    Channel,
    News,
    Reminder,
    ReminderKind,
    ReminderPlan,
    Withdrawal,
    agents_id,
    planned_id,
    reach_of,
)

_OF_AN_ADDRESS = 16
"""Hexadecimal digits that tell apart the addresses that one call has had."""


def plan(call: Call, preset: Preset, now: datetime) -> tuple[Reminder, ...]:
    """The messages of a new call. A kind whose moment has passed is not sent."""
    return (*_everything(call, preset, now), *_to_agents(None, call, preset, now))


def replan(before: Call, after: Call, preset: Preset, now: datetime) -> ReminderPlan:
    """What a change makes of a call's messages. `after` has its `calendar_sequence` already.

    A move plans everything anew. Whoever was invited is told again as soon as their invitation says something that is
    not true any more. A new way to reach the guest is told everything, and the address that it replaces lets the call
    go. A call that is over drops what was planned; a cancelled one says so.

    A call that began is reminded of no more, but invitations go on to say what is true: the start may have been a
    mistake. If it is undone, the reminders that are still to come are planned again.
    """
    to_guest = _replan_guest(before, after, preset, now)
    others = (*_withdrawn(before, after, preset, now), *_to_agents(before, after, preset, now))
    return replace(to_guest, put=(*to_guest.put, *others))


def conflict_notices(call: Call, preset: Preset, window_id: str, now: datetime) -> tuple[Reminder, ...]:
    """Word to the guest that their agent blocked the call's time: one for each channel, whoever asks again."""
    if call.is_final:
        return ()
    notices = _at_once(call, preset, ReminderKind.CONFLICT_NOTICE, now)
    return tuple(replace(notice, id=f"{notice.id}.{window_id}") for notice in notices)


def remembered(before: Sequence[str], put: Sequence[Reminder]) -> tuple[str, ...]:
    """The ids of all messages to the guest that were ever planned for a call: what a later change has to take off.

    Messages to agents, and to an address that was left behind, are judged when they are sent, and never taken off.
    """
    to_guest = (one.id for one in put if one.agent_id is None and one.withdrawal is None)
    return tuple(dict.fromkeys((*before, *to_guest)))


def _replan_guest(before: Call, after: Call, preset: Preset, now: datetime) -> ReminderPlan:
    changed = what_changed(before, after)
    if after.is_final:
        is_cancelled_now = after.status is CallStatus.CANCELLED and before.status is not CallStatus.CANCELLED
        said = _at_once(after, preset, ReminderKind.CANCELLATION, now) if is_cancelled_now else ()
        gone = () if before.is_final else before.reminder_ids
        return ReminderPlan(put=tuple(said), drop=_without(gone, said))
    reached = {channel for channel in Channel if reach_of(before.guest, channel) != reach_of(after.guest, channel)}
    if Fact.START in changed:
        planned = [
            replace(one, news=None) if one.channel in reached - {Channel.EMAIL} else one  # mails: `news_to_reader`
            for one in _everything(after, preset, now, news_of(changed, after))
        ]
        return ReminderPlan(put=tuple(planned), drop=_without(before.reminder_ids, planned))
    told = {channel for channel in Channel if changed & SAID_OVER[channel]} - reached
    again = [
        *(reminder for reminder in _everything(after, preset, now) if reminder.channel in reached),
        *_at_once(after, preset, ReminderKind.INVITATION, now, over=told, news=news_of(changed, after)),
        *(_reminders(after, preset, now) if _has_begun(before) else ()),  # a start that was a mistake
    ]
    unreached = [name for name in before.reminder_ids if name.partition(".")[2] in reached]
    if _has_begun(after) and not _has_begun(before):
        unreached += [name for name in before.reminder_ids if name.partition(".")[0] in LEADS]
    return ReminderPlan(put=tuple({one.id: one for one in again}.values()), drop=_without(unreached, again))


def _has_begun(call: Call) -> bool:
    return call.status is CallStatus.STARTED


def _withdrawn(before: Call, after: Call, preset: Preset, now: datetime) -> Iterator[Reminder]:
    """Word to an address that was left behind. It goes out if that address was invited (`SendReminder`)."""
    left = left_address(before, after)
    invites = Channel.EMAIL in preset.reminders.get(ReminderKind.INVITATION, ())
    if left is None or not invites or before.is_final:
        return
    reminder = _reminder(before, ReminderKind.CANCELLATION, Channel.EMAIL, now, now)
    address = sha256(left.casefold().encode()).hexdigest()[:_OF_AN_ADDRESS]
    yield replace(
        reminder,
        id=f"{reminder.id}.{address}",
        recipient=left,
        withdrawal=_known_of(before, sequence_of(after) - 1),
    )


def _known_of(call: Call, sequence: int) -> Withdrawal:
    return Withdrawal(
        sequence=sequence,
        guest_name=call.guest.name,
        zone=call.guest.timezone or call.app_timezone,
        language=call.guest.language,
        duration_minutes=call.duration_minutes,
    )


def _to_agents(before: Call | None, after: Call, preset: Preset, now: datetime) -> Iterator[Reminder]:
    """Word to the agent who has the call, and to the one who had it before. What only the pool holds is nobody's."""
    for agent_id, message, news in _words_to_agents(before, after):
        if message in preset.agent_messages:
            is_gone = message in (AgentMessage.TAKEN_AWAY, AgentMessage.CANCELLED)
            kind = ReminderKind.CANCELLATION if is_gone else ReminderKind.INVITATION
            # What is taken away, possibly moved at once, was theirs as it was before.
            lost = before if message is AgentMessage.TAKEN_AWAY else None
            yield replace(
                _reminder(lost or after, kind, Channel.EMAIL, now, now, news=news),
                id=agents_id(agent_id),
                agent_id=agent_id,
                agent_message=message,
                withdrawal=_known_of(lost, sequence_of(after)) if lost else None,
            )


def _words_to_agents(before: Call | None, after: Call) -> Iterator[tuple[str, AgentMessage, News | None]]:
    had = before.assigned_agent_id if before else None
    has = after.assigned_agent_id
    if before is not None and before.is_final:
        return
    if after.status is CallStatus.CANCELLED:
        if has is not None:
            yield has, AgentMessage.CANCELLED, None
        return
    if after.is_final:
        return
    if had is not None and had != has:
        yield had, AgentMessage.TAKEN_AWAY, None
    if has is not None and had != has:
        yield has, AgentMessage.ASSIGNED, None
    elif has is not None and before is not None:
        changed = what_changed(before, after) & SAID_TO_AGENT
        if not changed:
            return
        is_moved = bool(changed & {Fact.START, Fact.LENGTH})
        news = News.MOVED if is_moved else news_of(changed, after)
        yield has, AgentMessage.MOVED if is_moved else AgentMessage.ASSIGNED, news


def _everything(call: Call, preset: Preset, now: datetime, news: News | None = None) -> Sequence[Reminder]:
    """An invitation at once, and each reminder whose moment is still to come."""
    return [*_at_once(call, preset, ReminderKind.INVITATION, now, news=news), *_reminders(call, preset, now)]


def _reminders(call: Call, preset: Preset, now: datetime) -> Iterator[Reminder]:
    if _has_begun(call):
        return
    for kind, lead in LEADS.items():
        for channel in _channels(call, preset, kind):
            is_dispatch = channel is Channel.GENESYS and preset.genesys_dispatch_minutes is not None
            minutes = timedelta(minutes=preset.genesys_dispatch_minutes or 0)
            fire_at = call.scheduled_at - (minutes if is_dispatch else lead)
            if fire_at > now:
                yield _reminder(call, kind, channel, fire_at, now)


def _at_once(
    call: Call,
    preset: Preset,
    kind: ReminderKind,
    now: datetime,
    *,
    over: Collection[Channel] = frozenset(Channel),
    news: News | None = None,
) -> Sequence[Reminder]:
    channels = (channel for channel in _channels(call, preset, kind) if channel in over)
    return [_reminder(call, kind, channel, now, now, news=news) for channel in channels]


def _channels(call: Call, preset: Preset, kind: ReminderKind) -> Sequence[Channel]:
    return [channel for name in preset.reminders.get(kind, ()) if reach_of(call.guest, channel := Channel(name))]


def _reminder(
    call: Call, kind: ReminderKind, channel: Channel, fire_at: datetime, now: datetime, *, news: News | None = None
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
        news=news,
    )


def _without(ids: Collection[str], put: Sequence[Reminder]) -> tuple[str, ...]:
    written = {reminder.id for reminder in put}
    return tuple(sorted(set(ids) - written))
