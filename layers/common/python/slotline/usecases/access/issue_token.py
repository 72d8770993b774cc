"""Issue an access token to a client that proves itself (RFC 6749 §4.4, the client credentials grant)."""

from dataclasses import dataclass

from slotline.domain.access.identity import (
    Client,
    IssuedToken,
    OAuthCode,
    TokenRefused,
    TokenRequest,
    grant,
    is_client_id,
    new_token,
    proves,
)
from slotline.ports.access import Credentials, TokenSigner
from slotline.ports.shared import Clock, Ids


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueToken:
    """Issues an access token to a client that proves itself."""

    credentials: Credentials
    signer: TokenSigner
    clock: Clock
    ids: Ids

    def __call__(self, request: TokenRequest, issuer: str) -> IssuedToken:
        """A token for an hour. Raises TokenRefused, the same for an unknown client and for a wrong secret."""
        request.check_grant_type()
        client = self._prove(request)
        scopes = grant(request.scope, client)
        token = new_token(client, scopes, issuer=issuer, token_id=self.ids.new(), now=self.clock.now())
        return IssuedToken(
            access_token=self.signer.sign(token),
            scopes=scopes,
            expires_in=token.expires_at - token.issued_at,
        )

    def _prove(self, request: TokenRequest) -> Client:
        known = is_client_id(request.client_id)
        client = self.credentials.client(request.client_id) if known else None
        if not proves(client, request.client_secret) or client is None:
            raise TokenRefused(
                OAuthCode.INVALID_CLIENT, "The client is unknown, its secret is wrong, or it was revoked."
            )
        return client
