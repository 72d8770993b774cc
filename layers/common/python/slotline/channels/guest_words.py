"""The calendar file behind a guest's link: in the words of the messages, so that both say the same."""

from dataclasses import dataclass
from datetime import datetime

from slotline.channels.calendar_file import published_file
from slotline.channels.wording import in_words
from slotline.domain.booking.calls import CallStatus
from slotline.domain.booking.guest_rights import GuestsLook
from slotline.domain.booking.invitations import sequence_of
from slotline.domain.booking.reminders import Channel, ReminderKind
from slotline.domain.messages.message import Message


@dataclass(frozen=True, slots=True)
class CatalogueGuestWords:
    """`GuestWords` from the catalogues. `organizer`: the address that invitations come from; empty: there are none."""

    organizer: str

    def calendar(self, look: GuestsLook, rooms_at: str, guest_url: str, now: datetime) -> str:
        """One event, by the name and number that invitations have (`slotline.channels.calendar_file`)."""
        message = _message(look, f"{rooms_at}/c/{look.call.id}", guest_url, now)
        return published_file(message, in_words(message), self.organizer).decode()


def _message(look: GuestsLook, join_url: str, guest_url: str, now: datetime) -> Message:
    """What a mail of this moment would say."""
    call, preset = look.call, look.app.preset
    is_cancelled = call.status is CallStatus.CANCELLED
    return Message(
        id=call.id,
        sending_id=call.id,
        kind=ReminderKind.CANCELLATION if is_cancelled else ReminderKind.INVITATION,
        channel=Channel.EMAIL,
        recipient="",
        language=call.guest.language or preset.language,
        zone=call.guest.timezone or call.app_timezone,
        sender_name=look.app.shown_name,
        sender_color=None,
        app_id=call.app_id,
        call_id=call.id,
        call_status=call.status,
        sequence=sequence_of(call),
        guest_name=call.guest.name,
        guest_email=None,
        guest_phone_e164=None,
        agent_name=look.agent_name,
        scheduled_at=call.scheduled_at,
        duration_minutes=call.duration_minutes,
        join_url=join_url,
        guest_url=guest_url or None,
        reason=call.cancellation_reason,
        created_at=call.updated_at,
        sent_at=now,
    )
