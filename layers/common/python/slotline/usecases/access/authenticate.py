"""Name the caller behind an `Authorization` header: an access token or an API key, and its grants now."""

from dataclasses import dataclass

from slotline.domain.access.identity import (
    API_KEY_PREFIX,
    AuthenticatedClient,
    BadCredential,
    Client,
    ExpiredToken,
    secret_hash,
    token_of,
)
from slotline.domain.access.scopes import Refusal
from slotline.ports.access import Credentials, TokenVerifier
from slotline.ports.shared import Clock

MAX_CREDENTIAL_LENGTH = 8_192


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticate:
    """Names the caller of a request by its credential."""

    credentials: Credentials
    verifier: TokenVerifier
    clock: Clock

    def __call__(self, authorization: str, issuer: str) -> AuthenticatedClient | Refusal:
        """The caller, or why the header names none.

        `authorization` is the header as it came, empty where there was none. A failure of the store or of the
        keys' keeper is raised as it is: not the caller's fault, so it must not read as a bad credential.
        """
        if not authorization.strip():
            return Refusal.MISSING
        try:
            return self._name(_bearer(authorization), issuer)
        except ExpiredToken:
            return Refusal.EXPIRED
        except BadCredential:
            return Refusal.BAD

    def _name(self, credential: str, issuer: str) -> AuthenticatedClient:
        if credential.startswith(API_KEY_PREFIX):
            key = _current(self.credentials.api_key(secret_hash(credential)))
            return AuthenticatedClient(client=key, scopes=key.scopes)
        claims = self.verifier.claims(credential, issuer)
        token = token_of(claims, issuer=issuer, now=self.clock.now())
        client = _current(self.credentials.client(token.client_id))
        return AuthenticatedClient(client=client, scopes=token.scopes & client.scopes)


def _bearer(authorization: str) -> str:
    """The credential of a Bearer header (RFC 6750 §2.1). Raises BadCredential for any other."""
    scheme, _, credential = authorization.strip().partition(" ")
    credential = credential.strip()
    if scheme.lower() != "bearer" or not credential or len(credential) > MAX_CREDENTIAL_LENGTH:
        raise BadCredential("not a bearer credential")
    return credential


def _current(client: Client | None) -> Client:
    if client is None or not client.is_active:
        raise BadCredential("nobody has this credential, or it was revoked")
    return client
