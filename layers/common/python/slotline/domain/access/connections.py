"""Sign-in by an organization's own provider (OpenID Connect): whom a provider's word lets in.

A provider is believed about its own organization's people alone. The first time, somebody is recognised by an e-mail
address that the provider has verified, in a domain that the connection names; from then on by issuer and subject, which
no change of an address moves. Nobody gets an account by it who was not invited.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from slotline.domain.access.identity import secret_hash
from slotline.domain.access.users import User, UserStatus
from slotline.domain.shared.errors import Unauthorized

PENDING_LIFE = timedelta(minutes=10)
"""How long somebody may take at the provider."""


class ProofRefused(Unauthorized):
    """What came back from a provider lets nobody in. `reason` is for the operator's log; the reader is told none."""

    code = "proof_refused"

    def __init__(self, reason: str) -> None:
        super().__init__("The provider's answer opens no account.")
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """An organization's provider. `domains`: of addresses that it vouches for, in lower case.

    `proves_second_factor`: the provider asks for one itself, so that none of ours follows.
    """

    connection_id: str
    organization_id: str
    name: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    domains: frozenset[str] = frozenset()
    proves_second_factor: bool = False

    def vouches_for(self, email: str) -> bool:
        """Whether the address is in one of the connection's domains."""
        return domain_of(email) in self.domains


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingSignIn:
    """A sign-in that somebody left for the provider. It is taken once, by the browser in which it began."""

    state: str = field(repr=False)
    connection_id: str
    browser_hash: str
    """Of what only that browser has."""
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    """Proves at the provider that whoever brings the code also asked for it (PKCE, RFC 7636)."""
    way: str
    """Where they want to go."""
    until: datetime

    @property
    def state_hash(self) -> str:
        """The name under which it is kept."""
        return secret_hash(self.state)

    def is_of(self, connection_id: str, browser: str, now: datetime) -> bool:
        """Whether it is the one that comes back: from the same provider, to the same browser, in time."""
        return self.connection_id == connection_id and self.browser_hash == secret_hash(browser) and now < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a provider says of somebody, checked."""

    issuer: str
    subject: str
    email: str | None = None
    is_email_verified: bool = False

    @property
    def identity(self) -> str:
        """How the provider names this person for good."""
        return f"{self.issuer} {self.subject}"


def domain_of(email: str) -> str:
    """The domain of an address, in lower case."""
    return email.rpartition("@")[2].strip().lower()


def may_link(connection: Connection, user: User, proof: Proof) -> bool:
    """Whether this account is recognised as the person whom the provider means, who was never here with it."""
    return (
        proof.is_email_verified
        and proof.email is not None
        and connection.vouches_for(proof.email)
        and connection.organization_id == user.organization_id
        and proof.email.strip().lower() == user.email.strip().lower()
    )


def linked(user: User, proof: Proof) -> User:
    """The account, known to the provider from now on. Whoever was invited has accepted."""
    status = UserStatus.ACTIVE if user.status is UserStatus.INVITED else user.status
    return replace(user, identities=user.identities | {proof.identity}, status=status)
