"""From what happened to a call that is dialled, or to its campaign, to a delivery for each webhook."""

from collections.abc import Callable, Mapping

from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.campaigns import Campaign
from slotline.domain.dialing.events import DialEvent
from slotline.usecases.webhooks.fan_out import FanOut
from slotline.usecases.webhooks.fan_out_dials import FanOutDialEvents
from slotline.wiring import common
from slotline.wiring.dialing.calls import dial_calls
from slotline.wiring.webhooks.webhooks import deliveries, webhooks


def fan_out_dial_events(
    show_call: Callable[[DialCall, DialEvent], Mapping[str, object]],
    show_campaign: Callable[[Campaign], Mapping[str, object]],
) -> FanOutDialEvents:
    """For one batch of changes; both are said as the API says them."""
    fan_out = FanOut(webhooks=webhooks(), deliveries=deliveries(), clock=common.clock())
    return FanOutDialEvents(fan_out=fan_out, calls=dial_calls(), show_call=show_call, show_campaign=show_campaign)
