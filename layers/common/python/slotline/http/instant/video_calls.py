"""Instant calls as they travel: the request for one, and the call as its website sees it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from slotline.domain.booking.guest_links import LinkKeys
from slotline.domain.booking.rooms import RoomKind, Side
from slotline.domain.instant.join_urls import JoinUrls, join_urls
from slotline.domain.instant.recordings import Downloadable, RecordingState
from slotline.domain.instant.rooms import (
    GenesysContext,
    InstantCallRequest,
    MayOpen,
    VideoCall,
    VideoCallStatus,
    of_apps,
    with_secret,
)
from slotline.domain.shared.audit import Author, AuthorType, Surface
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.names import check_line, check_name
from slotline.domain.shared.origins import normal_origin
from slotline.http.access.website_api import Done, PartnerVisit, Visit
from slotline.http.core.fields import Flag, Metadata, Notes, in_our_words, refused
from slotline.http.core.models import Model, RequestBody
from slotline.http.core.parsing import parse

_TRUTH = {"true": True, "1": True, "false": False, "0": False}


def _check_if_said(value: str) -> None:
    """A form's blank field says nothing, and is no fault."""
    (check_name if value.strip(" ") else check_line)(value)


def _origin(value: str) -> str:
    """As a browser writes it: what the context is handed to is compared with that."""
    try:
        return normal_origin(value)
    except ValueError as error:
        raise refused("pattern", str(error)) from error


Title = Annotated[str, Field(strict=True, max_length=200), AfterValidator(in_our_words(_check_if_said))]
Name = Annotated[str, Field(strict=True, max_length=200), AfterValidator(in_our_words(_check_if_said))]
PresetId = Annotated[str, Field(strict=True, min_length=1, max_length=128), AfterValidator(in_our_words(check_line))]
GenesysText = Annotated[str, Field(strict=True, max_length=512), AfterValidator(in_our_words(check_line))]
GenesysOrigin = Annotated[str, Field(strict=True, max_length=512), AfterValidator(_origin)]
Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class WidgetBody(RequestBody):
    """A body that may carry the credentials `appId` and `widgetKey`."""

    app_id: Annotated[str, Field(strict=True, description="Where no header and no query carries it")] | None = None
    widget_key: Annotated[str, Field(strict=True, description="Where no header and no query carries it")] | None = None


class GenesysBody(RequestBody):
    """The Genesys Cloud conversation of a call. Each field may come as a query parameter instead; the body wins."""

    conversation_id: GenesysText | None = None
    gc_host_origin: GenesysOrigin | None = Field(None, description="The page that embeds the room: told the context")
    gc_target_env: GenesysText | None = None
    gc_lang_tag: GenesysText | None = None
    gc_use_popup_auth: Flag | None = None


class NewVideoCall(WidgetBody):
    """The body of `POST /api/calls`. Every field may be left out, and so may the body."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Support Session #1234",
                    "description": "Customer onboarding walkthrough",
                    "metadata": {"ticketId": "T-1234", "priority": "high"},
                    "hostName": "Sarah (Support)",
                    "guestName": "John",
                    "recordOnStart": True,
                }
            ]
        }
    )

    preset_id: PresetId | None = Field(None, description="A preset of the app; left out, the active one")
    title: Title | None = None
    description: Notes | None = None
    metadata: Metadata | None = Field(None, description="Free-form JSON, at most 16 KB; nested at most 49 deep")
    host_name: Name | None = Field(None, description="Left out or empty, the preset's")
    guest_name: Name | None = Field(None, description="Left out or empty, the preset's")
    record_on_start: Flag | None = Field(None, description="Left out, the preset's")
    genesys: GenesysBody | None = None

    def to_request(self) -> InstantCallRequest:
        """What the core is asked."""
        said = self.genesys.model_dump(exclude_none=True) if self.genesys else {}
        return InstantCallRequest(
            preset_id=self.preset_id,
            title=self.title,
            description=self.description,
            metadata=self.metadata,
            host_name=self.host_name,
            guest_name=self.guest_name,
            record_on_start=self.record_on_start,
            genesys=GenesysContext(**said) if said else None,
        )


class _View(Model):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class _CallData(_View):
    """What every answer says of a call. Title and description are there if they were sent; metadata always is."""

    call_id: str
    guest_join_url: str
    join_url: str = Field(description="As guestJoinUrl")
    preview_enabled: bool
    title: str | None = None
    description: str | None = None
    metadata: dict[str, Any]


class InstantCallData(_CallData):
    """`data` of `POST /api/calls`. Title and description are there if they were sent; metadata always is."""

    host_join_url: str
    agent_join_url: str = Field(description="As hostJoinUrl")
    call_secret: str = Field(
        "", description="Reads and ends this call, as the header X-Call-Secret. In this answer and in no later one"
    )

    @classmethod
    def of(cls, call: VideoCall, secret: str | None, urls: JoinUrls) -> Self:
        """The view for the website that started it."""
        said: dict[str, Any] = {"call_secret": secret} if secret else {}
        return cls(**_fields(call, urls), **_hosts_links(urls), **said)


class GenesysData(_View):
    """The Genesys Cloud conversation of a call, as far as it was told."""

    conversation_id: str | None
    gc_host_origin: str | None
    gc_target_env: str | None
    gc_lang_tag: str | None
    gc_use_popup_auth: bool | None


class RecordingData(_View):
    """One file of a recorded call: what one side sent from one start of its recorder to the end of it."""

    number: int = Field(description="In the order of their starts")
    side: Side
    state: RecordingState
    container: str = Field(description="mp4 or webm")
    started_at: Moment
    ended_at: Moment | None
    recorded_seconds: float = Field(description="How long it recorded, pauses left out")
    size: int = Field(description="Bytes")
    lost_pieces: list[int] = Field(description="Seconds of it that were lost, counted from 1")
    deleted_at: Moment | None = Field(description="When its days are over")
    url: str | None = Field(description="Gives the file for five minutes; null where there is none")

    @classmethod
    def of(cls, found: Downloadable) -> Self:
        """The view for whoever may download it."""
        recording = found.recording
        return cls(
            number=recording.number,
            side=recording.side,
            state=recording.state,
            container=recording.container,
            started_at=format_instant(recording.started_at),
            ended_at=_moment(recording.ended_at),
            recorded_seconds=recording.recorded.total_seconds(),
            size=recording.size,
            lost_pieces=list(recording.gaps),
            deleted_at=_moment(recording.deleted_at),
            url=found.url,
        )


class VideoCallData(_CallData):
    """`data` of `GET /api/calls/{id}`, and of its end: the call as it is now."""

    host_join_url: str | None = Field(
        description="For the website that started the call, whose key is in it; null for a partner"
    )
    agent_join_url: str | None = Field(description="As hostJoinUrl")
    kind: RoomKind
    status: VideoCallStatus
    preset_id: str
    host_name: str | None
    guest_name: str | None
    record_on_start: bool
    genesys: GenesysData | None
    scheduled_at: Moment | None
    created_at: Moment
    started_at: Moment | None
    ended_at: Moment | None
    recordings: list[RecordingData] = Field(
        default_factory=list,
        description="In GET's answer, for whoever shows the secret. That they were handed out is in the audit log",
    )

    @classmethod
    def of(cls, call: VideoCall, urls: JoinUrls, recordings: Sequence[Downloadable] = ()) -> Self:
        """The view for whoever may open it."""
        return cls(
            **_fields(call, urls),
            **_hosts_links(urls),
            kind=call.kind,
            status=call.status,
            preset_id=call.preset_id,
            host_name=call.host_name,
            guest_name=call.guest_name,
            record_on_start=call.record_on_start,
            genesys=GenesysData(**asdict(call.genesys)) if call.genesys else None,
            scheduled_at=_moment(call.scheduled_at),
            created_at=format_instant(call.created_at),
            started_at=_moment(call.started_at),
            ended_at=_moment(call.ended_at),
            recordings=[RecordingData.of(one) for one in recordings],
        )


class InstantCallAnswer(Model):
    """The answer with a new call."""

    ok: bool
    data: InstantCallData


class VideoCallAnswer(Model):
    """The answer with a call."""

    ok: bool
    data: VideoCallData


def asked(visit: Visit) -> tuple[NewVideoCall, Mapping[str, object]]:
    """The request for a call, with what the query adds to it; and all of it as plain JSON. Raises InvalidRequest."""
    fields = visit.body()
    in_query = _genesys_in(visit.query)
    in_body = fields.get("genesys")
    if in_query and (in_body is None or isinstance(in_body, dict)):
        said = {name: value for name, value in (in_body or {}).items() if value is not None}
        fields["genesys"] = in_query | said
    return parse(NewVideoCall, fields), fields


def asked_nothing(visit: Visit | PartnerVisit) -> Mapping[str, object]:
    """The body of a request that has nothing to say but who sends it. Raises InvalidRequest."""
    fields = visit.body()
    parse(WidgetBody, fields)
    return fields


def openable(visit: Visit | PartnerVisit) -> MayOpen:
    """Which calls a request may open: a website the one that it has the secret of, a partner those of its apps."""
    if isinstance(visit, PartnerVisit):
        return of_apps(visit.app_ids)
    return with_secret(visit.website.app.app_id, visit.call_secret)


def answered(
    call: VideoCall, urls: JoinUrls, recordings: Sequence[Downloadable] = (), *, replayed: bool = False
) -> Done:
    """200 with a call as it is now."""
    return Done(data=VideoCallData.of(call, urls, recordings), replayed=replayed)


def author_of(visit: Visit | PartnerVisit) -> Author:
    """Who asks, as the audit log names them."""
    if isinstance(visit, PartnerVisit):
        return visit.caller.author
    return Author(type=AuthorType.CLIENT, surface=Surface.API, id=visit.website.principal)


def urls_for(call: VideoCall, visit: Visit | PartnerVisit, keys: Callable[[], LinkKeys], now: datetime) -> JoinUrls:
    """The links of a call for whoever asks."""
    widget_key = visit.widget_key if isinstance(visit, Visit) else None
    return join_urls(call, visit.video_base_url, widget_key, keys, now)


def _fields(call: VideoCall, urls: JoinUrls) -> dict[str, Any]:
    said = {"title": call.title, "description": call.description}
    return {
        "call_id": call.id,
        "guest_join_url": urls.guest,
        "join_url": urls.guest,
        "preview_enabled": call.preview_enabled,
        **{name: value for name, value in said.items() if value is not None},
        "metadata": dict(call.metadata),
    }


def _hosts_links(urls: JoinUrls) -> dict[str, Any]:
    return {"host_join_url": urls.host, "agent_join_url": urls.host}


def _genesys_in(query: Mapping[str, str]) -> dict[str, object]:
    """What a query says of Genesys. An empty parameter says nothing; other parameters are nobody's business here."""
    names = [to_camel(name) for name in GenesysBody.model_fields]
    said: dict[str, object] = {name: query[name] for name in names if query.get(name)}
    popup = said.get("gcUsePopupAuth")
    if isinstance(popup, str):
        said["gcUsePopupAuth"] = _TRUTH.get(popup.lower(), popup)
    return said


def _moment(instant: datetime | None) -> str | None:
    return None if instant is None else format_instant(instant)
