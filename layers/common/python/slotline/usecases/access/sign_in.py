"""Sign somebody in: by their password, and then by their second factor if they have one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from slotline.domain.access.second_factors import digits_of, spent
from slotline.domain.access.sessions import SessionKey, Stage
from slotline.domain.access.sign_in import (
    Arrival,
    Begun,
    Limits,
    SessionOver,
    SignInRefused,
    counted_as,
    counted_code_as,
    stage_after_password,
)
from slotline.domain.access.users import User, UserStatus
from slotline.domain.access.visits import Entrance
from slotline.domain.shared.audit import NOBODY
from slotline.domain.shared.errors import RateLimited
from slotline.ports.access import AuditLog, OneTimeCodes, Passwords, Rates, Sessions, Users
from slotline.ports.shared import Backoff, Clock
from slotline.usecases.access.begin_session import BeginSession
from slotline.usecases.shared.retrying import retry


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """Counts tries, and knows the devices that have a count of their own."""

    rates: Rates
    sessions: Sessions
    clock: Clock

    def is_known(self, user: User | None, arrival: Arrival) -> bool:
        """Whether the user signed in with this device before. Somebody who is not there costs the same."""
        if arrival.device_hash is None:
            return False
        user_id = user.user_id if user else NOBODY
        return self.sessions.knows(user_id, arrival.device_hash, self.clock.now())

    def count(self, counts: Sequence[tuple[str, Limits]]) -> None:
        """Count one try. Raises RateLimited, the same for every account, and StoreBusyError."""
        for principal, limits in counts:
            state = self.rates.count(principal, dict(limits), self.clock.now())
            if not state.allowed:
                message = "Too many tries. Try again later."
                raise RateLimited(message, retry_after_seconds=state.retry_after_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Judges an e-mail address and a password."""

    users: Users
    begin: BeginSession
    passwords: Passwords
    tries: Tries
    audit: AuditLog
    backoff: Backoff

    def __call__(self, email: str, password: str, arrival: Arrival) -> Begun:
        """The session of whoever this is, which may still owe a second factor.

        An address without an account takes as much of everything as one with another password: reads, counts, one
        hash, one audit row. Raises SignInRefused, RateLimited and StoreBusyError.
        """
        user = self.users.by_email(email)
        self.tries.count(counted_as(email, arrival, is_known=self.tries.is_known(user, arrival)))
        is_right = self.passwords.proves(user.password_hash if user else None, password)
        if user is None or not is_right or user.status is not UserStatus.ACTIVE:
            self.audit.append(self.begin.entry(user, arrival, "user.sign_in_failed", reason="password"))
            raise SignInRefused
        proven = user.password_hash
        return retry(lambda: self._begun(user.user_id, proven, password, arrival), self.backoff)

    def _begun(self, user_id: str, proven: str | None, password: str, arrival: Arrival) -> Begun:
        user = self.users.find(user_id)
        if user is None or user.password_hash != proven or proven is None or user.status is not UserStatus.ACTIVE:
            raise SignInRefused
        stage = stage_after_password(user, self.users.organization(user.organization_id))
        is_outdated = self.passwords.is_outdated(proven)
        changed = replace(user, password_hash=self.passwords.hashed(password)) if is_outdated else None
        entry = None if stage is Stage.PASSWORD else self.begin.entry(user, arrival, "user.signed_in", by=user)
        return self.begin(user, arrival, stage, changed=changed, entry=entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProveSecondFactor:
    """Judges a code of somebody whose password was right: of their authenticator, or one for the day it is lost."""

    sessions: Sessions
    begin: BeginSession
    codes: OneTimeCodes
    tries: Tries
    audit: AuditLog
    clock: Clock
    backoff: Backoff

    def __call__(self, key: SessionKey, code: str, arrival: Arrival) -> Begun:
        """The session that takes the place of the one that owed the code.

        Raises SessionOver if that has ended, SignInRefused, RateLimited and StoreBusyError.
        """
        user = self._waiting(key).user
        self.tries.count(counted_code_as(user, arrival, is_known=self.tries.is_known(user, arrival)))
        return retry(lambda: self._begun(key, code, arrival), self.backoff)

    def _begun(self, key: SessionKey, code: str, arrival: Arrival) -> Begun:
        waiting = self._waiting(key)
        user, factor = waiting.user, waiting.user.second_factor
        step = self.codes.step_of(factor.secret, digits_of(code), self.clock.now()) if factor else None
        used = spent(factor, step, code) if factor else None
        if used is None:
            self.audit.append(self.begin.entry(user, arrival, "user.sign_in_failed", reason="code"))
            raise SignInRefused
        after = {"recovery_codes_left": len(used.recovery_hashes)} if step is None else {}
        entry = self.begin.entry(user, arrival, "user.signed_in", by=user, **after)
        changed = replace(user, second_factor=used)
        return self.begin(user, arrival, Stage.IN, changed=changed, replaces=waiting.session, entry=entry)

    def _waiting(self, key: SessionKey) -> Entrance:
        found = self.sessions.enter(key.user_id, key.session_hash)
        if found is None or not found.is_open(self.clock.now(), Stage.PASSWORD):
            raise SessionOver
        return found
