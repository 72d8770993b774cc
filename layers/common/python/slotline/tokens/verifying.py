"""Verify access tokens against the published keys. Apart from signing: only the authorizer pays for PyJWT."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import jwt

from slotline.domain.access.identity import REQUIRED_CLAIMS, BadCredential
from slotline.tokens.signing import ALGORITHM, TOKEN_TYPE, KmsPublicKeys


@dataclass(frozen=True, slots=True)
class JwtVerifier:
    """Accepts ES256 signatures of our own keys, and nothing that a token's own header proposes instead."""

    keys: KmsPublicKeys
    _ready: dict[str, jwt.PyJWK] = field(default_factory=dict)
    """Keys as PyJWT has them, by their ids: a key never changes."""

    def claims(self, token: str, issuer: str) -> Mapping[str, object]:
        """The claims of a token of ours. Raises BadCredential.

        Times are not looked at: the caller judges them by the clock it was given.
        """
        kid = _kid(token)
        jwk = self.keys.jwk(kid)
        if jwk is None:
            raise BadCredential("the token names a key that is not ours")
        try:
            if kid not in self._ready:
                self._ready[kid] = jwt.PyJWK(jwk, algorithm=ALGORITHM)
            return jwt.decode(
                token,
                self._ready[kid],
                algorithms=[ALGORITHM],
                issuer=issuer,
                audience=issuer,
                options={
                    "require": list(REQUIRED_CLAIMS),
                    "strict_aud": True,
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as forged:
            raise BadCredential("the token is not ours") from forged


def _kid(token: str) -> str:
    """The key that a token's header names. Raises BadCredential where it is not an access token's header."""
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as garbled:
        raise BadCredential("not a token") from garbled
    kid, kind = header.get("kid"), header.get("typ")
    if not isinstance(kid, str) or not isinstance(kind, str) or header.get("alg") != ALGORITHM:
        raise BadCredential("not an access token")
    # RFC 9068 §4: any other type is refused, so that no other JWT of ours can pass for an access token.
    if kind.lower().removeprefix("application/") != TOKEN_TYPE:
        raise BadCredential("not an access token")
    return kid
