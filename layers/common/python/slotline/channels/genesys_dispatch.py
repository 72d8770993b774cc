"""Pre-meeting dispatch: a call is announced in Genesys Cloud, where a flow routes it to whoever takes it.

It arrives as an inbound message of an Open Messaging integration, in the guest's name
(https://developer.genesys.cloud/commdigital/digital/openmessaging). Its participant data say which call it is.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from urllib3 import BaseHTTPResponse, PoolManager, Timeout, make_headers
from urllib3.exceptions import HTTPError

from slotline.channels.wording import in_words
from slotline.domain.messages.message import Message
from slotline.domain.shared.deadlines import patience
from slotline.domain.shared.instants import format_instant
from slotline.ports.messages import MessageRefused, MessengerBusyError
from slotline.ports.shared import Clock, Deadline

REFUSALS = frozenset({400, 409, 413, 415, 422})
"""Answers to a message that will be the same the next time. All others say something of the set-up or the hour."""

_UNAUTHORIZED = 401
CONNECT_SECONDS, READ_SECONDS = 2, 10
LONGEST_REQUEST = timedelta(seconds=CONNECT_SECONDS + READ_SECONDS)
_EARLY = timedelta(minutes=5)
"""How long before its end a token is no longer used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredentials:
    """An OAuth client of the Genesys organization. Its secret stays out of every text."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(slots=True)
class _Token:
    value: str = field(default="", repr=False)
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GenesysDispatch:
    """Announces calls to one Open Messaging integration.

    `login_url` and `api_url` are the region's, without a trailing slash. `credentials` is asked whenever a token is
    needed, about once a day, so a rotated secret needs no restart.
    """

    pool: PoolManager
    login_url: str
    api_url: str
    integration_id: str
    credentials: Callable[[], ClientCredentials]
    clock: Clock
    deadline: Deadline
    _token: _Token = field(default_factory=_Token, init=False, repr=False)

    def send(self, message: Message) -> str:
        """Send it; Genesys's id of it. Raises MessageRefused or MessengerBusyError."""
        body = json.dumps(inbound_message(message), ensure_ascii=False).encode()
        answer = self._post(body)
        if answer.status == _UNAUTHORIZED:  # revoked before its time
            self._token.until = None
            answer = self._post(body)
        if answer.status in REFUSALS:
            raise MessageRefused(f"Genesys answered {answer.status}")
        if not 200 <= answer.status < 300:
            raise MessengerBusyError(f"Genesys answered {answer.status}")
        return str(_parsed(answer).get("id") or message.id)

    def _post(self, body: bytes) -> BaseHTTPResponse:
        place = quote(self.integration_id, safe="")
        return self._request(
            f"{self.api_url}/api/v2/conversations/messages/{place}/inbound/open/message",
            {"Authorization": f"Bearer {self._bearer()}", "Content-Type": "application/json"},
            body,
        )

    def _bearer(self) -> str:
        """A token that lasts a while longer."""
        now = self.clock.now()
        if self._token.until is None or now >= self._token.until:
            found = self._new_token()
            self._token.value = str(found["access_token"])
            self._token.until = now + timedelta(seconds=int(found["expires_in"])) - _EARLY
        return self._token.value

    def _new_token(self) -> Mapping[str, Any]:
        known = self.credentials()
        basic = make_headers(basic_auth=f"{known.client_id}:{known.client_secret}")
        answer = self._request(
            f"{self.login_url}/oauth/token",
            {**basic, "Content-Type": "application/x-www-form-urlencoded"},
            b"grant_type=client_credentials",
        )
        found = _parsed(answer)
        if answer.status != 200 or not found.get("access_token") or not isinstance(found.get("expires_in"), int):
            raise MessengerBusyError(f"Genesys gave no token: {answer.status}")
        return found

    def _request(self, url: str, headers: Mapping[str, str], body: bytes) -> BaseHTTPResponse:
        """Sent once and not redirected: a repeat is the queue's to decide, and credentials go to no other host."""
        given = patience(self.deadline.left(), LONGEST_REQUEST)
        if given is None:
            raise MessengerBusyError("no time is left to ask Genesys")
        timeout = Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS, total=given.total_seconds())
        try:
            return self.pool.request(
                "POST", url, headers=headers, body=body, timeout=timeout, retries=False, redirect=False
            )
        except HTTPError as error:
            raise MessengerBusyError(type(error).__name__) from None


def inbound_message(message: Message) -> dict[str, object]:
    """The message as Open Messaging takes it.

    Genesys knows a repeat by `messageId` and `time` together, so both are the message's own.
    """
    wording = in_words(message)
    facts = {
        "slotline_call_id": message.call_id,
        "slotline_app_id": message.app_id,
        "slotline_kind": message.kind.value,
        "slotline_scheduled_at": format_instant(message.scheduled_at),
        "slotline_join_url": message.join_url,
    }
    return {
        "channel": {
            "messageId": message.id,
            "from": {
                "nickname": wording.guest,
                "id": message.recipient,
                "idType": "Email" if "@" in message.recipient else "Phone",
            },
            "time": format_instant(message.created_at),
            "metadata": {"customAttributes": facts},
        },
        "type": "Text",
        "text": wording.dispatch,
        "direction": "Inbound",
    }


def _parsed(answer: BaseHTTPResponse) -> Mapping[str, Any]:
    try:
        found = json.loads(answer.data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
