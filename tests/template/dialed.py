"""Calls to be dialled that the events under events/dialing/ speak of."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from slotline.domain.dialing.attempted_calls import AttemptedCall
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.campaigns import CampaignState
from slotline.domain.dialing.numbers import CarrierName, Number
from slotline.domain.dialing.pace import Lease, Pace
from slotline.domain.dialing.statuses import DialStatus
from slotline.domain.dialing.use_cases import AmdBehavior, UseCase
from slotline.ports.dialing import DialWrite, KeptPace
from slotline.store.dialing.calls import DynamoDialCalls
from slotline.store.dialing.campaigns import DynamoCampaigns
from slotline.store.dialing.derived import derived_of_call
from slotline.store.dialing.grants import DynamoNumberGrants
from slotline.store.dialing.paces import DynamoPaces
from slotline.store.dialing.settings import USE_CASES, DynamoDialSettings
from slotline.store.shared.derived import DynamoDerivations
from tests.support.builders.apps import NOW, SetClock
from tests.support.builders.dialing import a_campaign, a_grant

ORGANIZATION = "org-1"
USE_CASE = "01968c2e-7a00-7000-8000-0000000005e1"
NUMBER, CONNECT_NUMBER = "01968c2e-7a00-7000-8000-000000000d11", "01968c2e-7a00-7000-8000-000000000d12"
CALLS_FROM = {NUMBER: "+15005550006", CONNECT_NUMBER: "+15005550007"}
TO_ADD = "+12025550100"
"""A number that is granted, and that the organization has not added."""
CAMPAIGN = "01968c2e-7a00-7000-8000-000000000ca0"
DUE = "01968c2e-7a00-7000-8000-00000000d1a1"
BY_CONNECT = "01968c2e-7a00-7000-8000-00000000d1a2"
UNDER_WAY = "01968c2e-7a00-7000-8000-00000000d1a3"
LOST = "01968c2e-7a00-7000-8000-00000000d1a4"
PLANNED = "01968c2e-7a00-7000-8000-00000000d1b5"
TWILIO = json.dumps({"account_sid": "AC00000000000000000000000000000000", "auth_token": "example-token"})


def dial(aws: Any) -> None:
    """A use case, two numbers, a campaign, and calls: two that are due, one under way, one that nobody knows about."""
    tables: Any = (aws, "DialingTable", "AccessTable", SetClock())
    use_case = UseCase(
        id=USE_CASE,
        organization_id=ORGANIZATION,
        name="Kate",
        callee_start="00:00",
        callee_end="24:00",
        params={"message": "Hello {first_name}."},
        amd=True,
        amd_behavior=AmdBehavior.HANGUP,
    )
    DynamoDialSettings(*tables, USE_CASES).add(use_case, None)
    grants = DynamoNumberGrants(*tables)
    for number_id, carrier in ((NUMBER, CarrierName.TWILIO), (CONNECT_NUMBER, CarrierName.CONNECT)):
        number = Number(
            id=number_id,
            organization_id=ORGANIZATION,
            phone_number=CALLS_FROM[number_id],
            carrier=carrier,
            lines=10,
        )
        grants.add_number(number, a_grant(ORGANIZATION, phone_number=number.phone_number, revision=0), None)
    grants.put(a_grant(ORGANIZATION, phone_number=TO_ADD))
    campaigns = DynamoCampaigns(aws, "DialingTable", "AccessTable")
    campaigns.open(
        a_campaign(
            CampaignState.RUNNING,
            id=CAMPAIGN,
            organization_id=ORGANIZATION,
            use_case_id=USE_CASE,
            number_id=NUMBER,
            first_at=NOW,
            last_at=NOW,
        )
    )
    calls = DynamoDialCalls(aws, "DialingTable")
    new = [_call(DUE, NUMBER), _call(BY_CONNECT, CONNECT_NUMBER), _call(UNDER_WAY, NUMBER), _call(LOST, CONNECT_NUMBER)]
    calls.add([*new, replace(_call(PLANNED, NUMBER), due_at=NOW + timedelta(days=1))])
    DynamoDerivations(aws, "DialingTable", SetClock()).apply([derived_of_call(call) for call in new])
    for call, carrier in ((new[2], CarrierName.TWILIO), (new[3], CarrierName.CONNECT)):
        claimed = AttemptedCall.claimed(call, carrier, "claim", NOW - timedelta(minutes=2))
        due = replace(claimed.call, due_at=NOW)
        calls.write(DialWrite(call=due, replaces=call.revision, claims=claimed.attempt))
        lease = Lease(starts_at=claimed.attempt.claimed_at, until=NOW + timedelta(minutes=20))
        pace = Pace(free_at=lease.starts_at, leases={f"{call.id}.1": lease})
        DynamoPaces(aws, "AccessTable").write(call.calls_from, KeptPace(pace=pace, version=0))


def _call(call_id: str, number_id: str) -> DialCall:
    return DialCall(
        id=call_id,
        organization_id=ORGANIZATION,
        use_case_id=USE_CASE,
        number_id=number_id,
        campaign_id=CAMPAIGN,
        phone_number="+57 300 555 0100",
        e164="+573005550100",
        status=DialStatus.SCHEDULED,
        scheduled_at=NOW,
        max_duration_mins=10,
        metadata={"from": CALLS_FROM[number_id]},
        params={"first_name": "Ana"},
        due_at=NOW,
        created_at=NOW - timedelta(hours=1),
        updated_at=NOW - timedelta(hours=1),
    )
