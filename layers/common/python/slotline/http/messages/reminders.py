"""Reminders as they travel."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from slotline.domain.booking.reminders import Channel, ReminderKind, ReminderStatus
from slotline.domain.messages.sending import ReminderRequest
from slotline.domain.shared.emails import LONGEST as LONGEST_EMAIL
from slotline.domain.shared.emails import to_mailbox
from slotline.domain.shared.phones import to_e164
from slotline.domain_names import to_ascii
from slotline.http.core.fields import Email, Phone, refused
from slotline.http.core.models import Model, Moment, RequestBody

_EMAIL: TypeAdapter[str] = TypeAdapter(Email)
_PHONE: TypeAdapter[str] = TypeAdapter(Phone)


class ReminderRequestBody(RequestBody):
    """The body of `POST scheduled-calls/{id}/reminders`, which may be left out."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "reminder_custom", "channel": "email"}]})

    kind: ReminderKind | None = Field(default=None, description="Left out: reminder_custom")
    channel: Channel | None = Field(
        default=None, description="Left out: the first that reaches the guest, as the preset lists them for this kind"
    )
    recipient: Annotated[str, Field(strict=True, max_length=LONGEST_EMAIL)] | None = Field(
        default=None, description="An e-mail address or a phone number, as the channel needs. Left out: the guest"
    )

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.recipient is None:
            return self
        if self.channel is None:
            raise refused("required", "channel is required with recipient: how it is reached")
        try:
            _recipient(self.channel).validate_python(self.recipient)
        except ValidationError as error:
            what = "an e-mail address" if self.channel is Channel.EMAIL else "a phone number"
            fault = error.errors()[0].get("ctx", {}).get("message", "is too long")
            raise refused("recipient", f"recipient is {what} for channel {self.channel}; it {fault}") from error
        return self

    def to_request(self) -> ReminderRequest:
        """What the core is asked: the recipient in the form that guests are kept, compared and counted in."""
        recipient = self.recipient
        if recipient is not None:
            is_email = self.channel is Channel.EMAIL
            recipient = to_mailbox(recipient, to_ascii) if is_email else to_e164(recipient, "recipient")
        return ReminderRequest(
            kind=self.kind or ReminderKind.REMINDER_CUSTOM, channel=self.channel, recipient=recipient
        )


def _recipient(channel: Channel) -> TypeAdapter[str]:
    return _EMAIL if channel is Channel.EMAIL else _PHONE


class ReminderView(Model):
    """A message that was asked for."""

    id: str
    fire_at: Moment
    reminder_kind: ReminderKind
    channel: Channel
    status: ReminderStatus


class ReminderData(Model):
    """`data` of an answer with one message."""

    reminder: ReminderView
