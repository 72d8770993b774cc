"""A call as its room knows it: who is expected, what is kept for them, and whether it is over.

Two kinds share the address `/c/{id}`. An instant call exists from the moment its link is asked for, and its room is all
there is of it. A scheduled call's room only leads to the booking, which has the last word on names and state.
"""

import hmac
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from slotline.domain.access.identity import secret_hash
from slotline.domain.booking.apps import App, Preset
from slotline.domain.booking.calls import Call, CallStatus
from slotline.domain.booking.role_tokens import host_binding
from slotline.domain.booking.rooms import CallSource, RoomKind, Side
from slotline.domain.instant.seats import Happened, Happening
from slotline.domain.shared.errors import Conflict

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


class VideoCallStatus(StrEnum):
    """The two were not there together yet; they were; it is over. It never goes back."""

    CREATED = "created"
    STARTED = "started"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class GenesysContext:
    """The Genesys Cloud conversation that a call belongs to, for the host's page."""

    conversation_id: str | None = None
    gc_host_origin: str | None = None
    gc_target_env: str | None = None
    gc_lang_tag: str | None = None
    gc_use_popup_auth: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstantCallRequest:
    """What a website asks for. None means "not said": the preset's value stands in."""

    preset_id: str | None = None
    title: str | None = None
    description: str | None = None
    metadata: Mapping[str, object] | None = None
    host_name: str | None = None
    guest_name: str | None = None
    record_on_start: bool | None = None
    genesys: GenesysContext | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoCall:
    """One call with a room. `metadata` is the client's own JSON: kept, given back, never read.

    `secret_hash`: of the secret that whoever started the call was given. None where there is none: a scheduled call, or
    a call from before there were such secrets.
    """

    id: str
    app_id: str
    kind: RoomKind
    status: VideoCallStatus
    source: CallSource
    created_by: str | None
    """The credential that made it, by the name it has in receipts."""
    created_at: datetime
    preset_id: str
    preview_enabled: bool
    record_on_start: bool
    title: str | None = None
    description: str | None = None
    metadata: Mapping[str, object] = field(default_factory=dict)
    host_name: str | None = None
    guest_name: str | None = None
    genesys: GenesysContext | None = None
    scheduled_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    """The credential that ended it, as `created_by`, or somebody who signed in: `ended_by_user`."""
    secret_hash: str | None = field(default=None, repr=False)
    booked: Call | None = field(default=None, repr=False)
    """The booking itself, of a scheduled call."""
    join_tokens: bool = False
    """Whether a guest's link has to carry a role token, too: the preset's, when an instant call was made. The link of a
    booking is in its guest's calendar, and stays as it is."""

    @property
    def is_over(self) -> bool:
        """True once nobody can join any more."""
        return self.status is VideoCallStatus.ENDED

    def end(self, now: datetime, by: str) -> "VideoCall":
        """The call as it is once somebody has ended it; one that already is stays as it was.

        Raises Conflict for a scheduled call: how it ends is told by its booking.
        """
        if self.kind is RoomKind.SCHEDULED:
            raise Conflict("A scheduled call ends with its booking: cancel it, or let its people leave.")
        return self if self.is_over else replace(self, status=VideoCallStatus.ENDED, ended_at=now, ended_by=by)

    def after(self, happened: Happened) -> "VideoCall":
        """An instant call as it is once this happened in its room. It never goes back."""
        if self.is_over:
            return self
        if happened.what is Happening.TOGETHER and self.started_at is None:
            return replace(self, status=VideoCallStatus.STARTED, started_at=happened.at)
        if happened.what is Happening.ENDED:
            return replace(self, status=VideoCallStatus.ENDED, ended_at=happened.at, ended_by=ENDED_BY_LEAVING)
        return self


ENDED_BY_LEAVING = "room"
"""What an instant call says of its people, who ended it from its room."""


def ended_by_user(user_id: str) -> str:
    """What an instant call says of somebody who signed in and ended it."""
    return f"user:{user_id}"


def holder_of(call: VideoCall, side: Side) -> str | None:
    """Who alone may have this side of the call: the agent of a booking its host's; None: whoever has a link."""
    return host_binding(call.booked) if call.booked and side is Side.HOST else None


def bound_to(call: VideoCall, side: Side) -> str:
    """What a role token of this call and side depends on, besides them."""
    return holder_of(call, side) or ""


def is_proven(call: VideoCall, side: Side) -> bool:
    """Whether whoever has this side has shown more than the link to the call, which anybody may have come by."""
    return side is Side.HOST or call.join_tokens


MayOpen = Callable[[VideoCall], bool]
"""Whether a request may read a call and end it. Who may not is told that there is no such call."""


def with_secret(app_id: str, secret: str | None) -> MayOpen:
    """A website may open the calls that it shows the secret of: its key alone is known to every visitor."""
    shown = secret_hash(secret or "")

    def may(call: VideoCall) -> bool:
        return call.app_id == app_id and call.secret_hash is not None and hmac.compare_digest(shown, call.secret_hash)

    return may


def of_apps(app_ids: Collection[str]) -> MayOpen:
    """A partner may open the calls of the apps that were granted to it, of either kind."""
    return lambda call: call.app_id in app_ids


def is_call_id(text: str) -> bool:
    """Whether this could be a call's id at all: a UUID as we write it."""
    return _ID.fullmatch(text) is not None


def new_instant_call(
    request: InstantCallRequest,
    preset: Preset,
    *,
    app_id: str,
    call_id: str,
    secret: str,
    created_by: str,
    now: datetime,
) -> VideoCall:
    """The call this request makes: what was said, then what the preset says."""
    said = request.record_on_start
    return VideoCall(
        id=call_id,
        app_id=app_id,
        kind=RoomKind.INSTANT,
        status=VideoCallStatus.CREATED,
        source=CallSource.WIDGET_KEY,
        created_by=created_by,
        created_at=now,
        preset_id=preset.preset_id,
        preview_enabled=preset.preview_enabled,
        record_on_start=preset.record_on_start if said is None else said,
        title=request.title,
        description=request.description,
        metadata=request.metadata or {},
        host_name=request.host_name or preset.host_name,
        guest_name=request.guest_name or preset.guest_name,
        genesys=request.genesys,
        secret_hash=secret_hash(secret),
        join_tokens=preset.join_tokens,
    )


def room_of(call: Call, app: App) -> VideoCall:
    """A scheduled call as its room shows it. The guest's name, and nothing else of the guest."""
    preset = app.preset
    return VideoCall(
        id=call.id,
        app_id=call.app_id,
        kind=RoomKind.SCHEDULED,
        status=_status_of(call),
        source=CallSource.BOOKING,
        created_by=None,
        created_at=call.created_at,
        preset_id=preset.preset_id,
        preview_enabled=preset.preview_enabled,
        record_on_start=preset.record_on_start,
        host_name=preset.host_name,
        guest_name=call.guest.name,
        scheduled_at=call.scheduled_at,
        booked=call,
    )


def _status_of(call: Call) -> VideoCallStatus:
    if call.is_final:
        return VideoCallStatus.ENDED
    return VideoCallStatus.STARTED if call.status is CallStatus.STARTED else VideoCallStatus.CREATED
