"""A function may do what it does, and nothing else: what is granted, what is written here and what is used agree."""

import base64
import json
from itertools import pairwise
from typing import Any

import pytest

from slotline.usecases.booking import keep_exceptions
from tests.support.aws.moto_tables import REGION
from tests.support.aws.policies import ACCOUNT, policies, resolved
from tests.support.aws.template import deployed, functions, grants, statements
from tests.template.conftest import EVENTS, Operation, World


def _verbs(service: str, resource: str, *verbs: str) -> set[Operation]:
    return {(f"{service}:{verb}", resource) for verb in verbs}


def _dynamodb(resource: str, *verbs: str) -> set[Operation]:
    return _verbs("dynamodb", resource, *verbs)


_COUNTING = _dynamodb("AccessTable", "UpdateItem")
_BOTH_KEYS = _verbs("kms", "SigningKey", "GetPublicKey") | _verbs("kms", "OtherSigningKey", "GetPublicKey")

_RECEIPTS = _dynamodb("AccessTable", "BatchGetItem", "PutItem")
_LOCKING = _dynamodb("SchedulingTable", "BatchGetItem", "PutItem", "UpdateItem")
_ASSIGNING = _dynamodb("SchedulingTable", "Query")

_RECEIPTS_ALONE = _dynamodb("AccessTable", "GetItem", "PutItem")
_WEBSITES = _dynamodb("AccessTable", "BatchGetItem", "UpdateItem")

_QUEUES = {
    ("sqs:SendMessage", name)
    for name in (
        "RemindersQueue",
        "CallsQueue",
        "DeliveriesQueue",
        "AttemptsQueue",
        "ImportsQueue",
        "CampaignsQueue",
        "BulkQueue",
    )
}
_DUE = _dynamodb("SchedulingTable/index/due", "Query") | _dynamodb("DialingTable/index/due", "Query")

_RECORDING = _dynamodb("DialingTable", "GetItem", "PutItem", "Query") | _COUNTING
_DIAL_LISTS = _dynamodb("DialingTable/index/calendar", "Query")
_UPLOADS = _verbs("s3", "UploadsBucket/*", "GetObject")
_AT_TWILIO = _verbs("secretsmanager", "TwilioSecretArn", "GetSecretValue")

_GUEST_LINKS = _verbs("secretsmanager", "GuestLinkSecret", "GetSecretValue")

_RELAYS = _verbs("secretsmanager", "RelaySecretArn", "GetSecretValue")
_RECORDINGS = _verbs(
    "s3", "RecordingsBucket/*", "AbortMultipartUpload", "GetObject", "ListMultipartUploadParts", "PutObject"
)
_IN_ROOMS = _LOCKING | _dynamodb("SchedulingTable", "GetItem") | _dynamodb("AccessTable", "UpdateItem")

_SIGNED_IN_ALONE = _dynamodb("AccessTable", "BatchGetItem", "UpdateItem")
_SIGNED_IN = _SIGNED_IN_ALONE | _dynamodb("SchedulingTable", "BatchGetItem")
"""Who comes with which session, to which app; that a session was used is written down now and then."""

USED: dict[str, set[Operation]] = {
    "agents/calendar_feed": _COUNTING
    | _dynamodb("AccessTable", "BatchGetItem", "GetItem")
    | _dynamodb("SchedulingTable", "BatchGetItem", "Query")
    | _dynamodb("SchedulingTable/index/agent_calendar", "Query"),
    "agents/do_not_disturb": _COUNTING
    | _RECEIPTS_ALONE
    | _LOCKING
    | _dynamodb("SchedulingTable", "ConditionCheckItem", "DeleteItem", "Query"),
    "agents/exceptions": _COUNTING | _RECEIPTS_ALONE | _dynamodb("SchedulingTable", "BatchGetItem", "UpdateItem"),
    "agents/read": _COUNTING | _dynamodb("SchedulingTable", "BatchGetItem", "Query"),
    "agents/write": _COUNTING
    | _RECEIPTS_ALONE
    | _LOCKING
    | _dynamodb("SchedulingTable", "ConditionCheckItem", "Query"),
    "availability/hold": _COUNTING | _RECEIPTS | _LOCKING | _dynamodb("SchedulingTable", "DeleteItem"),
    "availability/search": _WEBSITES | _dynamodb("SchedulingTable", "BatchGetItem", "Query"),
    "dialing/answer": _RECORDING | _AT_TWILIO,
    "dialing/call_off": _COUNTING
    | _RECEIPTS_ALONE
    | _AT_TWILIO
    | _dynamodb("DialingTable", "PutItem", "Query")
    | _verbs("connect", "ConnectInstance", "StopContact"),
    "dialing/carrier_status": _RECORDING | _AT_TWILIO,
    "dialing/change_campaign": _COUNTING | _RECEIPTS_ALONE | _dynamodb("DialingTable", "GetItem", "PutItem"),
    "dialing/close_campaign": _dynamodb("DialingTable", "GetItem", "PutItem")
    | _DIAL_LISTS
    | _verbs("sqs", "CampaignsQueue", "SendMessage"),
    "dialing/do_not_call": _COUNTING
    | _RECEIPTS_ALONE
    | _dynamodb("DialingTable", "BatchGetItem", "DeleteItem", "PutItem"),
    "dialing/export_calls": _COUNTING
    | _dynamodb("DialingTable", "GetItem")
    | _DIAL_LISTS
    | _dynamodb("AccessTable", "PutItem"),
    "dialing/fan_out": _dynamodb("SchedulingTable", "BatchGetItem", "GetItem", "PutItem", "Query")
    | _dynamodb("DialingTable", "BatchGetItem", "DeleteItem", "PutItem", "Query", "UpdateItem")
    | _verbs("sqs", "StreamDeadLetters", "SendMessage"),
    "dialing/import_calls": _dynamodb("DialingTable", "GetItem", "PutItem", "UpdateItem")
    | _UPLOADS
    | _verbs("sqs", "ImportsQueue", "SendMessage"),
    "dialing/preflight": _COUNTING
    | _dynamodb("AccessTable", "GetItem")
    | _dynamodb("DialingTable", "BatchGetItem", "GetItem"),
    "dialing/read_calls": _COUNTING | _dynamodb("DialingTable", "BatchGetItem", "GetItem", "Query") | _DIAL_LISTS,
    "dialing/read_settings": _COUNTING | _dynamodb("DialingTable", "GetItem", "Query"),
    "dialing/schedule": _COUNTING
    | _RECEIPTS_ALONE
    | _UPLOADS
    | _verbs("s3", "UploadsBucket/*", "PutObject")
    | _dynamodb("DialingTable", "GetItem", "PutItem"),
    "dialing/upload": _COUNTING | _RECEIPTS_ALONE,
    "dialing/write_settings": _COUNTING
    | _RECEIPTS_ALONE
    | _dynamodb("DialingTable", "DeleteItem", "GetItem", "PutItem"),
    "dialing/place_call": _COUNTING
    | _dynamodb("DialingTable", "BatchGetItem", "GetItem", "PutItem")
    | _dynamodb("AccessTable", "BatchGetItem", "PutItem")
    | _AT_TWILIO
    | _verbs("connect", "ConnectInstance", "DescribeContact", "SearchContacts", "StartOutboundVoiceContact")
    | _verbs("sqs", "AttemptsQueue", "SendMessage"),
    "docs/no_such_route": set(),
    "docs/openapi": set(),
    "guest/change": _COUNTING | _GUEST_LINKS | _RECEIPTS | _LOCKING | _dynamodb("SchedulingTable", "GetItem", "Query"),
    "guest/read": _COUNTING | _GUEST_LINKS | _dynamodb("SchedulingTable", "BatchGetItem", "GetItem", "Query"),
    "oauth/authorize": _dynamodb("AccessTable", "GetItem") | _BOTH_KEYS,
    "oauth/issue_token": _dynamodb("AccessTable", "GetItem") | _verbs("kms", "SigningKey", "Sign"),
    "oauth/jwks": _BOTH_KEYS,
    "pages/book": _WEBSITES
    | _GUEST_LINKS
    | _LOCKING
    | _dynamodb("AccessTable", "PutItem")
    | _dynamodb("SchedulingTable", "GetItem", "Query")
    | _verbs("sqs", "RemindersQueue", "SendMessage"),
    "pages/console_dialing": _SIGNED_IN
    | _RECEIPTS_ALONE
    | _DIAL_LISTS
    | _verbs("s3", "UploadsBucket/*", "PutObject")
    | _dynamodb("DialingTable", "BatchGetItem", "DeleteItem", "GetItem", "PutItem", "Query"),
    "pages/console_settings": _SIGNED_IN
    | _dynamodb("AccessTable", "DeleteItem", "GetItem", "PutItem", "Query")
    | _dynamodb("SchedulingTable", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem")
    | _dynamodb("SchedulingTable/index/calendar", "Query")
    | _verbs("sqs", "RemindersQueue", "SendMessage"),
    "pages/console": _SIGNED_IN
    | _GUEST_LINKS
    | _LOCKING
    | _RECEIPTS_ALONE
    | _dynamodb("AccessTable", "Query")
    | _dynamodb("DialingTable", "BatchGetItem")
    | _dynamodb("SchedulingTable", "BatchWriteItem", "ConditionCheckItem", "DeleteItem", "GetItem", "Query")
    | _dynamodb("SchedulingTable/index/agent_calendar", "Query")
    | _dynamodb("SchedulingTable/index/calendar", "Query"),
    "pages/guest": _COUNTING | _GUEST_LINKS | _LOCKING | _dynamodb("SchedulingTable", "GetItem", "Query"),
    "pages/my": _SIGNED_IN
    | _GUEST_LINKS
    | _LOCKING
    | _RECEIPTS_ALONE
    | _dynamodb("AccessTable", "DeleteItem", "Query")
    | _dynamodb("SchedulingTable", "ConditionCheckItem", "DeleteItem", "Query")
    | _dynamodb("SchedulingTable/index/agent_calendar", "Query"),
    "pages/room": _GUEST_LINKS
    | _dynamodb("AccessTable", "BatchGetItem")
    | _dynamodb("SchedulingTable", "BatchGetItem", "GetItem"),
    "pages/sign_in": _SIGNED_IN_ALONE
    | _dynamodb("SchedulingTable", "GetItem")
    | _dynamodb("AccessTable", "DeleteItem", "GetItem", "PutItem", "Query")
    | _verbs("sqs", "RemindersQueue", "SendMessage"),
    "pages/single_sign_on": _dynamodb("AccessTable", "DeleteItem", "GetItem", "PutItem", "UpdateItem"),
    "pages/static": set(),
    "presets/read": _WEBSITES | _dynamodb("SchedulingTable", "BatchGetItem", "Query"),
    "presets/write": _COUNTING
    | _RECEIPTS_ALONE
    | _LOCKING
    | _dynamodb("SchedulingTable", "ConditionCheckItem", "DeleteItem"),
    "reminders/record_feedback": _LOCKING | _dynamodb("SchedulingTable", "GetItem"),
    "reminders/send": _LOCKING
    | _dynamodb("AccessTable", "GetItem", "PutItem", "UpdateItem")
    | _GUEST_LINKS
    | _dynamodb("SchedulingTable", "GetItem")
    | _verbs("ses", "EmailIdentityArn", "SendEmail", "SendRawEmail")
    | _verbs("ses", "EmailConfigurationSet", "SendEmail", "SendRawEmail")
    | _verbs("ses", "EmailEvents", "SendEmail", "SendRawEmail")
    | _verbs("sms-voice", "SmsOriginationIdentity", "SendTextMessage")
    | _verbs("social-messaging", "WhatsAppPhoneNumberArn", "SendWhatsAppMessage")
    | _verbs("secretsmanager", "GenesysSecretArn", "GetSecretValue")
    | _verbs("sqs", "RemindersQueue", "SendMessage"),
    "rooms/enter": _GUEST_LINKS | _RELAYS | _IN_ROOMS | _dynamodb("AccessTable", "BatchGetItem", "GetItem", "PutItem"),
    "rooms/leave": _IN_ROOMS | _dynamodb("AccessTable", "BatchGetItem", "GetItem", "PutItem"),
    "rooms/record": _RECORDINGS
    | _dynamodb("SchedulingTable", "BatchGetItem", "GetItem", "PutItem", "Query")
    | _dynamodb("AccessTable", "BatchGetItem", "GetItem", "PutItem", "Query"),
    "rooms/sync": _RELAYS
    | _IN_ROOMS
    | _dynamodb("AccessTable", "BatchGetItem", "BatchWriteItem", "GetItem", "PutItem", "Query"),
    "scheduled_calls/advance": _LOCKING
    | _ASSIGNING
    | _dynamodb("SchedulingTable", "DeleteItem", "GetItem")
    | _dynamodb("SchedulingTable/index/calendar", "Query")
    | _dynamodb("SchedulingTable/index/due", "Scan")
    | _dynamodb("DialingTable/index/due", "Scan")
    | _dynamodb("DialingTable", "BatchGetItem", "GetItem", "PutItem")
    | _dynamodb("AccessTable", "BatchGetItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem")
    | _RECORDINGS
    | _verbs("s3", "RecordingsBucket/*", "DeleteObject")
    | _verbs("sqs", "CallsQueue", "SendMessage"),
    "scheduled_calls/attendance": _COUNTING | _GUEST_LINKS | _RECEIPTS | _LOCKING | _ASSIGNING,
    "scheduled_calls/work_bulk": _LOCKING
    | _ASSIGNING
    | _dynamodb("SchedulingTable", "GetItem")
    | _RECEIPTS
    | _verbs("sqs", "BulkQueue", "SendMessage"),
    "scheduled_calls/bulk": _COUNTING | _RECEIPTS | _LOCKING | _dynamodb("AccessTable", "GetItem"),
    "scheduled_calls/cancel": _COUNTING | _GUEST_LINKS | _LOCKING,
    "scheduled_calls/claim": _COUNTING | _GUEST_LINKS | _RECEIPTS | _LOCKING,
    "scheduled_calls/confirm": _COUNTING
    | _GUEST_LINKS
    | _RECEIPTS
    | _dynamodb("SchedulingTable", "BatchGetItem", "PutItem"),
    "scheduled_calls/create": _COUNTING | _GUEST_LINKS | _RECEIPTS | _LOCKING | _ASSIGNING,
    "scheduled_calls/get": _COUNTING | _GUEST_LINKS | _dynamodb("SchedulingTable", "GetItem", "Query"),
    "scheduled_calls/list": _COUNTING
    | _GUEST_LINKS
    | _dynamodb("SchedulingTable", "BatchGetItem", "GetItem", "Query")
    | _dynamodb("SchedulingTable/index/calendar", "Query")
    | _dynamodb("SchedulingTable/index/agent_calendar", "Query"),
    "scheduled_calls/remind": _COUNTING | _RECEIPTS_ALONE | _LOCKING,
    "scheduled_calls/send_code": _WEBSITES
    | _RECEIPTS
    | _dynamodb("SchedulingTable", "BatchGetItem", "UpdateItem")
    | _verbs("sqs", "RemindersQueue", "SendMessage")
    | _GUEST_LINKS,
    "scheduled_calls/update": _COUNTING | _GUEST_LINKS | _LOCKING | _ASSIGNING,
    "timers/fire_due": _DUE | _QUEUES,
    "timers/plan": _QUEUES
    | _dynamodb("AccessTable", "PutItem", "UpdateItem")
    | _verbs("sqs", "StreamDeadLetters", "SendMessage")
    | _verbs("scheduler", "DueSchedules", "CreateSchedule")
    | _verbs("iam", "ScheduleRole", "PassRole"),
    "timers/sweep": _DUE | _QUEUES | _dynamodb("AccessTable", "GetItem", "PutItem"),
    "video_calls/create": _WEBSITES
    | _GUEST_LINKS
    | _RECEIPTS_ALONE
    | _dynamodb("SchedulingTable", "BatchGetItem", "GetItem", "PutItem"),
    "video_calls/end": _WEBSITES
    | _GUEST_LINKS
    | _RECEIPTS_ALONE
    | _dynamodb("SchedulingTable", "BatchGetItem", "GetItem", "UpdateItem"),
    "video_calls/get": _WEBSITES
    | _GUEST_LINKS
    | _dynamodb("AccessTable", "PutItem", "Query")
    | _dynamodb("SchedulingTable", "BatchGetItem", "GetItem", "Query"),
    "webhooks/deliver": _dynamodb("SchedulingTable", "BatchGetItem", "GetItem", "Query", "UpdateItem")
    | _verbs("sqs", "DeliveriesQueue", "SendMessage"),
    "webhooks/fan_out": _dynamodb(
        "SchedulingTable", "BatchGetItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"
    )
    | _verbs("sqs", "StreamDeadLetters", "SendMessage"),
    "webhooks/read": _COUNTING
    | _dynamodb("SchedulingTable", "BatchGetItem", "GetItem", "Query")
    | _dynamodb("SchedulingTable/index/calendar", "Query"),
    "webhooks/resend": _COUNTING
    | _RECEIPTS_ALONE
    | _dynamodb("SchedulingTable", "BatchGetItem", "GetItem", "PutItem", "UpdateItem")
    | _dynamodb("SchedulingTable/index/calendar", "Query"),
    "webhooks/write": _COUNTING
    | _RECEIPTS_ALONE
    | _dynamodb("SchedulingTable", "BatchGetItem", "DeleteItem", "PutItem", "Query", "UpdateItem"),
}


MANAGED = {"AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess"}
"""What SAM gives a function: logs, of which the boundary leaves the stack's own; traces, which know no resources."""

_POLLED = ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage")
_READ = ("DescribeStream", "GetRecords", "GetShardIterator")
_LISTED = {("dynamodb:ListStreams", "*")}
BY_LAMBDA = {
    "timers/fire_due": _verbs("sqs", "ScheduleDeadLetters", "SendMessage"),
    "dialing/close_campaign": _verbs("sqs", "CampaignsQueue", *_POLLED),
    "dialing/fan_out": _dynamodb("DialingTable/stream", *_READ) | _LISTED,
    "dialing/import_calls": _verbs("sqs", "ImportsQueue", *_POLLED),
    "dialing/place_call": _verbs("sqs", "AttemptsQueue", *_POLLED),
    "reminders/record_feedback": _verbs("sqs", "FeedbackQueue", *_POLLED),
    "reminders/send": _verbs("sqs", "RemindersQueue", *_POLLED),
    "scheduled_calls/advance": _verbs("sqs", "CallsQueue", *_POLLED),
    "scheduled_calls/work_bulk": _verbs("sqs", "BulkQueue", *_POLLED),
    "timers/plan": _dynamodb("SchedulingTable/stream", *_READ) | _dynamodb("DialingTable/stream", *_READ) | _LISTED,
    "webhooks/deliver": _verbs("sqs", "DeliveriesQueue", *_POLLED),
    "webhooks/fan_out": _dynamodb("SchedulingTable/stream", *_READ) | _LISTED,
}
"""What Lambda itself does in the name of a function: read its queue or stream, put aside an invocation that failed.

Which verbs: Lambda's developer guide, Using Lambda with Amazon SQS and with DynamoDB, execution role.
"""
BY_RACE = {
    "scheduled_calls/advance": _dynamodb("DialingTable", "Query"),
    "dialing/close_campaign": _dynamodb("DialingTable", "Query"),
    "dialing/place_call": _verbs("connect", "ConnectInstance", "StopContact")
    | _dynamodb("DialingTable", "Query")
    | _dynamodb("AccessTable", "GetItem"),
}
"""What is done only where a call changes while it is ended, or is called off while its carrier is asked for it."""
BY_ROTATION = {"oauth/issue_token": _verbs("kms", "OtherSigningKey", "Sign")}
"""What the version before does while a deployment has changed its role already, and not yet itself."""
_OF_KEY = _verbs("kms", "RecordingsKey", "Decrypt")
_RECORDED = _OF_KEY | _verbs("kms", "RecordingsKey", "GenerateDataKey") | _verbs("s3", "RecordingsBucket", "ListBucket")
BY_S3 = {
    "rooms/record": _RECORDED,
    "scheduled_calls/advance": _RECORDED,
    **dict.fromkeys(
        ("pages/console", "pages/my", "video_calls/get"),
        _OF_KEY | _verbs("s3", "RecordingsBucket/*", "GetObject"),
    ),
    "dialing/import_calls": _verbs("s3", "UploadsBucket", "ListBucket"),
    "dialing/schedule": _verbs("s3", "UploadsBucket", "ListBucket"),
    "dialing/upload": _verbs("s3", "UploadsBucket/*", "PutObject"),
}
"""What S3 asks for beside the request itself: to say that a file is not there, of whoever comes with an address, and to
encrypt what it is given."""
BY_PATTERN = {
    "timers/plan": "${DueSchedules}/*",
    **dict.fromkeys(("dialing/place_call", "dialing/call_off"), "${ConnectInstanceId}/contact/*"),
    **dict.fromkeys(
        ("dialing/import_calls", "dialing/schedule", "dialing/upload", "pages/console_dialing"),
        "${UploadsBucket.Arn}/*",
    ),
    **dict.fromkeys(
        ("rooms/record", "scheduled_calls/advance", "pages/console", "pages/my", "video_calls/get"),
        "${RecordingsBucket.Arn}/*",
    ),
}
"""A schedule's name is its minute, a contact's id Connect's own, a file's its organization's: within what is named."""
BESIDE = {
    folder: set[Operation]().union(*(found.get(folder, ()) for found in (BY_LAMBDA, BY_RACE, BY_ROTATION, BY_S3)))
    for folder in USED
}
"""What is granted and never seen to be used."""
ALIKE = {"long_block"}
"""Where a few days make a long block, a short one is one too: several transactions."""


def test_every_function_is_written_down():
    assert set(USED) == set(functions())


@pytest.mark.parametrize("folder", sorted(functions()))
def test_a_role_grants_what_is_written_down(folder: str):
    assert grants(functions()[folder]) == USED[folder] | BESIDE[folder]


@pytest.mark.parametrize("folder", sorted(functions()))
def test_what_is_granted_is_used_and_what_is_used_is_granted(
    world: World, folder: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(keep_exceptions, "DAYS_AT_ONCE", 2)
    paths = [path for path in sorted((EVENTS / folder).glob("*.json")) if path.stem not in ALIKE]
    events = [json.loads(path.read_text()) for path in paths]
    for event in [*events, *events, *_made_for_the_day(world, folder)]:  # twice: a repeat takes another way
        world.invoke(folder, event)
    assert world.used == grants(functions()[folder]) - BESIDE[folder]


def _made_for_the_day(world: World, folder: str) -> list[dict[str, Any]]:
    """Requests that no file can hold: tokens that the present key and the previous one have just signed."""
    if folder != "oauth/authorize":
        return []
    present = world.token()
    previous = base64.urlsafe_b64encode(
        json.dumps({"alg": "ES256", "typ": "at+jwt", "kid": world.key_ids["OtherSigningKey"]}).encode()
    )
    rest = present.partition(".")[2]
    event = world.event("oauth/authorize/no_credential")
    return [
        event | {"headers": event["headers"] | {"authorization": f"Bearer {token}"}}
        for token in (present, f"{previous.decode().rstrip('=')}.{rest}")
    ]


STARS = {
    "FunctionsBoundary": "it grants nothing, and leaves to the roles what is no log",
    "SigningKey": "in a key's own policy it is that key",
    "RecordingsKey": "in a key's own policy it is that key",
    "FanOutWebhooksFunctionRole": "dynamodb:ListStreams knows no resources",
    "FanOutDialEventsFunctionRole": "dynamodb:ListStreams knows no resources",
    "PlanWakeUpsFunctionRole": "dynamodb:ListStreams knows no resources",
}
"""Which resources' policies are about everything, and why."""


def test_a_policy_is_about_everything_only_for_a_reason():
    everything = [
        (name, statement)
        for name, policy in policies().items()
        for statement in policy["Statement"]
        if statement["Effect"] == "Allow" and "*" in _list(statement.get("Resource", ()))
    ]
    assert {name.partition(".")[0] for name, _ in everything} == STARS.keys()
    for name, statement in everything:
        if STARS[name.partition(".")[0]].startswith("dynamodb:"):
            assert statement["Action"] == "dynamodb:ListStreams"


@pytest.mark.parametrize("folder", sorted(functions()))
def test_a_statement_has_a_pattern_only_within_what_it_names(folder: str):
    own = [statement for statement in statements(functions()[folder]) if statement["Resource"] != "*"]
    written = json.dumps(own)
    assert written.count("*") == (1 if folder in BY_PATTERN else 0)
    assert "*" not in written.replace(BY_PATTERN.get(folder, "no star"), "")


ROLES = {name: found["Properties"] for name, found in deployed().items() if found["Type"] == "AWS::IAM::Role"}
OF_FUNCTIONS = {f"{function.logical_id}Role" for function in functions().values()}


def test_these_are_the_roles():
    assert ROLES.keys() == OF_FUNCTIONS | {"ApiRole", "ScheduleRole", "SweepRole"}


def test_a_role_has_no_other_managed_policy_and_no_pattern_in_an_action():
    for name, role in ROLES.items():
        managed = {arn.rpartition("/")[2] for arn in role.get("ManagedPolicyArns", [])}
        assert managed == (MANAGED if name in OF_FUNCTIONS else set())
        for policy in role.get("Policies", []):
            for statement in resolved(policy["PolicyDocument"])["Statement"]:
                assert "*" not in json.dumps(statement["Action"])


@pytest.mark.parametrize("name", sorted(OF_FUNCTIONS))
def test_a_function_writes_to_the_logs_of_its_stack_alone(name: str):
    assert ROLES[name]["PermissionsBoundary"] == {"Ref": "FunctionsBoundary"}


def test_the_boundary_leaves_all_but_logs_to_the_roles():
    allowed, logs = policies()["FunctionsBoundary.PolicyDocument"]["Statement"]
    assert allowed["NotAction"] == "logs:*"
    assert logs["Resource"] == f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:FunctionLogs:*"
    assert logs["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]


def _trusts(name: str) -> dict[str, Any]:
    (statement,) = policies()[f"{name}.AssumeRolePolicyDocument"]["Statement"]
    assert (statement["Effect"], _list(statement["Action"])) == ("Allow", ["sts:AssumeRole"])
    trusted: dict[str, Any] = statement
    return trusted


@pytest.mark.parametrize("name", ["ScheduleRole", "SweepRole"])
def test_only_schedules_of_this_stack_take_its_roles(name: str):
    trusted = _trusts(name)
    assert trusted["Principal"] == {"Service": "scheduler.amazonaws.com"}
    arn = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule-group/DueSchedules"
    assert trusted["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnEquals": {"aws:SourceArn": arn},
    }


def test_every_schedule_of_the_stack_is_in_the_group_that_its_roles_trust():
    schedules = [found["Properties"] for found in deployed().values() if found["Type"] == "AWS::Scheduler::Schedule"]
    assert [schedule["GroupName"] for schedule in schedules] == [{"Ref": "DueSchedules"}]
    assert [schedule["Target"]["RoleArn"] for schedule in schedules] == [{"Fn::GetAtt": ["SweepRole", "Arn"]}]


@pytest.mark.parametrize("name", sorted({"ApiRole", *OF_FUNCTIONS}))
def test_the_other_roles_trust_one_service_without_a_condition_that_it_would_not_meet(name: str):
    """Decision 43: neither API Gateway nor Lambda is documented to say on whose behalf it takes such a role."""
    trusted = _trusts(name)
    service = "apigateway.amazonaws.com" if name == "ApiRole" else "lambda.amazonaws.com"
    assert _list(trusted["Principal"]["Service"]) == [service]
    assert "Condition" not in trusted


def test_a_role_is_passed_to_scheduler_and_to_nobody_else():
    passing = [
        statement
        for policy in policies().values()
        for statement in policy["Statement"]
        if "iam:PassRole" in _list(statement.get("Action", ()))
    ]
    assert [statement["Condition"] for statement in passing] == [
        {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}
    ]


INVOKED_BY = {
    "ScheduleRole": {"FireDueFunction"},
    "SweepRole": {"SweepFunction"},
    "ApiRole": {function.logical_id for function in functions().values() if function.routes} | {"AuthorizeFunction"},
}


@pytest.mark.parametrize("name", sorted(INVOKED_BY))
def test_a_service_calls_the_functions_that_it_is_for(name: str):
    invoked = {
        arn.rpartition(":function:")[2].removesuffix("Aliaslive:live")
        for place, policy in policies().items()
        if place.startswith(f"{name}.") and not place.endswith(".AssumeRolePolicyDocument")
        for statement in policy["Statement"]
        if _list(statement["Action"]) == ["lambda:InvokeFunction"]
        for arn in _list(statement["Resource"])
    }
    assert invoked == INVOKED_BY[name]


def test_scheduler_puts_aside_the_minutes_that_it_could_not_fire():
    (policy,) = ROLES["ScheduleRole"]["Policies"]
    _, aside = resolved(policy["PolicyDocument"])["Statement"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:ScheduleDeadLetters"
    assert aside == {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn}


def test_files_come_and_go_over_tls_alone():
    (statement,) = policies()["UploadsBucketPolicy.PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


ROTATION = [("", ""), ("", "next"), ("next", "own"), ("next", "")]
"""`SigningKeyId` and `OtherSigningKeyId` before a rotation and after each of its three deployments."""


def _keys(folder: str, verb: str, signing: str, other: str) -> set[str]:
    """The keys that a function's role may use so, by what the parameters are."""
    holds = {"SignsWithAnotherKey": bool(signing), "HasOtherKey": bool(other)}
    names = {"SigningKeyId": signing, "OtherSigningKeyId": other, "SigningKey": "own"}
    role = deployed()[f"{functions()[folder].logical_id}Role"]["Properties"]
    (resources,) = (
        statement["Resource"]
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Action"] == f"kms:{verb}"
    )

    def chosen(value: dict[str, Any]) -> dict[str, Any]:
        if "Fn::If" not in value:
            return value
        condition, yes, no = value["Fn::If"]
        return chosen(yes if holds[condition] else no)

    found = [chosen(one) for one in resources]
    arns = [one.get("Fn::Sub") or one["Fn::GetAtt"][0] for one in found if "Ref" not in one]
    return {names[arn.rpartition("/")[2].strip("${}")] for arn in arns}


@pytest.mark.parametrize(("before", "after"), list(pairwise(ROTATION)))
def test_while_a_key_is_rotated_the_version_before_goes_on_signing_with_its_own(
    before: tuple[str, str], after: tuple[str, str]
):
    """CloudFormation changes a role first, then its function, and the alias last: minutes of tokens lie between."""
    signs_with = before[0] or "own"
    for folder, verb in (("oauth/issue_token", "Sign"), ("oauth/authorize", "GetPublicKey")):
        assert signs_with in _keys(folder, verb, *after)
        assert (after[0] or "own") in _keys(folder, verb, *after)
