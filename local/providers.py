"""The providers of messages, as far as the real adapters speak to them: what is sent ends in the inbox.

Amazon SES v2, End User Messaging SMS and Social, and Genesys Cloud, each under a path of its own on the private port;
beside them the carrier of `local/carrier.py`.
Shapes follow the service models of botocore and Genesys's documentation of Open Messaging.
"""

import base64
import json
import re
import secrets
from collections.abc import Callable, Mapping
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr, quote
from typing import Any

from local import feedback
from local.carrier import LocalCarrier
from local.console import say
from local.feedback import Feedback
from local.gateway.answers import Answer
from local.gateway.app import Receive, Scope, Send, send_answer, to_request, whole_body
from local.gateway.events import Request
from local.inbox import Inbox, Letter

PATH = "/providers/"

_MAILBOXES = frozenset({"From", "To", "Reply-To"})
_SPECIALS = re.compile(r'[][()<>@,:;".\\]')

_TWILIO = "/twilio"
_GENESYS_MESSAGES = "/genesys/api/v2/conversations/messages/"
_GENESYS_INBOUND = "/inbound/open/message"


class Providers:
    """An ASGI application that is all of them."""

    def __init__(self, inbox: Inbox, carrier: LocalCarrier, feedback: Feedback) -> None:
        self._inbox = inbox
        self._feedback = feedback
        self._later: list[Mapping[str, Any]] = []
        self._carrier = carrier
        self._tokens: set[str] = set()
        self._doors: Mapping[str, Callable[[Request], Answer]] = {
            "/ses/v2/email/outbound-emails": self._ses,
            "/sms": self._sms,
            "/whatsapp/v1/whatsapp/send": self._whatsapp,
            "/genesys/oauth/token": self._genesys_token,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        body = await whole_body(scope, receive)
        path = "/" + scope["path"].removeprefix(PATH).rstrip("/")
        answer = _refused(413, "RequestEntityTooLarge") if body is None else self._answer(path, to_request(scope, body))
        later, self._later = self._later, []
        await send_answer(send, answer)
        say(f"provider {path} {answer.status}")
        await self._feedback.publish(later)

    def _answer(self, path: str, request: Request) -> Answer:
        if path.startswith(f"{_TWILIO}/"):
            return self._carrier.answer(path.removeprefix(_TWILIO), request)
        # Every provider asks for credentials, and a page in a browser cannot send this header to another origin.
        if request.method != "POST" or request.header("authorization") is None:
            return _refused(403, "MissingAuthenticationToken")
        is_inbound = path.startswith(_GENESYS_MESSAGES) and path.endswith(_GENESYS_INBOUND)
        door = self._genesys_message if is_inbound else self._doors.get(path)
        if door is None:
            return _refused(404, "UnknownOperationException")
        try:
            return door(request)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            say(f"provider {path} was sent what it does not understand: {type(error).__name__}")
            return _refused(400, "ValidationException")

    def _ses(self, request: Request) -> Answer:
        body = json.loads(request.body)
        email = message_from_bytes(base64.b64decode(body["Content"]["Raw"]["Data"], validate=True), policy=default)
        (to,) = body["Destination"]["ToAddresses"]
        message_id = self._inbox.keep(_email(email, to))
        self._later += feedback.of_email(body, message_id)
        return _json({"MessageId": message_id})

    def _sms(self, request: Request) -> Answer:
        if request.header("x-amz-target") != "PinpointSMSVoiceV2.SendTextMessage":
            return _refused(400, "UnknownOperationException")
        body = json.loads(request.body)
        if not body["DestinationPhoneNumber"]:
            return _refused(400, "ValidationException")
        context = body.get("Context", {})
        letter = Letter(
            channel="sms",
            to=body["DestinationPhoneNumber"],
            text=body["MessageBody"],
            kind=context.get("kind"),
            call_id=context.get("call_id"),
            headers={name: body[name] for name in ("OriginationIdentity", "MessageType") if name in body},
        )
        message_id = self._inbox.keep(letter)
        self._later += feedback.of_text(body, message_id)
        return _json({"MessageId": message_id})

    def _whatsapp(self, request: Request) -> Answer:
        body = json.loads(request.body)
        message = json.loads(base64.b64decode(body["message"], validate=True))
        template = message["template"]
        parameters = [one["text"] for part in template["components"] for one in part["parameters"]]
        occasion = template["name"].removeprefix("slotline_")
        letter = Letter(
            channel="whatsapp",
            to=message["to"],
            text="\n".join(parameters),  # the words around them are Meta's
            kind=occasion.removesuffix("_pending").removesuffix("_moved"),
            call_id=json.loads(message.get("biz_opaque_callback_data", "{}")).get("call_id"),
            headers={
                "Template": template["name"],
                "Language": template["language"]["code"],
                "From": body["originationPhoneNumberId"],
                "API": body["metaApiVersion"],
            },
        )
        message_id = self._inbox.keep(letter)
        self._later += feedback.of_whatsapp(message, message_id)
        return _json({"messageId": message_id})

    def _genesys_token(self, request: Request) -> Answer:
        if not (request.header("authorization") or "").startswith("Basic "):
            return _json({"error": "invalid_client"}, 401)
        if request.body != b"grant_type=client_credentials":
            return _json({"error": "unsupported_grant_type"}, 400)
        token = secrets.token_urlsafe()
        self._tokens.add(token)
        return _json({"access_token": token, "token_type": "bearer", "expires_in": 86_399})

    def _genesys_message(self, request: Request) -> Answer:
        if (request.header("authorization") or "").removeprefix("Bearer ") not in self._tokens:
            return _json({"message": "Invalid login credentials.", "code": "bad.credentials", "status": 401}, 401)
        body = json.loads(request.body)
        channel = body["channel"]
        facts = channel["metadata"]["customAttributes"]
        letter = Letter(
            channel="genesys",
            to=channel["from"]["id"],
            text=body["text"],
            kind=facts.get("slotline_kind"),
            call_id=facts.get("slotline_call_id"),
            headers={"Nickname": channel["from"]["nickname"], "Message": channel["messageId"], **facts},
        )
        return _json({**body, "id": self._inbox.keep(letter)})


def _email(email: EmailMessage, to: str) -> Letter:
    return Letter(
        channel="email",
        to=to,
        text=(_part(email, "text/plain") or "").replace("\r\n", "\n"),
        kind=email["X-Slotline-Kind"],
        call_id=email["X-Slotline-Call"],
        subject=_decoded("Subject", dict(email.raw_items())["Subject"]),
        html=_part(email, "text/html"),
        ics=_part(email, "text/calendar"),
        headers={name: _decoded(name, value) for name, value in email.raw_items()},
    )


def _decoded(field: str, raw: str) -> str:
    """A field of the head as people read it.

    The library's newer reader puts a space between the encoded words of one name, and takes what a quoted name holds
    for encoded words. Its older one leaves names as they are, until they are decoded here.
    """
    value = re.sub(r"\r?\n(?=[ \t])", "", raw)
    if field not in _MAILBOXES:
        return str(make_header(decode_header(value)))
    name, address = parseaddr(value)
    shown = str(make_header(decode_header(name)))
    return f'"{quote(shown)}" <{address}>' if _SPECIALS.search(shown) else f"{shown} <{address}>"


def _part(email: EmailMessage, kind: str) -> str | None:
    """The first part of this type, as text."""
    for part in email.walk():
        if part.get_content_type() == kind:
            found = part.get_payload(decode=True)
            return found.decode("utf-8") if isinstance(found, bytes) else None
    return None


def _json(content: Mapping[str, Any], status: int = 200) -> Answer:
    return Answer(status, (("content-type", "application/json"),), json.dumps(content).encode())


def _refused(status: int, code: str) -> Answer:
    """AWS's error in JSON."""
    answer = _json({"__type": code, "message": code}, status)
    return Answer(status, (*answer.headers, ("x-amzn-errortype", code)), answer.body)
