"""An invocation's time: nothing is begun that may outlast it, and what was begun can be written down."""

from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectTimeoutError

from slotline import clock as clocks
from slotline.aws import LONGEST_REQUEST, NoTimeLeftError, client_config, raising_store_busy, within
from slotline.channels.aws_errors import SENDING, told_apart
from slotline.clock import ANSWERING, LONGEST_INVOCATION, FullJitter, InvocationDeadline
from slotline.domain.shared.deadlines import LEAST, RECORDING, patience
from slotline.ports.messages import MessengerBusyError
from slotline.ports.shared import RaceLost, StoreBusyError
from slotline.usecases.shared.retrying import MAX_TRIES, retry
from tests.support.builders.deadlines import Context, SetDeadline

SECOND = timedelta(seconds=1)


class TestInvocations:
    def test_lambdas_context_says_how_much_time_is_left_and_some_is_kept_for_the_answer(self) -> None:
        deadline = InvocationDeadline()
        deadline.begin(Context(10_000))
        assert deadline.left() == 10 * SECOND - ANSWERING

    def test_the_next_invocation_has_a_time_of_its_own(self) -> None:
        deadline = InvocationDeadline()
        deadline.begin(Context(1_000))
        deadline.begin(Context(29_000))
        assert deadline.left() == 29 * SECOND - ANSWERING

    @pytest.mark.parametrize("milliseconds", [0, 1, 499, 500])
    def test_time_that_is_up_is_no_debt(self, milliseconds: int) -> None:
        deadline = InvocationDeadline()
        deadline.begin(Context(milliseconds))
        assert deadline.left() == timedelta(0)

    def test_who_is_no_invocation_has_all_the_time_that_one_can_have(self) -> None:
        deadline = InvocationDeadline()
        assert deadline.left() == LONGEST_INVOCATION
        deadline.begin(None)
        assert deadline.left() == LONGEST_INVOCATION


class TestTries:
    @pytest.fixture
    def slept(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        """The waits, none of which takes place."""
        found: list[float] = []
        monkeypatch.setattr(clocks.time, "sleep", found.append)
        return found

    def test_a_try_that_does_not_fit_is_not_waited_for(self, slept: list[float]) -> None:
        jitter = FullJitter(SetDeadline(5), a_try=LONGEST_REQUEST)
        assert jitter.pause(1) is False
        assert slept == []

    def test_a_try_that_fits_with_its_wait_is_made(self, slept: list[float]) -> None:
        jitter = FullJitter(SetDeadline(5.02), a_try=LONGEST_REQUEST)
        assert jitter.pause(1) is True
        assert len(slept) == 1

    def test_a_loop_ends_when_no_further_try_fits_and_says_that_it_did_not_get_through(self) -> None:
        deadline, tries = SetDeadline(10), 0

        def act() -> None:
            nonlocal tries
            tries += 1
            deadline.seconds -= 2
            raise RaceLost

        jitter = FullJitter(deadline, a_try=LONGEST_REQUEST, first_seconds=0)
        with pytest.raises(StoreBusyError):
            retry(act, jitter)
        assert tries == 3 < MAX_TRIES


class TestRequestsToAws:
    """The client is botocore's own; only what would leave the machine is kept here."""

    @pytest.fixture
    def sent(self, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        found: list[Any] = []

        def send(_session: Any, request: Any) -> AWSResponse:
            found.append(request)
            raise ConnectTimeoutError(endpoint_url=request.url)

        monkeypatch.setattr("botocore.httpsession.URLLib3Session.send", send)
        monkeypatch.setattr("time.sleep", lambda _seconds: None)
        return found

    def ask(self, deadline: SetDeadline, **options: Any) -> None:
        client = boto3.client("dynamodb", config=client_config(), region_name="us-east-1", **KEYS)
        with raising_store_busy():
            within(client, deadline, **options).get_item(TableName="things", Key={"pk": {"S": "1"}})

    def test_a_request_is_not_sent_if_its_answer_may_come_too_late(self, sent: list[Any]) -> None:
        with pytest.raises(StoreBusyError, match="NoTimeLeftError"):
            self.ask(SetDeadline(4.9))
        assert sent == []

    def test_a_request_that_fits_is_sent_and_sent_again(self, sent: list[Any]) -> None:
        with pytest.raises(StoreBusyError, match="ConnectTimeoutError"):
            self.ask(SetDeadline(5))
        assert len(sent) == 3

    def test_a_client_has_one_deadline_which_is_the_latest(self, sent: list[Any]) -> None:
        client = boto3.client("dynamodb", config=client_config(), region_name="us-east-1", **KEYS)
        within(within(client, SetDeadline(1)), SetDeadline(30))
        with pytest.raises(ConnectTimeoutError):
            client.get_item(TableName="things", Key={"pk": {"S": "1"}})
        assert len(sent) == 3

    def test_a_second_try_that_does_not_fit_any_more_is_not_made(
        self, sent: list[Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        deadline = SetDeadline(9.5)
        monkeypatch.setattr("time.sleep", lambda _seconds: setattr(deadline, "seconds", deadline.seconds - 3))
        with pytest.raises(StoreBusyError, match="NoTimeLeftError"):
            self.ask(deadline)
        assert len(sent) == 2

    def test_what_must_be_written_down_afterwards_is_reckoned_with(self, sent: list[Any]) -> None:
        with pytest.raises(StoreBusyError, match="NoTimeLeftError"):
            self.ask(SetDeadline(10), then=RECORDING)
        assert sent == []

    def test_a_message_that_there_is_no_time_for_goes_out_later(self, sent: list[Any]) -> None:
        client = boto3.client("sesv2", config=client_config(SENDING), region_name="us-east-1", **KEYS)
        with pytest.raises(MessengerBusyError), told_apart(frozenset()):
            within(client, SetDeadline(17), then=RECORDING).send_email(Content={"Raw": {"Data": b""}})
        assert sent == []

    def test_the_longest_try_counts_its_time_outs_and_the_pause_that_may_follow(self) -> None:
        assert LONGEST_REQUEST == (1 + 2 + 2) * SECOND
        assert NoTimeLeftError(operation="GetItem").args == ("there is not enough time left for GetItem",)


KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


class TestWaitingForOthers:
    @pytest.mark.parametrize(("left", "given"), [(60, 10), (16, 10), (15, 9), (7, 1)])
    def test_somebody_else_is_waited_for_as_long_as_recording_their_answer_allows(self, left: int, given: int) -> None:
        assert patience(left * SECOND, 10 * SECOND) == given * SECOND

    @pytest.mark.parametrize("left", [0.0, 6.0, 6.9])
    def test_nobody_is_asked_who_would_have_no_time_to_answer(self, left: float) -> None:
        assert patience(timedelta(seconds=left), 10 * SECOND) is None

    def test_recording_takes_the_longest_try_of_a_request_and_more(self) -> None:
        assert RECORDING >= LONGEST_REQUEST + LEAST
