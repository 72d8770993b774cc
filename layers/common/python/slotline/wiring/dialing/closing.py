"""Campaigns that come to their end, or go on after a pause."""

from functools import cache

from slotline.usecases.dialing.close_campaign import CloseCampaign
from slotline.usecases.dialing.resume_calls import ResumeCalls
from slotline.wiring import common
from slotline.wiring.dialing.calls import campaigns, dial_calls
from slotline.wiring.dialing.settings import use_cases


@cache
def close_campaign() -> CloseCampaign:
    """Campaigns whose calls are walked through."""
    resume_calls = ResumeCalls(
        campaigns=campaigns(), calls=dial_calls(), use_cases=use_cases(), clock=common.clock(), backoff=common.backoff()
    )
    return CloseCampaign(
        campaigns=campaigns(),
        calls=dial_calls(),
        resume_calls=resume_calls,
        clock=common.clock(),
        ids=common.ids(),
        backoff=common.backoff(),
    )
