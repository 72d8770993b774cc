"""Calendar feeds: a secret address at which a calendar program reads an agent's own bookings, again and again.

Calendar programs cannot sign in, so the address is all that opens it: 256 random bits, of which only the hash is kept.
A feed shows what its user may see at that moment, and nothing once they are suspended or no agent of the app any more.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime

from slotline.domain.access.permissions import Permission, may
from slotline.domain.access.users import User, UserStatus
from slotline.domain.access.visits import VisitedApp

FEED_PREFIX = "slf_"
_TOKEN = re.compile(rf"{FEED_PREFIX}[A-Za-z0-9_-]{{43}}")
_WAY, _FILE = "/calendar/", ".ics"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarFeed:
    """One person's feed of one app; a new one takes the place of the one before it."""

    token_hash: str = field(repr=False)
    user_id: str
    app_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSituation:
    """A feed with its user and its app, as they are now."""

    user: User
    app: VisitedApp

    @property
    def agent_id(self) -> str | None:
        """Whose bookings it shows: those of the agent whom the user may act as. None: it shows nothing any more."""
        role = self.user.role_in(self.app.app_id, self.app.organization_id)
        is_open = self.user.status is UserStatus.ACTIVE and role and may(role, Permission.OWN_SCHEDULE)
        return self.user.agent_in(self.app.app_id) if is_open else None


def feed_path(token: str) -> str:
    """The path of a feed's address. Some programs take for a calendar only what ends so."""
    return f"{_WAY}{token}{_FILE}"


def feed_token(path: str) -> str | None:
    """The token in such a path; None for what can be none, so that no store is asked for it."""
    token = path.removeprefix(_WAY).removesuffix(_FILE)
    return token if path == feed_path(token) and _TOKEN.fullmatch(token) else None
