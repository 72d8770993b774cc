"""Links that are mailed to somebody who chooses a password: who was invited, and who forgot theirs.

Asking for one tells nothing: it is written down and answered without a look at any account. The link is made as its
mail is, so neither the tables nor the queues hold it; what is kept is its hash. It is good once, for an hour, and only
as long as no other password was chosen and the sessions were not ended.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from slotline.domain.access.identity import email_hash
from slotline.domain.access.rate_limits import Window
from slotline.domain.access.users import User, UserStatus
from slotline.domain.shared.errors import NotFound

PREFIX = "slt_"
LONGEST = 64
LIFE = timedelta(hours=1)
ASKED_TO: Mapping[Window, int] = {Window.MINUTE: 2, Window.HOUR: 5, Window.DAY: 10}
"""How many mails one address is sent, whoever asks."""
ASKED_FROM_A_NETWORK: Mapping[Window, int] = {Window.MINUTE: 10, Window.HOUR: 40, Window.DAY: 100}


class NoWayIn(NotFound):
    """A link that was used, is too old, or never was one: it is never said which."""

    code = "no_way_in"

    def __init__(self) -> None:
        super().__init__("This link opens nothing any more.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedWayIn:
    """A mail that was asked for. Whether anybody has this address is seen when it is sent."""

    id: str
    email: str = field(repr=False)
    language: str
    created_at: datetime

    @property
    def expires_at(self) -> datetime:
        """When nobody waits for it any more."""
        return self.created_at + LIFE

    @property
    def counted_as(self) -> str:
        """The name under which mails to this address are counted."""
        return f"way-in-{email_hash(self.email)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WayIn:
    """What is kept of a link. `epoch`: of the user's sessions when it was made."""

    token_hash: str
    user_id: str
    epoch: int
    expires_at: datetime

    def opens(self, user: User, now: datetime) -> bool:
        """Whether it is good: in time, and nothing was changed since that would have ended a session."""
        return now < self.expires_at and self.epoch == user.session_epoch and is_let_in(user)


def is_let_in(user: User) -> bool:
    """Whether somebody may choose a password."""
    return user.status is not UserStatus.SUSPENDED


def is_token(text: str) -> bool:
    """Whether this can be the token of a link at all."""
    return text.startswith(PREFIX) and len(text) <= LONGEST and text.isascii()
