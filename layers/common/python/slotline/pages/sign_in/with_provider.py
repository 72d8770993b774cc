"""Signing in with an organization's own provider: the way there, and back."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from urllib.parse import urlencode

from slotline.domain.access.connections import Connection, ProofRefused
from slotline.domain.access.sessions import Stage
from slotline.domain.access.sign_in import Arrival
from slotline.domain.shared.emails import LONGEST as LONGEST_EMAIL
from slotline.observability import logger
from slotline.pages.kit import Asked, Redirect
from slotline.pages.rendering import Page
from slotline.pages.sign_in.arriving import (
    HOME,
    NEXT,
    arrival_of,
    begun_cookies,
    check_unsigned_form,
    form_cookie,
    form_token,
    step,
    way_on,
)
from slotline.pages.sign_in.entering import CODE, ENROL, unsigned_page
from slotline.pages.signed import SIGN_IN
from slotline.usecases.access.single_sign_on import CameBack

WITH = f"{SIGN_IN}/with"
_ANSWER = ("code", "state", "iss", "error")
LONGEST = 4_096
"""Characters of one parameter of an answer."""


Leave = Callable[[str, str, Arrival, str, str], str]
OfEmail = Callable[[str], Connection | None]
"""The connection by which whoever has an address signs in."""
ComeBack = Callable[[str, Mapping[str, str], str, Arrival, str], CameBack]


def ask(asked: Asked) -> Page:
    """GET /sign-in/with: whose provider it is."""
    return _page(asked)


def find(asked: Asked, of_email: OfEmail) -> Page:
    """POST /sign-in/with: the connection of an address. A link leads on, since a form may lead nowhere but to us."""
    check_unsigned_form(asked)
    email = asked.field("email")
    found = of_email(email) if email and len(email) <= LONGEST_EMAIL else None
    if found is None:
        return _page(asked, "unknown", HTTPStatus.NOT_FOUND)
    return _page(asked, connection=found)


def go(asked: Asked, leave: Leave, base: str) -> Page | Redirect:
    """GET /sign-in/with/{connection}: to the provider."""
    connection_id, browser = asked.part("connection"), form_token(asked)
    try:
        address = leave(connection_id, browser, arrival_of(asked), way_on(asked), _back(base, connection_id))
    except ProofRefused as refused:
        return _refused(asked, refused)
    return Redirect(address, (form_cookie(asked, browser),))


def come_back(asked: Asked, judge: ComeBack, base: str) -> Page | Redirect:
    """GET /sign-in/with/{connection}/back: from the provider. Whatever does not fit is answered alike."""
    connection_id = asked.part("connection")
    said = {name: value for name in _ANSWER if (value := asked.query(name)) and len(value) <= LONGEST}
    try:
        back = judge(connection_id, said, form_token(asked), arrival_of(asked), _back(base, connection_id))
    except ProofRefused as refused:
        return _refused(asked, refused)
    owed = {Stage.PASSWORD: CODE, Stage.ENROL: ENROL}.get(back.begun.stage)
    return Redirect(step(owed, back.way) if owed else back.way, begun_cookies(asked, back.begun))


def _refused(asked: Asked, refused: ProofRefused) -> Page:
    """The reader is told nothing that would help to guess; the operator reads why."""
    logger.info("a provider's answer was refused", reason=refused.reason)
    return _page(asked, "refused", HTTPStatus.UNAUTHORIZED)


def _back(base: str, connection_id: str) -> str:
    """The address that the provider knows as ours."""
    return f"{base}{WITH}/{connection_id}/back"


def _page(
    asked: Asked, said: str | None = None, status: HTTPStatus = HTTPStatus.OK, connection: Connection | None = None
) -> Page:
    token, way = form_token(asked), way_on(asked)
    context = {
        "said": said,
        "token": token,
        "next": way,
        "email": asked.field("email"),
        "connection": connection.name if connection else None,
        "way_on": f"{WITH}/{connection.connection_id}{_with(way)}" if connection else None,
        "way_back": step(SIGN_IN, way),
    }
    return unsigned_page(asked, "sign_in_with.html", context, status, (form_cookie(asked, token),))


def _with(way: str) -> str:
    return "" if way == HOME else f"?{urlencode({NEXT: way})}"
