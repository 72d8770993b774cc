"""People who sign in, and a browser of theirs that asks handlers without scripts."""

import base64
import gzip
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from slotline.domain.access.sessions import COOKIE, Session, SessionKey, Stage
from slotline.domain.access.users import Role, User
from tests.support.builders.apps import NOW
from tests.support.handlers import APP_ID, load_function
from tests.support.shown_pages import Form, ShownPage

ORGANIZATION = "organization-1"
HOST = "video.example.com"
_SECRET = re.compile(r"(?<=^/calendar/).*")
"""A part of a path that no route key has: what is logged is the key."""


def a_user(role: Role = Role.ADMIN, name: str = "", **changes: Any) -> User:
    """Somebody who is this in the app of the tests. Agents are its `agent-1` unless told otherwise."""
    called = name or role.value
    own = {"roles": {APP_ID: role}} if role is not Role.OWNER else {"is_owner": True}
    agents = {"agent_ids": {APP_ID: "agent-1"}} if role is Role.AGENT else {}
    values: dict[str, Any] = {
        "user_id": f"01890000-0000-7000-8000-{hashlib.sha256(called.encode()).hexdigest()[:12]}",
        "organization_id": ORGANIZATION,
        "email": f"{called}@example.com",
        "name": called.title(),
        "created_at": NOW,
    }
    return User(**{**values, **own, **agents, **changes})


def key_of(user: User, session: str = "") -> SessionKey:
    """Of the session that `begin_session` gives them; `session` tells one of theirs from another."""
    secret = f"slc_{hashlib.sha256((user.email + session).encode()).hexdigest()[:43]}"
    return SessionKey(user_id=user.user_id, secret=secret)


def begin_session(
    ports: Any, user: User, stage: Stage = Stage.IN, key: SessionKey | None = None, **changes: Any
) -> SessionKey:
    """A session of a user who is there, which begins now."""
    key = key or key_of(user)
    now = ports.clock.now()
    values = {"epoch": user.session_epoch, "stage": stage, "created_at": now, "seen_at": now, **changes}
    ports.sessions.begin(Session(session_hash=key.session_hash, user_id=user.user_id, **values))
    return key


@dataclass
class Reply:
    """An answer of a page."""

    status: int
    headers: Mapping[str, str]
    cookies: Sequence[str]
    body: str
    url: str

    @property
    def page(self) -> ShownPage:
        """As its reader has it."""
        return ShownPage(self.body)

    @property
    def text(self) -> str:
        """What is read."""
        return self.page.text

    @property
    def location(self) -> str:
        """Where it leads."""
        return self.headers["location"]


@dataclass
class Browser:
    """Somebody's browser, without scripts: it keeps cookies, opens addresses, sends forms, goes where it is led.

    `functions`: which function answers paths that begin so, the longest first.
    """

    key: SessionKey | None = None
    address: str = "192.0.2.1"
    headers: dict[str, str] = field(default_factory=dict)
    jar: dict[str, str] = field(default_factory=dict)
    functions: Mapping[str, str] = field(
        default_factory=lambda: {
            "/console/{app}/dialing": "pages/console_dialing",
            "/console/{app}/settings": "pages/console_settings",
            "/console": "pages/console",
            "/my": "pages/my",
            "/calendar": "agents/calendar_feed",
            "/sign-in/with": "pages/single_sign_on",
            "": "pages/sign_in",
        }
    )

    def __post_init__(self) -> None:
        if self.key:
            self.jar[COOKIE] = self.key.cookie

    def send(self, method: str, url: str, body: str | None = None, **headers: str) -> Reply:
        """One request, as API Gateway hands it on: its path decoded, its cookies apart, its body in base64."""
        address = urlsplit(url)
        path, query = unquote(address.path), address.query
        sent = {"host": HOST, "accept-encoding": "gzip", **self.headers}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            sent = {"content-type": "application/x-www-form-urlencoded", **sent}
        event = {
            "version": "2.0",
            "routeKey": f"{'POST' if method == 'POST' else 'ANY'} {_SECRET.sub('{token}', path)}",
            "rawPath": path,
            "rawQueryString": query,
            "queryStringParameters": dict(parse_qsl(query)) or None,
            "cookies": [f"{name}={value}" for name, value in self.jar.items()],
            "headers": sent,
            "requestContext": {
                "domainName": HOST,
                "http": {"method": method, "path": path, "sourceIp": self.address},
                "requestId": "request-1",
                "stage": "$default",
            },
            "body": base64.b64encode(body.encode()).decode() if body is not None else None,
            "isBase64Encoded": body is not None,
        }
        answer = load_function(self._function(path)).handler(event, None)
        said = {name.lower(): value for name, value in answer["headers"].items()}
        text = answer["body"]
        if answer.get("isBase64Encoded"):
            content = base64.b64decode(text)
            text = (gzip.decompress(content) if said.get("content-encoding") == "gzip" else content).decode()
        cookies = answer.get("cookies", [])
        for cookie in cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.jar[name] = value
            if not value or "max-age=0" in cookie.lower():
                del self.jar[name]
        return Reply(answer["statusCode"], said, cookies, text, url)

    def get(self, url: str, **headers: str) -> Reply:
        """Open an address."""
        return self.send("GET", url, **headers)

    def post(self, url: str, fields: Mapping[str, str | Sequence[str]] | None = None, **headers: str) -> Reply:
        """Send a form of the session, as a page of ours has it."""
        own = {"csrf": self.key.csrf_token} if self.key else {}
        return self.send("POST", url, urlencode({**own, **(fields or {})}, doseq=True), **headers)

    def press(self, form: Form, button: tuple[str, str] | None = None, **typed: str | Sequence[str]) -> Reply:
        """Fill a form in, press one of its buttons, and go where that leads. Names of fields have `__` for a dot."""
        pairs = form.filled({name.replace("__", "."): value for name, value in typed.items()})
        pairs = [*pairs, *([button] if button else [])]
        if form.method == "get":
            return self.get(f"{form.action.partition('?')[0]}?{urlencode(pairs)}")
        return self.follow(self.send("POST", form.action, urlencode(pairs)))

    def follow(self, reply: Reply) -> Reply:
        """The page that a redirection leads to."""
        return self.get(reply.location) if reply.status == 303 else reply

    def _function(self, path: str) -> str:
        parts = path.split("/")
        if len(parts) > 2 and parts[1] == "console":
            parts[2] = "{app}"
        named = "/".join(parts)
        return next(folder for start, folder in self.functions.items() if named.startswith(start))
