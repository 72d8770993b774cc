"""Verifications as they travel: who is to get a code, and the code without its digits."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from slotline.domain.booking.calls import Guest
from slotline.domain.booking.sent_codes import CodeRequest
from slotline.http.core.fields import Email, Language, Phone, PresetRef, refused
from slotline.http.core.models import Model, Moment, RequestBody


class NewVerification(RequestBody):
    """The body of `POST verifications`. The service's `verification` says which contact gets the code."""

    guest_email: Email | None = None
    guest_phone: Phone | None = None
    guest_language: Annotated[Language | None, Field(description="Of the message; else the service's")] = None
    preset_id: Annotated[PresetRef | None, Field(description="Its id or slug; left out: the active preset")] = None

    @model_validator(mode="after")
    def _one_contact(self) -> Self:
        if not self.guest_phone and not self.guest_email:
            raise refused("required", "guestPhone or guestEmail is required: where the code goes")
        return self

    def to_request(self, app_id: str, visitor: str) -> CodeRequest:
        """What the core is asked."""
        guest = Guest.reachable(name="", phone=self.guest_phone, email=self.guest_email, language=self.guest_language)
        return CodeRequest(app_id=app_id, visitor=visitor, guest=guest, preset_id=self.preset_id)


class VerificationView(Model):
    """A code that is on its way. A booking sends its id and its digits: `verificationId`, `verificationCode`."""

    id: str
    channel: Literal["email", "sms"]
    expires_at: Moment


class VerificationData(Model):
    """`data` of an answer with a verification."""

    verification: VerificationView
