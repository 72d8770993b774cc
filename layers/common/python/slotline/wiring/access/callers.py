"""Who calls. The JWT library, 100 ms of imports, is the authorizer's alone, and comes with the first token."""

from collections.abc import Mapping
from functools import cache

from slotline.ports.access import TokenVerifier
from slotline.store.access.credentials import CachedCredentials, DynamoAccess
from slotline.usecases.access.authenticate import Authenticate
from slotline.wiring import common
from slotline.wiring.access.tokens import public_keys


class _VerifierOfTokens:
    """`TokenVerifier`, which is imported when there is a token: an API key needs none."""

    def claims(self, token: str, issuer: str) -> Mapping[str, object]:
        """The claims of a token of ours. Raises BadCredential."""
        return _verifier().claims(token, issuer)


@cache
def _verifier() -> TokenVerifier:
    from slotline.tokens.verifying import JwtVerifier

    return JwtVerifier(public_keys())


@cache
def authenticate() -> Authenticate:
    """Names callers, by what was known of them at most half a minute ago."""
    access = DynamoAccess(common.dynamodb(), common.settings().access_table)
    return Authenticate(
        credentials=CachedCredentials(access, common.clock()),
        verifier=_VerifierOfTokens(),
        clock=common.clock(),
    )
