"""A code on its way to somebody who has no booking yet."""

from dataclasses import dataclass, field

from slotline.domain.booking.reminders import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeMessage:
    """What a channel sends. `recipient`: an e-mail address, or a number in E.164; `language`: a tag of BCP 47."""

    id: str
    app_id: str
    channel: Channel
    recipient: str
    language: str
    sender_name: str
    code: str = field(repr=False)
    minutes: int
    """How long the code is good for."""
