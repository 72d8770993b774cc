"""`/__local`: where to begin. What runs here and where it is, what the demo has, and the demo's own credentials.

They are secrets of nobody: each start makes others, and what they open is gone with the system.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import quote, urlencode

from local.clock import LocalClock
from local.gateway.answers import Answer
from local.gateway.events import Request
from local.gateway.html import HEADERS, html_page

_STEPS = (("15 minutes", 900), ("1 hour", 3_600), ("1 day", 86_400), ("1 week", 604_800))
"""How far the buttons move the clock on, in seconds."""


@dataclass(frozen=True, slots=True)
class StartPage:
    """Answers `GET /__local`. `demo` is what was sown, once it is; `serves`: whether something answers a path."""

    clock: LocalClock
    demo: Mapping[str, Any]
    serves: Callable[[str], bool]

    async def __call__(self, request: Request) -> Answer:
        """The page."""
        if request.method not in {"GET", "HEAD"}:
            return Answer(405, (("content-type", "text/plain"), ("allow", "GET, HEAD"), *HEADERS), b"only read\n")
        about_demo = (self._demo(), self._credentials(), self._example())
        body = "".join(("<h1>Slotline on this machine</h1>", self._places(), self._clock(), *about_demo))
        return html_page("Slotline on this machine", body)

    def _places(self) -> str:
        places = (
            (booking_page(self.demo), "Booking page", "as the demo's guests see it"),
            ("/console", "Console", "for the demo's agents and admins"),
            ("/api/v1/docs", "API documents", "every operation, to read"),
            ("/__local/inbox", "Inbox", "what was sent and who was called: nothing leaves this machine"),
            ("/__local/components", "Components", "what the pages are built of"),
            ("/__local/embed", "Embedding", "the booking page in a page of another site"),
            ("/?deployed", "Front page", "what a deployment answers at <code>/</code>"),
        )
        items = "".join(
            f'<li><a href="{escape(path)}">{name}</a>: {what}</li>'
            for path, name, what in places
            if path and self.serves(path.partition("?")[0])
        )
        return f"<h2>Where to go</h2><ul>{items}</ul>"

    def _clock(self) -> str:
        moved = _in_words(round(self.clock.offset))
        ahead = f"{moved} ahead of this machine" if moved else "the time of this machine"
        buttons = "".join(
            f'<button name="advance_seconds" value="{seconds}">{name}</button>' for name, seconds in _STEPS
        )
        return (
            f"<h2>Clock</h2><p>It is <time>{self.clock.now():%A, %Y-%m-%d %H:%M:%S}</time> UTC: {ahead}. Move it on, "
            "and what is due by then happens within seconds: reminders, ends of holds, campaigns. It never goes back."
            f'</p><form method="post" action="/__local/clock"><p class="buttons">Move on by {buttons}</p></form>'
        )

    def _demo(self) -> str:
        if not self.demo:
            return "<h2>Demo</h2><p>This system was started without demo data.</p>"
        app_id = str(self.demo.get("app_id", ""))
        app = f"<dl>{_row('App', self.demo.get('app_name'))}{_row('App id', app_id, is_code=True)}</dl>"
        services = _listed(self._service(service) for service in self.demo.get("services", ()))
        agents = _listed(
            f"<bdi>{escape(agent.get('name', ''))}</bdi>, {escape(agent.get('timezone') or 'UTC')} "
            f"<code>{escape(agent.get('agent_id', ''))}</code>"
            for agent in self.demo.get("agents", ())
        )
        return f"<h2>Demo</h2>{app}<h3>Services</h3>{services}<h3>Agents</h3>{agents}"

    def _service(self, service: Mapping[str, Any]) -> str:
        slug = service.get("slug") or service.get("preset_id", "")
        name = f"<bdi>{escape(service.get('name') or slug)}</bdi>"
        link = booking_page(self.demo, slug)
        if link and self.serves(link.partition("?")[0]):
            name = f'<a href="{escape(link)}">{name}</a>'
        return f"{name} <code>{escape(slug)}</code>"

    def _credentials(self) -> str:
        accounts = (
            ("Client", "client_id", self.demo),
            ("Client secret", "client_secret", self.demo),
            ("Widget key", "widget_key", self.demo),
            ("API key of the dialer", "api_key", self.demo),
            ("Admin", "email", self.demo.get("admin", {})),
            ("Admin's password", "password", self.demo.get("admin", {})),
            ("Agent", "email", self.demo.get("agent", {})),
            ("Agent's password", "password", self.demo.get("agent", {})),
        )
        rows = "".join(_row(name, of.get(key), is_code=True) for name, key, of in accounts)
        if not rows:
            return ""
        about = "Made at this start, for this machine alone. They are in <code>demo.json</code> of its folder, too."
        return f'<h2>Credentials</h2><p class="about">{about}</p><dl>{rows}</dl>'

    def _example(self) -> str:
        """A first request, to be pasted into a shell."""
        names = ("api_base_url", "app_id", "client_id", "client_secret")
        base_url, app_id, client_id, secret = (str(self.demo.get(name, "")) for name in names)
        if not (base_url and app_id and client_id and secret):
            return ""
        lines = (
            f"API={base_url}",
            f"TOKEN=$(curl -s $API/api/v1/oauth/token -u '{client_id}:{secret}' -d grant_type=client_credentials \\",
            """  | sed -E 's/.*"access_token": ?"([^"]+)".*/\\1/')""",
            f'curl -s $API/api/v1/video/{app_id}/services -H "Authorization: Bearer $TOKEN"',
        )
        return f'<h2>A first request</h2><pre class="code">{escape(chr(10).join(lines))}</pre>'


def booking_page(demo: Mapping[str, Any], service: str = "") -> str:
    """The address of the demo's booking page, or of one service there. Empty: the demo has no widget key."""
    app_id, key = demo.get("app_id"), demo.get("widget_key")
    if not app_id or not key:
        return ""
    path = "/".join(quote(part, safe="") for part in ("book", app_id, service) if part)
    return f"/{path}?{urlencode({'widgetKey': key})}"


def _in_words(seconds: int) -> str:
    """A length of time: `1 day 2 hours`. Empty: none."""
    parts = []
    for length, name in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        number, seconds = divmod(seconds, length)
        parts += [f"{number} {name}{'' if number == 1 else 's'}"] if number else []
    return " ".join(parts)


def _row(name: str, value: object, *, is_code: bool = False) -> str:
    """A term and what it is. Nothing if there is none."""
    if not value:
        return ""
    text = escape(str(value))
    return f"<dt>{escape(name)}</dt><dd>{f'<code>{text}</code>' if is_code else f'<bdi>{text}</bdi>'}</dd>"


def _listed(items: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"
