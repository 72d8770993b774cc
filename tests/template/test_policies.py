"""A function may do what it does, and nothing else: what is granted, what is written here and what is used agree."""

import base64
import json
from typing import Any

import pytest

from slotline.usecases.booking import keep_exceptions
from tests.support.aws.template import deployed, functions, grants, statements
from tests.template.conftest import EVENTS, Operation, World


def _verbs(service: str, resource: str, *verbs: str) -> set[Operation]:
    return {(f"{service}:{verb}", resource) for verb in verbs}


def _dynamodb(resource: str, *verbs: str) -> set[Operation]:
    return _verbs("dynamodb", resource, *verbs)


_COUNTING = _dynamodb("AccessTable", "UpdateItem")
_BOTH_KEYS = _verbs("kms", "SigningKey", "GetPublicKey") | _verbs("kms", "PreviousSigningKey", "GetPublicKey")

_RECEIPTS = _dynamodb("AccessTable", "BatchGetItem", "PutItem")
_LOCKING = _dynamodb("SchedulingTable", "BatchGetItem", "PutItem", "UpdateItem")
_ASSIGNING = _dynamodb("SchedulingTable", "Query")

_RECEIPTS_ALONE = _dynamodb("AccessTable", "GetItem", "PutItem")
_WEBSITES = _dynamodb("AccessTable", "BatchGetItem", "UpdateItem")

_QUEUES = {
    ("sqs:SendMessage", name)
    for name in ("RemindersQueue", "CallsQueue", "DeliveriesQueue", "AttemptsQueue", "ImportsQueue", "CampaignsQueue")
}
_DUE = _dynamodb("SchedulingTable/index/due", "Query") | _dynamodb("DialingTable/index/due", "Query")

_RECORDING = _dynamodb("DialingTable", "GetItem", "PutItem", "Query") | _COUNTING
_DIAL_LISTS = _dynamodb("DialingTable/index/calendar", "Query")
_UPLOADS = _verbs("s3", "UploadsBucket/*", "GetObject")
_AT_TWILIO = _verbs("secretsmanager", "TwilioSecretArn", "GetSecretValue")

USED: dict[str, set[Operation]] = {
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
    "availability/hold": _COUNTING | _RECEIPTS | _LOCKING,
    "availability/search": _COUNTING | _dynamodb("SchedulingTable", "BatchGetItem", "Query"),
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
    "dialing/do_not_call": _COUNTING | _RECEIPTS_ALONE | _dynamodb("DialingTable", "BatchWriteItem", "DeleteItem"),
    "dialing/export_calls": _COUNTING | _dynamodb("DialingTable", "GetItem") | _DIAL_LISTS,
    "dialing/fan_out": _dynamodb("SchedulingTable", "BatchGetItem", "GetItem", "PutItem", "Query")
    | _dynamodb("DialingTable", "Query")
    | _verbs("sqs", "StreamDeadLetters", "SendMessage"),
    "dialing/import_calls": _dynamodb("DialingTable", "GetItem", "PutItem", "UpdateItem")
    | _UPLOADS
    | _verbs("sqs", "ImportsQueue", "SendMessage"),
    "dialing/preflight": _COUNTING
    | _dynamodb("AccessTable", "GetItem")
    | _dynamodb("DialingTable", "BatchGetItem", "GetItem"),
    "dialing/read_calls": _COUNTING | _dynamodb("DialingTable", "GetItem", "Query") | _DIAL_LISTS,
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
    "dialing/place_call": _RECORDING
    | _dynamodb("AccessTable", "GetItem", "PutItem")
    | _AT_TWILIO
    | _verbs("connect", "ConnectInstance", "DescribeContact", "SearchContacts", "StartOutboundVoiceContact")
    | _verbs("sqs", "AttemptsQueue", "SendMessage"),
    "docs/no_such_route": set(),
    "docs/openapi": set(),
    "oauth/authorize": _dynamodb("AccessTable", "GetItem") | _BOTH_KEYS,
    "oauth/issue_token": _dynamodb("AccessTable", "GetItem") | _verbs("kms", "SigningKey", "Sign"),
    "oauth/jwks": _BOTH_KEYS,
    "pages/room": _dynamodb("SchedulingTable", "BatchGetItem", "GetItem"),
    "presets/read": _COUNTING | _dynamodb("SchedulingTable", "BatchGetItem", "Query"),
    "presets/write": _COUNTING
    | _RECEIPTS_ALONE
    | _LOCKING
    | _dynamodb("SchedulingTable", "ConditionCheckItem", "DeleteItem"),
    "reminders/send": _LOCKING
    | _dynamodb("SchedulingTable", "GetItem")
    | _verbs("ses", "EmailIdentityArn", "SendEmail", "SendRawEmail")
    | _verbs("ses", "EmailConfigurationSet", "SendEmail", "SendRawEmail")
    | _verbs("sms-voice", "SmsOriginationIdentity", "SendTextMessage")
    | _verbs("social-messaging", "WhatsAppPhoneNumberArn", "SendWhatsAppMessage")
    | _verbs("secretsmanager", "GenesysSecretArn", "GetSecretValue")
    | _verbs("sqs", "RemindersQueue", "SendMessage"),
    "scheduled_calls/advance": _LOCKING
    | _dynamodb("SchedulingTable", "DeleteItem", "GetItem")
    | _verbs("sqs", "CallsQueue", "SendMessage"),
    "scheduled_calls/attendance": _COUNTING | _RECEIPTS | _LOCKING,
    "scheduled_calls/bulk": _COUNTING | _RECEIPTS | _LOCKING | _dynamodb("AccessTable", "GetItem"),
    "scheduled_calls/cancel": _COUNTING | _LOCKING,
    "scheduled_calls/claim": _COUNTING | _RECEIPTS | _LOCKING,
    "scheduled_calls/confirm": _COUNTING | _RECEIPTS | _dynamodb("SchedulingTable", "BatchGetItem", "PutItem"),
    "scheduled_calls/create": _COUNTING | _RECEIPTS | _LOCKING | _ASSIGNING,
    "scheduled_calls/get": _COUNTING | _dynamodb("SchedulingTable", "GetItem", "Query"),
    "scheduled_calls/list": _COUNTING
    | _dynamodb("SchedulingTable", "GetItem")
    | _dynamodb("SchedulingTable/index/calendar", "Query")
    | _dynamodb("SchedulingTable/index/agent_calendar", "Query"),
    "scheduled_calls/remind": _COUNTING | _RECEIPTS_ALONE | _LOCKING,
    "scheduled_calls/update": _COUNTING | _LOCKING | _ASSIGNING,
    "timers/fire_due": _DUE | _QUEUES,
    "timers/plan": _QUEUES
    | _dynamodb("AccessTable", "PutItem", "UpdateItem")
    | _verbs("sqs", "StreamDeadLetters", "SendMessage")
    | _verbs("scheduler", "DueSchedules", "CreateSchedule")
    | _verbs("iam", "ScheduleRole", "PassRole"),
    "timers/sweep": _DUE | _QUEUES | _dynamodb("AccessTable", "GetItem", "PutItem"),
    "video_calls/create": _WEBSITES
    | _RECEIPTS_ALONE
    | _dynamodb("SchedulingTable", "BatchGetItem", "GetItem", "PutItem"),
    "video_calls/end": _WEBSITES
    | _RECEIPTS_ALONE
    | _dynamodb("SchedulingTable", "BatchGetItem", "GetItem", "UpdateItem"),
    "video_calls/get": _WEBSITES | _dynamodb("SchedulingTable", "BatchGetItem", "GetItem"),
    "webhooks/deliver": _dynamodb("SchedulingTable", "BatchGetItem", "GetItem", "Query", "UpdateItem")
    | _verbs("sqs", "DeliveriesQueue", "SendMessage"),
    "webhooks/fan_out": _dynamodb("SchedulingTable", "GetItem", "PutItem", "Query")
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


MANAGED = {
    *("AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess"),
    *("AWSLambdaSQSQueueExecutionRole", "AWSLambdaDynamoDBExecutionRole"),
}
BY_LAMBDA = {"timers/fire_due": _verbs("sqs", "ScheduleDeadLetters", "SendMessage")}
"""What Lambda itself does in the name of a function: put aside an invocation that failed."""
BY_RACE = {
    "dialing/close_campaign": _dynamodb("DialingTable", "Query"),
    "dialing/place_call": _verbs("connect", "ConnectInstance", "StopContact"),
}
"""What is done only where a call changes while it is ended, or is called off while its carrier is asked for it."""
BY_S3 = {
    "dialing/import_calls": _verbs("s3", "UploadsBucket", "ListBucket"),
    "dialing/schedule": _verbs("s3", "UploadsBucket", "ListBucket"),
    "dialing/upload": _verbs("s3", "UploadsBucket/*", "PutObject"),
}
"""What S3 asks for beside the request itself: to say that a file is not there, and of whoever comes with an address."""
BY_PATTERN = {
    "timers/plan": "${DueSchedules}/*",
    **dict.fromkeys(("dialing/place_call", "dialing/call_off"), "${ConnectInstanceId}/contact/*"),
    **dict.fromkeys(BY_S3, "${UploadsBucket.Arn}/*"),
}
"""A schedule's name is its minute, a contact's id Connect's own, a file's its organization's: within what is named."""
BESIDE = {
    folder: set[Operation]().union(*(found.get(folder, ()) for found in (BY_LAMBDA, BY_RACE, BY_S3))) for folder in USED
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
        json.dumps({"alg": "ES256", "typ": "at+jwt", "kid": world.key_ids["PreviousSigningKey"]}).encode()
    )
    rest = present.partition(".")[2]
    event = world.event("oauth/authorize/no_credential")
    return [
        event | {"headers": event["headers"] | {"authorization": f"Bearer {token}"}}
        for token in (present, f"{previous.decode().rstrip('=')}.{rest}")
    ]


@pytest.mark.parametrize("folder", sorted(functions()))
def test_no_statement_has_a_star(folder: str):
    written = json.dumps(statements(functions()[folder]))
    assert written.count("*") == (1 if folder in BY_PATTERN else 0)
    assert "*" not in written.replace(BY_PATTERN.get(folder, "no star"), "")


def test_no_other_role_has_a_star():
    roles = {name: found for name, found in deployed().items() if found["Type"] == "AWS::IAM::Role"}
    assert set(roles) == {f"{function.logical_id}Role" for function in functions().values()} | {
        *("ApiRole", "ScheduleRole", "SweepFunctionEveryMinuteRole")
    }
    for name, role in roles.items():
        if name not in {f"{functions()[folder].logical_id}Role" for folder in BY_PATTERN}:
            policies = [policy["PolicyDocument"] for policy in role["Properties"].get("Policies", [])]
            assert "*" not in json.dumps(policies)
        managed = {arn.rpartition("/")[2] for arn in role["Properties"].get("ManagedPolicyArns", [])}
        assert managed <= MANAGED, "logs and traces, its queue or stream, no more"
