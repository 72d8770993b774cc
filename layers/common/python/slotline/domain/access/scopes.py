"""What every handler knows of its caller: what it may do, or why it is nobody."""

from enum import StrEnum


class Scope(StrEnum):
    """What a credential may be granted, in the order in which scopes are listed."""

    SCHEDULING_READ = "scheduling:read"
    SCHEDULING_WRITE = "scheduling:write"
    DIALING_READ = "dialing:read"
    DIALING_WRITE = "dialing:write"
    WEBHOOKS_WRITE = "webhooks:write"


class Refusal(StrEnum):
    """Why a credential names nobody, as the authorizer hands it to the handler."""

    MISSING = "missing_credential"
    BAD = "bad_credential"
    EXPIRED = "expired_token"
    UNAVAILABLE = "unavailable"
    """Nobody can be looked up just now."""
