"""Our own client of DynamoDB on a network that fails: nothing is lost, nothing is done twice, and as often as boto3."""

import itertools
import os
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any, NoReturn

import boto3
import pytest
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, ReadTimeoutError

from slotline.aws import PATIENCE, NoTimeLeftError, client_config, raising_store_busy
from slotline.aws.credentials import FoundCredentials
from slotline.aws.direct import DirectClient
from slotline.aws.endpoint import Endpoint
from slotline.aws.repeating import Repeating
from slotline.aws.services import DYNAMODB, SERVICES
from slotline.clock import InvocationDeadline
from slotline.ports.shared import Deadline, StoreBusyError
from tests.support.aws.faulty_server import Fault, FaultyServer, Words
from tests.support.aws.lender import Lender
from tests.support.builders.deadlines import SetDeadline

QUICK, ALL = 1_000, int(os.environ.get("DYNAMODB_FAULTS_SLOW", "100000"))
THREADS = 4
REGION = "eu-west-1"
KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
KEY = {"pk": {"S": "a"}}
ROW = {"TableName": "t", "Item": {**KEY, "by": {"S": "me"}}, "ConditionExpression": "attribute_not_exists(pk)"}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two tries nobody waits."""
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer is waited for longer than a moment: less than a slow server takes."""
    monkeypatch.setattr(f"{__name__}.PATIENCE", PATIENCE._replace(read_seconds=0.2))


@pytest.fixture
def opened() -> Iterator[Callable[..., DirectClient]]:
    """Makes clients, and closes them in the end."""
    made: list[DirectClient] = []

    def client(server: FaultyServer, *, deadline: Deadline | None = None, **more: Any) -> DirectClient:
        more.setdefault("credentials", FoundCredentials(KEYS))
        more.setdefault("repeating", Repeating(3, sleep=lambda _seconds: None))
        place = Endpoint(server.url, REGION, more.pop("ca_bundle", None))
        service = more.pop("service", DYNAMODB)
        made.append(DirectClient(service, place, deadline or InvocationDeadline(), PATIENCE, **more))
        return made[-1]

    yield client
    for one in made:
        one.close()


def by_boto3(server: FaultyServer) -> Any:
    """The reference: boto3's client, as patient as ours."""
    return boto3.client(
        "dynamodb",
        endpoint_url=server.url,
        region_name=REGION,
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        config=client_config(PATIENCE),
    )


def outcome(act: Callable[[], Any]) -> Any:
    try:
        answer = act()
    except ClientError as error:
        # boto3 repeats the message there, if its model knows the error.
        about = {name: value for name, value in error.response.items() if name not in {"ResponseMetadata", "message"}}
        return about, error.operation_name
    except BotoCoreError as error:
        return type(error).__name__
    return answer and {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def planned(*faults: Fault | None) -> Callable[[int], Fault | None]:
    return lambda number: faults[number] if number < len(faults) else None


ALIKE = [fault for fault in Fault if fault not in {Fault.WRONG_CRC, Fault.NO_JSON, Fault.SLOW}]


class TestAsBoto3:
    """The same server, the same faults: what each client sends, and what it makes of the end."""

    def compared(
        self, opened: Callable[..., DirectClient], faults: Sequence[Fault | None], act: Callable[[Any], Any]
    ) -> list[tuple[int, Any]]:
        found = []
        for client_of in (by_boto3, opened):
            with FaultyServer(planned(*faults)).running() as server:
                client = client_of(server)
                end = outcome(partial(act, client))
                found.append((len(server.requests), end))
                client.close()
        return found

    @pytest.mark.parametrize("fault", ALIKE)
    @pytest.mark.parametrize("times", [1, 2, 3])
    def test_a_request_is_sent_as_often_and_ends_alike(
        self, opened: Callable[..., DirectClient], fault: Fault, times: int
    ) -> None:
        boto3s, ours = self.compared(opened, [fault] * times, lambda client: client.put_item(**ROW))
        assert ours == boto3s

    @pytest.mark.usefixtures("hurry")
    def test_who_gets_no_answer_asks_as_often(self, opened: Callable[..., DirectClient]) -> None:
        boto3s, ours = self.compared(opened, [Fault.SLOW] * 3, lambda client: client.put_item(**ROW))
        assert ours == boto3s == (3, "ReadTimeoutError")

    def test_a_refused_condition_shows_the_row_that_is_there(self, opened: Callable[..., DirectClient]) -> None:
        def act(client: Any) -> Any:
            client.put_item(**ROW)
            return client.put_item(**ROW, ReturnValuesOnConditionCheckFailure="ALL_OLD")

        boto3s, ours = self.compared(opened, [], act)
        assert ours == boto3s
        assert ours[1][0]["Item"] == ROW["Item"]

    def test_what_repeats_may_cost_is_bounded_alike(self, opened: Callable[..., DirectClient]) -> None:
        """Each of them asks a hundred times more than it has requests, and then once a request."""

        def act(client: Any) -> None:
            for _ in range(80):
                outcome(lambda: client.get_item(TableName="t", Key=KEY))

        boto3s, ours = self.compared(opened, [Fault.STATUS_500] * 500, act)
        assert ours == boto3s
        assert ours[0] == 80 + 500 // 5

    def test_a_success_gives_back_what_its_repeat_took(self, opened: Callable[..., DirectClient]) -> None:
        def act(client: Any) -> None:
            for _ in range(70):
                outcome(lambda: client.get_item(TableName="t", Key=KEY))

        faults = [Fault.STATUS_500, Fault.THROTTLED, None] * 20 + [Fault.STATUS_500] * 500
        boto3s, ours = self.compared(opened, faults, act)
        assert ours == boto3s


def test_a_time_out_costs_twice_as_much_of_what_repeats_may_cost() -> None:
    """RetryQuotaChecker of botocore.retries.standard."""

    def fail() -> NoReturn:
        raise ReadTimeoutError(endpoint_url="https://dynamodb")

    repeating = Repeating(3)
    with pytest.raises(ReadTimeoutError):
        repeating.send(fail)
    assert repeating.quota.left == 500 - 2 * 10


class TestDamage:
    @pytest.mark.parametrize("fault", [Fault.WRONG_CRC, Fault.NO_JSON])
    def test_an_answer_that_was_damaged_is_asked_for_again_and_never_believed(
        self, opened: Callable[..., DirectClient], fault: Fault
    ) -> None:
        with FaultyServer(planned(fault, fault)).running() as server:
            assert opened(server).get_item(TableName="t", Key=KEY)["ResponseMetadata"]["RetryAttempts"] == 2
        with (
            FaultyServer(lambda _number: fault).running() as server,
            pytest.raises(StoreBusyError),
            raising_store_busy(),
        ):
            opened(server).get_item(TableName="t", Key=KEY)
        assert len(server.requests) == 3

    @pytest.mark.parametrize(
        "words",
        [*(Words(body) for body in (b"[]", b"null", b'"said"', b"7", b"\xff")), Words(headers={"x-amz-crc32": "none"})],
    )
    def test_an_answer_that_is_no_object_or_has_no_checksum_is_damaged(
        self, opened: Callable[..., DirectClient], words: Words
    ) -> None:
        with FaultyServer(words=words).running() as server, pytest.raises(StoreBusyError), raising_store_busy():
            opened(server).get_item(TableName="t", Key=KEY)
        assert len(server.requests) == 3

    @pytest.mark.parametrize("body", [b"[]", b"null", b'"said"', b"\xff"])
    def test_a_refusal_by_whatever_is_in_between_is_one_of_its_status(
        self, opened: Callable[..., DirectClient], body: bytes
    ) -> None:
        with FaultyServer(words=Words(body, 403)).running() as server, pytest.raises(ClientError) as refused:
            opened(server).get_item(TableName="t", Key=KEY)
        assert refused.value.response["Error"] == {"Code": "403", "Message": "Forbidden"}

    def test_a_signature_that_is_not_in_base_64_is_damaged(self, opened: Callable[..., DirectClient]) -> None:
        words = Words(b'{"Signature": "a"}')
        with FaultyServer(words=words).running() as server, pytest.raises(StoreBusyError), raising_store_busy():
            opened(server, service=SERVICES["kms"]).sign(KeyId="k")


class TestConnections:
    def test_one_connection_serves_one_request_after_the_other(self, opened: Callable[..., DirectClient]) -> None:
        with FaultyServer().running() as server:
            client = opened(server)
            for _ in range(5):
                client.get_item(TableName="t", Key=KEY)
            assert server.connections == 1

    @pytest.mark.parametrize("fault", [Fault.CLOSED_AFTERWARDS, Fault.NOT_KEPT])
    def test_what_the_server_has_ended_is_not_used_again(
        self, opened: Callable[..., DirectClient], fault: Fault
    ) -> None:
        sleeps: list[float] = []
        with FaultyServer(lambda _number: fault).running() as server:
            client = opened(server, repeating=Repeating(3, sleep=sleeps.append))
            for _ in range(5):
                client.get_item(TableName="t", Key=KEY)
            assert (len(server.requests), server.connections) == (5, 5)
        assert sleeps == []

    def test_a_kept_connection_that_ends_as_we_write_costs_neither_a_try_nor_a_pause(
        self, opened: Callable[..., DirectClient]
    ) -> None:
        sleeps: list[float] = []
        with FaultyServer(planned(None, Fault.RESET_BEFORE)).running() as server:
            client = opened(server, repeating=Repeating(1, sleep=sleeps.append))
            for _ in range(2):
                client.get_item(TableName="t", Key=KEY)
            assert (len(server.requests), server.connections) == (3, 2)
        assert sleeps == []

    def test_nobody_there_is_no_connection(self, opened: Callable[..., DirectClient]) -> None:
        with FaultyServer().running() as server:
            pass
        with pytest.raises(EndpointConnectionError):
            opened(server).get_item(TableName="t", Key=KEY)


class TestTime:
    def test_nothing_is_sent_that_may_outlast_the_deadline(self, opened: Callable[..., DirectClient]) -> None:
        with FaultyServer().running() as server:
            with pytest.raises(NoTimeLeftError, match="GetItem"):
                opened(server, deadline=SetDeadline(4.9)).get_item(TableName="t", Key=KEY)
            assert server.connections == 0

    def test_nor_is_anything_sent_again(self, opened: Callable[..., DirectClient]) -> None:
        deadline = SetDeadline(9.5)

        def sleep(_seconds: float) -> None:
            deadline.seconds -= 3

        with FaultyServer(lambda _number: Fault.STATUS_500).running() as server:
            client = opened(server, deadline=deadline, repeating=Repeating(3, sleep=sleep))
            with pytest.raises(NoTimeLeftError):
                client.get_item(TableName="t", Key=KEY)
            assert len(server.requests) == 2

    def test_the_pauses_are_botocores(self, opened: Callable[..., DirectClient]) -> None:
        sleeps: list[float] = []
        with FaultyServer(lambda _number: Fault.THROTTLED).running() as server:
            client = opened(server, repeating=Repeating(8, sleep=sleeps.append, jitter=lambda: 1.0))
            with pytest.raises(ClientError):
                client.get_item(TableName="t", Key=KEY)
        assert sleeps == [1, 2, 4, 8, 16, 20, 20]


class TestWhatIsSent:
    def test_every_repeat_sends_the_same_bytes_signed_by_the_credentials_of_the_moment(
        self, opened: Callable[..., DirectClient]
    ) -> None:
        environ = dict(KEYS)

        def rotate(_seconds: float) -> None:
            environ["AWS_ACCESS_KEY_ID"] += "+"
            environ["AWS_SESSION_TOKEN"] = "token"

        faults = planned(Fault.RESET_AFTER, Fault.STATUS_500)
        with FaultyServer(faults).running() as server:
            client = opened(server, credentials=FoundCredentials(environ), repeating=Repeating(3, sleep=rotate))
            client.transact_write_items(TransactItems=[{"Put": {"TableName": "t"}}], ClientRequestToken="token")
        assert len({body for _, body in server.requests}) == 1
        signers = [
            headers["authorization"].partition("Credential=")[2].partition("/")[0] for headers, _ in server.requests
        ]
        assert signers == ["key", "key+", "key++"]
        assert [headers.get("x-amz-security-token") for headers, _ in server.requests] == [None, "token", "token"]
        assert server.counter == 1

    def test_a_request_says_who_asks_and_which_trace_it_belongs_to(
        self, opened: Callable[..., DirectClient], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "f")
        monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-2-3;Parent=4;Sampled=1;ä")
        with FaultyServer().running() as server:
            for client_of in (opened, by_boto3):
                client = client_of(server)
                client.get_item(TableName="t", Key=KEY)
                client.close()
        ours, boto3s = (headers for headers, _ in server.requests)
        assert ours["user-agent"].startswith("slotline/")
        for name in ("x-amzn-trace-id", "content-type", "x-amz-target", "accept-encoding", "host"):
            assert ours[name] == boto3s[name]

    def test_bytes_go_and_come_in_base_64(self, opened: Callable[..., DirectClient]) -> None:
        with FaultyServer().running() as server:
            client = opened(server)
            client.put_item(TableName="t", Item={**KEY, "raw": {"B": b"\x00\xff"}})
            assert client.get_item(TableName="t", Key=KEY)["Item"]["raw"] == {"B": "AP8="}

    def test_what_is_no_value_is_not_sent(self, opened: Callable[..., DirectClient]) -> None:
        with FaultyServer().running() as server:
            with pytest.raises(TypeError, match="object is no value"):
                opened(server).put_item(TableName="t", Item={"pk": object()})
            assert server.connections == 0


def keep(client: DirectClient, name: str) -> bool:
    """Put a row, as the adapters do: if it is there, was it us? False: nobody knows what came of it."""
    item = {"pk": {"S": name}, "by": {"S": name}}
    try:
        client.put_item(**{**ROW, "Item": item}, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    except (ClientError, BotoCoreError) as error:
        there: Any = getattr(error, "response", None) or {}
        return "Item" in there and there["Item"] == item
    return True


def count(client: DirectClient, token: str) -> bool:
    """Count once by this token. False: nobody knows what came of it."""
    try:
        client.transact_write_items(TransactItems=[{"n": token}], ClientRequestToken=token)
    except (ClientError, BotoCoreError):
        return False
    return True


@pytest.fixture
def lender(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lender]:
    """Whoever has no credentials in the environment borrows them, and renews them after moments."""
    with Lender(timedelta(seconds=0.05), REGION).lending() as lends:
        for name in (*KEYS, "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", lends.url)
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            monkeypatch.setenv(name, os.devnull)
        yield lends


@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize("requests", [QUICK, pytest.param(ALL, marks=pytest.mark.slow)])
def test_whatever_fails_nothing_is_lost_and_nothing_is_done_twice(
    opened: Callable[..., DirectClient], lender: Lender, requests: int
) -> None:
    """Threads write rows that must not be there, and count, until each of them is told that it has.

    Meanwhile the network fails, and credentials are renewed.
    """
    chance, numbers = random.Random(48), itertools.count()
    often = [*Fault, *(fault for fault in Fault if fault is not Fault.SLOW), *[None] * 60]
    plan = [chance.choice(often) for _ in range(10_007)]
    rare = [number for number, fault in enumerate(plan) if fault is Fault.SLOW][4:]  # each takes its time
    for number in rare:
        plan[number] = None

    with FaultyServer(lambda number: plan[number % len(plan)]).running() as server:
        client = opened(server, credentials=FoundCredentials({}))

        def work() -> None:
            while (number := next(numbers)) < requests:
                while not (keep if number % 2 else count)(client, str(number)):
                    pass

        with ThreadPoolExecutor(THREADS) as threads:
            for one in [threads.submit(work) for _ in range(THREADS)]:
                one.result()
    assert server.counter == len(range(0, requests, 2))
    assert set(server.rows) == {str(number) for number in range(1, requests, 2)}
    assert len(server.requests) > requests
    assert all(lender.approves(server.url, headers, body) for headers, body in server.requests)
    assert len(lender.used) > 2
