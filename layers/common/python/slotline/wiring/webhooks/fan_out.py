"""From what happened to a delivery for each webhook, and to what is derived from calls."""

from collections.abc import Callable, Mapping

from slotline.domain.booking.calls import Call, TimelineEvent
from slotline.store.booking.derived import derived_of_call
from slotline.usecases.booking.derive_calls import DeriveCalls
from slotline.usecases.webhooks.fan_out import FanOut, FanOutCallEvent
from slotline.wiring import common
from slotline.wiring.booking.calls import calls
from slotline.wiring.shared.derived import derive_bookings
from slotline.wiring.webhooks.webhooks import deliveries, webhooks


def fan_out_call_event(show: Callable[[Call, TimelineEvent], Mapping[str, object]]) -> FanOutCallEvent:
    """For one batch of events of calls; `show` says them as the API does."""
    fan_out = FanOut(webhooks=webhooks(), deliveries=deliveries(), clock=common.clock())
    return FanOutCallEvent(fan_out=fan_out, calls=calls(), show=show)


def derive_calls() -> DeriveCalls:
    """Counters of calls."""
    return DeriveCalls(calls=calls(), derive=derive_bookings(), derived_of=derived_of_call)
