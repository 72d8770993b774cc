"""A call to be dialled and a campaign as plain JSON: what webhooks are told, and what an answer's views hold.

Without the models: who tells webhooks answers no request, and starts without what checks one.
"""

import json
from collections.abc import Mapping
from typing import Any

from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.campaigns import Campaign
from slotline.domain.dialing.events import DialEvent
from slotline.domain.shared.plain_json import plain

OVERRIDES = ("assistant_id", "voice_id", "model", "prompt_id", "agent_id", "model_id")
"""What a campaign says about who talks."""

LARGEST_TOLD = 200_000
"""Bytes of a call's parameters that webhooks are told. A delivery is a row, which takes 400 KB."""


def shown_dial_call(call: DialCall) -> dict[str, Any]:
    """The fields of a `DialCallView`."""
    return {
        "id": call.id,
        "organization_id": call.organization_id,
        "campaign_id": call.campaign_id,
        "use_case_id": call.use_case_id,
        "number_id": call.number_id,
        "status": plain(call.status),
        "reason": call.reason,
        "phone_number": call.phone_number,
        "metadata": {
            "call_sid": call.carrier_call_id,
            "from": call.metadata.get("from", ""),
            "to": call.e164,
            "recording_sid": None,
            "tags": plain(call.metadata.get("tags", [])),
            "custom": plain(call.metadata.get("custom", {})),
        },
        "params": plain(call.params),
        "language": call.language,
        "max_duration_mins": call.max_duration_mins,
        "attempts": call.attempts,
        "scheduled_at": plain(call.scheduled_at),
        "due_at": plain(call.due_at),
        "created_at": plain(call.created_at),
        "updated_at": plain(call.updated_at),
    }


def shown_campaign(campaign: Campaign) -> dict[str, Any]:
    """The fields of a `CampaignView`."""
    return {
        "id": campaign.id,
        "organization_id": campaign.organization_id,
        "name": campaign.name,
        "state": plain(campaign.state),
        "reason": campaign.reason,
        "use_case_id": campaign.use_case_id,
        "number_id": campaign.number_id,
        "staggered_interval_minutes": campaign.staggered_interval_minutes,
        "retry_logic": plain(campaign.rules),
        "max_retries": campaign.max_retries,
        "max_duration_mins": campaign.max_duration_mins,
        "language": campaign.language,
        **{name: campaign.overrides.get(name) for name in OVERRIDES},
        "metadata": plain(campaign.metadata),
        "duplicates": plain(campaign.duplicates),
        "revision": campaign.revision,
        "first_at": plain(campaign.first_at),
        "last_at": plain(campaign.last_at),
        "created_at": plain(campaign.created_at),
        "updated_at": plain(campaign.updated_at),
    }


def told_of_call(call: DialCall, event: DialEvent) -> Mapping[str, Any]:
    """The payload of `dial.call.updated`. `params` is null where they are too large to be sent along.

    The event's `attempt` is the number of the last one, 0 before the first.
    """
    shown = shown_dial_call(call)
    if len(json.dumps(shown["params"], ensure_ascii=False).encode()) > LARGEST_TOLD:
        shown["params"] = None
    what_happened = {
        "status": plain(event.status),
        "attempt": event.attempt,
        "reason": event.reason,
        "due_at": plain(event.due_at),
    }
    return {"dial_call": shown, "event": what_happened}


def told_of_campaign(campaign: Campaign) -> Mapping[str, Any]:
    """The payload of `dial.campaign.updated`."""
    return {"campaign": shown_campaign(campaign)}
