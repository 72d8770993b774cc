"""A call to be dialled, a campaign, and what is wrong with a row, as they are shown: in answers, and to webhooks.

Apart from what requests are made of: who tells webhooks answers no request.
"""

import json
from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field

from slotline.domain.dial_events import DialEvent
from slotline.domain.dialing import Campaign, DialCall, DialStatus
from slotline.domain.errors import Detail
from slotline.domain.snapshots import plain
from slotline.http.models import Model, Moment

LARGEST_TOLD = 200_000
"""Bytes of a call's parameters that webhooks are told. A delivery is a row, which takes 400 KB."""


class CallMetadata(Model):
    """What is known of a call beside its parameters. `call_sid` is the carrier's id of its last attempt."""

    call_sid: str | None
    from_: str = Field(alias="from")
    to: str
    recording_sid: str | None
    tags: list[str]
    custom: dict[str, str]


class DialCallView(Model):
    """A call to be dialled, or that was. `due_at`: when it acts next; null once it is over."""

    id: str
    organization_id: str
    campaign_id: str | None
    use_case_id: str
    number_id: str
    status: DialStatus
    reason: str | None
    phone_number: str
    metadata: CallMetadata
    params: dict[str, Any]
    language: str | None
    max_duration_mins: int
    attempts: int
    scheduled_at: Moment
    due_at: Moment | None
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, call: DialCall) -> Self:
        """The view of a call."""
        metadata = {
            "call_sid": call.carrier_call_id,
            "from": call.metadata.get("from", ""),
            "to": call.e164,
            "recording_sid": None,
            "tags": call.metadata.get("tags", []),
            "custom": call.metadata.get("custom", {}),
        }
        return cls.model_validate({**plain(call), "metadata": metadata, "attempts": call.attempts})


class CampaignView(Model):
    """A campaign."""

    id: str
    organization_id: str
    name: str
    state: str
    use_case_id: str
    number_id: str
    staggered_interval_minutes: int
    max_retries: int
    max_duration_mins: int | None
    language: str | None
    first_at: Moment | None
    last_at: Moment | None
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, campaign: Campaign) -> Self:
        """The view of a campaign."""
        return cls.model_validate(plain(campaign))


class DialEventView(Model):
    """What happened to a call. `attempt`: the number of the last attempt; 0 before the first."""

    status: DialStatus
    attempt: int
    reason: str | None
    due_at: Moment | None

    @classmethod
    def of(cls, event: DialEvent) -> Self:
        """The view of an event."""
        return cls.model_validate(plain(event))


def told_of_call(call: DialCall, event: DialEvent) -> Mapping[str, Any]:
    """The payload of `dial.call.updated`. `params` is null where they are too large to be sent along."""
    shown = DialCallView.of(call).model_dump(mode="json", by_alias=True)
    if len(json.dumps(shown["params"], ensure_ascii=False).encode()) > LARGEST_TOLD:
        shown["params"] = None
    return {"dial_call": shown, "event": DialEventView.of(event).model_dump(mode="json")}


def told_of_campaign(campaign: Campaign) -> Mapping[str, Any]:
    """The payload of `dial.campaign.updated`."""
    return {"campaign": CampaignView.of(campaign).model_dump(mode="json", by_alias=True)}


class RowFault(Model):
    """What is wrong with a row. `row` counts from 1 in `calls`; in a CSV file the header is row 1."""

    source: str | None
    row: int | None
    field: str | None
    code: str
    message: str

    @classmethod
    def of(cls, detail: Detail) -> Self:
        """The view of a fault."""
        return cls(
            source=_text_or_none(detail.extra.get("source")),
            row=row if isinstance(row := detail.extra.get("row"), int) else None,
            field=detail.field,
            code=detail.code,
            message=detail.message,
        )


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None
