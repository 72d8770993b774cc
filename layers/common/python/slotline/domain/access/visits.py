"""Visits of people who signed in: who comes, with which session, to which app."""

from dataclasses import dataclass
from datetime import datetime

from slotline.domain.access.permissions import Permission, may
from slotline.domain.access.sessions import Session, SessionKey, Stage
from slotline.domain.access.users import Role, User, UserStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitedApp:
    """The app that an address names, as far as its pages' frame shows it."""

    app_id: str
    organization_id: str
    name: str
    timezone: str
    frame_origins: frozenset[str] = frozenset()
    """Where its agents have My schedules in a frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """What is read when somebody comes with a session: all of it at once, so that nothing of it is stale."""

    session: Session
    user: User
    app: VisitedApp | None = None
    """None: the address names no app, or one that is not there."""

    def is_open(self, now: datetime, stage: Stage = Stage.IN) -> bool:
        """Whether the session is good, and has come so far."""
        user, session = self.user, self.session
        return user.status is UserStatus.ACTIVE and session.stage is stage and session.lasts(now, user.session_epoch)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Somebody who is in. `app` and `role` are those of the address, if it names an app."""

    key: SessionKey
    session: Session
    user: User
    app: VisitedApp | None = None
    role: Role | None = None

    def may(self, permission: Permission) -> bool:
        """Whether they may do that: in this app, or with their account on an address that names none."""
        if self.role is None:
            return permission is Permission.USE_ACCOUNT
        if permission is Permission.OWN_SCHEDULE and self.agent_id is None:
            return False
        return may(self.role, permission)

    @property
    def agent_id(self) -> str | None:
        """Which agent of this app they are, if any."""
        return self.user.agent_in(self.app.app_id) if self.app else None
