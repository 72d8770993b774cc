"""A message as its reader is to see it: a guest, an agent, or an address that is the guest's no more."""

from dataclasses import replace
from datetime import datetime

from slotline.domain.booking.apps import Agent, App, Preset
from slotline.domain.booking.calls import Call
from slotline.domain.booking.invitations import sequence_of
from slotline.domain.booking.reminders import Reminder, ReminderKind, Withdrawal
from slotline.domain.booking.shown_answers import labelled_answers
from slotline.domain.messages.message import Message, reply_to
from slotline.domain.messages.sending import audience_of, news_to_reader


def message_about(
    call: Call,
    app: App,
    agent: Agent | None,
    reminder: Reminder,
    *,
    recipient: str,
    was_invited: bool,
    rooms_at: str,
    guest_url: str | None,
    host_join_url: str | None,
    sending_id: str,
    now: datetime,
) -> Message:
    """What a reminder says. `agent`: whom it is for, if it is for one, and otherwise who has the call."""
    preset, sender_name = app.preset, app.shown_name
    message = Message(
        id=f"{call.id}.{reminder.id}.{int(reminder.fire_at.timestamp())}",
        sending_id=sending_id,
        kind=reminder.kind,
        channel=reminder.channel,
        recipient=recipient,
        audience=audience_of(reminder, call),
        language=call.guest.language or preset.language,
        zone=call.guest.timezone or call.app_timezone,
        sender_name=sender_name,
        sender_color=preset.branding_color,
        app_id=call.app_id,
        call_id=call.id,
        call_status=call.status,
        sequence=sequence_of(call),
        guest_name=call.guest.name,
        guest_email=call.guest.email,
        guest_phone_e164=call.guest.phone_e164,
        agent_name=agent.name if agent else None,
        reply_to=reply_to(preset, sender_name, agent),
        may_be_in_calendar=was_invited and reminder.kind is ReminderKind.CANCELLATION,
        scheduled_at=call.scheduled_at,
        duration_minutes=call.duration_minutes,
        join_url=f"{rooms_at}/c/{call.id}",
        guest_url=guest_url,
        news=news_to_reader(reminder, preset, was_invited=was_invited),
        reason=call.cancellation_reason,
        created_at=reminder.fire_at,
        sent_at=now,
    )
    if reminder.agent_id and agent:
        return _to_agent(message, reminder, call, preset, agent, host_join_url)
    if reminder.withdrawal:
        return _to_a_former_address(message, reminder, reminder.withdrawal, preset)
    return message


def _to_a_former_address(message: Message, reminder: Reminder, told: Withdrawal, preset: Preset) -> Message:
    """What that address was told before, and nothing that it does not know."""
    return replace(
        message,
        is_withdrawal=True,
        sequence=told.sequence,
        guest_name=told.guest_name,
        guest_url=None,
        guest_email=None,
        guest_phone_e164=None,
        zone=told.zone,
        language=told.language or preset.language,
        scheduled_at=reminder.scheduled_at,
        duration_minutes=told.duration_minutes,
        agent_name=None,
        reply_to=reply_to(preset, message.sender_name, None),  # who has the call by now is none of its business
        reason=None,
    )


def _to_agent(
    message: Message, reminder: Reminder, call: Call, preset: Preset, agent: Agent, host_join_url: str | None
) -> Message:
    """In the organization's language and the agent's zone. Of a call that was taken away: what they knew."""
    known = reminder.withdrawal
    return replace(
        message,
        agent_id=agent.agent_id,
        agent_message=reminder.agent_message,
        language=preset.language,
        zone=agent.local_zone.key,
        scheduled_at=reminder.scheduled_at if known else call.scheduled_at,
        guest_name=known.guest_name if known else call.guest.name,
        duration_minutes=known.duration_minutes if known else call.duration_minutes,
        join_url=host_join_url or message.join_url,
        guest_url=None,
        reply_to=None,
        notes=call.guest.intake_notes,
        answers=tuple(labelled_answers(call, preset, preset.language)),
    )
