"""Our own clients beside boto3's, operation by operation, at one server: what they send, and how they read answers."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

import boto3
import botocore.session
import pytest
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker

from slotline.aws import PATIENCE, Patience, client_config, repeating
from slotline.aws.clients import own_client
from slotline.aws.services import SERVICES, Service
from slotline.carriers.amazon_connect import PLACING
from slotline.channels.aws_errors import SENDING
from slotline.clock import InvocationDeadline
from slotline.domain.shared.deadlines import RECORDING
from tests.support.aws.faulty_server import Fault, FaultyServer, Words

AT = datetime(2026, 4, 22, 12, tzinfo=UTC)
HURRY = 0.2
"""Seconds that an answer is waited for here: less than a slow server takes."""
THEIR_OWN = {
    *("accept-encoding", "amz-sdk-invocation-id", "amz-sdk-request", "authorization", "connection", "user-agent"),
    *("expect", "x-amz-checksum-crc32", "x-amz-checksum-mode", "x-amz-date", "x-amz-sdk-checksum-algorithm"),
}
"""Headers that say who sends, and when, or how what is sent might be checked once more, beside its signed hash."""
UNREAD = {
    *("AcceptRanges", "ContentType", "ETag", "LastModified", "Metadata", "ResponseMetadata"),
    *("Bucket", "Initiator", "IsTruncated", "Key", "Location"),
}
"""Members of answers that no adapter reads, and ours do not have."""


@dataclass(frozen=True)
class Call:
    """One operation as an adapter calls it, and what the service answers."""

    request: dict[str, Any]
    answer: Any = field(default_factory=dict)
    patience: Patience = PATIENCE
    headers: dict[str, str] = field(default_factory=dict)


KEY = {"pk": {"S": "a"}, "sk": {"S": "é"}}
RECORDING_FILE = {"Bucket": "bucket", "Key": "recordings/app/call/001-host.mp4"}


def xml(name: str, content: str) -> bytes:
    """An answer as S3 writes it."""
    said = f'<{name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{content}</{name}>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{said}'.encode()


CALLS: dict[tuple[str, str], Call] = {
    ("connect", "describe_contact"): Call(
        {"InstanceId": "arn:aws:connect:eu-west-1:1:instance/i-1", "ContactId": "c 1/ü?#"},
        {"Contact": {"Id": "c", "AnsweringMachineDetectionStatus": "HUMAN_ANSWERED"}},
        PLACING,
    ),
    ("connect", "search_contacts"): Call(
        {
            "InstanceId": "i",
            "TimeRange": {"Type": "INITIATION_TIMESTAMP", "StartTime": AT, "EndTime": AT.replace(microsecond=7)},
            "SearchCriteria": {"SearchableContactAttributes": {"Criteria": [{"Key": "k", "Values": ["v"]}]}},
        },
        {"Contacts": [{"Id": "c"}], "TotalCount": 1},
        PLACING,
    ),
    ("connect", "start_outbound_voice_contact"): Call(
        {
            "InstanceId": "i",
            "ContactFlowId": "f",
            "DestinationPhoneNumber": "+441632960961",
            "SourcePhoneNumber": "+441632960962",
            "ClientToken": "t",
            "RingTimeoutInSeconds": 60,
            "Attributes": {"a": "ä"},
            "AnswerMachineDetectionConfig": {"EnableAnswerMachineDetection": True, "AwaitAnswerMachinePrompt": False},
        },
        {"ContactId": "c"},
        PLACING,
    ),
    ("connect", "stop_contact"): Call({"InstanceId": "i", "ContactId": "c"}, {}, PLACING),
    ("dynamodb", "batch_get_item"): Call(
        {"RequestItems": {"t": {"Keys": [KEY], "ConsistentRead": True}}}, {"Responses": {"t": [KEY]}}
    ),
    ("dynamodb", "batch_write_item"): Call(
        {"RequestItems": {"t": [{"PutRequest": {"Item": KEY}}]}}, {"UnprocessedItems": {}}
    ),
    ("dynamodb", "delete_item"): Call({"TableName": "t", "Key": KEY}),
    ("dynamodb", "get_item"): Call({"TableName": "t", "Key": KEY}, {"Item": KEY}),
    ("dynamodb", "put_item"): Call({"TableName": "t", "Item": {**KEY, "raw": {"B": b"\x00\xff"}}}),
    ("dynamodb", "query"): Call(
        {"TableName": "t", "KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": "a"}}},
        {"Items": [KEY], "Count": 1, "LastEvaluatedKey": KEY},
    ),
    ("dynamodb", "scan"): Call({"TableName": "t", "Limit": 5}, {"Items": [], "Count": 0}),
    ("dynamodb", "transact_write_items"): Call(
        {"TransactItems": [{"Delete": {"TableName": "t", "Key": KEY}}], "ClientRequestToken": "t"}
    ),
    ("dynamodb", "update_item"): Call({"TableName": "t", "Key": KEY, "UpdateExpression": "SET a = b"}),
    ("kms", "get_public_key"): Call({"KeyId": "k"}, {"KeyId": "k", "PublicKey": b64encode(b"\x00\xffkey").decode()}),
    ("kms", "sign"): Call(
        {"KeyId": "k", "Message": b"\x00\xff", "MessageType": "RAW", "SigningAlgorithm": "ECDSA_SHA_256"},
        {"KeyId": "k", "Signature": b64encode(b"\xfe\x00").decode(), "SigningAlgorithm": "ECDSA_SHA_256"},
    ),
    ("pinpoint-sms-voice-v2", "send_text_message"): Call(
        {
            "DestinationPhoneNumber": "+441632960961",
            "OriginationIdentity": "o",
            "MessageBody": "Grüße 😀",
            "MessageType": "TRANSACTIONAL",
            "Context": {"kind": "k"},
        },
        {"MessageId": "m"},
        SENDING,
    ),
    ("s3", "abort_multipart_upload"): Call({**RECORDING_FILE, "UploadId": "up load/+=é"}, b""),
    ("s3", "complete_multipart_upload"): Call(
        {
            **RECORDING_FILE,
            "UploadId": "upload+1",
            "MultipartUpload": {"Parts": [{"ETag": '"a&<1>"', "PartNumber": 1}, {"ETag": '"b"', "PartNumber": 2}]},
        },
        xml(
            "CompleteMultipartUploadResult", "<Location>l</Location><Bucket>bucket</Bucket><ETag>&quot;e-2&quot;</ETag>"
        ),
    ),
    ("s3", "create_multipart_upload"): Call(
        {**RECORDING_FILE, "ContentType": "video/mp4"},
        xml("InitiateMultipartUploadResult", "<Bucket>bucket</Bucket><Key>k</Key><UploadId>u&amp;1</UploadId>"),
    ),
    ("s3", "delete_object"): Call(RECORDING_FILE, b""),
    ("s3", "list_parts"): Call(
        {**RECORDING_FILE, "UploadId": "upload+1"},
        xml(
            "ListPartsResult",
            "<Bucket>bucket</Bucket><IsTruncated>false</IsTruncated><Initiator><ID>i</ID></Initiator>"
            "<Part><PartNumber>1</PartNumber>"
            "<ETag>&quot;a&quot;</ETag><Size>5242880</Size></Part>"
            "<Part><PartNumber>2</PartNumber><ETag>&quot;b&quot;</ETag><Size>7</Size></Part>",
        ),
    ),
    ("s3", "upload_part"): Call({**RECORDING_FILE, "UploadId": "u", "PartNumber": 2, "Body": b"a\xff"}, b""),
    ("s3", "upload_part_copy"): Call(
        {**RECORDING_FILE, "UploadId": "u", "PartNumber": 3, "CopySource": "bucket/tails/app/call/001-host.mp4.2"},
        xml("CopyPartResult", "<ETag>&quot;c&quot;</ETag>"),
    ),
    ("s3", "get_object"): Call({"Bucket": "bucket", "Key": "org/up load+ü~'(1).csv"}, b"a,b\r\n" * 1000),
    ("s3", "head_object"): Call({"Bucket": "bucket", "Key": "org/upload"}, b"", headers={"content-type": "text/csv"}),
    ("s3", "put_object"): Call({"Bucket": "bucket", "Key": "org/upload", "Body": b"a,b\r\n\xff"}, b""),
    ("scheduler", "create_schedule"): Call(
        {
            "Name": "due-2026_04.22",
            "GroupName": "g",
            "ClientToken": "t",
            "ScheduleExpression": "at(2026-04-22T12:00:00)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {
                "Arn": "a",
                "RoleArn": "r",
                "Input": '{"minute": "ü"}',
                "RetryPolicy": {"MaximumRetryAttempts": 1},
            },
        },
        {"ScheduleArn": "arn"},
    ),
    ("secretsmanager", "get_secret_value"): Call({"SecretId": "arn:x"}, {"Name": "n", "SecretString": '{"a": "ü"}'}),
    ("sesv2", "send_email"): Call(
        {
            "FromEmailAddress": "calls@example.com",
            "Destination": {"ToAddresses": ["guest@example.com"]},
            "Content": {"Raw": {"Data": b"From: x\r\n\r\n\xff"}},
            "EmailTags": [{"Name": "app", "Value": "a"}],
        },
        {"MessageId": "m"},
        SENDING,
    ),
    ("socialmessaging", "send_whatsapp_message"): Call(
        {"originationPhoneNumberId": "p", "metaApiVersion": "v23.0", "message": '{"to": "ü"}'.encode()},
        {"messageId": "m"},
        SENDING,
    ),
    ("sqs", "send_message"): Call(
        {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/q", "MessageBody": "ü"}, {"MessageId": "m"}
    ),
    ("sqs", "send_message_batch"): Call(
        {"QueueUrl": "q", "Entries": [{"Id": "0", "MessageBody": "a", "DelaySeconds": 9}]},
        {"Successful": [{"Id": "0", "MessageId": "m"}], "Failed": [{"Id": "1", "SenderFault": True, "Code": "c"}]},
    ),
}

EVERY_SERVICE = pytest.mark.parametrize("service", SERVICES.values(), ids=lambda service: service.name)
_SESSION = boto3.session.Session(botocore_session=botocore.session.Session())
"""It keeps the models that each other one would read again."""


@pytest.fixture(autouse=True)
def environ(monkeypatch: pytest.MonkeyPatch) -> None:
    """A region and keys, no traces, and nobody waits between two tries."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_CONFIG_FILE": "/nowhere",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)  # boto3's
    monkeypatch.setattr(repeating, "LONGEST_PAUSE", 0)  # ours


@dataclass(frozen=True)
class Both:
    """boto3's client of a service and ours, and the server that they ask."""

    server: FaultyServer
    theirs: Any
    ours: Any

    def ends(self, method: str, request: dict[str, Any]) -> list[tuple[Any, int]]:
        """What each of them makes of it, and after how many requests."""
        found = []
        for client in (self.theirs, self.ours):
            before = len(self.server.requests)
            end = outcome(partial(getattr(client, method), **request))
            found.append((end, len(self.server.requests) - before))
        return found


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes two clients of one service, as patient as it is called with."""

    @contextmanager
    def made(service: str, *, hurries: bool = False) -> Iterator[Both]:
        patience = next(call.patience for (name, _), call in CALLS.items() if name == service)
        if hurries:
            patience = patience._replace(read_seconds=HURRY)
        with FaultyServer(words=Words()).running() as server:
            monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
            config = client_config(patience, service)
            theirs: Any = _SESSION.client(service, endpoint_url=server.url, config=config)  # type: ignore[call-overload]  # of any service
            ours = own_client(service, InvocationDeadline(), patience, RECORDING)
            yield Both(server, theirs, ours)
            theirs.close()
            ours.close()

    return made


def words_of(call: Call) -> Words:
    if isinstance(call.answer, bytes):
        return Words(call.answer, headers={**call.headers, "x-amz-request-id": "r"})
    return Words(json.dumps(call.answer).encode(), headers={"x-amzn-requestid": "r"})


def outcome(act: Callable[[], Any]) -> Any:
    """What the call ended with, in words that can be compared: of S3's answers only what the adapter reads."""
    try:
        answer = dict(act())
        if "Body" in answer:
            answer["Body"] = b"".join(answer["Body"].iter_chunks(1000))
    except ClientError as error:
        return ClientError, error.operation_name, error.response["Error"], about(error.response)
    except BotoCoreError as error:
        return type(error)
    return {name: value for name, value in answer.items() if name not in UNREAD}, about(answer)


def about(answer: Any) -> tuple[str, int, int]:
    said = answer["ResponseMetadata"]
    return said.get("RequestId", ""), said["HTTPStatusCode"], said["RetryAttempts"]


def test_every_operation_of_every_service_is_tried_here() -> None:
    assert set(CALLS) == {(service.name, method) for service in SERVICES.values() for method in service.operations}


@EVERY_SERVICE
def test_the_same_request_is_sent_and_the_same_answer_is_read(both: Any, service: Service) -> None:
    with both(service.name) as them:
        for method in service.operations:
            call = CALLS[service.name, method]
            them.server.words = words_of(call)
            theirs, ours = them.ends(method, call.request)
            assert ours == theirs
            their_line, our_line = them.server.lines[-2:]
            (their_headers, their_body), (our_headers, our_body) = them.server.requests[-2:]
            assert our_line == their_line
            assert matter(service, our_headers) == matter(service, their_headers)
            assert content(service, our_body) == content(service, their_body)


def matter(service: Service, headers: dict[str, str]) -> dict[str, str]:
    """JSON can be written longer or shorter."""
    unlike = THEIR_OWN if service.name == "s3" else {*THEIR_OWN, "content-length"}
    return {name: value for name, value in headers.items() if name not in unlike}


def content(service: Service, body: bytes) -> Any:
    return body if service.name == "s3" else json.loads(body or b"{}")


REFUSALS = {
    "in a header": Words(
        b'{"message": "no"}', 409, {"x-amzn-errortype": "ConflictException:http://x/", "x-amzn-requestid": "r"}
    ),
    "in the body": Words(b'{"__type": "com.amazonaws.x#ValidationException", "message": "no"}', 400),
    "in the body, as code": Words(b'{"code": "AccessDeniedException", "Message": "no"}', 403),
    "of the time of XML": Words(
        b'{"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "no"}',
        400,
        {"x-amzn-query-error": "AWS.SimpleQueueService.NonExistentQueue;Sender"},
    ),
    "without a word": Words(b"{}", 404),
    "one too many": Words(b'{"__type": "ThrottlingException"}', 400),
    "a failure": Words(b'{"__type": "InternalServerError", "message": "oh"}', 500),
    "a page": Words(b"<html>bad gateway</html>", 502),
    "XML": Words(
        b'<?xml version="1.0"?>\n<Error><Code>NoSuchKey</Code><Message>It&apos;s not &lt;there&gt;.</Message>'
        b"<Key>org/\xc3\xbc</Key><RequestId>r</RequestId><HostId>h</HostId></Error>",
        404,
        {"x-amz-request-id": "r"},
    ),
    "slow down, in XML": Words(b"<Error><Code>SlowDown</Code><Message>slow</Message></Error>", 503),
}
OF_S3 = {"without a word", "a page", "XML", "slow down, in XML"}


@EVERY_SERVICE
def test_a_refusal_is_asked_again_as_often_and_read_alike(both: Any, service: Service) -> None:
    of_service = OF_S3 if service.name == "s3" else REFUSALS.keys() - {"XML", "slow down, in XML"}
    with both(service.name) as them:
        for refusal in sorted(of_service):
            for method in service.operations:
                said = REFUSALS[refusal]
                # An answer to HEAD has no body.
                them.server.words = said._replace(body=b"") if method == "head_object" else said
                theirs, ours = them.ends(method, CALLS[service.name, method].request)
                assert ours == theirs, refusal


FAULTS = (
    *(Fault.RESET_BEFORE, Fault.RESET_AFTER, Fault.HALF),
    pytest.param(Fault.SLOW, marks=pytest.mark.slow),  # each try of both clients waits for as long as it is patient
)


@pytest.mark.parametrize("fault", FAULTS)
@EVERY_SERVICE
def test_a_fault_at_the_socket_is_asked_again_as_often_and_ends_alike(
    both: Any, service: Service, fault: Fault
) -> None:
    method = "get_object" if service.name == "s3" else next(iter(service.operations))
    call = CALLS[service.name, method]
    with both(service.name, hurries=True) as them:
        them.server.plan = lambda _number: fault
        them.server.words = words_of(call)
        theirs, ours = them.ends(method, call.request)
    assert ours == theirs
    is_read_later = (service.name, fault) == ("s3", Fault.HALF)  # the file's beginning is an answer
    assert ours[1] == (1 if is_read_later else call.patience.tries)


def test_what_must_not_be_sent_twice_is_not_even_if_a_kept_connection_ends_as_we_write(both: Any) -> None:
    request = CALLS["sesv2", "send_email"].request
    plan = [None, Fault.RESET_AFTER]
    with both("sesv2") as them:
        them.server.plan = lambda number: plan[number]
        them.ours.send_email(**request)
        with pytest.raises(BotoCoreError):
            them.ours.send_email(**request)
        assert (len(them.server.requests), them.server.connections) == (2, 1)


@EVERY_SERVICE
def test_what_is_known_of_a_service_is_what_its_model_says(service: Service) -> None:
    model = botocore.session.get_session().get_service_model(service.name)
    repeated = {
        shape.name
        for method, operation in service.operations.items()
        for shape in model.operation_model(operation.name).error_shapes
        if shape.metadata.get("retryable")
    }
    said = model.metadata
    assert service.first_part == said["endpointPrefix"]
    assert service.signed_for == model.signing_name
    assert service.target == said.get("targetPrefix", "")
    assert service.was_xml == model.is_query_compatible
    assert repeated <= service.repeated
    if service.target:
        assert service.content_type == f"application/x-amz-json-{said['jsonVersion']}"
    for method, operation in service.operations.items():
        known = model.operation_model(operation.name)
        assert xform_name(operation.name) == method
        if service.name != "s3":
            assert (operation.method, operation.path) == (known.http["method"], known.http["requestUri"])
            blobs = {name for name, shape in known.output_shape.members.items() if shape.type_name == "blob"}
            assert set(operation.blobs) == blobs - {"SecretBinary"}  # secrets are text here


def test_every_service_repeats_what_botocore_repeats() -> None:
    codes = {*ThrottledRetryableChecker._THROTTLED_ERROR_CODES, *TransientRetryableChecker._TRANSIENT_ERROR_CODES}
    assert codes == repeating._CODES
    assert set(TransientRetryableChecker._TRANSIENT_STATUS_CODES) == repeating._TRANSIENT_STATUSES


def test_an_operation_that_is_not_known_is_named() -> None:
    with pytest.raises(AttributeError, match="no receive_message of sqs is known here"):
        own_client("sqs", InvocationDeadline(), PATIENCE, RECORDING).receive_message(QueueUrl="q")
