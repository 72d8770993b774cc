"""OpenID Connect by Authlib's rules, over our own egress: authorization code with PKCE (OpenID Connect Core §3.1).

The provider's metadata and keys are kept for an hour; keys are asked for again if a token names one that is not among
them. Nothing in an answer is believed before its signature, issuer, audience, times and nonce are checked. The list of
algorithms is our own, and neither `none` nor a shared secret is in it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from slotline.domain.access.connections import Connection, PendingSignIn, Proof, ProofRefused
from slotline.domain.shared.errors import Unavailable
from slotline.ports.shared import AddressRefused, Clock, Egress, EgressFailedError

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
SCOPES = "openid email profile"
METADATA = "/.well-known/openid-configuration"
KEPT = timedelta(hours=1)
LEEWAY_SECONDS = 60
"""Of the provider's clock."""
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthlibProvider:
    """`IdentityProvider`."""

    egress: Egress
    clock: Clock
    kept: dict[str, tuple[datetime, Document]] = field(default_factory=dict)
    """Documents by their address, with the time they were fetched at."""

    def way_to(self, connection: Connection, pending: PendingSignIn, back: str) -> str:
        """The provider's authorization endpoint, with everything that the answer is checked by."""
        endpoint = self._endpoint(connection, "authorization_endpoint")
        address: str = prepare_grant_uri(
            endpoint,
            connection.client_id,
            "code",
            redirect_uri=back,
            scope=SCOPES,
            state=pending.state,
            nonce=pending.nonce,
            code_challenge=create_s256_code_challenge(pending.verifier),
            code_challenge_method="S256",
        )
        return address

    def proof(self, connection: Connection, pending: PendingSignIn, back: str, answer: Mapping[str, str]) -> Proof:
        """Spend the code, and check what comes for it."""
        self._check_issuer(connection, answer)
        if "error" in answer or not answer.get("code"):
            raise ProofRefused("the provider sent no code")
        token = self._token(connection, pending, back, answer["code"])
        claims = self._claims(connection, pending, token)
        # An address and whether it is verified come from one place: what vouches for one says nothing of another.
        said = claims if claims.get("email") else self._userinfo(connection, token, str(claims["sub"]))
        email = said.get("email")
        return Proof(
            issuer=connection.issuer,
            subject=str(claims["sub"]),
            email=email if isinstance(email, str) else None,
            is_email_verified=said.get("email_verified") is True,
        )

    def _check_issuer(self, connection: Connection, answer: Mapping[str, str]) -> None:
        """Who answers is who was asked (RFC 9207): a code of one provider is not to be spent at another."""
        said = answer.get("iss")
        is_promised = self._metadata(connection).get("authorization_response_iss_parameter_supported") is True
        if said != connection.issuer and (said is not None or is_promised):
            raise ProofRefused("another issuer answered")

    def _token(self, connection: Connection, pending: PendingSignIn, back: str, code: str) -> Document:
        body: str = prepare_token_request(
            "authorization_code",
            redirect_uri=back,
            code=code,
            code_verifier=pending.verifier,
            client_id=connection.client_id,
            client_secret=connection.client_secret,
        )
        token = self._fetched("POST", self._endpoint(connection, "token_endpoint"), _FORM, body.encode())
        if not isinstance(token.get("id_token"), str):
            raise ProofRefused("the provider sent no ID token")
        return token

    def _claims(self, connection: Connection, pending: PendingSignIn, token: Document) -> Document:
        try:
            decoded = self._decoded(connection, token["id_token"])
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                options={
                    "iss": {"essential": True, "value": connection.issuer},
                    "aud": {"essential": True, "value": connection.client_id},
                    "sub": {"essential": True},
                },
                params={"client_id": connection.client_id, "nonce": pending.nonce},
            )
            claims.validate(now=int(self.clock.now().timestamp()), leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError) as error:
            raise ProofRefused(type(error).__name__) from error
        nonce = claims.get("nonce")
        if not isinstance(nonce, str) or not compare_digest(nonce, pending.nonce):
            raise ProofRefused("another nonce")
        return dict(claims)

    def _decoded(self, connection: Connection, token: str) -> jwt.Token:
        """The token, whose signature is the provider's."""
        address = self._endpoint(connection, "jwks_uri")
        known = self._document(address)
        named = jws.extract_compact(token.encode()).headers().get("kid")
        if named is not None and named not in {key.get("kid") for key in known.get("keys", [])}:
            known = self._document(address, is_stale=lambda since: self.clock.now() - since > timedelta(minutes=1))
        return jwt.decode(token, KeySet.import_key_set({"keys": list(known["keys"])}), algorithms=list(ALGORITHMS))

    def _userinfo(self, connection: Connection, token: Document, subject: str) -> Document:
        """What the provider says beside its token: some keep the address there. It counts for this subject alone."""
        access = token.get("access_token")
        if "userinfo_endpoint" not in self._metadata(connection) or not isinstance(access, str):
            return {}
        headers = {"Authorization": f"Bearer {access}", "Accept": "application/json"}
        said = self._fetched("GET", self._endpoint(connection, "userinfo_endpoint"), headers)
        if said.get("sub") != subject:
            raise ProofRefused("userinfo is about somebody else")
        return {name: said[name] for name in ("email", "email_verified") if name in said}

    def _metadata(self, connection: Connection) -> Document:
        found = self._document(connection.issuer.rstrip("/") + METADATA)
        if found.get("issuer") != connection.issuer:
            raise ProofRefused("the metadata is another issuer's")
        return found

    def _endpoint(self, connection: Connection, name: str) -> str:
        """An address of the provider. It is encrypted, but for a provider on this very machine."""
        found = self._metadata(connection).get(name)
        if not isinstance(found, str) or not _is_fit(found):
            raise ProofRefused(f"the metadata has no {name}")
        return found

    def _document(self, address: str, is_stale: Callable[[datetime], bool] | None = None) -> Document:
        since, found = self.kept.get(address, (None, {}))
        now = self.clock.now()
        if since is None or now - since > KEPT or (is_stale and is_stale(since)):
            found = self._fetched("GET", address, {"Accept": "application/json"})
            self.kept[address] = (now, found)
        return found

    def _fetched(self, method: str, address: str, headers: Mapping[str, str], body: bytes | None = None) -> Document:
        try:
            answer = self.egress.fetch(method, address, headers, body)
        except (AddressRefused, EgressFailedError) as failed:
            raise Unavailable("The provider cannot be reached.") from failed
        if answer.status >= 500:
            raise Unavailable("The provider has a fault.")
        try:
            found = json.loads(answer.body)
        except ValueError as error:
            raise ProofRefused("the answer is no JSON") from error
        if answer.status != 200 or not isinstance(found, dict):
            raise ProofRefused(f"the answer is a {answer.status}")
        return found


def _is_fit(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.netloc.rpartition(":")[0] in _LOOPBACK)
