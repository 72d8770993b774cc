"""What a function may have to wait for fits into its time, and its time into that of whoever waits for the function.

Each row of the table names the longest waits of one piece of work (a request, a message of a queue, a change of a
stream), one after the other, as the code's own constants have them. What is not in it works on the store alone. That no
wait is begun which does not fit any more is tested in `test_time_left.py` and in `tests/unit/shared/test_deadlines.py`.
"""

from datetime import timedelta
from typing import Any

import pytest
from ministack.services import lambda_svc

from slotline.aws import LONGEST_REQUEST
from slotline.carriers import twilio
from slotline.carriers.amazon_connect import PLACING
from slotline.channels import genesys_dispatch
from slotline.channels.aws_errors import SENDING
from slotline.clock import ANSWERING, LONGEST_WAIT_SECONDS
from slotline.domain.dialing import attempted_calls
from slotline.domain.messages import sending
from slotline.domain.shared.deadlines import RECORDING
from slotline.domain.webhooks import deliveries
from slotline.egress.urllib3_egress import TOTAL_SECONDS
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import to_values
from slotline.store.shared import timers
from slotline.usecases.booking import work_bulk
from slotline.usecases.booking.book_call import ENGINE_PATIENCE
from slotline.usecases.booking.wait_for_turn import TURN
from slotline.usecases.dialing import import_calls, keep_pace, place_call, walking
from tests.support.aws.template import deployed, functions, template
from tests.support.handlers import load_function

SECOND = timedelta(seconds=1)
PAUSE = LONGEST_WAIT_SECONDS * SECOND
"""Between two tries of a race."""
RECEIVER = TOTAL_SECONDS * SECOND
CARRIER = max(twilio.LONGEST_REQUEST, PLACING.longest)
PROVIDER = max(genesys_dispatch.LONGEST_REQUEST, SENDING.longest)
STORE = (RECORDING,)
"""The longest try of a request to the store, and all that are answered as usual."""

WAITS: dict[str, tuple[timedelta, ...]] = {
    "scheduled_calls/create": (ENGINE_PATIENCE, PAUSE, RECORDING),
    "dialing/call_off": (CARRIER, RECORDING),
    "dialing/write_settings": (RECEIVER, RECORDING),
    "webhooks/write": (RECEIVER, RECORDING),
    "reminders/send": (PROVIDER, RECORDING),
    "webhooks/deliver": (RECEIVER, RECORDING),
    "dialing/place_call": (keep_pace.PATIENCE, place_call.LATE_PATIENCE, CARRIER, RECORDING),
}

ONE = {
    "reminders/record_feedback": "A_REPORT",
    "reminders/send": "A_MESSAGE",
    "webhooks/deliver": "A_DELIVERY",
    "dialing/place_call": "AN_ATTEMPT",
    "scheduled_calls/advance": "A_CALL",
    "dialing/import_calls": "LEFT_OVER",
    "dialing/close_campaign": "LEFT_OVER",
    "scheduled_calls/work_bulk": "LEFT_OVER",
}
"""Functions behind queues, and the constant that says how much time one message needs."""

LEASES = {
    "reminders/send": sending.LEASE,
    "webhooks/deliver": deliveries.LEASE,
    "dialing/place_call": attempted_calls.LEASE,
}
"""How long whoever claimed a row is not taken for dead."""


def _of(folder: str) -> dict[str, Any]:
    properties: dict[str, Any] = deployed()[functions()[folder].logical_id]["Properties"]
    return properties


def timeout_of(folder: str) -> timedelta:
    """As it is deployed."""
    seconds: int = _of(folder)["Timeout"]
    return seconds * SECOND


def sources(folder: str, kind: str) -> list[dict[str, Any]]:
    """What Lambda reads in a function's name, of this type of resource."""
    return [
        one["Properties"]
        for one in template()["Resources"].values()
        if one["Type"] == "AWS::Lambda::EventSourceMapping"
        and one["Properties"]["FunctionName"] == {"Ref": f"{functions()[folder].logical_id}.Alias"}
        and _source_of(one["Properties"])["Type"] == kind
    ]


def _source_of(mapping: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = template()["Resources"][mapping["EventSourceArn"]["Fn::GetAtt"][0]]
    return found


def mappings(folder: str) -> list[dict[str, Any]]:
    """The queues that feed a function, and how."""
    return sources(folder, "AWS::SQS::Queue")


def queue_of(mapping: dict[str, Any]) -> dict[str, Any]:
    """The queue of a mapping."""
    properties: dict[str, Any] = _source_of(mapping)["Properties"]
    return properties


QUEUED = sorted(folder for folder in functions() if mappings(folder))


def test_the_table_names_functions_and_every_one_behind_a_queue_says_what_a_message_needs() -> None:
    assert WAITS.keys() <= functions().keys()
    assert sorted(ONE) == QUEUED


@pytest.mark.parametrize("folder", sorted(functions()))
def test_the_longest_waits_of_one_piece_of_work_fit_into_the_functions_time(folder: str) -> None:
    assert sum(WAITS.get(folder, STORE), timedelta(0)) <= timeout_of(folder) - ANSWERING


@pytest.mark.parametrize("folder", sorted(folder for folder in functions() if functions()[folder].routes))
def test_api_gateway_waits_longer_than_the_function_that_answers_a_request(folder: str) -> None:
    assert timeout_of(folder) < 30 * SECOND, "Quotas for HTTP APIs: maximum integration timeout"


def test_api_gateway_waits_longer_than_the_authorizer() -> None:
    assert timeout_of("oauth/authorize") < 10 * SECOND, "Quotas for HTTP APIs: timeout for Lambda authorizer response"


@pytest.mark.parametrize("folder", QUEUED)
def test_a_message_is_begun_only_if_its_longest_waits_fit(folder: str) -> None:
    needed = getattr(load_function(folder), ONE[folder])
    assert sum(WAITS.get(folder, STORE), timedelta(0)) <= needed <= timeout_of(folder) - ANSWERING


@pytest.mark.parametrize("folder", QUEUED)
def test_a_message_that_waits_for_somebody_else_keeps_no_other_waiting(folder: str) -> None:
    (mapping,) = mappings(folder)
    assert mapping["BatchSize"] == 1 or folder not in WAITS
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("folder", QUEUED)
def test_a_queue_hides_its_messages_for_six_times_as_long_as_its_function_may_take(folder: str) -> None:
    (mapping,) = mappings(folder)
    hidden = queue_of(mapping)["VisibilityTimeout"] * SECOND
    assert hidden >= 6 * timeout_of(folder), "Lambda developer guide: configuring a queue to use with Lambda"


@pytest.mark.parametrize("folder", sorted(LEASES))
def test_nobody_is_taken_for_dead_who_may_still_be_at_work(folder: str) -> None:
    assert LEASES[folder] > timeout_of(folder)


@pytest.mark.parametrize(
    ("folder", "lease"),
    [
        ("dialing/import_calls", import_calls.LEASE),
        ("dialing/close_campaign", walking.LEASE),
        ("scheduled_calls/work_bulk", work_bulk.LEASE),
    ],
)
def test_a_long_walk_stops_early_enough_for_the_piece_it_has_begun(folder: str, lease: timedelta) -> None:
    left_over = load_function(folder).LEFT_OVER
    assert left_over > 3 * LONGEST_REQUEST
    assert lease > left_over, "the piece ends while its lease lasts"


def test_a_turn_in_the_line_lasts_longer_than_a_try_that_is_answered_as_usual() -> None:
    assert RECORDING - LONGEST_REQUEST < TURN < LONGEST_REQUEST


def test_a_schedule_that_somebody_died_over_is_made_by_the_next_one_after_their_time_has_passed() -> None:
    assert timers.CLAIM_LASTS >= 3 * LONGEST_REQUEST


class TestConcurrency:
    def test_every_queue_has_its_maximum_which_lambda_allows(self) -> None:
        found = [mapping["ScalingConfig"]["MaximumConcurrency"] for folder in QUEUED for mapping in mappings(folder)]
        assert len(found) == len(QUEUED)
        assert all(2 <= most <= 1000 for most in found)

    def test_all_queues_together_leave_three_quarters_of_an_account_to_requests(self) -> None:
        found = [mapping["ScalingConfig"]["MaximumConcurrency"] for folder in QUEUED for mapping in mappings(folder)]
        assert sum(found) == 245 <= 1000 / 4, "the template's comment says how many"

    @pytest.mark.parametrize(("said", "reserved"), [("", None), ("50", "50")])
    def test_the_authorizer_has_executions_of_its_own_if_the_operator_says_how_many(
        self, said: str, reserved: str | None
    ) -> None:
        parameters = {"AuthorizerReservedConcurrency": said}
        assert _resolved(_of("oauth/authorize")["ReservedConcurrentExecutions"], parameters) == reserved

    def test_nothing_is_reserved_unless_it_is_asked_for(self) -> None:
        assert template()["Parameters"]["AuthorizerReservedConcurrency"]["Default"] == ""
        assert [name for name, one in deployed().items() if "ReservedConcurrentExecutions" in str(one)] == [
            functions()["oauth/authorize"].logical_id
        ]


class TestStreams:
    def sources(self, folder: str) -> list[dict[str, Any]]:
        found = sources(folder, "AWS::DynamoDB::Table")
        assert len(found) == (2 if folder == "timers/plan" else 1)
        return found

    @pytest.mark.parametrize("folder", ["webhooks/fan_out", "dialing/fan_out"])
    def test_events_of_a_subject_stay_in_order_and_are_tried_for_as_long_as_is_wise(self, folder: str) -> None:
        for source in self.sources(folder):
            assert source["ParallelizationFactor"] == 1, "lanes keep the changes of one item in order, not of several"
            assert source["MaximumRetryAttempts"] == -1
            assert source["MaximumRecordAgeInSeconds"] == 12 * 3600 < 24 * 3600, "a stream keeps a record for a day"

    @pytest.mark.parametrize("folder", ["timers/plan", "webhooks/fan_out", "dialing/fan_out"])
    @pytest.mark.parametrize("name", ["INSERT", "MODIFY", "REMOVE"])
    @pytest.mark.parametrize("key", [keys.derived("APP#a#CALL#c"), keys.counters("APP#a#CALLS", "ALL", 1)])
    def test_what_is_derived_from_a_stream_comes_to_none_of_its_readers(
        self, folder: str, name: str, key: dict[str, str]
    ) -> None:
        images = dict.fromkeys(("NewImage", "OldImage"), to_values({**key, "version": 1}))
        record = {"eventName": name, "dynamodb": {"Keys": to_values(key), **images}}
        for source in self.sources(folder):
            assert lambda_svc._apply_filter_criteria([record], source) == []

    def test_a_call_that_changes_is_counted_and_one_that_is_new_comes_with_its_event_alone(self) -> None:
        (source,) = self.sources("webhooks/fan_out")
        for key, names in (
            (keys.call("a", "c"), ["MODIFY", "REMOVE"]),
            (keys.event("a", "c", 1, "e"), ["INSERT"]),
            (keys.room_event("r", "joined-guest-1"), ["INSERT"]),
        ):
            records = [
                {"eventName": name, "dynamodb": {"Keys": to_values(key)}} for name in ("INSERT", "MODIFY", "REMOVE")
            ]
            told = lambda_svc._apply_filter_criteria(records, source)
            assert [record["eventName"] for record in told] == names

    def test_plans_are_made_side_by_side_and_given_up_to_the_sweep(self) -> None:
        for source in self.sources("timers/plan"):
            assert source["ParallelizationFactor"] == 4
            assert (source["MaximumRetryAttempts"], source["MaximumRecordAgeInSeconds"]) == (20, 3600)

    @pytest.mark.parametrize("folder", ["timers/plan", "webhooks/fan_out", "dialing/fan_out"])
    def test_a_batch_that_fails_is_halved(self, folder: str) -> None:
        assert all(
            source["BisectBatchOnFunctionError"] and source["BatchSize"] == 100 for source in self.sources(folder)
        )


class TestThrottling:
    def stage(self) -> dict[str, Any]:
        (stage,) = [one["Properties"] for one in deployed().values() if one["Type"] == "AWS::ApiGatewayV2::Stage"]
        return stage

    def test_the_stage_takes_no_more_than_the_operator_says(self) -> None:
        limits = {"ThrottlingRateLimit": {"Ref": "ApiRateLimit"}, "ThrottlingBurstLimit": {"Ref": "ApiBurstLimit"}}
        assert self.stage()["DefaultRouteSettings"] == limits

    def test_the_token_route_takes_less(self) -> None:
        limits = {"ThrottlingRateLimit": {"Ref": "TokenRateLimit"}, "ThrottlingBurstLimit": {"Ref": "TokenBurstLimit"}}
        assert self.stage()["RouteSettings"] == {"POST /api/v1/oauth/token": limits}
        assert "POST /api/v1/oauth/token" in functions()["oauth/issue_token"].routes
        defaults = {name: one.get("Default") for name, one in template()["Parameters"].items()}
        assert 0 < defaults["TokenRateLimit"] < defaults["ApiRateLimit"] <= 10_000
        assert 0 < defaults["TokenBurstLimit"] < defaults["ApiBurstLimit"] <= 5_000


def _resolved(value: Any, parameters: dict[str, str]) -> Any:
    """A value under these parameters; None for what is left out."""
    match value:
        case {"Fn::If": [name, then, otherwise]}:
            return _resolved(then if _holds(template()["Conditions"][name], parameters) else otherwise, parameters)
        case {"Ref": "AWS::NoValue"}:
            return None
        case {"Ref": str(name)}:
            return parameters[name]
        case _:
            return value


def _holds(condition: Any, parameters: dict[str, str]) -> bool:
    match condition:
        case {"Fn::Not": [inner]}:
            return not _holds(inner, parameters)
        case {"Fn::Equals": [one, other]}:
            return bool(_resolved(one, parameters) == _resolved(other, parameters))
    raise AssertionError(condition)
