"""Campaigns, a file and what else the events of the dial API speak of, beside the calls that are dialled."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3

from slotline.domain.dialing.attempted_calls import AttemptedCall
from slotline.domain.dialing.campaigns import CampaignState
from slotline.domain.dialing.do_not_call import DoNotCallEntry
from slotline.domain.dialing.imports import Import, ImportState
from slotline.domain.dialing.numbers import CarrierName
from slotline.ports.dialing import DialWrite
from slotline.store.dialing.calls import DynamoDialCalls
from slotline.store.dialing.campaigns import DynamoCampaigns
from slotline.store.dialing.do_not_call import DynamoDoNotCall
from slotline.store.dialing.settings import NUMBERS, USE_CASES, DynamoDialSettings
from tests.support.aws.moto_tables import ENVIRONMENT
from tests.support.builders.apps import NOW, SetClock
from tests.support.builders.dialing import a_campaign, a_dial_call, a_number, a_use_case
from tests.template.dialed import NUMBER, ORGANIZATION, USE_CASE

SPARE_USE_CASE, SPARE_NUMBER = "01968c2e-7a00-7000-8000-0000000005e2", "01968c2e-7a00-7000-8000-000000000d13"
PAUSED, IMPORTING = "01968c2e-7a00-7000-8000-000000000ca1", "01968c2e-7a00-7000-8000-000000000ca2"
CANCELED, TO_DIAL = "01968c2e-7a00-7000-8000-000000000ca3", "01968c2e-7a00-7000-8000-00000000d1a7"
UPLOAD = "01968c2e-7a00-7000-8000-000000000f1e"
TALKING = {
    "01968c2e-7a00-7000-8000-00000000d1a5": CarrierName.TWILIO,
    "01968c2e-7a00-7000-8000-00000000d1a6": CarrierName.CONNECT,
}


def campaign(aws: Any) -> None:
    """A paused campaign, one that imports a file, one that was canceled, two conversations, and settings beside."""
    tables: Any = (aws, "DialingTable", "AccessTable", SetClock())
    ours: Any = {"organization_id": ORGANIZATION}
    DynamoDialSettings(*tables, USE_CASES).add(a_use_case(id=SPARE_USE_CASE, **ours), None)
    DynamoDialSettings(*tables, NUMBERS).add(a_number(id=SPARE_NUMBER, phone_number="+12025550101", **ours), None)
    listed = DoNotCallEntry(e164="+573005550199", reason="asked", listed_at=NOW)
    DynamoDoNotCall(aws, "DialingTable", "AccessTable").add(ORGANIZATION, [listed])
    of_use_case: Any = {**ours, "use_case_id": USE_CASE, "number_id": NUMBER}
    campaigns = DynamoCampaigns(aws, "DialingTable", "AccessTable")
    campaigns.open(a_campaign(CampaignState.PAUSED, id=PAUSED, **of_use_case))
    _import(campaigns, of_use_case)
    calls = DynamoDialCalls(aws, "DialingTable")
    waiting = a_dial_call(id=TO_DIAL, campaign_id=CANCELED, scheduled_at=NOW, due_at=NOW, **of_use_case)
    calls.add([waiting])
    running = a_campaign(CampaignState.RUNNING, id=CANCELED, calls=1, **of_use_case).covering([waiting])
    campaigns.open(running.moved_to(CampaignState.CANCELED, NOW))
    for call_id, carrier in TALKING.items():
        call = a_dial_call(id=call_id, due_at=NOW, **of_use_case)
        calls.add([call])
        claimed = AttemptedCall.claimed(call, carrier, "claim", NOW - timedelta(minutes=1))
        talking = replace(claimed.call, carrier_call_id="carrier-1")
        calls.write(DialWrite(call=talking, replaces=call.revision, claims=claimed.attempt))


def _import(campaigns: DynamoCampaigns, of_use_case: Any) -> None:
    importing = a_campaign(CampaignState.CREATING, id=IMPORTING, **of_use_case)
    campaigns.open(importing)
    begun = Import(
        organization_id=ORGANIZATION,
        campaign_id=IMPORTING,
        upload_id=UPLOAD,
        state=ImportState.CHECKING,
        size=100,
        planned_at=NOW,
        due_at=NOW,
        updated_at=NOW,
    )
    campaigns.replace(importing.moved_to(CampaignState.IMPORTING, NOW), importing.revision, begun)
    content = b"phone_number,first_name\n+12025550143,John\n+12025550144,Jane\n"
    boto3.client("s3").put_object(Bucket=ENVIRONMENT["UPLOADS_BUCKET"], Key=f"{ORGANIZATION}/{UPLOAD}", Body=content)
