"""What a browser comes to sign in with: its cookies, its network, the way it wants to go, the form it was given.

Before there is a session, a form proves that it is ours by a token that is in a cookie as well: another site can send
a form here, and can neither read nor set this cookie. So nobody is signed in to an account that is not theirs.
"""

import hmac
import re
import secrets
from urllib.parse import urlencode

from slotline.domain.access.sessions import COOKIE, FRAMED_COOKIE, key_of_cookie
from slotline.domain.access.sign_in import DEVICE_COOKIE, DEVICE_LIFE, DEVICE_PREFIX, Arrival, Begun
from slotline.domain.shared.networks import network_of
from slotline.pages.kit import Asked
from slotline.pages.problems import StaleForm
from slotline.pages.signed import CSRF_FIELD, session_cookie

FORM_COOKIE = "__Host-slotline-form"
HOME = "/console"
NEXT = "next"
LONGEST_WAY = 1_000
_OURS = re.compile(r"/(?:my|console|account)(?:[/?][\x21-\x5b\x5d-\x7e]*)?")
"""Ways that lead to a page of ours whatever a browser makes of them: they begin with one slash and its first word."""
_SCHEDULE = re.compile(r"/my/([A-Za-z0-9_-]{1,128})(?=[/?]|$)")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_EVERY_COOKIE = "Path=/; Secure; HttpOnly; SameSite=Lax"
_IN_FRAME = "Path=/; Secure; HttpOnly; SameSite=None; Partitioned"
"""In a frame of another site: a jar for that site alone, so no other site's frame has the session (CHIPS)."""
_PROGRAMS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
"""By what a User-Agent says: the first that fits, since most name the ones they descend from as well."""
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def arrival_of(asked: Asked) -> Arrival:
    """From where, and with what, this request comes."""
    device = asked.request.cookies.get(DEVICE_COOKIE, "")
    is_ours = device.startswith(DEVICE_PREFIX) and _TOKEN.fullmatch(device.removeprefix(DEVICE_PREFIX))
    return Arrival(
        network=network_of(asked.source),
        program=program_of(asked.request.headers.get("user-agent", "")),
        session=key_of_cookie(session_cookie(asked)),
        device=device if is_ours else None,
    )


def program_of(user_agent: str) -> str:
    """Such as `Firefox, Windows`; empty for what is neither a browser nor a system that we know."""
    found = (next((name for mark, name in known if mark in user_agent), "") for known in (_PROGRAMS, _SYSTEMS))
    return ", ".join(filter(None, found))


def way_on(asked: Asked) -> str:
    """Where somebody wants to go once they are in: a path of ours, and nothing else."""
    wanted = asked.said(NEXT) or ""
    return wanted if len(wanted) <= LONGEST_WAY and _OURS.fullmatch(wanted) else HOME


def step(path: str, way: str) -> str:
    """A page of signing in that knows where to go afterwards."""
    return path if way == HOME else f"{path}?{urlencode({NEXT: way})}"


def form_token(asked: Asked) -> str:
    """The token of forms that are sent without a session: the browser's, or a new one."""
    kept = asked.request.cookies.get(FORM_COOKIE, "")
    return kept if _TOKEN.fullmatch(kept) else secrets.token_urlsafe(32)


def form_cookie(asked: Asked, token: str) -> str:
    """Keeps the token as long as the browser runs."""
    return f"{FORM_COOKIE}={token}; {_attributes(asked)}"


def check_unsigned_form(asked: Asked) -> None:
    """Raises StaleForm for a form that no page of ours gave this browser."""
    kept = asked.request.cookies.get(FORM_COOKIE, "")
    is_ours = _TOKEN.fullmatch(kept) and hmac.compare_digest(kept.encode(), asked.field(CSRF_FIELD).encode())
    if not is_ours or not asked.is_from_here:
        raise StaleForm("This form is not of this browser.")


def begun_cookies(asked: Asked, begun: Begun) -> tuple[str, ...]:
    """Tell the browser its new session, and by what its device is known."""
    name = FRAMED_COOKIE if _is_kept_for_frame(asked) else COOKIE
    session = f"{name}={begun.key.cookie}; {_attributes(asked)}"
    return (session,) if begun.device is None else (session, device_cookie(asked, begun.device))


def device_cookie(asked: Asked, device: str) -> str:
    """Tells the browser by what its device is known."""
    return f"{DEVICE_COOKIE}={device}; Max-Age={int(DEVICE_LIFE.total_seconds())}; {_attributes(asked)}"


def ended_cookies(asked: Asked) -> tuple[str, ...]:
    """Take the session's cookie away. That it changes makes browsers forget what Back would show."""
    framed = f"{FRAMED_COOKIE}=; Max-Age=0; {_IN_FRAME}"
    gone = (f"{COOKIE}=; Max-Age=0; {_EVERY_COOKIE}",)
    return (*gone, framed) if FRAMED_COOKIE in asked.request.cookies else gone


def app_of_way(way: str) -> str | None:
    """The app whose schedule a way leads to."""
    found = _SCHEDULE.match(way)
    return found[1] if found else None


def _is_kept_for_frame(asked: Asked) -> bool:
    return asked.is_in_frame and bool(asked.framed_by)


def _attributes(asked: Asked) -> str:
    return _IN_FRAME if _is_kept_for_frame(asked) else _EVERY_COOKIE
