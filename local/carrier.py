"""A carrier to dial through: as much of Twilio's REST API as the real adapter speaks, and people who answer, or do not.

What becomes of a call follows from the last digit of the number that is called:

| digit | what happens |
|---|---|
| 1 | busy |
| 2 | nobody answers |
| 3 | voicemail answers |
| 4 | the call fails |
| 7 | refused: no such number (Twilio's 21211) |
| 8 | the call is placed and its answer is lost (a 500); somebody answers |
| 9 | somebody answers, and how it goes on is never reported |
| others | somebody answers |

It reports to the status callback, signed as Twilio signs, and plays what the answer's TwiML says. LOCAL_CARRIER_RINGS
and LOCAL_CARRIER_TALKS say for how many seconds a phone rings and a conversation lasts; LOCAL_CARRIER_FAULTS, from 0 to
1, which share of the reports comes twice, and late.
"""

import asyncio
import base64
import hmac
import json
import os
import random
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError

from local.console import say
from local.gateway.answers import Answer
from local.gateway.events import Request

ACCOUNT_SID = "AC00000000000000000000000000000000"
AUTH_TOKEN = "local"  # noqa: S105 - opens nothing
SECRET = json.dumps({"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN})

MOST = 20_000
"""Calls kept; older ones are forgotten."""

_VERSION = "/2010-04-01/Accounts/"
_OUTCOMES = {"1": "busy", "2": "no-answer", "4": "failed"}
_VOICEMAIL, _REFUSED, _LOST, _SILENT = "3", "7", "8", "9"
_FINAL = frozenset({"busy", "no-answer", "failed", "completed", "canceled"})
_TIMEOUT = Timeout(connect=2, read=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How the people who are called behave, and the network."""

    rings_for: float = 2.0
    talks_for: float = 5.0
    faults: float = 0.0

    @classmethod
    def from_environment(cls) -> "Manners":
        """As this process was told."""
        env = os.environ
        return cls(
            rings_for=float(env.get("LOCAL_CARRIER_RINGS", "2")),
            talks_for=float(env.get("LOCAL_CARRIER_TALKS", "5")),
            faults=float(env.get("LOCAL_CARRIER_FAULTS", "0")),
        )


@dataclass(slots=True, kw_only=True)
class PhoneCall:
    """A call as the carrier knows it. `heard`: what was said to whoever answered, as TwiML. `ended_at`: once it has."""

    sid: str
    to: str
    from_number: str
    at: datetime
    status: str = "queued"
    answered_by: str | None = None
    heard: str | None = None
    ended_at: datetime | None = None
    reports: list[str] = field(default_factory=list)
    ordered: dict[str, str] = field(default_factory=dict, repr=False)

    def as_json(self) -> dict[str, Any]:
        """What `/__local/inbox` says of it."""
        said = asdict(self)
        del said["ordered"]
        ended_at = _text(self.ended_at) if self.ended_at else None
        times = {"at": _text(self.at), "ended_at": ended_at}
        return {**said, "from": said.pop("from_number"), **times, "reports": len(self.reports)}

    def as_twilio(self) -> dict[str, Any]:
        """What Twilio's API says of it."""
        return {
            "sid": self.sid,
            "account_sid": ACCOUNT_SID,
            "to": self.to,
            "from": self.from_number,
            "status": self.status,
            "answered_by": self.answered_by,
            "date_created": format_datetime(self.at),
        }


class LocalCarrier:
    """Answers Twilio's API, and plays the calls beside that."""

    def __init__(self, manners: Manners | None = None) -> None:
        self._manners = manners or Manners.from_environment()
        self._calls: dict[str, PhoneCall] = {}
        self._playing: set[asyncio.Task[None]] = set()
        self._pool = PoolManager(maxsize=50)

    def find(self, to: str | None = None, since: datetime | None = None) -> list[PhoneCall]:
        """The calls to this number, all without one, that were placed at this instant or later."""
        return [
            call
            for call in self._calls.values()
            if (to is None or call.to == to) and (since is None or call.at >= since)
        ]

    def answer(self, path: str, request: Request) -> Answer:
        """One request to the API; `path` from `/2010-04-01` on."""
        place = path.removeprefix(_VERSION + ACCOUNT_SID)
        if place == path or not (request.header("authorization") or "").startswith("Basic "):
            return _error(401, 20003)
        fields = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        parts = place.removesuffix(".json").strip("/").split("/")
        match (request.method, *parts):
            case ("POST", "Calls"):
                return self._place(fields)
            case ("GET", "Calls"):
                asked = dict(parse_qsl(request.query))
                found = [call for call in self.find(asked.get("To")) if call.from_number == asked.get("From")]
                return _json({"calls": [call.as_twilio() for call in reversed(found)], "next_page_uri": None})
            case ("GET", "Calls", sid) if sid in self._calls:
                return _json(self._calls[sid].as_twilio())
            case ("POST", "Calls", sid) if sid in self._calls:
                self._end(self._calls[sid], fields.get("Status", ""))
                return _json(self._calls[sid].as_twilio())
            case ("GET", "Calls", sid, "Events") if sid in self._calls:
                return _json({"events": [{"request": {"url": url}} for url in self._calls[sid].reports]})
            case _:
                return _error(404, 20404)

    def _place(self, fields: Mapping[str, str]) -> Answer:
        digit = fields["To"][-1]
        if digit == _REFUSED:
            return _error(400, 21211)
        call = PhoneCall(
            sid=f"CA{secrets.token_hex(16)}",
            to=fields["To"],
            from_number=fields["From"],
            at=datetime.now(UTC),
            ordered=dict(fields),
        )
        self._calls[call.sid] = call
        if len(self._calls) > MOST:
            del self._calls[next(iter(self._calls))]
        task = asyncio.get_running_loop().create_task(self._play(call, digit))
        self._playing.add(task)
        task.add_done_callback(self._playing.discard)
        return _error(500, 20500) if digit == _LOST else _json(call.as_twilio(), 201)

    async def _play(self, call: PhoneCall, digit: str) -> None:
        await self._comes_to(call, "initiated")
        await self._comes_to(call, "ringing")
        await asyncio.sleep(self._manners.rings_for)
        if digit in _OUTCOMES:
            await self._comes_to(call, _OUTCOMES[digit])
            return
        if call.ordered.get("MachineDetection"):
            call.answered_by = "machine_start" if digit == _VOICEMAIL else "human"
        await self._comes_to(call, "in-progress")
        call.heard = await self._ask(call)
        says_more = call.heard is not None and ("<Say" in call.heard or "<Dial" in call.heard)
        await asyncio.sleep(self._manners.talks_for if says_more else 0)
        await self._comes_to(call, "completed")

    async def _comes_to(self, call: PhoneCall, status: str) -> None:
        if call.status in _FINAL:
            return
        call.status = status
        if status in _FINAL:
            call.ended_at = datetime.now(UTC)
        if call.to[-1] == _SILENT:
            return
        share = self._manners.faults
        times = 2 if random.random() < share else 1  # noqa: S311 - plays bad weather
        for _ in range(times):
            late = random.uniform(0, 3) if random.random() < share else 0.0  # noqa: S311 - as above
            task = asyncio.get_running_loop().create_task(self._report(call, status, late))
            self._playing.add(task)
            task.add_done_callback(self._playing.discard)
            if not share:
                await task

    async def _report(self, call: PhoneCall, status: str, late: float) -> None:
        await asyncio.sleep(late)
        await self._post(call, call.ordered.get("StatusCallback", ""), status)

    async def _ask(self, call: PhoneCall) -> str | None:
        return await self._post(call, call.ordered.get("Url", ""), "in-progress")

    async def _post(self, call: PhoneCall, url: str, status: str) -> str | None:
        """One signed form; what came back."""
        said = {"CallSid": call.sid, "AccountSid": ACCOUNT_SID, "To": call.to, "From": call.from_number}
        fields = [*said.items(), ("CallStatus", status), ("Direction", "outbound-api")]
        if call.answered_by:
            fields.append(("AnsweredBy", call.answered_by))
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": _signature(url, fields),
        }
        call.reports.append(url)
        try:
            answer = await asyncio.to_thread(
                self._pool.request,
                "POST",
                url,
                headers=headers,
                body=urlencode(fields).encode(),
                timeout=_TIMEOUT,
                retries=False,
            )
        except HTTPError as error:
            say(f"carrier could not report: {type(error).__name__}")
            return None
        if answer.status >= 300:
            say(f"carrier's report was answered {answer.status}")
        return answer.data.decode()

    def _end(self, call: PhoneCall, status: str) -> None:
        if status in {"completed", "canceled"} and call.status not in _FINAL:
            task = asyncio.get_running_loop().create_task(self._comes_to(call, status))
            self._playing.add(task)
            task.add_done_callback(self._playing.discard)


def _signature(url: str, fields: Iterable[tuple[str, str]]) -> str:
    """As Twilio signs: https://www.twilio.com/docs/usage/security#validating-requests."""
    said = url + "".join(f"{name}{value}" for name, value in sorted(fields))
    return base64.b64encode(hmac.digest(AUTH_TOKEN.encode(), said.encode(), "sha1")).decode()


def _text(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _json(content: Mapping[str, Any], status: int = 200) -> Answer:
    return Answer(status, (("content-type", "application/json"),), json.dumps(content).encode())


def _error(status: int, code: int) -> Answer:
    """Twilio's error in JSON."""
    return _json({"code": code, "message": "refused by the local carrier", "status": status}, status)
