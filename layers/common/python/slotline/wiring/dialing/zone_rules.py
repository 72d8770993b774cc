"""What is dialled, after the rules of time zones changed."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from slotline.wiring import common

if TYPE_CHECKING:
    from slotline.usecases.dialing.follow_zone_rules import FollowDialZoneRules


def follow_dials(place: Mapping[str, object] | None) -> Mapping[str, object] | None:
    """A step of the walk over what is dialled; where the next one begins."""
    return _follow()(place)


@cache
def _follow() -> "FollowDialZoneRules":
    """Hardly a process walks, so what it needs comes with it."""
    from slotline.usecases.dialing.follow_zone_rules import FollowDialZoneRules
    from slotline.wiring.dialing.calls import dial_calls
    from slotline.wiring.dialing.settings import use_cases

    return FollowDialZoneRules(
        calls=dial_calls(), use_cases=use_cases(), clock=common.clock(), backoff=common.backoff()
    )
