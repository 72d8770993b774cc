"""`/__local/inbox`: what was sent and who was called, locally: as JSON for programs, as a page for people.

What it shows was written by guests: on the page all of it is text, nothing is loaded, and nothing runs.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from itertools import islice
from typing import Any
from urllib.parse import parse_qs, unquote

from local.carrier import LocalCarrier, PhoneCall
from local.gateway.answers import Answer
from local.gateway.events import Request
from local.gateway.html import HEADERS, html_page
from local.inbox import Inbox, Received

SHOWN = 200
"""Calls on the page, the last ones first; the JSON has all."""

_LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class InboxPage:
    """Answers `GET /__local/inbox`, with `?to=` an address or a number, and `?since=` an instant."""

    inbox: Inbox
    carrier: LocalCarrier

    async def __call__(self, request: Request) -> Answer:
        """JSON, or HTML where the browser asks for that."""
        if request.method not in {"GET", "HEAD"}:
            return _json(405, {"error": "this page is only read"})
        asked = parse_qs(request.query)
        to, since = _address(request.query), asked.get("since", [""])[0]
        try:
            start = datetime.fromisoformat(since.replace(" ", "+")) if since else None
        except ValueError:
            start = None
        if since and (start is None or start.tzinfo is None):
            return _json(400, {"error": "since must be an instant such as 2026-05-01T15:00:00Z"})
        found = self.inbox.find(to, start)
        if "text/html" in (request.header("accept") or ""):
            return _page(reversed(found), reversed(self.carrier.find(to, start)), to or "")
        calls = [call.as_json() for call in self.carrier.find(to, start)]
        return _json(200, {"messages": [received.as_json() for received in found], "calls": calls})


def _address(query: str) -> str | None:
    """Whom `to` names. A plus in it is a plus: a number begins with one, and nobody encodes it."""
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name == "to" and value:
            return unquote(value)
    return None


def _json(status: int, content: Mapping[str, Any]) -> Answer:
    body = json.dumps(content, ensure_ascii=False, indent=2).encode()
    return Answer(status, (("content-type", "application/json"), *HEADERS), body)


def _page(found: Iterable[Received], calls: Iterable[PhoneCall], to: str) -> Answer:
    articles = "".join(_article(received) for received in found) or "<p>Nothing was sent.</p>"
    rang = "".join(_call(call) for call in islice(calls, SHOWN))
    return html_page(
        "Inbox",
        '<h1>Inbox</h1><form><label>To <input name="to" inputmode="email" autocapitalize="off" '
        f'value="{escape(to)}"></label> <button>Show</button></form>'
        f"{articles}{f'<h2>Calls</h2>{rang}' if rang else ''}",
    )


def _call(call: PhoneCall) -> str:
    about = [call.status, call.answered_by, f"to {call.to}", f"{call.at:%Y-%m-%d %H:%M:%S} UTC"]
    return (
        f'<article><p class="about">{escape(" · ".join(part for part in about if part))}</p>'
        f'<pre dir="auto">{escape(call.heard or "")}</pre></article>'
    )


def _article(received: Received) -> str:
    letter = received.letter
    about = [letter.channel, letter.kind, f"to {letter.to}", f"{received.at:%Y-%m-%d %H:%M:%S} UTC"]
    more = {"HTML": letter.html, "Calendar": letter.ics}
    headers = "\n".join(f"{name}: {value}" for name, value in letter.headers.items())
    parts = "".join(_folded(name, text) for name, text in {**more, "Headers": headers}.items() if text)
    return (
        f"<article><h2><bdi>{escape(letter.subject or letter.kind or letter.channel)}</bdi></h2>"
        f'<p class="about">{escape(" · ".join(part for part in about if part))}</p>'
        f'<pre dir="auto">{_linked(letter.text)}</pre>{parts}</article>'
    )


def _folded(name: str, text: str) -> str:
    return f"<details><summary>{name}</summary><pre>{escape(text)}</pre></details>"


def _linked(text: str) -> str:
    """Text as HTML; what looks like a link is one."""
    parts, end = [], 0
    for link in _LINK.finditer(text):
        url = escape(link[0])
        parts += [escape(text[end : link.start()]), f'<a href="{url}" rel="noreferrer">{url}</a>']
        end = link.end()
    return "".join([*parts, escape(text[end:])])
