"""Webhooks are told what the API answers: the plain form of a thing has the fields of its view, and their values."""

from datetime import timedelta
from typing import Any

import pytest

from slotline.domain.booking.calls import Actor, ActorType, AssignmentMethod, CallStatus, EventType, TimelineEvent
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.campaigns import Campaign, CampaignState
from slotline.domain.dialing.statuses import DialStatus
from slotline.http.booking.guest_urls import CallUrls
from slotline.http.booking.scheduled_calls import CallView, EventView
from slotline.http.booking.shown_calls import shown_call, shown_event
from slotline.http.core.models import Model
from slotline.http.dialing.shown_calls import shown_campaign, shown_dial_call
from slotline.http.dialing.views import CampaignView, DialCallView
from tests.support.builders.bookings import a_call
from tests.support.builders.dialing import MONDAY, a_campaign, a_dial_call

LATER = MONDAY + timedelta(minutes=1)
PLAIN_DIAL_CALL = a_dial_call()
FULL_DIAL_CALL = a_dial_call(
    campaign_id="campaign",
    status=DialStatus.BUSY,
    reason="busy",
    carrier_call_id="CA1",
    language="es-CO",
    params={"name": "Ana", "age": 41, "score": 0.5, "tags": ["a", None], "nested": {"yes": True}},
    metadata={"from": "+573005550199", "tags": ["vip"], "custom": {"lead": "7"}},
    attempted_at=(MONDAY,),
    due_at=LATER,
    updated_at=LATER,
)
PLAIN_CAMPAIGN = a_campaign(CampaignState.CREATING)
FULL_CAMPAIGN = a_campaign(
    CampaignState.PAUSED,
    staggered_interval_minutes=3,
    max_retries=2,
    max_duration_mins=5,
    language="es-CO",
    first_at=MONDAY,
    last_at=LATER,
)


def as_answered(view: Model) -> dict[str, Any]:
    return view.model_dump(mode="json", by_alias=True)


@pytest.mark.parametrize("call", [PLAIN_DIAL_CALL, FULL_DIAL_CALL], ids=["plain", "full"])
def test_a_dialled_call_is_told_as_it_is_answered(call: DialCall):
    assert shown_dial_call(call) == as_answered(DialCallView.of(call))


@pytest.mark.parametrize("campaign", [PLAIN_CAMPAIGN, FULL_CAMPAIGN], ids=["plain", "full"])
def test_a_campaign_is_told_as_it_is_answered(campaign: Campaign):
    assert shown_campaign(campaign) == as_answered(CampaignView.of(campaign))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {
            "assignment_method": AssignmentMethod.POOL,
            "assigned_agent_id": None,
            "status": CallStatus.CANCELLED,
            "cancelled_at": LATER,
            "cancellation_reason": "the guest cannot come",
        },
    ],
    ids=["scheduled", "cancelled"],
)
def test_a_scheduled_call_is_told_as_it_is_answered(changes: dict[str, Any]):
    call = a_call(**changes)
    urls = CallUrls(guest="https://video.example/b/token", host="https://video.example/c/id#token")
    answered = as_answered(CallView.of(call, "https://video.example", urls))
    # But for the links: whoever receives a webhook may act neither as the guest nor as the host.
    assert answered.pop("guest_url") == urls.guest
    assert answered["host_join_url"] == urls.host
    assert shown_call(call, "https://video.example") == answered | {"host_join_url": None}


def test_an_event_is_told_as_it_is_answered():
    event = TimelineEvent(
        id="event",
        call_id="call",
        revision=2,
        sequence=3,
        event_type=EventType.RESCHEDULED,
        actor=Actor(type=ActorType.AGENT, id="agent-1"),
        payload={"from": "2027-05-03T15:00:00.000Z", "agents": ["a", "b"], "minutes": 30},
        created_at=MONDAY,
    )
    assert shown_event(event) == as_answered(EventView.of(event))
