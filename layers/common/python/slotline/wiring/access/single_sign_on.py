"""Sign-in with organizations' own providers."""

from functools import cache
from typing import TYPE_CHECKING

from slotline.ids import new_secret
from slotline.wiring import common
from slotline.wiring.access.people import connections, users
from slotline.wiring.access.sign_in import audit_log, begin_session

if TYPE_CHECKING:
    from slotline.ports.access import IdentityProvider
    from slotline.usecases.access.single_sign_on import ComeBackFromProvider, LeaveForProvider


@cache
def provider() -> "IdentityProvider":
    """Whoever vouches for people; the library comes with the first of them."""
    from slotline.tokens.openid import AuthlibProvider
    from slotline.wiring.shared.egress import egress

    return AuthlibProvider(egress=egress(), clock=common.world_clock())


@cache
def leave_for_provider() -> "LeaveForProvider":
    """Begins sign-ins at providers."""
    from slotline.usecases.access.single_sign_on import LeaveForProvider

    return LeaveForProvider(
        connections=connections(),
        provider=provider(),
        rates=common.rates(),
        clock=common.clock(),
        new_secret=new_secret,
    )


@cache
def come_back_from_provider() -> "ComeBackFromProvider":
    """Judges what providers answer."""
    from slotline.usecases.access.single_sign_on import ComeBackFromProvider

    return ComeBackFromProvider(
        connections=connections(),
        provider=provider(),
        users=users(),
        begin=begin_session(),
        audit=audit_log(),
        clock=common.clock(),
        backoff=common.backoff(),
    )
