"""Campaigns that come to their end."""

from functools import cache

from slotline.usecases.close_campaign import CloseCampaign
from slotline.wiring import common
from slotline.wiring.dial_calls import campaigns, dial_calls


@cache
def close_campaign() -> CloseCampaign:
    """Campaigns whose calls are walked through."""
    return CloseCampaign(campaigns=campaigns(), calls=dial_calls(), clock=common.clock(), backoff=common.backoff())
