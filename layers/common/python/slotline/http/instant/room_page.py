"""The page behind a join link, as HTML: what the call is, who is expected, and whether it is over.

Whoever has the link may see it, so it says what a guest may know and no more: no metadata, no Genesys context, nothing
of the query. It may be framed by the app's own origins only.
"""

from dataclasses import dataclass
from http import HTTPStatus

from slotline.domain.booking.apps import App
from slotline.domain.instant.rooms import VideoCall, VideoCallStatus
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.names import one_line
from slotline.http.core.pages import Answer, page, shown

_STATES = {
    VideoCallStatus.CREATED: "The call is ready. Nobody has joined yet.",
    VideoCallStatus.STARTED: "The call is under way.",
    VideoCallStatus.ENDED: "The call is over.",
}


@dataclass(frozen=True, slots=True)
class RoomPage:
    """The page of one call."""

    call: VideoCall
    app: App

    def answer(self) -> Answer:
        """200, framed by nobody but the origins that the app's preset lists."""
        call, preset = self.call, self.app.preset
        title = one_line(call.title or "") or "Video call"
        people = {"Host": call.host_name, "Guest": call.guest_name}
        facts = [(name, shown(one_line(value))) for name, value in people.items() if value]
        if call.scheduled_at:
            instant = format_instant(call.scheduled_at)
            readable = call.scheduled_at.strftime("%A, %d %B %Y, %H:%M UTC")
            facts.append(("Starts", f'<time datetime="{instant}">{readable}</time>'))
        about = f'<p class="about">{shown(call.description)}</p>' if call.description else ""
        listed = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts)
        body = (
            f'<p class="app">{shown(one_line(self.app.shown_name))}</p>'
            f"<h1>{shown(title)}</h1>"
            f'<p role="status">{_STATES[call.status]}</p>'
            f"{about}{f'<dl>{listed}</dl>' if listed else ''}"
        )
        return page(HTTPStatus.OK, title, body, preset.allowed_embed_origins)
