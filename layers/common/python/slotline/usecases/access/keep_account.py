"""What people do with their own account: password, second factor, name and language, and the sessions that are open.

Whatever makes the account safer ends every session that was begun before, and gives this browser a new one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from slotline.domain.access.passwords import weakness_of
from slotline.domain.access.second_factors import (
    RECOVERY_BYTES,
    RECOVERY_CODES,
    digits_of,
    offered,
    recovery_code,
    recovery_hash,
    set_up,
)
from slotline.domain.access.sessions import Session, SessionKey, Stage
from slotline.domain.access.sign_in import (
    TRIES,
    Arrival,
    Begun,
    NewCodes,
    SecondFactorThere,
    SessionOver,
    SignInRefused,
    WeakPassword,
    WrongPassword,
    stage_once_proven,
)
from slotline.domain.access.users import User
from slotline.domain.access.visits import Entrance
from slotline.ports.access import OneTimeCodes, Passwords, Sessions, Users
from slotline.ports.shared import Backoff, Clock
from slotline.usecases.access.begin_session import BeginSession
from slotline.usecases.access.sign_in import Tries
from slotline.usecases.shared.retrying import retry


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepAccount:
    """Changes an account for its owner. All raise SessionOver, and StoreBusyError. `random`: so many random bytes."""

    users: Users
    sessions: Sessions
    begin: BeginSession
    passwords: Passwords
    codes: OneTimeCodes
    tries: Tries
    clock: Clock
    backoff: Backoff
    random: Callable[[int], bytes]

    def change_password(self, key: SessionKey, current: str, new: str, arrival: Arrival) -> Begun:
        """Raises WrongPassword for another present password, WeakPassword and RateLimited."""
        self._prove(key, current)

        def decide(user: User) -> User:
            if weakness := weakness_of(new, user):
                raise WeakPassword(weakness)
            return replace(user, password_hash=self.passwords.hashed(new))

        return self._safer(key, arrival, "user.password_changed", decide)

    def add_second_factor(
        self, key: SessionKey, code: str, arrival: Arrival, stage: Stage = Stage.IN, password: str = ""
    ) -> NewCodes:
        """Set up the authenticator whose secret this session was offered.

        Once somebody is in, it takes their password, if they have one: else whoever sits down at their machine could
        keep them out of their own account. Raises WrongPassword, SignInRefused for another code, SecondFactorThere and
        RateLimited.
        """
        if stage is Stage.IN and self._entered(key).user.password_hash is not None:
            self._prove(key, password)
        self.tries.count([(f"sign-in-code-{key.user_id}", TRIES)])
        codes = self._new_codes()

        def decide(user: User) -> User:
            if user.second_factor:
                raise SecondFactorThere
            step = self.codes.step_of(offered(key), digits_of(code), self.clock.now())
            if step is None:
                raise SignInRefused
            return replace(user, second_factor=set_up(offered(key), step, codes))

        begun = self._safer(key, arrival, "user.second_factor_added", decide, stage)
        return NewCodes(begun=begun, codes=codes)

    def remove_second_factor(self, key: SessionKey, password: str, arrival: Arrival) -> Begun:
        """Who must have one sets the next up at once. Raises WrongPassword and RateLimited."""
        self._prove(key, password)
        return self._safer(key, arrival, "user.second_factor_removed", lambda user: replace(user, second_factor=None))

    def renew_recovery_codes(self, key: SessionKey, password: str, arrival: Arrival) -> NewCodes:
        """New ones in the place of all that are left. Raises WrongPassword and RateLimited."""
        self._prove(key, password)
        codes = self._new_codes()

        def decide(user: User) -> User:
            if user.second_factor is None:
                raise SessionOver
            hashes = tuple(recovery_hash(code) for code in codes)
            return replace(user, second_factor=replace(user.second_factor, recovery_hashes=hashes))

        begun = self._safer(key, arrival, "user.recovery_codes_made", decide)
        return NewCodes(begun=begun, codes=codes)

    def introduce(self, key: SessionKey, name: str, language: str | None, arrival: Arrival) -> None:
        """Another name, another language of the pages."""

        def change() -> None:
            user = self._entered(key).user
            after = replace(user, name=name, language=language)
            if after != user:
                said = {"name": name} if name != user.name else {"language": language}
                entry = self.begin.entry(user, arrival, "user.changed", by=user, **said)
                self.users.change(user, after, entry)

        retry(change, self.backoff)

    def open_sessions(self, key: SessionKey) -> Sequence[Session]:
        """The user's sessions that are good, the one in use last first."""
        epoch, now = self._entered(key).user.session_epoch, self.clock.now()
        found = [one for one in self.sessions.of_user(key.user_id) if one.lasts(now, epoch) and one.stage is Stage.IN]
        return sorted(found, key=lambda one: one.seen_at, reverse=True)

    def end_session(self, key: SessionKey, session_hash: str, arrival: Arrival) -> None:
        """End one of the user's own sessions; one that is not there has ended."""
        user = self._entered(key).user
        self.sessions.end(user.user_id, session_hash, self.begin.entry(user, arrival, "user.session_ended", by=user))

    def end_all_sessions(self, key: SessionKey, arrival: Arrival) -> None:
        """End every session of the user's, this one too."""

        def change() -> None:
            user = self._entered(key).user
            entry = self.begin.entry(user, arrival, "user.sessions_ended", by=user)
            self.users.change(user, replace(user, session_epoch=user.session_epoch + 1), entry)

        retry(change, self.backoff)

    def _safer(
        self,
        key: SessionKey,
        arrival: Arrival,
        action: str,
        decide: Callable[[User], User],
        stage: Stage = Stage.IN,
    ) -> Begun:
        def change() -> Begun:
            entered = self._entered(key, stage)
            user = entered.user
            changed = replace(decide(user), session_epoch=user.session_epoch + 1)
            reached = stage_once_proven(changed, self.users.organization(user.organization_id))
            entry = self.begin.entry(user, arrival, action, by=user)
            return self.begin(user, arrival, reached, changed=changed, replaces=entered.session, entry=entry)

        return retry(change, self.backoff)

    def _prove(self, key: SessionKey, password: str) -> None:
        """That whoever sits there is who signed in."""
        self.tries.count([(f"sign-in-proof-{key.user_id}", TRIES)])
        if not self.passwords.proves(self._entered(key).user.password_hash, password):
            raise WrongPassword

    def _entered(self, key: SessionKey, stage: Stage = Stage.IN) -> Entrance:
        found = self.sessions.enter(key.user_id, key.session_hash)
        if found is None or not found.is_open(self.clock.now(), stage):
            raise SessionOver
        return found

    def _new_codes(self) -> Sequence[str]:
        return [recovery_code(self.random(RECOVERY_BYTES)) for _ in range(RECOVERY_CODES)]
