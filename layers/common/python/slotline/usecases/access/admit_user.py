"""Let somebody in who signed in: by the session of their cookie, to the app that the address names."""

from dataclasses import dataclass

from slotline.domain.access.sessions import Stage, key_of_cookie
from slotline.domain.access.visits import Visit
from slotline.domain.shared.errors import NotFound
from slotline.ports.access import Sessions
from slotline.ports.shared import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmitUser:
    """Admits people who signed in."""

    sessions: Sessions
    clock: Clock

    def __call__(
        self, cookie: str | None, app_id: str | None = None, stage: Stage = Stage.IN, *, is_used: bool = True
    ) -> Visit | None:
        """The visit; None for whoever has no session that is good and came this far. `is_used`: whether a person asks:
        a page that refreshes itself keeps no session alive that nobody uses.

        Raises NotFound for an app in which they are nothing, the same whether or not it is there, and StoreBusyError.
        """
        key, now = key_of_cookie(cookie), self.clock.now()
        found = self.sessions.enter(key.user_id, key.session_hash, app_id) if key else None
        if key is None or found is None or not found.is_open(now, stage):
            return None
        if is_used and found.session.is_to_be_seen(now):
            self.sessions.seen(found.session, now)
        user, app = found.user, found.app
        if app_id is None:
            return Visit(key=key, session=found.session, user=user)
        role = user.role_in(app.app_id, app.organization_id) if app else None
        if app is None or role is None:
            raise NotFound("There is no such app.")
        return Visit(key=key, session=found.session, user=user, app=app, role=role)
