"""The page behind a join link, as HTML: what the call is, who is expected, and whether it is over.

Whoever has the link may see it, so it says what a guest may know and no more: no metadata, no Genesys context, nothing
of the query. A host's link carries a widget key, so the page sends no referrer anywhere and is kept nowhere; it loads
nothing, runs nothing, and may be framed by the app's own origins only.
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from html import escape
from http import HTTPStatus
from typing import Any

from slotline.domain.access.websites import origins
from slotline.domain.booking.apps import App
from slotline.domain.instant.rooms import VideoCall, VideoCallStatus
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.names import one_line

Answer = dict[str, Any]

_STYLE = """
:root { color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif; }
body { margin: 0; display: grid; min-height: 100vh; place-items: center; }
main { max-width: 36rem; padding: 2rem 1.5rem; overflow-wrap: anywhere; }
h1 { margin: 0 0 1rem; line-height: 1.2; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; }
dt { font-weight: 600; }
dd { margin: 0; }
.app { margin: 0; }
.about { white-space: pre-line; }
"""
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
        facts = [(name, _text(one_line(value))) for name, value in people.items() if value]
        if call.scheduled_at:
            instant = format_instant(call.scheduled_at)
            readable = call.scheduled_at.strftime("%A, %d %B %Y, %H:%M UTC")
            facts.append(("Starts", f'<time datetime="{instant}">{readable}</time>'))
        about = f'<p class="about">{_text(call.description)}</p>' if call.description else ""
        listed = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts)
        body = (
            f'<p class="app">{_text(one_line(preset.branding_name or self.app.name))}</p>'
            f"<h1>{_text(title)}</h1>"
            f'<p role="status">{_STATES[call.status]}</p>'
            f"{about}{f'<dl>{listed}</dl>' if listed else ''}"
        )
        return _page(HTTPStatus.OK, title, body, preset.allowed_embed_origins)


def plain_page(status: HTTPStatus, title: str, words: str, headers: Mapping[str, str] | None = None) -> Answer:
    """A page that only says something: there is no such call, or we cannot look just now."""
    answer = _page(status, title, f"<h1>{_text(title)}</h1><p>{_text(words)}</p>", ())
    answer["headers"] |= headers or {}
    return answer


def _text(text: str) -> str:
    """Somebody's words inside ours: as text, and in a direction of its own."""
    return f"<bdi>{escape(text)}</bdi>"


def _page(status: HTTPStatus, title: str, body: str, framed_by: Iterable[str]) -> Answer:
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>{body}</main></body></html>"
    )
    return {
        "statusCode": status.value,
        "headers": dict(_headers(tuple(sorted(origins(framed_by))))),
        "body": html,
        "isBase64Encoded": False,
    }


@cache
def _headers(framed_by: tuple[str, ...]) -> dict[str, str]:
    style = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
    ancestors = " ".join(("'self'", *framed_by)) if framed_by else "'none'"
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; "
            f"frame-ancestors {ancestors}"
        ),
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        "Referrer-Policy": "no-referrer",
        "Strict-Transport-Security": "max-age=31536000",
        "X-Content-Type-Options": "nosniff",
    }
