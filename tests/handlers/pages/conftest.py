"""The booking page at its real handler: a browser without scripts, before an app whose guests choose between agents."""

import base64
import gzip
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import pytest

from slotline.clock import FullJitter
from slotline.domain.access.identity import RateLimits, secret_hash
from slotline.domain.booking.apps import Agent, App, Preset
from slotline.domain.booking.claims import ClaimKind
from slotline.pages.rendering import EVERYWHERE
from slotline.wiring import common
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.apps import NOW
from tests.support.builders.provisioned import FIRST_PRESET, OFFICE
from tests.support.handlers import APP_ID, Endpoint, load_function, partner
from tests.support.memory.wiring import MemoryPorts
from tests.support.shown_pages import Form, ShownPage

KEY = "slw_example-example-example-example-example-123"
WIDE = RateLimits(minute=1_000, hour=10_000, day=100_000)
MONDAY = "2026-05-04"
SLUG = "first-visit"
EMAIL, PHONE, NAME = "jane@example.com", "+57 300 555 0100", "Jane Doe"
SECRETS = (KEY, EMAIL, PHONE, "+573005550100", NAME, "jane%40example.com", "573005550100")
"""What no address, log line or title may hold after the first step."""


def at(time: str, day: str = MONDAY) -> str:
    """An instant as the page's forms name it."""
    return f"{day}T{time}:00.000Z"


@dataclass
class Reply:
    """An answer of the page."""

    status: int
    headers: Mapping[str, str]
    body: str
    url: str

    @property
    def page(self) -> ShownPage:
        """As its reader has it."""
        return ShownPage(self.body)

    @property
    def location(self) -> str:
        """Where it leads."""
        return self.headers["location"]

    @property
    def text(self) -> str:
        """What is read."""
        return self.page.text

    @property
    def form(self) -> Form:
        """The form for who is coming."""
        return self.page.form()

    @property
    def policy(self) -> Mapping[str, str]:
        """Content-Security-Policy, by directive."""
        parts = (part.strip().partition(" ") for part in self.headers["content-security-policy"].split(";"))
        return {name: value for name, _, value in parts}


@dataclass
class Guest:
    """A browser without scripts: it opens addresses, presses buttons, and follows where it is led."""

    ports: MemoryPorts | TablePorts
    headers: dict[str, str] = field(default_factory=dict)
    address: str = "192.0.2.1"
    replies: list[Reply] = field(default_factory=list)

    def send(
        self, method: str, url: str, body: str | bytes | None = None, *, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """One request, as API Gateway hands it on: its path decoded, its body in base64."""
        address = urlsplit(url)
        path, query = unquote(address.path, errors="surrogateescape"), address.query
        sent = {"host": "video.example.com", **self.headers, **(headers or {})}
        raw = body.encode() if isinstance(body, str) else body
        if raw is not None:
            sent = {"content-type": "application/x-www-form-urlencoded", **sent}
        event = {
            "version": "2.0",
            "routeKey": _route_of(method, path),
            "rawPath": path,
            "rawQueryString": query,
            "queryStringParameters": dict(parse_qsl(query)) or None,
            "headers": sent,
            "requestContext": {
                "domainName": "video.example.com",
                "http": {"method": method, "path": path, "sourceIp": self.address},
                "requestId": "request-1",
                "stage": "$default",
            },
            "body": base64.b64encode(raw).decode() if raw is not None else None,
            "isBase64Encoded": raw is not None,
        }
        answer = load_function("pages/book").handler(event, None)
        text = answer["body"]
        if answer.get("isBase64Encoded"):
            text = gzip.decompress(base64.b64decode(text)).decode()
        said = {name.lower(): value for name, value in answer["headers"].items()}
        reply = Reply(answer["statusCode"], said, text, url)
        self.replies.append(reply)
        return reply

    def get(self, url: str, **headers: str) -> Reply:
        """Open an address."""
        return self.send("GET", url, headers=headers)

    def post(self, url: str, fields: Sequence[tuple[str, str]]) -> Reply:
        """Send a form."""
        return self.send("POST", url, urlencode(fields))

    def press(self, form: Form, button: tuple[str, str] | None = None, **typed: str | Sequence[str]) -> Reply:
        """Fill a form in, press one of its buttons, and go where that leads. Names of questions have `__` for a dot."""
        said = {name.replace("__", "."): value for name, value in typed.items()}
        pairs = [*form.filled(said), *([button] if button else [])]
        if form.method == "get":
            return self.get(f"{form.action.partition('?')[0]}?{urlencode(pairs)}")
        return self.follow(self.post(form.action, pairs))

    def follow(self, reply: Reply) -> Reply:
        """The page that a redirection leads to."""
        return self.get(reply.location) if reply.status == 303 else reply

    def enter(self, service: str | None = SLUG, **query: str) -> Reply:
        """The first step, by the link that a website has."""
        path = f"/book/{APP_ID}" + (f"/{service}" if service else "")
        return self.get(f"{path}?{urlencode({'widgetKey': KEY, **query})}")

    def choose(self, picker: Reply, time: str = "10:00", day: str = MONDAY, **fields: str) -> Reply:
        """Choose a time of the picker: the form, once it is kept."""
        return self.press(picker.page.form("slots"), ("start", at(time, day)), **fields)

    def at_form(self, time: str = "10:00", **query: str) -> Reply:
        """From the link to the form."""
        reply = self.choose(self.enter(day=MONDAY, **query), time)
        assert reply.status == 200, reply.text
        return reply

    def book(self, form: Reply, **typed: str | Sequence[str]) -> Reply:
        """Book: the confirmation, or what stands against it."""
        said = {"name": NAME, "email": EMAIL, **typed} if form.form.control("name").kind != "hidden" else typed
        return self.press(form.form, ("action", "book"), **said)


@dataclass
class Office:
    """The app behind the page, as its people see it."""

    ports: MemoryPorts | TablePorts
    preset_id: str = ""

    def set_service(self, **fields: Any) -> None:
        """Change the service of the tests."""
        self._partner("PATCH", f"/presets/{self.preset_id}", fields, 200)

    def add_service(self, slug: str, **fields: Any) -> str:
        """One more service; its id."""
        body = {"name": slug.title(), "slug": slug, "public": True, **fields}
        return str(self._partner("POST", "/presets", body, 201)["preset"]["preset_id"])

    def add_agent(self, agent_id: str) -> None:
        """One more agent, who works from nine to five."""
        agent = Agent(agent_id=agent_id, name=agent_id.title(), working_hours=OFFICE)
        self.ports.agents.add(APP_ID, agent, NOW, None)

    def set_agent(self, agent_id: str, **fields: Any) -> None:
        """Change an agent."""
        self._partner("PATCH", f"/agents/{agent_id}", fields, 200, folder="agents/write")

    def take(self, time: str, agent_id: str = "agent-1", day: str = MONDAY) -> None:
        """Somebody else books this time of an agent."""
        body = {
            "guestName": "Somebody",
            "guestEmail": "somebody@example.com",
            "appTimezone": "UTC",
            "scheduledAtUtc": at(time, day),
            "assignedAgentId": agent_id,
        }
        self._partner("POST", "/scheduled-calls", body, 201, folder="scheduled_calls/create")

    def calls(self) -> list[dict[str, Any]]:
        """All calls that guests booked on the page, by their start."""
        found = (row for row in self.ports.rows() if row["sk"] == "CALL")
        return sorted(
            (row for row in found if row["booking_source"] == "public_booking"), key=lambda row: row["scheduled_at"]
        )

    def call(self) -> dict[str, Any]:
        """The only one, as a partner reads it."""
        (row,) = self.calls()
        found: dict[str, Any] = self._partner("GET", f"/scheduled-calls/{row['id']}", None, 200, "scheduled_calls/get")
        return found

    def holds(self) -> list[tuple[str, str]]:
        """What is held now: the agent and the time of day."""
        now = self.ports.clock.now()
        days = self.ports.store.days.items()
        return sorted(
            (agent_id, f"{claim.meeting.start:%H:%M}")
            for (_, agent_id, _), day in days
            for claim in day.claims
            if claim.kind is ClaimKind.HOLD and claim.expires_at > now
        )

    def _partner(self, method: str, path: str, body: Any, status: int, folder: str = "presets/write") -> Any:
        reply = Endpoint(folder, method, partner())(f"/api/v1/video/{APP_ID}{path}", body)
        assert reply.status == status, reply.text
        return reply.json["data"]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost race is tried again at once."""
    monkeypatch.setattr(common, "backoff", lambda: FullJitter(first_seconds=0, longest_seconds=0))


@pytest.fixture
def office(ports: MemoryPorts | TablePorts) -> Office:
    """An app with a private active preset and one public service, whose guests choose between two agents."""
    preset = Preset(preset_id=FIRST_PRESET, name="Default", public=False)
    ports.add_app(
        App(app_id=APP_ID, organization_id="organization-1", name="Acme", timezone="UTC", preset=preset),
        "2026-04-01T00:00:00.000Z",
    )
    found = Office(ports)
    for agent_id in ("agent-1", "agent-2"):
        found.add_agent(agent_id)
    ports.access.add_widget_key(secret_hash(KEY), APP_ID, "2026-04-01T00:00:00.000Z", WIDE)
    found.preset_id = found.add_service(SLUG, name="First visit", title="First visit", horizonDays=60)
    return found


@pytest.fixture
def guest(office: Office, log: StringIO, capsys: pytest.CaptureFixture[str]) -> Iterator[Guest]:
    """Somebody with the link. What must hold of every answer is asserted of all of theirs."""
    found = Guest(office.ports)
    yield found
    for reply in found.replies:
        check_headers(reply)
        check_addresses(reply)
    written = log.getvalue() + "".join(capsys.readouterr())
    assert [secret for secret in (*SECRETS, "/book/0") if secret in written] == []


@pytest.fixture
def another(office: Office) -> Callable[[str], Guest]:
    """Somebody else, at this address."""
    return lambda address: Guest(office.ports, address=address)


def check_headers(reply: Reply) -> None:
    """What every answer of the page says to its browser."""
    if reply.headers["content-type"].startswith("application/json"):
        return
    for name, value in EVERYWHERE.items():
        assert reply.headers[name.lower()] == value, (name, reply.url)
    assert "set-cookie" not in reply.headers
    if reply.status == 303:
        return
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    policy = reply.policy
    assert (policy["default-src"], policy["base-uri"], policy["form-action"]) == ("'none'", "'none'", "'self'")
    assert re.fullmatch(r"('none'|'sha256-[A-Za-z0-9+/=]+'( 'sha256-[A-Za-z0-9+/=]+')*)", policy["script-src"])
    assert "unsafe" not in reply.headers["content-security-policy"]
    assert "frame-ancestors" in policy


def check_addresses(reply: Reply) -> None:
    """No key and nothing of the guest in an address that a later step has, nor in a title."""
    page, is_first = reply.page, "widgetKey=" in reply.url
    told = [*page.links, *(form.action for form in page.forms), reply.headers.get("location", "")]
    ours = [url for url in told if url.startswith("/") and not (is_first and "widgetKey=" in url)]
    for secret in SECRETS:
        assert [url for url in [*ours, page.title] if secret in url or secret in unquote(url)] == []
    for url in told:
        assert not url or url.startswith(("/book/", "/b/", "/api/v1/guest/", "#", "https://")), url


def _route_of(method: str, path: str) -> str:
    """The route key that API Gateway would find."""
    parts = path.removeprefix("/book/").count("/")
    names = ("{appId}", "{service}", "{pagePass}", "{step}")
    return f"{'POST' if method == 'POST' else 'ANY'} /book/{'/'.join(names[: parts + 1])}"
