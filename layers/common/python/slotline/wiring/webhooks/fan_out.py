"""From what happened to a delivery for each webhook."""

from collections.abc import Callable, Mapping

from slotline.domain.booking.calls import Call, TimelineEvent
from slotline.usecases.webhooks.fan_out import FanOut, FanOutCallEvent
from slotline.wiring import common
from slotline.wiring.booking.calls import calls
from slotline.wiring.webhooks.webhooks import deliveries, webhooks


def fan_out_call_event(show: Callable[[Call, TimelineEvent], Mapping[str, object]]) -> FanOutCallEvent:
    """Events of calls; `show` says them as the API does."""
    fan_out = FanOut(webhooks=webhooks(), deliveries=deliveries(), clock=common.clock())
    return FanOutCallEvent(fan_out=fan_out, calls=calls(), show=show)
