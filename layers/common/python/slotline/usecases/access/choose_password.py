"""Choose a password by a link that came by mail: whoever was invited joins, whoever forgot theirs has another."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from slotline.domain.access.identity import secret_hash
from slotline.domain.access.passwords import weakness_of
from slotline.domain.access.sign_in import DEVICE_LIFE, DEVICE_PREFIX, Arrival, WeakPassword
from slotline.domain.access.users import User, UserStatus
from slotline.domain.access.ways_in import NoWayIn, WayIn, is_token
from slotline.ports.access import AccountChange, KnownDevice, Passwords, Users, WaysIn
from slotline.ports.shared import Backoff, Clock
from slotline.usecases.access.begin_session import BeginSession
from slotline.usecases.shared.retrying import retry


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoosePassword:
    """Lets somebody choose a password. `new_secret`: 256 random bits behind a prefix."""

    ways: WaysIn
    users: Users
    passwords: Passwords
    begin: BeginSession
    clock: Clock
    backoff: Backoff
    new_secret: Callable[[str], str]

    def whose(self, token: str) -> User:
        """Whose link this is; it stays good. Raises NoWayIn."""
        return self._found(token)[1]

    def __call__(self, token: str, password: str, arrival: Arrival) -> str:
        """Keep the password, end every session, and know this device; its secret.

        Raises NoWayIn, WeakPassword and StoreBusyError.
        """
        device = arrival.device or self.new_secret(DEVICE_PREFIX)

        def choose() -> None:
            way, user = self._found(token)
            if weakness := weakness_of(password, user):
                raise WeakPassword(weakness)
            after = replace(
                user,
                password_hash=self.passwords.hashed(password),
                status=UserStatus.ACTIVE,
                session_epoch=user.session_epoch + 1,
            )
            action = "user.joined" if user.status is UserStatus.INVITED else "user.password_reset"
            until = self.clock.now() + DEVICE_LIFE
            known = KnownDevice(user_id=user.user_id, device_hash=secret_hash(device), until=until)
            entry = self.begin.entry(user, arrival, action, by=user)
            self.ways.spend(way, AccountChange(before=user, after=after), known, entry)

        retry(choose, self.backoff)
        return device

    def _found(self, token: str) -> tuple[WayIn, User]:
        way = self.ways.find(secret_hash(token)) if is_token(token) else None
        user = self.users.find(way.user_id) if way else None
        if way is None or user is None or not way.opens(user, self.clock.now()):
            raise NoWayIn
        return way, user
