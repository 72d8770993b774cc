"""The dialing table's stream: what happened to calls and campaigns becomes deliveries for the webhooks that want it."""

from collections.abc import Mapping
from typing import Any

from slotline import observability
from slotline.domain.dialing import Campaign
from slotline.http.dial_reads import CampaignView, told_of_call
from slotline.store.campaigns import moved_campaign
from slotline.store.dial_items import new_dial_event
from slotline.store.streams import Change, each_change
from slotline.wiring import dial_fan_out, timers


def _show_campaign(campaign: Campaign) -> Mapping[str, object]:
    return {"campaign": CampaignView.of(campaign).model_dump(mode="json")}


def handler(event: dict[str, Any], context: object) -> None:
    """The Lambda's entry point."""
    del context
    tell_of_dials = dial_fan_out.tell_of_dials(told_of_call, _show_campaign)

    def tell(change: Change) -> None:
        if dial_event := new_dial_event(change):
            tell_of_dials.of_call(dial_event)
        elif campaign := moved_campaign(change):
            tell_of_dials.of_campaign(campaign)

    each_change(event, tell, timers.dead_letters())
    observability.flush()
