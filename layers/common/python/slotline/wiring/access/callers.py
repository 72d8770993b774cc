"""Who calls. The JWT library, 100 ms of imports, is the authorizer's alone."""

from functools import cache

from slotline.store.access.credentials import CachedCredentials, DynamoAccess
from slotline.tokens.verifying import JwtVerifier
from slotline.usecases.access.authenticate import Authenticate
from slotline.wiring import common
from slotline.wiring.access.tokens import public_keys


@cache
def authenticate() -> Authenticate:
    """Names callers, by what was known of them at most half a minute ago."""
    access = DynamoAccess(common.dynamodb(), common.settings().access_table)
    return Authenticate(
        credentials=CachedCredentials(access, common.clock()),
        verifier=JwtVerifier(public_keys()),
        clock=common.clock(),
    )
