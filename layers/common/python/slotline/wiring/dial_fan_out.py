"""From what happened to a call that is dialled, or to its campaign, to a delivery for each webhook."""

from collections.abc import Callable, Mapping

from slotline.domain.dial_events import DialEvent
from slotline.domain.dialing import Campaign, DialCall
from slotline.usecases.tell_of_dials import TellOfDials
from slotline.usecases.tell_subscribers import TellSubscribers
from slotline.wiring import common
from slotline.wiring.dial_calls import dial_calls
from slotline.wiring.webhooks import deliveries, webhooks


def tell_of_dials(
    show_call: Callable[[DialCall, DialEvent], Mapping[str, object]],
    show_campaign: Callable[[Campaign], Mapping[str, object]],
) -> TellOfDials:
    """For one batch of changes; both are said as the API says them."""
    tell_subscribers = TellSubscribers(webhooks=webhooks(), deliveries=deliveries(), clock=common.clock())
    return TellOfDials(
        tell_subscribers=tell_subscribers, calls=dial_calls(), show_call=show_call, show_campaign=show_campaign
    )
