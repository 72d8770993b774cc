"""What AWS is asked to send, and which of its answers are final."""

import base64
import json
import re
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore import exceptions
from botocore.stub import ANY, Stubber

from slotline.channels.aws_errors import told_apart
from slotline.channels.aws_secret import AwsSecret
from slotline.channels.aws_sms import AwsSms
from slotline.channels.aws_whatsapp import AwsWhatsApp, template_message
from slotline.channels.ses_email import SesEmail
from slotline.clock import RandomIds
from slotline.domain.booking.calls import CallStatus
from slotline.domain.booking.reminders import News, ReminderKind
from slotline.ports.messages import MessageRefused, Messenger, MessengerBusyError
from tests.support.builders.messages import CALL_ID, JOIN_URL, OCCASIONS, SENDER, make_message

SENT_AS = {"app_id": "app_1", "call_id": CALL_ID, "sending_id": make_message().sending_id}
PHONE, ADDRESS = "+573005550100", "ana@guest.example"
ADAPTERS: dict[str, tuple[str, Callable[[Any], Messenger]]] = {
    "sesv2": ("send_email", lambda client: SesEmail(client, SENDER)),
    "pinpoint-sms-voice-v2": ("send_text_message", lambda client: AwsSms(client, "Slotline")),
    "socialmessaging": ("send_whatsapp_message", lambda client: AwsWhatsApp(client, "phone-number-id-1", "v23.0")),
}
FINAL = [
    ("sesv2", "MessageRejected", 400),
    ("sesv2", "BadRequestException", 400),
    ("sesv2", "AccountSuspendedException", 400),
    ("pinpoint-sms-voice-v2", "ConflictException", 400),
    ("pinpoint-sms-voice-v2", "ValidationException", 400),
    ("socialmessaging", "InvalidParametersException", 400),
    ("socialmessaging", "ValidationException", 400),
]
PASSING = [
    ("sesv2", "TooManyRequestsException", 429),
    ("sesv2", "LimitExceededException", 400),
    ("sesv2", "SendingPausedException", 400),
    ("sesv2", "MailFromDomainNotVerifiedException", 400),
    ("sesv2", "NotFoundException", 404),
    ("sesv2", "InternalFailure", 500),
    ("sesv2", "ExpiredTokenException", 403),
    ("pinpoint-sms-voice-v2", "ThrottlingException", 400),
    ("pinpoint-sms-voice-v2", "ServiceQuotaExceededException", 400),
    ("pinpoint-sms-voice-v2", "ResourceNotFoundException", 400),
    ("pinpoint-sms-voice-v2", "AccessDeniedException", 400),
    ("pinpoint-sms-voice-v2", "InternalServerException", 500),
    ("socialmessaging", "ThrottledRequestException", 429),
    ("socialmessaging", "AccessDeniedException", 403),
    ("socialmessaging", "ResourceNotFoundException", 404),
    ("socialmessaging", "InternalServiceException", 500),
    ("socialmessaging", "DependencyException", 502),
]


class _Answer:
    """AWS's yes."""

    status_code = 200


def client_of(service: str) -> Any:
    return boto3.client(service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")


def failed(service: str, code: str, status: int, **more: str) -> Exception:
    """What sending raises where AWS answers with this code, and a text that repeats everything."""
    client = client_of(service)
    operation, make = ADAPTERS[service]
    with Stubber(client) as stub:
        text = f"{PHONE} {ADDRESS} {make_message().guest_name} {JOIN_URL}"
        stub.add_client_error(operation, code, text, status, modeled_fields=more)
        with pytest.raises((MessageRefused, MessengerBusyError)) as raised:
            make(client).send(make_message(recipient=ADDRESS if service == "sesv2" else PHONE))
    return raised.value


@pytest.mark.parametrize(("service", "code", "status"), FINAL)
def test_what_aws_will_not_take_tomorrow_either_is_refused(service, code, status):
    error = failed(service, code, status)
    assert (type(error), str(error)) == (MessageRefused, code)


@pytest.mark.parametrize(("service", "code", "status"), PASSING)
def test_what_may_go_well_the_next_time_is_busy(service, code, status):
    error = failed(service, code, status)
    assert (type(error), str(error)) == (MessengerBusyError, code)


@pytest.mark.parametrize(("service", "code", "status"), [FINAL[0], PASSING[0]])
def test_no_error_shows_whom_it_was_about(service, code, status):
    shown = "".join(traceback.format_exception(failed(service, code, status)))
    for secret in (PHONE, ADDRESS, "Ana", JOIN_URL):
        assert secret not in shown


def test_a_number_that_opted_out_is_refused_with_awss_word_for_it():
    error = failed("pinpoint-sms-voice-v2", "ConflictException", 400, Reason="DESTINATION_PHONE_NUMBER_OPTED_OUT")
    assert str(error) == "ConflictException: DESTINATION_PHONE_NUMBER_OPTED_OUT"


@pytest.mark.parametrize(
    "error",
    [
        exceptions.ConnectTimeoutError(endpoint_url="https://aws.example"),
        exceptions.ReadTimeoutError(endpoint_url="https://aws.example"),
        exceptions.EndpointConnectionError(endpoint_url="https://aws.example"),
        exceptions.ConnectionClosedError(endpoint_url="https://aws.example"),
        exceptions.NoCredentialsError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_without_an_answer_it_is_busy(error):
    with pytest.raises(MessengerBusyError, match=type(error).__name__), told_apart(frozenset()):
        raise error


def test_our_own_mistakes_stay_what_they_are():
    with pytest.raises(ZeroDivisionError), told_apart(frozenset()):
        raise ZeroDivisionError


def test_a_value_that_botocore_itself_refuses_is_not_repeated():
    with pytest.raises(MessageRefused) as refused:
        AwsSms(client_of("pinpoint-sms-voice-v2"), "Slotline").send(make_message(recipient=None))
    assert str(refused.value) == "ParamValidationError"


def test_a_text_message_is_transactional_and_names_its_call():
    client = client_of("pinpoint-sms-voice-v2")
    expected = {
        "DestinationPhoneNumber": PHONE,
        "OriginationIdentity": "Slotline",
        "MessageBody": ANY,
        "MessageType": "TRANSACTIONAL",
        "Context": {"kind": "invitation", **SENT_AS},
    }
    with Stubber(client) as stub:
        stub.add_response("send_text_message", {"MessageId": "sms-1"}, expected)
        assert AwsSms(client, "Slotline").send(make_message(recipient=PHONE)) == "sms-1"
        stub.add_response("send_text_message", {"MessageId": "sms-2"}, expected | {"ConfigurationSetName": "events"})
        assert AwsSms(client, "Slotline", "events").send(make_message(recipient=PHONE)) == "sms-2"


@pytest.mark.parametrize("service", ADAPTERS)
def test_what_a_provider_is_to_repeat_has_ids_alone_and_fits_it(service: str):
    """SES: letters, digits, `_` and `-`, 256 of them; SMS: five pairs, 800 characters; WhatsApp: 512 characters."""
    ids = {name: RandomIds().new() for name in ("app_id", "call_id", "sending_id")}
    message = make_message(recipient=ADDRESS if service == "sesv2" else PHONE, **ids)
    asked: dict[str, Any] = {}
    client = client_of(service)
    said = {"MessageId": "1", "messageId": "1"}
    client.meta.events.register("before-call", lambda params, **_: asked.update(params) or (_Answer(), said))
    ADAPTERS[service][1](client).send(message)
    body = json.loads(asked["body"])
    if service == "sesv2":
        assert [tag["Value"] for tag in body["EmailTags"]] == list(ids.values())
        assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,256}", text) for tag in body["EmailTags"] for text in tag.values())
    elif service == "socialmessaging":
        said = json.loads(base64.b64decode(body["message"]))["biz_opaque_callback_data"]
        assert json.loads(said) == ids
        assert len(said) <= 512
    else:
        assert body["Context"] == {"kind": "invitation", **ids}
        assert len(body["Context"]) <= 5


def test_whatsapp_is_sent_a_template_with_its_parameters():
    client = client_of("socialmessaging")
    message = make_message(recipient=PHONE, language="es-CO", news=News.MOVED)
    expected = {
        "originationPhoneNumberId": "phone-number-id-1",
        "metaApiVersion": "v23.0",
        "message": json.dumps(template_message(message), ensure_ascii=False).encode(),
    }
    with Stubber(client) as stub:
        stub.add_response("send_whatsapp_message", {"messageId": "wa-1"}, expected)
        assert AwsWhatsApp(client, "phone-number-id-1", "v23.0").send(message) == "wa-1"
    moment = "viernes, 1 de mayo de 2026, 10:00 (hora de Bogota, UTC-5)"
    assert template_message(message) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": PHONE,
        "type": "template",
        "template": {
            "name": "slotline_invitation_moved",
            "language": {"code": "es"},
            "components": [
                {
                    "type": "body",
                    "parameters": [{"type": "text", "text": text} for text in ("Ana García", "Acme", moment, JOIN_URL)],
                }
            ],
        },
        "biz_opaque_callback_data": json.dumps(SENT_AS),
    }


@pytest.mark.parametrize(
    ("said", "template"),
    [
        ({"news": News.CONFIRMED}, "slotline_invitation"),
        ({"news": News.CHANGED}, "slotline_invitation"),
        ({"news": News.CHANGED, "call_status": CallStatus.PENDING_CONFIRMATION}, "slotline_invitation_pending"),
        ({"kind": ReminderKind.REMINDER_24H}, "slotline_reminder_24h"),
        ({"kind": ReminderKind.REMINDER_24H, "late": timedelta(hours=2)}, "slotline_reminder_custom"),
        ({"kind": ReminderKind.REMINDER_15M, "late": timedelta(minutes=3)}, "slotline_reminder_custom"),
        ({"kind": ReminderKind.REMINDER_15M, "late": timedelta(seconds=9)}, "slotline_reminder_15m"),
    ],
)
def test_no_template_says_what_is_not_true_and_none_is_new_to_meta(said, template):
    """Its texts are fixed, and approved one by one: a late reminder takes the one that names no time left."""
    late = said.pop("late", timedelta())
    message = make_message(**said)
    message = replace(message, sent_at=message.sent_at + late)
    assert template_message(message)["template"]["name"] == template


def test_a_name_with_many_spaces_is_no_reason_to_refuse_a_template():
    message = template_message(make_message(guest_name=f"Ana{' ' * 9}Maria  P", sender_name="Acme\u3000\u00a0   Co"))
    texts = [parameter["text"] for parameter in message["template"]["components"][0]["parameters"]]
    assert texts[:2] == ["Ana Maria  P", "Acme Co"]


@pytest.mark.parametrize("occasion", OCCASIONS, ids=str)
def test_a_template_always_has_the_same_number_of_parameters_and_none_is_empty(occasion):
    message: Any = template_message(make_message(**occasion, guest_name="\n", sender_name="", agent_name=None))
    texts = [parameter["text"] for parameter in message["template"]["components"][0]["parameters"]]
    assert len(texts) == (3 if occasion["kind"] is ReminderKind.CANCELLATION else 4)
    assert all(text and not set(text) & set("\n\t") and "  " not in text for text in texts)


def secret_of(answer: dict[str, str]) -> AwsSecret:
    client = client_of("secretsmanager")
    stub = Stubber(client)
    stub.add_response("get_secret_value", answer, {"SecretId": "genesys"})
    stub.activate()
    return AwsSecret(client, "genesys")


def test_credentials_are_read_from_their_secret():
    found = secret_of({"SecretString": '{"client_id": "a", "client_secret": "hidden"}'})()
    assert (found.client_id, found.client_secret) == ("a", "hidden")
    assert "hidden" not in repr(found)


@pytest.mark.parametrize("text", ["", "hidden", '["hidden"]', '{"client_id": "hidden"}', "null"])
def test_a_secret_of_another_form_can_be_put_right_and_is_not_shown(text):
    with pytest.raises(MessengerBusyError) as raised:
        secret_of({"SecretString": text} if text else {})()
    assert "hidden" not in "".join(traceback.format_exception(raised.value))
