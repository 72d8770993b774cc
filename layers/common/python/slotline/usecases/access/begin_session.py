"""Begin the session of somebody who proved who they are: always a new one, in the place of the one they came with."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from slotline.domain.access.identity import secret_hash
from slotline.domain.access.sessions import SESSION_PREFIX, Session, SessionKey, Stage
from slotline.domain.access.sign_in import DEVICE_LIFE, DEVICE_PREFIX, Arrival, Begun
from slotline.domain.access.users import User
from slotline.domain.shared.audit import NOBODY, AuditEntry
from slotline.ports.access import AccountChange, KnownDevice, Sessions
from slotline.ports.shared import Clock, Ids


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginSession:
    """Begins sessions. `new_secret`: 256 random bits behind a prefix."""

    sessions: Sessions
    clock: Clock
    ids: Ids
    new_secret: Callable[[str], str]

    def __call__(
        self,
        user: User,
        arrival: Arrival,
        stage: Stage,
        *,
        changed: User | None = None,
        replaces: Session | None = None,
        entry: AuditEntry | None = None,
    ) -> Begun:
        """Begin one. `changed`: the account as it is kept with it. Raises RaceLost and StoreBusyError."""
        now = self.clock.now()
        key = SessionKey(user_id=user.user_id, secret=self.new_secret(SESSION_PREFIX))
        session = Session(
            session_hash=key.session_hash,
            user_id=user.user_id,
            epoch=(changed or user).session_epoch,
            stage=stage,
            created_at=now,
            seen_at=now,
            network=arrival.network,
            program=arrival.program,
        )
        is_in = stage is not Stage.PASSWORD
        after = replace(changed or user, last_sign_in_at=now) if is_in else changed
        account = AccountChange(before=user, after=after) if after else None
        device = (arrival.device or self.new_secret(DEVICE_PREFIX)) if is_in else None
        known = device and KnownDevice(user_id=user.user_id, device_hash=secret_hash(device), until=now + DEVICE_LIFE)
        self.sessions.begin(session, replaces=replaces, entry=entry, account=account, device=known or None)
        if replaces is None and arrival.session is not None:
            self.sessions.end(arrival.session.user_id, arrival.session.session_hash)
        return Begun(key=key, stage=stage, device=device)

    def entry(
        self, user: User | None, arrival: Arrival, action: str, *, by: User | None = None, **after: object
    ) -> AuditEntry:
        """The audit row of something that was done to an account, or tried. `by`: who did it, if that is known."""
        return AuditEntry(
            entry_id=self.ids.new(),
            at=self.clock.now(),
            organization_id=user.organization_id if user else NOBODY,
            app_id=None,
            author=arrival.author(by),
            action=action,
            subject_type="user",
            subject_id=user.user_id if user else NOBODY,
            after=after,
        )
