"""Sign somebody in by their organization's own provider: there, and back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from slotline.domain.access.connections import (
    PENDING_LIFE,
    Connection,
    PendingSignIn,
    Proof,
    ProofRefused,
    linked,
    may_link,
)
from slotline.domain.access.identity import secret_hash
from slotline.domain.access.rate_limits import Window
from slotline.domain.access.sessions import Stage
from slotline.domain.access.sign_in import Arrival, Begun, stage_after_password
from slotline.domain.access.users import User, UserStatus
from slotline.domain.shared.errors import NotFound, RateLimited
from slotline.ports.access import AuditLog, Connections, IdentityProvider, Rates, Users
from slotline.ports.shared import Backoff, Clock
from slotline.usecases.access.begin_session import BeginSession
from slotline.usecases.shared.retrying import retry

FROM_A_NETWORK: Mapping[Window, int] = {Window.MINUTE: 60, Window.HOUR: 600, Window.DAY: 5_000}
"""Sign-ins that begin, each of which leaves a row for ten minutes."""


@dataclass(frozen=True, slots=True)
class CameBack:
    """Somebody who came back and is in, or owes a second factor. `way`: where they wanted to go."""

    begun: Begun
    way: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveForProvider:
    """Begins a sign-in at a provider. Several may be under way in one browser: each has a state of its own."""

    connections: Connections
    provider: IdentityProvider
    rates: Rates
    clock: Clock
    new_secret: Callable[[str], str]

    def __call__(self, connection_id: str, browser: str, arrival: Arrival, way: str, back: str) -> str:
        """The address to go to. `browser`: what only this browser has. Raises NotFound, RateLimited, Unavailable."""
        now = self.clock.now()
        counted = self.rates.count(f"single-sign-on-from-{arrival.network}", dict(FROM_A_NETWORK), now)
        if not counted.allowed:
            raise RateLimited("Too many tries.", retry_after_seconds=counted.retry_after_seconds)
        connection = self._connection(connection_id)
        pending = PendingSignIn(
            state=self.new_secret(""),
            connection_id=connection_id,
            browser_hash=secret_hash(browser),
            nonce=self.new_secret(""),
            verifier=self.new_secret(""),
            way=way,
            until=now + PENDING_LIFE,
        )
        self.connections.begin(pending)
        return self.provider.way_to(connection, pending, back)

    def _connection(self, connection_id: str) -> Connection:
        found = self.connections.find(connection_id)
        if found is None:
            raise NotFound("There is no such connection.")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ComeBackFromProvider:
    """Judges what a provider sent somebody back with."""

    connections: Connections
    provider: IdentityProvider
    users: Users
    begin: BeginSession
    audit: AuditLog
    clock: Clock
    backoff: Backoff

    def __call__(
        self, connection_id: str, answer: Mapping[str, str], browser: str, arrival: Arrival, back: str
    ) -> CameBack:
        """The session. Raises ProofRefused for whatever does not fit, NotFound, Unavailable and StoreBusyError.

        The sign-in that left is taken before anything is judged: whatever comes of it, its state is spent.
        """
        state = answer.get("state", "")
        pending = self.connections.take(state, secret_hash(state)) if state else None
        if pending is None or not pending.is_of(connection_id, browser, self.clock.now()):
            raise ProofRefused("no such sign-in began in this browser")
        connection = self.connections.find(connection_id)
        if connection is None:
            raise ProofRefused("the connection is gone")
        proof = self.provider.proof(connection, pending, back, answer)
        begun = retry(lambda: self._begun(connection, proof, arrival), self.backoff)
        return CameBack(begun, pending.way)

    def _begun(self, connection: Connection, proof: Proof, arrival: Arrival) -> Begun:
        user = self._known(connection, proof) or self._linked(connection, proof, arrival)
        if user is None or user.status is not UserStatus.ACTIVE:
            refused = self.begin.entry(user, arrival, "user.sign_in_failed", reason="provider")
            self.audit.append(refused)
            raise ProofRefused("nobody who may sign in is known as this")
        organization = self.users.organization(user.organization_id)
        stage = Stage.IN if connection.proves_second_factor else stage_after_password(user, organization)
        said = {"connection": connection.connection_id}
        entry = None if stage is Stage.PASSWORD else self.begin.entry(user, arrival, "user.signed_in", by=user, **said)
        return self.begin(user, arrival, stage, entry=entry)

    def _known(self, connection: Connection, proof: Proof) -> User | None:
        """Who was here with this before, and has it still."""
        user_id = self.connections.user_known_as(connection.organization_id, proof)
        user = self.users.find(user_id) if user_id else None
        is_theirs = user and proof.identity in user.identities and user.organization_id == connection.organization_id
        return user if is_theirs else None

    def _linked(self, connection: Connection, proof: Proof, arrival: Arrival) -> User | None:
        """Who is recognised by their address for the first time."""
        user = self.users.by_email(proof.email) if proof.email else None
        if user is None or not may_link(connection, user, proof) or user.status is UserStatus.SUSPENDED:
            return None
        after, said = linked(user, proof), {"connection": connection.connection_id}
        self.connections.link(user, after, proof, self.begin.entry(user, arrival, "user.linked", by=user, **said))
        return self.users.find(user.user_id)
