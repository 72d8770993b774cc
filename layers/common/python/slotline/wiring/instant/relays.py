"""Ways around networks that let two browsers find none: a deployment's relays."""

from functools import cache

from slotline.domain.booking.guest_links import KEPT_FOR
from slotline.domain.instant.relays import Relays, relays_of
from slotline.tokens.kept_secret import KeptSecret
from slotline.wiring import common
from slotline.wiring.booking.guest_links import secrets


@cache
def _kept() -> KeptSecret[Relays]:
    secret_id = common.settings().relay_secret_id
    return KeptSecret(secrets, secret_id, common.clock(), relays_of, "the relays of rooms", KEPT_FOR)


def relays() -> Relays:
    """Those there are by now. Raises StoreBusyError while nobody knows: a deployment that lets nothing but relays be
    used must not be taken for one that has none."""
    return _kept()() if common.settings().relay_secret_id else Relays()
