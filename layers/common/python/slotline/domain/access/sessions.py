"""Sessions of people who signed in: opaque, kept as a hash, ended by time, by signing out, or all at once.

A cookie holds the user's id and 256 random bits; the store has the hash of the bits alone, so that whoever reads the
table can open no session. Forms prove that they are ours by a token that is derived from the same bits: it is bound to
the session, and kept nowhere.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from slotline.domain.access.identity import secret_hash

COOKIE = "__Host-slotline"
"""The prefix makes browsers take it over TLS alone, for this host alone, and from no subdomain (RFC 6265bis §4.1.3)."""
FRAMED_COOKIE = "__Host-slotline-framed"
"""Of sessions that began in a frame of another site: `SameSite=None; Partitioned`, so they are of that site only."""
SESSION_PREFIX = "slc_"
IDLE = timedelta(hours=1)
"""A session ends when nothing was asked for so long."""
LIFE = timedelta(hours=12)
"""And at the end of a working day in any case."""
UNFINISHED = timedelta(minutes=10)
"""How long somebody may take between the password and the second factor."""
SEEN_EVERY = timedelta(minutes=5)
"""How often a use is written down: a write for each request would buy nothing but an exact minute."""
LONGEST_COOKIE = 200
_CSRF = b"csrf"


class Stage(StrEnum):
    """How far somebody has come: only who is all the way in sees a page."""

    PASSWORD = "password"  # noqa: S105 - the password was right, and the second factor is still to come
    ENROL = "enrol"
    """Signed in, and has to set up a second factor before anything else."""
    IN = "in"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionKey:
    """What a cookie says: whose session it is, and the secret that proves it."""

    user_id: str
    secret: str = field(repr=False)

    @property
    def session_hash(self) -> str:
        """The name under which the session is kept."""
        return secret_hash(self.secret)

    @property
    def cookie(self) -> str:
        """The cookie's value."""
        return f"{self.user_id}.{self.secret}"

    @property
    def csrf_token(self) -> str:
        """What each of the session's forms carries."""
        return hmac.new(self.secret.encode(), _CSRF, hashlib.sha256).hexdigest()

    def is_csrf_token(self, text: str) -> bool:
        """Whether a form carries it, compared in constant time."""
        return hmac.compare_digest(self.csrf_token.encode(), text.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What is kept of a session. `epoch`: the user's at its beginning; another one by now has ended it.

    `network` and `agent`: from where, and with which program, so that people recognise their own sessions.
    """

    session_hash: str
    user_id: str
    epoch: int
    stage: Stage
    created_at: datetime
    seen_at: datetime
    network: str = ""
    program: str = ""

    @property
    def ends_at(self) -> datetime:
        """When it is over, if nothing is asked for any more."""
        life = LIFE if self.stage is Stage.IN else UNFINISHED
        return min(self.seen_at + IDLE, self.created_at + life)

    def lasts(self, now: datetime, epoch: int) -> bool:
        """Whether it is good: in time, and of the user's present epoch."""
        return self.epoch == epoch and now < self.ends_at

    def is_to_be_seen(self, now: datetime) -> bool:
        """Whether its use is to be written down once more."""
        return now - self.seen_at >= SEEN_EVERY


def key_of_cookie(value: str | None) -> SessionKey | None:
    """What a cookie says; None for what is none of ours, without asking anybody."""
    user_id, dot, secret = (value or "").partition(".")
    fits = dot and user_id and secret.startswith(SESSION_PREFIX) and len(value or "") <= LONGEST_COOKIE
    ours = fits and (value or "").isascii() and (value or "").isprintable()
    return SessionKey(user_id=user_id, secret=secret) if ours else None
