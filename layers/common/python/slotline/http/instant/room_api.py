"""What a room's page and its server say to each other, as it travels.

It is the page's own: under `/c/{callId}/…`, asked from the same origin alone, and no part of the documented API. The
envelope is that of the API for websites. A page proves which seat it has by the seat's secret in the body; nothing of a
body is logged.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from http import HTTPStatus
from time import perf_counter
from typing import Annotated, Any, Protocol

from pydantic import AfterValidator, Field

from slotline import observability
from slotline.domain.booking.apps import App
from slotline.domain.booking.rooms import Side
from slotline.domain.instant.doors import doors_of
from slotline.domain.instant.mail import LONGEST, Letter, is_place
from slotline.domain.instant.recordings import MOST_FILES, Progress
from slotline.domain.instant.relays import IceServer, Relays
from slotline.domain.instant.rooms import VideoCall, is_proven
from slotline.domain.instant.seats import Knock, RecordingWish, Seats
from slotline.domain.instant.visits import Entered, Entering, Leaving, Page, Report, Synced
from slotline.domain.shared.errors import DomainError, Forbidden, RateLimited, Unavailable
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.names import check_name, one_line
from slotline.http.access.website_errors import website_error, website_server_error
from slotline.http.core import problems
from slotline.http.core.bodies import parse_json, readable
from slotline.http.core.fields import Flag, in_our_words
from slotline.http.core.methods import check_method
from slotline.http.core.models import RequestBody
from slotline.http.core.urls import check_path
from slotline.ports.shared import StoreBusyError

Event = Mapping[str, Any]
Answer = dict[str, Any]

LONGEST_MS = 7 * 24 * 60 * 60 * 1000
KNOCK_AGAIN_IN = timedelta(seconds=3)
_MILLISECOND = timedelta(milliseconds=1)


class Tools(Protocol):
    """What these handlers take from `slotline.wiring.common`."""

    def begin(self, context: object) -> None:
        """An invocation begins."""
        ...


def _check_place(text: str) -> None:
    if not is_place(text):
        raise ValueError("must be a place in a mailbox")


Secret = Annotated[str, Field(strict=True, min_length=32, max_length=100)]
"""What a tab makes up: as long as 24 random bytes in Base64, so that nobody else finds it."""
SeatName = Annotated[str, Field(strict=True, max_length=100), AfterValidator(in_our_words(check_name))]
PlaceInMail = Annotated[str, Field(strict=True, max_length=20), AfterValidator(in_our_words(_check_place))]


class EnterBody(RequestBody):
    """The body of `POST /c/{callId}/enter`. An empty name says nothing."""

    side: Side
    seat: Secret
    token: Annotated[str, Field(strict=True, max_length=200)] | None = None
    name: SeatName | None = None

    def to_request(self) -> Entering:
        """What the core is asked."""
        return Entering(side=self.side, token=self.token, secret=self.seat, name=self.name)


class SeatBody(RequestBody):
    """Which page of which seat it is."""

    side: Side
    seat: Secret
    tab: Annotated[int, Field(strict=True, ge=1, le=999_999)]

    def page(self) -> Page:
        """The same, as the core knows it."""
        return Page(side=self.side, secret=self.seat, tab=self.tab)


class LetterBody(RequestBody):
    """Something for the other side."""

    number: Annotated[int, Field(strict=True, ge=1)]
    text: Annotated[str, Field(strict=True, max_length=LONGEST)]


class SyncBody(SeatBody):
    """The body of `POST /c/{callId}/sync`.

    `admit`: the knock that is let in; `look`: how the call stands is asked, too; `ice`: fresh ways to connect.
    """

    linked: Flag = False
    after: PlaceInMail = ""
    send: list[LetterBody] = Field(default_factory=list)
    admit: Annotated[str, Field(strict=True, max_length=16)] | None = None
    look: Flag = False
    ice: Flag = False
    agree: Flag | None = None
    record: RecordingWish | None = None

    def to_report(self) -> Report:
        """What the core is told."""
        return Report(
            page=self.page(),
            is_linked=self.linked,
            after=self.after,
            letters=[Letter(tab=self.tab, number=one.number, text=one.text) for one in self.send],
            admits=self.admit,
            asks_of_call=self.look,
            agrees=self.agree,
            wish=self.record,
        )


class RecordBody(SeatBody):
    """The body of `POST /c/{callId}/recordings`. `mimeType`: as the recorder says it; `start`: what a page calls it."""

    mime_type: Annotated[str, Field(strict=True, max_length=100)]
    start: Annotated[str, Field(strict=True, max_length=64)] = ""


class ProgressBody(SeatBody):
    """The body of `POST /c/{callId}/recordings/stop`: how far a recording has come."""

    number: Annotated[int, Field(strict=True, ge=1, le=MOST_FILES)]
    recorded_ms: Annotated[int, Field(strict=True, ge=0, le=LONGEST_MS)]
    pieces: Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
    gaps: Annotated[list[Annotated[int, Field(strict=True, ge=1, le=1_000_000)]], Field(max_length=100)] = Field(
        default_factory=list
    )

    def progress(self) -> Progress:
        """The same, as the core knows it."""
        recorded = timedelta(milliseconds=self.recorded_ms)
        return Progress(number=self.number, recorded=recorded, pieces=self.pieces, gaps=tuple(self.gaps))


class PartBody(ProgressBody):
    """The body of `POST /c/{callId}/recordings/part`: a part, or what is none yet behind so many parts."""

    part: Annotated[int, Field(strict=True)] | None = None
    tail_after: Annotated[int, Field(strict=True)] | None = None
    size: Annotated[int, Field(strict=True)]


class LeaveBody(SeatBody):
    """The body of `POST /c/{callId}/leave`."""

    how: Leaving = Leaving.LEAVE


def ways_data(relays: Relays, call_id: str, side: Side, now: datetime) -> Mapping[str, object]:
    """Relays to be tried before the call."""
    return {"ice": _ice_data(relays, call_id, side, now)}


def entered_data(entered: Entered, relays: Callable[[], Relays]) -> Mapping[str, object]:
    """What somebody who has a seat now is told of the call; of one who waits, nothing of it."""
    if entered.waits:
        return {"state": "waiting", "askAgainIn": KNOCK_AGAIN_IN // _MILLISECOND}
    seat = entered.seats.of(entered.side)
    return {
        "state": "in",
        "tab": seat.tab if seat else 0,
        "call": _call_data(
            entered.call, entered.app, entered.side, entered.now, is_told=_is_told(entered, is_proven=entered.is_proven)
        ),
        "peer": _peer_data(entered.seats, entered.side, entered.now),
        "recording": _recording_data(entered.seats, entered.side, entered.now),
        "ice": _ice_data(relays(), entered.call.id, entered.side, entered.now),
    }


def synced_data(synced: Synced, body: SyncBody, relays: Callable[[], Relays], call_id: str) -> Mapping[str, object]:
    """What a page is told that was heard of."""
    return {
        "peer": _peer_data(synced.seats, body.side, synced.now),
        "knock": _knock_data(synced.seats.knock, body.side, synced.now),
        "mail": [asdict(letter) for letter in synced.letters],
        "askAgainIn": synced.ask_again_in // _MILLISECOND,
        "recording": _recording_data(synced.seats, body.side, synced.now),
        "talkedSeconds": int(synced.seats.talked_until(synced.now).total_seconds()),
        **_asked_of_call(synced, body.side),
        **({"ice": _ice_data(relays(), call_id, body.side, synced.now)} if body.ice else {}),
    }


def left_data(seats: Seats) -> Mapping[str, object]:
    """What a page is told that left."""
    return {"isOver": seats.ended_at is not None}


def serve_room(event: Event, context: object, tools: Tools, act: Callable[[str, dict[str, Any]], object]) -> Answer:
    """Answer one payload 2.0 event of a room's page. `act` is given the call's id and the body's fields."""
    started = perf_counter()
    tools.begin(context)
    answer = _answered(event, act)
    milliseconds = round((perf_counter() - started) * 1000, 1)
    status = answer["statusCode"]
    observability.logger.info("answered", route=event.get("routeKey"), status=status, milliseconds=milliseconds)
    observability.flush()
    return answer


def _answered(event: Event, act: Callable[[str, dict[str, Any]], object]) -> Answer:
    try:
        check_method(event)
        check_path(event)
        _check_same_origin(event)
        text = (readable(event)["body"] or "").strip()
        data = act(str(event["rawPath"].split("/")[2]), parse_json(text) if text else {})
    except DomainError as error:
        return _refused(error)
    except StoreBusyError as error:
        observability.log_failure("the store is busy", error)
        return _refused(Unavailable("The service is busy. Try again in a moment."))
    except Exception as error:  # noqa: BLE001 - the last resort: recorded, and answered without a word about us
        observability.log_unexpected(error, route=event.get("routeKey"))
        return _answer(problems.SERVER_ERROR.status, website_server_error())
    return _answer(HTTPStatus.OK, json.dumps({"ok": True, "data": data}, ensure_ascii=False))


def _check_same_origin(event: Event) -> None:
    """Raises Forbidden for a page of somebody else's: browsers say who asks, and no page can alter that."""
    said = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    site, origin = said.get("sec-fetch-site"), said.get("origin")
    is_other = site is not None and site != "same-origin"
    if is_other or (origin is not None and origin.partition("://")[2] != said.get("host")):
        raise Forbidden("Only the room's own page may ask this.")


def _is_told(visit: Entered | Synced, *, is_proven: bool) -> bool:
    """Whether this page is told what the call is about: who has nothing but the link, once the host is there."""
    return is_proven or visit.seats.is_there(Side.HOST, visit.now)


def _asked_of_call(synced: Synced, side: Side) -> Mapping[str, object]:
    if synced.call is None or synced.app is None:
        return {}
    is_told = _is_told(synced, is_proven=is_proven(synced.call, side))
    return {
        "door": doors_of(synced.call, synced.now).door.value,
        "call": _call_data(synced.call, synced.app, side, synced.now, is_told=is_told),
    }


def _call_data(call: VideoCall, app: App, side: Side, now: datetime, *, is_told: bool) -> Mapping[str, object]:
    doors = doors_of(call, now)
    host_name = call.host_name if is_told or call.booked else None
    said: dict[str, object] = {
        "organization": one_line(app.shown_name),
        "title": one_line(call.title) if call.title and is_told else None,
        "description": call.description if is_told else None,
        "hostName": host_name and one_line(host_name),
        "guestName": one_line(call.guest_name) if call.guest_name and side is Side.HOST else None,
        "scheduledAt": format_instant(call.scheduled_at) if call.scheduled_at else None,
        "endsAt": format_instant(doors.closes_at) if call.booked else None,
        "recordOnStart": call.record_on_start,
    }
    if side is Side.HOST and call.genesys:
        said["genesys"] = {name: value for name, value in asdict(call.genesys).items() if value is not None}
    return said


def _peer_data(seats: Seats, side: Side, now: datetime) -> Mapping[str, object]:
    seat = seats.of(side.other)
    if seat is None:
        return {"isThere": False, "tab": 0, "name": None, "hasLeft": False}
    return {
        "isThere": seats.is_there(side.other, now),
        "tab": seat.tab,
        "name": seat.name,
        "hasLeft": seat.left_at is not None,
    }


def _knock_data(knock: Knock | None, to: Side, now: datetime) -> Mapping[str, object] | None:
    """Who waits is told to the host, who alone lets them in."""
    if to is not Side.HOST or knock is None or knock.admitted or not knock.is_heard(now):
        return None
    return {"id": knock.id, "side": knock.side.value, "name": knock.name}


def _recording_data(seats: Seats, side: Side, now: datetime) -> Mapping[str, object]:
    """What is wanted, who has agreed, and whether this side is to record now what it sends."""
    mine, theirs = seats.of(side), seats.of(side.other)
    return {
        "wish": (seats.wish or RecordingWish.OFF).value,
        "mine": mine.agrees if mine else None,
        "theirs": theirs.agrees if theirs and seats.is_there(side.other, now) else None,
        "isOn": seats.may_record(now),
    }


def _ice_data(relays: Relays, call_id: str, side: Side, now: datetime) -> Mapping[str, object]:
    servers = relays.servers_for(f"{call_id}-{side.value}", now)
    return {"servers": [_server_data(server) for server in servers], "only": relays.only, "relay": relays.has_relay}


def _server_data(server: IceServer) -> Mapping[str, object]:
    proof = {"username": server.username, "credential": server.credential} if server.credential else {}
    return {"urls": list(server.urls), **proof}


def _refused(error: DomainError) -> Answer:
    again = {"Retry-After": str(error.retry_after_seconds)} if isinstance(error, Unavailable | RateLimited) else {}
    return _answer(problems.problem_of(error).status, website_error(error), again)


def _answer(status: HTTPStatus, body: str, more: Mapping[str, str] | None = None) -> Answer:
    headers = {**problems.JSON_HEADERS, **(more or {})}
    return {"statusCode": status.value, "headers": headers, "body": body, "isBase64Encoded": False}
