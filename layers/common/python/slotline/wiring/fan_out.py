"""From what happened to a delivery for each webhook."""

from collections.abc import Callable, Mapping

from slotline.domain.calls import Call, TimelineEvent
from slotline.usecases.tell_subscribers import TellOfCall, TellSubscribers
from slotline.wiring import common
from slotline.wiring.calls import calls
from slotline.wiring.webhooks import deliveries, webhooks


def tell_of_call(show: Callable[[Call, TimelineEvent], Mapping[str, object]]) -> TellOfCall:
    """Events of calls; `show` says them as the API does."""
    tell_subscribers = TellSubscribers(webhooks=webhooks(), deliveries=deliveries(), clock=common.clock())
    return TellOfCall(tell_subscribers=tell_subscribers, calls=calls(), show=show)
