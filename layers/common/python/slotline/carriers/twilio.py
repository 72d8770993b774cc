"""Twilio: calls by its REST API (https://www.twilio.com/docs/voice/api/call-resource).

Twilio knows no tokens that would make a repeated order one call, so an order is sent once and never repeated. What is
known of an answer that was lost is found out later: among the calls to the same number, each one's requests tell to
which of our addresses it reports.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode

from botocore.exceptions import ConnectionError as NoAnswerError
from botocore.exceptions import (
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    SSLError,
)

from slotline.aws import NoTimeLeftError
from slotline.aws.connections import Answer, Connections, Sent
from slotline.carriers.callbacks import ANSWER, STATUS, place_of
from slotline.carriers.twilio_words import report_of
from slotline.domain.dialing.carrier_orders import RINGS_FOR, Order, Report
from slotline.domain.shared.deadlines import patience
from slotline.ports.dialing import CarrierRefused, CarrierUnknownError
from slotline.ports.shared import Deadline

EVENTS = ("initiated", "ringing", "answered", "completed")

LOOKUP_REACHES_BACK = timedelta(minutes=1)
"""How far before a claim a call may seem to have been made: clocks differ."""

MOST_PAGES = 5
CONNECT_SECONDS, READ_SECONDS = 3, 10
LONGEST_REQUEST = timedelta(seconds=CONNECT_SECONDS + READ_SECONDS)
_CREATED = 201

_NOT_SENT = (EndpointConnectionError, SSLError, ConnectTimeoutError, NoTimeLeftError)
"""Nothing of the request has left: no phone can ring. (TLS fails before anything is said.)"""
_UNANSWERED = (NoAnswerError, HTTPClientError, NoTimeLeftError)

_PASSING = frozenset({401, 403, 404, 429})
"""Answers that say something of the set-up or the hour, and come before a call is made."""

_REQUEST_TIMEOUT = 408


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioAccount:
    """An account. Its token stays out of every text."""

    account_sid: str
    auth_token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioCarrier:
    """`Carrier` on one Twilio account.

    `twilio` leads to its API. `callbacks_at` is our address as Twilio reaches it, without a trailing slash. `account`
    is asked for each request, so that a rotated token needs no restart.
    """

    twilio: Connections
    callbacks_at: str
    account: Callable[[], TwilioAccount]
    deadline: Deadline

    def dial(self, order: Order) -> str:
        """One POST, never repeated; the call's SID. Raises CarrierRefused or CarrierUnknownError."""
        place = place_of(order.organization_id, order.call_id, order.attempt)
        fields: list[tuple[str, str]] = [
            ("To", order.to),
            ("From", order.from_number),
            ("Url", f"{self.callbacks_at}{ANSWER}{place}"),
            ("Method", "POST"),
            ("StatusCallback", f"{self.callbacks_at}{STATUS}{place}"),
            ("StatusCallbackMethod", "POST"),
            *(("StatusCallbackEvent", event) for event in EVENTS),
            ("Timeout", str(int(RINGS_FOR.total_seconds()))),
            ("TimeLimit", str(int(order.max_duration.total_seconds()))),
        ]
        if order.detects_machines:
            fields.append(("MachineDetection", "DetectMessageEnd" if order.waits_for_the_tone else "Enable"))
        if order.records:
            fields.append(("Record", "true"))
        try:
            answer = self._request("POST", "/Calls.json", fields)
        except _NOT_SENT as error:
            raise CarrierRefused(type(error).__name__, may_pass=True) from None
        except _UNANSWERED as error:
            raise CarrierUnknownError(type(error).__name__) from None
        sid = _parsed(answer).get("sid")
        if answer.status == _CREATED and sid:
            return str(sid)
        if 400 <= answer.status < 500 and answer.status != _REQUEST_TIMEOUT:
            raise CarrierRefused(_reason(answer), may_pass=answer.status in _PASSING)
        raise CarrierUnknownError(f"Twilio answered {answer.status}")

    def look_up(self, order: Order, carrier_call_id: str | None, claimed_at: datetime) -> Report | None:
        """One GET for a call whose SID is known; else its number's calls since the claim, and their requests."""
        try:
            return self._looked_up(order, carrier_call_id, claimed_at)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise CarrierUnknownError("Twilio's answer cannot be read") from error

    def _looked_up(self, order: Order, carrier_call_id: str | None, claimed_at: datetime) -> Report | None:
        if carrier_call_id:
            found = self._get(f"/Calls/{quote(carrier_call_id, safe='')}.json")
            return _report(found) if found else None
        place = place_of(order.organization_id, order.call_id, order.attempt)
        is_unclear = False
        for call in self._calls_since(order, claimed_at - LOOKUP_REACHES_BACK):
            reports_to = [str(url) for url in self._requests_of(str(call["sid"]))]
            if any(url.endswith(place) for url in reports_to):
                return _report(call)
            is_unclear = is_unclear or not reports_to
        if is_unclear:
            raise CarrierUnknownError("a call to the same number has not reported to anybody yet")
        return None

    def hang_up(self, carrier_call_id: str) -> None:
        """One POST: a call that waits or rings is canceled by it as well."""
        try:
            answer = self._request("POST", f"/Calls/{quote(carrier_call_id, safe='')}.json", [("Status", "completed")])
        except _UNANSWERED as error:
            raise CarrierUnknownError(type(error).__name__) from None
        if 400 <= answer.status < 500:
            raise CarrierRefused(_reason(answer))
        if not 200 <= answer.status < 300:
            raise CarrierUnknownError(f"Twilio answered {answer.status}")

    def _calls_since(self, order: Order, since: datetime) -> Iterator[Mapping[str, Any]]:
        """The calls between the two numbers, the last one first. Raises CarrierUnknownError where they are too many."""
        query = urlencode({"To": order.to, "From": order.from_number, "PageSize": "50"})
        path = f"/Calls.json?{query}"
        for _ in range(MOST_PAGES):
            page = self._get(path) or {}
            for call in page["calls"]:  # an answer without them says nothing, not that there are none
                if _instant(call["date_created"]) < since:
                    return
                yield call
            following = page.get("next_page_uri")
            if not following:
                return
            path = str(following).partition(f"/Accounts/{self.account().account_sid}")[2]
        raise CarrierUnknownError("too many calls to the same number")

    def _requests_of(self, sid: str) -> Iterator[object]:
        """The addresses that a call has reported to."""
        for event in (self._get(f"/Calls/{quote(sid, safe='')}/Events.json") or {}).get("events", ()):
            yield event["request"]["url"]

    def _get(self, path: str) -> Mapping[str, Any] | None:
        try:
            answer = self._request("GET", path, ())
        except _UNANSWERED as error:
            raise CarrierUnknownError(type(error).__name__) from None
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise CarrierUnknownError(f"Twilio answered {answer.status}")
        return _parsed(answer)

    def _request(self, method: str, path: str, fields: list[tuple[str, str]] | tuple[()]) -> Answer:
        """Sent once and not redirected. Raises what `_UNANSWERED` has."""
        account = self.account()
        given = patience(self.deadline.left(), LONGEST_REQUEST)
        if given is None:
            raise NoTimeLeftError(operation="Twilio")
        sent = Sent(
            method,
            f"{self.twilio.path}/2010-04-01/Accounts/{quote(account.account_sid, safe='')}{path}",
            headers={
                "host": self.twilio.host,
                "authorization": _basic(account),
                "accept": "application/json",
                **({"content-type": "application/x-www-form-urlencoded"} if fields else {}),
            },
            body=urlencode(fields).encode() if fields else b"",
            seconds=given.total_seconds(),
        )
        return self.twilio.send(sent, _at_once, may_repeat=False)


def to_twilio(api_url: str) -> Connections:
    """Ways to Twilio's API. urllib3 would be an eighth of a cold start."""
    return Connections(api_url, ca_bundle=None, connect_seconds=CONNECT_SECONDS, read_seconds=READ_SECONDS)


def _at_once() -> None:
    """Nothing to check before sending: there is time, or it would not be tried."""


def _basic(account: TwilioAccount) -> str:
    """RFC 7617."""
    return "Basic " + b64encode(f"{account.account_sid}:{account.auth_token}".encode()).decode()


def _report(call: Mapping[str, Any]) -> Report:
    found = report_of(call.get("status"), call.get("sid"), call.get("answered_by"))
    if found is None:
        raise CarrierUnknownError("Twilio named a status that is not known")
    return found


def _reason(answer: Answer) -> str:
    """Twilio's code of what was wrong (https://www.twilio.com/docs/api/errors); its own text repeats numbers."""
    code = _parsed(answer).get("code")
    return f"twilio_{code}" if isinstance(code, int) else f"twilio_http_{answer.status}"


def _instant(text: object) -> datetime:
    """RFC 2822, as Twilio writes instants."""
    try:
        return parsedate_to_datetime(str(text)).astimezone(UTC)
    except ValueError as error:
        raise CarrierUnknownError("Twilio's answer cannot be read") from error


def _parsed(answer: Answer) -> Mapping[str, Any]:
    try:
        found = json.loads(answer.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
