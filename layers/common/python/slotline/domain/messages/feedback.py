"""What a provider says of a message after it took it, in our words."""

import re
from dataclasses import dataclass

from slotline.domain.booking.reminders import Channel
from slotline.domain.booking.sendings import Feedback

UNKNOWN_REASON = "unknown"

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_REASON = re.compile(r"[a-z0-9][a-z0-9_]{0,63}")
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingReference:
    """By what a provider's report names a sending: ids, which say nothing to anybody else."""

    app_id: str
    call_id: str
    sending_id: str

    @classmethod
    def of(cls, app_id: object, call_id: object, sending_id: object) -> "SendingReference | None":
        """The reference of these; None if one of them cannot be an id of ours, whoever wrote it."""
        match (app_id, call_id, sending_id):
            case (str(app), str(call), str(sending)) if all(map(_ID.fullmatch, (app, call, sending))):
                return cls(app_id=app, call_id=call, sending_id=sending)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackReport:
    """One report of a provider. `reference`: None if it names no message of ours."""

    reference: SendingReference | None
    channel: Channel
    feedback: Feedback
    reason: str


def reason_of(words: object) -> str:
    """A provider's own word for why, as a timeline shows it: `NoEmail` is `no_email`. Free text is not repeated."""
    if not isinstance(words, str):
        return UNKNOWN_REASON
    reason = _CAPITAL.sub("_", words).lower()
    return reason if _REASON.fullmatch(reason) else UNKNOWN_REASON
