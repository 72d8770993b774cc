"""What is derived from a call: where it is counted, and on which lists it is."""

from dataclasses import replace
from datetime import timedelta

from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.campaigns import CampaignState
from slotline.domain.dialing.statuses import DialStatus
from slotline.ports.shared import Counter
from slotline.store.dialing.campaigns import campaign_to_item
from slotline.store.dialing.derived import derived_of_call, derived_of_change
from slotline.store.dialing.items import attempt_to_item, dial_call_to_item
from slotline.store.dynamodb.client import Item, from_values, to_values
from slotline.store.dynamodb.streams import Change
from tests.support.builders.dialing import MONDAY, a_campaign, a_dial_call, an_attempt

CALL = a_dial_call(campaign_id="may", due_at=MONDAY, scheduled_at=MONDAY + timedelta(hours=23, minutes=59))


def row_of(call: DialCall) -> Item:
    """As the stream brings it."""
    return from_values(to_values(dial_call_to_item(call)))


def test_a_call_counts_in_its_campaign_and_on_its_day_of_its_organization_its_number_and_dashboards() -> None:
    assert derived_of_call(CALL).counters == {
        Counter("ORG#org#CAMPAIGN#may", "CALLS", "Scheduled"),
        Counter("ORG#org#DIALS", "2026-05-04", "Scheduled"),
        Counter("ORG#org#DIALS#ROLLUPS", "2026-05", "04.Scheduled"),
        Counter("ORG#org#NUMBER#number", "2026-05-04", "Scheduled"),
    }


def test_a_call_with_a_final_status_is_over_only_if_nothing_more_will_be_done_about_it() -> None:
    over = Counter("ORG#org#CAMPAIGN#may", "CALLS", "over")
    assert over not in derived_of_call(replace(CALL, status=DialStatus.BUSY)).counters, "it is dialled again later"
    assert over in derived_of_call(replace(CALL, status=DialStatus.BUSY, due_at=None)).counters


def test_a_call_is_listed_with_its_campaign_its_number_and_its_status() -> None:
    rows = derived_of_call(CALL).rows
    assert {row["pk"] for row in rows} == {
        "ORG#org#CAMPAIGN#may",
        "ORG#org#CAMPAIGN#may#Scheduled",
        "ORG#org#NUMBER#number",
        "ORG#org#NUMBER#number#Scheduled",
        "ORG#org#DIALS#Scheduled",
    }
    assert {row["sk"] for row in rows} == {"LISTED#2026-05-04T23:59:00.000Z#call"}


def test_a_call_outside_of_any_campaign_is_in_no_campaigns_counters_or_lists() -> None:
    derived = derived_of_call(replace(CALL, campaign_id=None))
    places = {counter.partition for counter in derived.counters} | {str(row["pk"]) for row in derived.rows}
    assert not [place for place in places if "CAMPAIGN" in place or "ROLLUPS" in place]


def test_nothing_personal_is_kept_in_lists() -> None:
    said = str(derived_of_call(replace(CALL, params={"first_name": "Ana"})))
    assert "Ana" not in said
    assert CALL.e164 not in said


def test_a_new_call_and_one_that_came_to_another_status_are_brought_to_their_revision() -> None:
    after = replace(CALL, status=DialStatus.QUEUED, revision=2)
    for change, expected in (
        (Change(old=None, new=row_of(CALL)), CALL),
        (Change(old=row_of(CALL), new=row_of(after)), after),
    ):
        assert derived_of_change(change) == derived_of_call(expected)
    assert derived_of_call(after).version == 2


def test_a_change_that_counts_and_lists_a_call_as_before_is_left_out() -> None:
    put_off = replace(CALL, due_at=MONDAY + timedelta(days=1), reason="closed", revision=2)
    assert derived_of_change(Change(old=row_of(CALL), new=row_of(put_off))) is None


def test_a_call_that_is_deleted_is_gone_at_its_last_revision() -> None:
    derived = derived_of_change(Change(old=row_of(replace(CALL, revision=7)), new=None))
    assert derived is not None
    assert (derived.is_gone, derived.version, derived.counters, derived.rows) == (True, 7, frozenset(), ())


def test_no_other_row_of_the_table_is_a_subject() -> None:
    others = [
        attempt_to_item("org", an_attempt(DialStatus.QUEUED)),
        campaign_to_item(a_campaign(CampaignState.RUNNING)),
        *derived_of_call(CALL).rows,
    ]
    for row in others:
        assert derived_of_change(Change(old=None, new=from_values(to_values(row)))) is None
