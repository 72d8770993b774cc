"""Who may call, and what for: clients and their secrets, and the rules of access tokens.

The rules guarded here: a secret is never kept, only its hash; a token never says more than its client is
granted now; and a token is ours only if every claim that RFC 9068 asks for is there, in time, and about the
same client.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from slotline.domain.access.scopes import Scope

GRANT_TYPE = "client_credentials"
TOKEN_LIFETIME_SECONDS = 3600
CLOCK_LEEWAY_SECONDS = 5
MAX_ACTIVE_SECRETS = 2
MAX_CLIENT_ID_LENGTH = 128

CLIENT_SECRET_PREFIX = "sls_"  # noqa: S105 - the prefix by which a leaked secret is recognised, not a secret
CALL_SECRET_PREFIX = "slv_"  # noqa: S105 - likewise
WIDGET_KEY_PREFIX = "slw_"
API_KEY_PREFIX = "slk_"


class OAuthCode(StrEnum):
    """Why no token is issued (RFC 6749 §5.2)."""

    INVALID_REQUEST = "invalid_request"
    INVALID_CLIENT = "invalid_client"
    INVALID_SCOPE = "invalid_scope"
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"


class TokenRefused(Exception):
    """No token is issued. The message never repeats what the client sent."""

    def __init__(self, code: OAuthCode, message: str, parameter: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.parameter = parameter


class BadCredential(Exception):
    """The credential proves nothing."""


class ExpiredToken(BadCredential):
    """The token was good, and its time has passed."""


@dataclass(frozen=True, slots=True)
class RateLimits:
    """How many requests a credential may make in each window."""

    minute: int = 600
    hour: int = 20_000
    day: int = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSecret:
    """What is kept of a client's secret."""

    hash: str
    created_at: str
    revoked_at: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether it is still accepted."""
        return self.revoked_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """An external system and its grants. An API key is one too: it has the same grants, and no secrets."""

    client_id: str
    name: str
    organization_id: str
    app_ids: frozenset[str]
    scopes: frozenset[Scope]
    limits: RateLimits = RateLimits()
    secrets: tuple[StoredSecret, ...] = ()
    is_active: bool = True

    @property
    def active_secrets(self) -> tuple[StoredSecret, ...]:
        """The secrets that are accepted, oldest first: two while one replaces the other."""
        return tuple(secret for secret in self.secrets if secret.is_active)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticatedClient:
    """Whom a credential names: the client, and the scopes that this very credential carries."""

    client: Client
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """An access token's claims (RFC 9068 §2.2). Instants are epoch seconds; issuer and audience are one."""

    token_id: str
    issuer: str
    client_id: str
    scopes: frozenset[Scope]
    issued_at: int
    expires_at: int

    def claims(self) -> dict[str, object]:
        """The claims as they are signed."""
        return {
            "iss": self.issuer,
            "aud": self.issuer,
            "sub": self.client_id,
            "client_id": self.client_id,
            "scope": scope_text(self.scopes),
            "iat": self.issued_at,
            "exp": self.expires_at,
            "jti": self.token_id,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """What a client asks with. What it left out is empty (RFC 6749 §3.2: so is what came without a value)."""

    grant_type: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str

    def check_grant_type(self) -> None:
        """Raises TokenRefused for any grant but the one there is."""
        if not self.grant_type:
            raise TokenRefused(OAuthCode.INVALID_REQUEST, f"grant_type is required: {GRANT_TYPE}", "grant_type")
        if self.grant_type != GRANT_TYPE:
            raise TokenRefused(OAuthCode.UNSUPPORTED_GRANT_TYPE, f"grant_type must be {GRANT_TYPE}", "grant_type")


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    """A signed token, what it grants, and for how many seconds."""

    access_token: str = field(repr=False)
    scopes: frozenset[Scope]
    expires_in: int


REQUIRED_CLAIMS = ("iss", "aud", "sub", "client_id", "iat", "exp", "jti")


def secret_hash(secret: str) -> str:
    """What is stored of a secret: its SHA-256, in hex.

    A password needs a slow, salted hash because people choose from few. These secrets are 256 random bits:
    there is nothing to guess, no two are alike, and no table of hashes can hold them, so a fast hash gives
    nothing away.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def email_hash(email: str) -> str:
    """The name under which somebody's account is kept: case and surrounding space make no other account."""
    return hashlib.sha256(email.strip().lower().encode("utf-8", "surrogatepass")).hexdigest()


def proves(client: Client | None, secret: str) -> bool:
    """Whether this secret is one of the client's active ones.

    Every active secret is compared, each in constant time, and an unknown client costs the same comparison.
    """
    presented = secret_hash(secret)
    stored = [kept.hash for kept in client.active_secrets] if client else []
    matches = [hmac.compare_digest(presented, kept) for kept in stored or ["0" * 64]]
    return any(matches) and client is not None and client.is_active


def is_client_id(text: str) -> bool:
    """Whether this could be a client's id at all: visible ASCII (RFC 6749 §A.1), and not endless."""
    return 0 < len(text) <= MAX_CLIENT_ID_LENGTH and text.isascii() and text.isprintable()


def parse_scopes(text: str) -> frozenset[Scope]:
    """The scopes of a space-separated list (RFC 6749 §3.3). Raises ValueError for one that does not exist."""
    return frozenset(Scope(word) for word in text.split())


def scope_text(scopes: Iterable[Scope]) -> str:
    """Scopes as a space-separated list, always in the same order."""
    granted = frozenset(scopes)
    return " ".join(scope for scope in Scope if scope in granted)


def grant(asked: str, client: Client) -> frozenset[Scope]:
    """The scopes of a new token: those asked for, or all of the client's where none were.

    Raises TokenRefused for a scope that does not exist or is not granted.
    """
    try:
        wanted = parse_scopes(asked)
    except ValueError:
        wanted = None
    if "," in asked:
        raise TokenRefused(OAuthCode.INVALID_SCOPE, "scope must be separated by spaces, not commas.", "scope")
    if wanted is None or not wanted <= client.scopes:
        raise TokenRefused(
            OAuthCode.INVALID_SCOPE,
            f"scope must be among those granted: {scope_text(client.scopes)}",
            "scope",
        )
    return wanted or client.scopes


def new_token(client: Client, scopes: frozenset[Scope], *, issuer: str, token_id: str, now: datetime) -> AccessToken:
    """A token for this client that lives for an hour from now."""
    issued_at = int(now.timestamp())
    return AccessToken(
        token_id=token_id,
        issuer=issuer,
        client_id=client.client_id,
        scopes=scopes,
        issued_at=issued_at,
        expires_at=issued_at + TOKEN_LIFETIME_SECONDS,
    )


def token_of(claims: Mapping[str, object], *, issuer: str, now: datetime) -> AccessToken:
    """The token of claims whose signature is proven.

    Raises BadCredential where a claim is missing, of the wrong kind, or about another issuer, audience or
    subject, and ExpiredToken where only its time has passed. Clocks may differ by five seconds.
    """
    texts = [_text(claims, name) for name in ("jti", "iss", "aud", "sub", "client_id")]
    token_id, said_issuer, audience, subject, client_id = texts
    issued_at, expires_at = _seconds(claims, "iat"), _seconds(claims, "exp")
    if said_issuer != issuer or audience != issuer or subject != client_id:
        raise BadCredential("the token is about something else")
    if issued_at > now.timestamp() + CLOCK_LEEWAY_SECONDS:
        raise BadCredential("the token is from the future")
    if expires_at <= now.timestamp() - CLOCK_LEEWAY_SECONDS:
        raise ExpiredToken("the token's time has passed")
    return AccessToken(
        token_id=token_id,
        issuer=issuer,
        client_id=client_id,
        scopes=_known_scopes(claims.get("scope", "")),
        issued_at=issued_at,
        expires_at=expires_at,
    )


def rotated(secrets: Sequence[StoredSecret], new: StoredSecret) -> tuple[StoredSecret, ...]:
    """The secrets once a new one joins. Raises ValueError where two are active: retire the older first."""
    active = tuple(secret for secret in secrets if secret.is_active)
    if len(active) >= MAX_ACTIVE_SECRETS:
        raise ValueError("two secrets are active already; retire the older one first")
    return (*active, new)


def retired(secrets: Sequence[StoredSecret], at: str) -> tuple[StoredSecret, ...]:
    """The secrets once only the newest is accepted. Raises ValueError where no newer one is there."""
    active = tuple(secret for secret in secrets if secret.is_active)
    if len(active) < MAX_ACTIVE_SECRETS:
        raise ValueError("only one secret is active; rotate first, so that one is left")
    older, newest = active[0], active[-1]
    return (StoredSecret(hash=older.hash, created_at=older.created_at, revoked_at=at), newest)


def issuer_of(configured: str, host: str) -> str:
    """The API's base URL: the deployment's own, or the host the request came to where it has none."""
    return configured or f"https://{host}"


def _text(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise BadCredential(f"the claim {name} is missing")
    return value


def _seconds(claims: Mapping[str, object], name: str) -> int:
    value = claims.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadCredential(f"the claim {name} is missing")
    return value


def _known_scopes(text: object) -> frozenset[Scope]:
    """Scopes of a token. One that no longer exists gives nothing, and takes nothing else away."""
    words = text.split() if isinstance(text, str) else ()
    return frozenset(scope for scope in Scope if scope in words)
