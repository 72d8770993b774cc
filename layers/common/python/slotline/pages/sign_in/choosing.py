"""Choosing a password: the page that has a link mailed, and the page behind that link.

GET shows and POST acts: programs that check mails for harm look at every link.
"""

from http import HTTPStatus
from typing import TYPE_CHECKING

from slotline.domain.access.passwords import LONGEST, SHORTEST
from slotline.domain.access.sign_in import WeakPassword
from slotline.domain.access.users import User, UserStatus
from slotline.domain.access.ways_in import NoWayIn
from slotline.domain.shared.errors import RateLimited
from slotline.pages.fields import Field
from slotline.pages.kit import Asked, Redirect
from slotline.pages.problems import StaleForm
from slotline.pages.rendering import Look, Page
from slotline.pages.sign_in.arriving import (
    arrival_of,
    check_unsigned_form,
    device_cookie,
    ended_cookies,
    form_cookie,
    form_token,
)
from slotline.pages.sign_in.entering import BOOK, PASSWORD_SET, SAID, too_many, unsigned_page
from slotline.pages.signed import SIGN_IN

if TYPE_CHECKING:
    from slotline.usecases.access.ask_for_way_in import AskForWayIn
    from slotline.usecases.access.choose_password import ChoosePassword

FORGOTTEN = "/forgotten"
SENT = "sent"
LONGEST_EMAIL = 254


def forgotten_page(asked: Asked) -> Page:
    """GET /forgotten."""
    return _forgotten(asked, SENT if asked.query(SAID) == SENT else None)


def ask(asked: Asked, ask_for: "AskForWayIn") -> Page | Redirect:
    """POST /forgotten. Whether the address has an account, the answer is the same."""
    try:
        check_unsigned_form(asked)
    except StaleForm:
        return _forgotten(asked, "stale", HTTPStatus.FORBIDDEN)
    email = asked.field("email")
    if "@" not in email or len(email) > LONGEST_EMAIL:
        return _forgotten(asked, "no_address", HTTPStatus.BAD_REQUEST)
    try:
        ask_for(email, asked.language(book=BOOK), arrival_of(asked))
    except RateLimited as limited:
        return too_many(_forgotten(asked, "too_many", HTTPStatus.TOO_MANY_REQUESTS), limited)
    return Redirect(f"{FORGOTTEN}?{SAID}={SENT}")


def password_page(asked: Asked, choose: "ChoosePassword") -> Page:
    """GET /password/{token}. The link stays good."""
    try:
        return _password(asked, choose.whose(asked.token("token")))
    except NoWayIn:
        return _over(asked)


def choose_password(asked: Asked, choose: "ChoosePassword") -> Page | Redirect:
    """POST /password/{token}. Then they sign in with it, and with their second factor if they have one."""
    token = asked.token("token")
    try:
        user = choose.whose(token)
        check_unsigned_form(asked)
        device = choose(token, asked.typed("new"), arrival_of(asked))
    except NoWayIn:
        return _over(asked)
    except StaleForm:
        return _password(asked, user, "stale", status=HTTPStatus.FORBIDDEN)
    except WeakPassword as weak:
        return _password(asked, user, wrong=weak.weakness.value, status=HTTPStatus.BAD_REQUEST)
    return Redirect(f"{SIGN_IN}?{SAID}={PASSWORD_SET}", (*ended_cookies(asked), device_cookie(asked, device)))


def _forgotten(asked: Asked, said: str | None, status: HTTPStatus = HTTPStatus.OK) -> Page:
    token = form_token(asked)
    field = Field(
        name="email",
        label=_words(asked, "sign_in", "email"),
        kind="email",
        value=asked.field("email"),
        required=True,
        attributes={"autocomplete": "username", "maxlength": str(LONGEST_EMAIL)},
    )
    context = {"said": said, "token": token, "field": field}
    return unsigned_page(asked, "forgotten.html", context, status, (form_cookie(asked, token),))


def _password(
    asked: Asked,
    user: User,
    said: str | None = None,
    *,
    wrong: str | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> Page:
    token = form_token(asked)
    field = Field(
        name="new",
        label=_words(asked, "account", "new"),
        kind="password",
        error=_words(asked, "account", "wrong", wrong) if wrong else None,
        help=_words(asked, "account", "new_help"),
        required=True,
        attributes={"autocomplete": "new-password", "minlength": str(SHORTEST), "maxlength": str(LONGEST)},
    )
    context = {
        "said": said,
        "token": token,
        "field": field,
        "user": user,
        "is_invitation": user.status is UserStatus.INVITED,
    }
    return unsigned_page(
        asked, "choose_password.html", context, status, (form_cookie(asked, token),), known=user.language
    )


def _over(asked: Asked) -> Page:
    return unsigned_page(asked, "way_in_over.html", {}, HTTPStatus.NOT_FOUND)


def _words(asked: Asked, *path: str) -> str:
    return Look(language=asked.language(book=BOOK), book=BOOK).words.text(*path)
