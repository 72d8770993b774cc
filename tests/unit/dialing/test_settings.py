"""What carriers report moves an attempt forward only; what a use case, a number and a campaign may be."""

import json
from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.dialing.campaigns import CampaignState
from slotline.domain.dialing.numbers import CarrierName, Number
from slotline.domain.dialing.placeholders import machine_message
from slotline.domain.dialing.statuses import FINAL, RETRIABLE, UNSUCCESSFUL, DialStatus
from slotline.domain.dialing.use_cases import AmdBehavior, DayWindow, UseCase
from slotline.domain.shared.errors import CampaignIsFinal, Conflict, InvalidRequest
from slotline.store.dialing.campaigns import campaign_from_item, campaign_to_item
from slotline.store.dialing.settings import use_case_from_item, use_case_to_item
from tests.support.builders.dialing import MONDAY, a_campaign, a_dial_call, a_use_case, an_attempt
from tests.support.properties import tried

MINUTE = timedelta(minutes=1)
LIFE = (
    DialStatus.QUEUED,
    DialStatus.INITIATED,
    DialStatus.RINGING,
    DialStatus.IN_PROGRESS,
    DialStatus.TRANSFERRED,
    DialStatus.COMPLETED,
)
NINE_TO_FIVE = (DayWindow(start="09:00", end="17:00"),)

statuses = st.sampled_from(DialStatus)
reports = st.lists(statuses, max_size=12)


def test_statuses_are_spelled_as_the_contract_spells_them() -> None:
    assert [str(status) for status in DialStatus] == [
        "Scheduled",
        "Queued",
        "Initiated",
        "Ringing",
        "In progress",
        "Transferred",
        "Completed",
        "AMD Terminated",
        "Busy",
        "No answer",
        "Canceled",
        "Failed",
        "Unknown",
    ]


def test_what_is_over_what_failed_and_what_may_be_dialled_again_are_three_things() -> None:
    assert {"Completed", "AMD Terminated", "Busy", "No answer", "Canceled", "Failed"} == FINAL
    assert FINAL - {"Completed"} == UNSUCCESSFUL
    assert UNSUCCESSFUL - {"Canceled"} == RETRIABLE
    assert not DialStatus.UNKNOWN.is_final
    assert not DialStatus.UNKNOWN.is_retriable


@pytest.mark.parametrize("order", list(permutations(LIFE[1:])))
def test_in_whatever_order_reports_come_the_attempt_ends_as_it_ended(order: tuple[DialStatus, ...]) -> None:
    attempt = an_attempt(DialStatus.QUEUED)
    for status in order:
        attempt = attempt.reported(status, MONDAY)
    assert attempt.status is DialStatus.COMPLETED


@tried(400)
@given(statuses, reports)
def test_no_report_takes_an_attempt_back(first: DialStatus, later: list[DialStatus]) -> None:
    order = [DialStatus.SCHEDULED, DialStatus.QUEUED, DialStatus.UNKNOWN, *LIFE[1:-1]]
    status = first
    for report in later:
        after = status.after(report)
        assert after in (status, report)
        if status.is_final:
            assert after is status
        elif not after.is_final:
            assert order.index(after) >= order.index(status)
        status = after


@tried(400)
@given(statuses, st.lists(statuses, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_reports_that_come_twice_or_in_another_order_tell_the_same(
    first: DialStatus, later: list[DialStatus], chance: object
) -> None:
    """As long as they tell of one end: a call ends once."""
    later = [status for status in later if status not in FINAL] + [s for s in later if s in FINAL][:1]
    again = later * 2
    chance.shuffle(again)  # type: ignore[attr-defined]
    one = other = first
    for status in later:
        one = one.after(status)
    for status in again:
        other = other.after(status)
    assert one is other


@pytest.mark.parametrize("known", [*LIFE[1:], *sorted(FINAL)])
def test_anything_that_the_carrier_knows_replaces_unknown_and_is_not_replaced_by_it(known: DialStatus) -> None:
    assert DialStatus.UNKNOWN.after(known) is known
    assert known.after(DialStatus.UNKNOWN) is known


def test_unknown_is_what_an_attempt_is_whose_answer_was_lost() -> None:
    assert DialStatus.QUEUED.after(DialStatus.UNKNOWN) is DialStatus.UNKNOWN
    assert DialStatus.UNKNOWN.after(DialStatus.QUEUED) is DialStatus.UNKNOWN


def test_an_attempt_keeps_when_it_ended_and_what_the_carrier_called_it() -> None:
    attempt = an_attempt(DialStatus.QUEUED).reported(DialStatus.INITIATED, MONDAY + MINUTE, carrier_call_id="CA1")
    ended = attempt.reported(DialStatus.BUSY, MONDAY + 2 * MINUTE, carrier_call_id="CA2")
    assert (ended.carrier_call_id, ended.ended_at, ended.updated_at) == ("CA1", MONDAY + 2 * MINUTE, ended.ended_at)
    again = ended.reported(DialStatus.COMPLETED, MONDAY + 3 * MINUTE)
    assert again is ended, "a report that says nothing new changes nothing"
    late = ended.reported(DialStatus.RINGING, MONDAY, answered_by="human")
    assert (late.status, late.answered_by, late.updated_at) == (DialStatus.BUSY, "human", ended.updated_at)


def test_a_call_is_over_when_its_last_attempt_is_and_none_is_due() -> None:
    assert not a_dial_call(status=DialStatus.BUSY, due_at=MONDAY).is_over
    assert a_dial_call(status=DialStatus.BUSY, attempted_at=(MONDAY,)).is_over
    assert not a_dial_call(status=DialStatus.UNKNOWN, due_at=MONDAY).is_over
    assert a_dial_call(status=DialStatus.UNKNOWN).is_over


def test_detailed_hours_rule_where_they_are_enabled_and_else_the_same_hours_every_day() -> None:
    use_case = a_use_case(
        timezone="America/Bogota",
        work_start="08:00",
        work_end="24:00",
        detailed_work_hours={"tuesday": (*NINE_TO_FIVE, DayWindow(start="18:00", end="24:00"))},
        enable_detailed_work_hours=True,
    )
    use_case.check()
    assert [(w.weekday, w.start, w.end, w.zone) for w in use_case.work_windows] == [
        (1, "09:00", "17:00", "America/Bogota"),
        (1, "18:00", "24:00", "America/Bogota"),
    ]
    plain = a_use_case(work_start="08:00", work_end="24:00", detailed_work_hours={"monday": NINE_TO_FIVE})
    assert [(w.weekday, w.start, w.end) for w in plain.work_windows] == [(n, "08:00", "24:00") for n in range(7)]
    assert a_use_case().work_windows == ()


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ({"timezone": "Mars/Olympus"}, "timezone", "timezone"),
        ({"timezone": "+02:00"}, "timezone", "timezone"),
        ({"max_duration_mins": 0}, "max_duration_mins", "range"),
        ({"max_duration_mins": 241}, "max_duration_mins", "range"),
        ({"transfer_number": "911"}, "transfer_number", "phone"),
        ({"work_start": "09:00"}, "work_end", "required"),
        ({"work_end": "09:00"}, "work_start", "required"),
        ({"work_start": "9:00", "work_end": "17:00"}, "work_start", "invalid"),
        ({"work_start": "09:00", "work_end": "17:00:00"}, "work_end", "invalid"),
        ({"work_start": "09:00", "work_end": "24:01"}, "work_end", "invalid"),
        ({"work_start": "17:00", "work_end": "09:00"}, "work_end", "invalid"),
        ({"work_start": "09:00", "work_end": "09:00"}, "work_end", "invalid"),
        ({"callee_start": "24:00"}, "callee_end", "invalid"),
        ({"callee_start": "21:00", "callee_end": "08:00"}, "callee_end", "invalid"),
        ({"detailed_work_hours": {"Monday": NINE_TO_FIVE}}, "detailed_work_hours.Monday", "weekday"),
        ({"detailed_work_hours": {"0": NINE_TO_FIVE}}, "detailed_work_hours.0", "weekday"),
        (
            {"detailed_work_hours": {"monday": (DayWindow(start="22:00", end="02:00"),)}},
            "detailed_work_hours.monday[0].end",
            "invalid",
        ),
        (
            {"detailed_work_hours": {"monday": (*NINE_TO_FIVE, DayWindow(start="16:59", end="18:00"))}},
            "detailed_work_hours.monday[1]",
            "overlap",
        ),
        ({"enable_detailed_work_hours": True}, "detailed_work_hours", "required"),
        (
            {"enable_detailed_work_hours": True, "detailed_work_hours": {"monday": ()}},
            "detailed_work_hours",
            "required",
        ),
        (
            {"closed_dates": tuple(date(2027, 1, 1) + timedelta(days=n) for n in range(367))},
            "closed_dates",
            "too_many",
        ),
        ({"amd_behavior": AmdBehavior.LEAVE_MESSAGE}, "amd_messages", "required"),
        ({"amd_behavior": AmdBehavior.LEAVE_MESSAGE, "amd_messages": {"en-US": " "}}, "amd_messages", "required"),
    ],
)
def test_a_use_case_whose_rules_cannot_be_kept_is_refused(said: dict[str, object], field: str, code: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        a_use_case(**said).check()
    assert (refused.value.details[0].field, refused.value.details[0].code) == (field, code)


@pytest.mark.parametrize("tag", ["en-US", "en-us", "EN-US"])
def test_the_message_for_machines_is_found_whatever_the_case_of_its_tag(tag: str) -> None:
    use_case = a_use_case(amd=True, amd_behavior=AmdBehavior.LEAVE_MESSAGE, amd_messages={tag: "Call us back."})
    use_case.check()
    assert machine_message(use_case, "es-CO") == ("Call us back.", tag)


def test_a_use_case_has_every_field_that_the_vendor_shows() -> None:
    shown = {
        "id",
        "organization_id",
        "name",
        "transfer_number",
        "extract_with_ai",
        "classification_tags",
        "language",
        "detailed_work_hours",
        "work_start",
        "work_end",
        "timezone",
        "generic_after_hours_message",
        "enable_detailed_work_hours",
        "keywords",
        "hooks",
        "params",
        "amd",
        "amd_behavior",
        "amd_messages",
        "sample_labels",
        "hidden",
        "evaluation_models",
        "max_duration_mins",
        "recorded_message_inbound",
        "recorded_message_outbound",
        "show_original_caller_id",
        "disable_end_call_after_n_reminders",
        "model",
    }
    assert shown <= set(UseCase.__dataclass_fields__)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"phone_number": "12345"}, "phone_number"),
        ({"calls_per_second": 0}, "calls_per_second"),
        ({"calls_per_second": 101}, "calls_per_second"),
        ({"lines": 0}, "lines"),
        ({"lines": 1001}, "lines"),
    ],
)
def test_a_number_places_at_least_one_call_at_a_time(said: dict[str, object], field: str) -> None:
    number = {"id": "n", "organization_id": "org", "phone_number": "+15005550006", "carrier": CarrierName.TWILIO}
    Number(**number).check()
    with pytest.raises(InvalidRequest) as refused:
        Number(**{**number, **said}).check()
    assert refused.value.details[0].field == field


@pytest.mark.parametrize("state", [CampaignState.COMPLETED, CampaignState.CANCELED])
@pytest.mark.parametrize("to", CampaignState)
def test_a_campaign_that_is_over_stays_so(state: CampaignState, to: CampaignState) -> None:
    campaign = a_campaign(state)
    if to is state:
        assert campaign.moved_to(to, MONDAY) is campaign
    else:
        with pytest.raises(CampaignIsFinal) as refused:
            campaign.moved_to(to, MONDAY)
        assert refused.value.details[0].code == "final_state"


def test_a_campaign_can_be_paused_and_go_on_and_each_move_is_a_revision() -> None:
    paused = a_campaign(CampaignState.RUNNING).moved_to(CampaignState.PAUSED, MONDAY + MINUTE)
    assert (paused.state, paused.revision, paused.updated_at) == (CampaignState.PAUSED, 2, MONDAY + MINUTE)
    assert not paused.state.places_calls
    assert paused.moved_to(CampaignState.RUNNING, MONDAY).state.places_calls
    with pytest.raises(Conflict):
        paused.moved_to(CampaignState.COMPLETED, MONDAY)


def test_rows_that_were_kept_before_there_were_closed_dates_metadata_and_duplicates_are_read() -> None:
    use_case = {name: value for name, value in use_case_to_item(a_use_case()).items() if name != "closed_dates"}
    assert use_case_from_item(use_case) == a_use_case()
    campaign = a_campaign(CampaignState.RUNNING)
    row = {name: value for name, value in campaign_to_item(campaign).items() if name not in ("metadata", "duplicates")}
    assert campaign_from_item(json.loads(json.dumps(row))) == campaign
