"""Campaigns that come to their end."""

from functools import cache

from slotline.usecases.dialing.close_campaign import CloseCampaign
from slotline.wiring import common
from slotline.wiring.dialing.calls import campaigns, dial_calls


@cache
def close_campaign() -> CloseCampaign:
    """Campaigns whose calls are walked through."""
    return CloseCampaign(
        campaigns=campaigns(), calls=dial_calls(), clock=common.clock(), ids=common.ids(), backoff=common.backoff()
    )
