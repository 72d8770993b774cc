"""The pages on the way in: e-mail address and password, then the code of a second factor; and the way out."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from slotline.domain.access.sessions import SessionKey, Stage
from slotline.domain.access.sign_in import Arrival, Begun, SessionOver, SignInRefused
from slotline.domain.access.visits import Visit
from slotline.domain.shared.errors import RateLimited
from slotline.pages.fields import Field
from slotline.pages.kit import Asked, Redirect
from slotline.pages.problems import StaleForm
from slotline.pages.rendering import Look, Page
from slotline.pages.sign_in.arriving import (
    arrival_of,
    begun_cookies,
    check_unsigned_form,
    ended_cookies,
    form_cookie,
    form_token,
    step,
    way_on,
)
from slotline.pages.signed import SIGN_IN, Admit, SignedIn, check_form, session_cookie

BOOK = "sign_in"
CODE, ENROL = f"{SIGN_IN}/code", f"{SIGN_IN}/second-factor"
SAID = "said"
SIGNED_OUT, EVERYWHERE, OVER, PASSWORD_SET = "signed_out", "everywhere", "over", "password_set"
_SAYS = frozenset({SIGNED_OUT, EVERYWHERE, OVER, PASSWORD_SET})
"""What the page may be asked to say, by the address that led to it."""

Judge = Callable[[str, str, Arrival], Begun]
JudgeCode = Callable[[SessionKey, str, Arrival], Begun]


def sign_in_page(asked: Asked, admit: Admit) -> Page | Redirect:
    """GET /sign-in. Whoever is in already goes on."""
    if admit(session_cookie(asked)) is not None:
        return Redirect(way_on(asked))
    said = asked.query(SAID)
    return _form(asked, said if said in _SAYS else None)


def sign_in(asked: Asked, judge: Judge) -> Page | Redirect:
    """POST /sign-in. Every refusal is answered alike."""
    try:
        check_unsigned_form(asked)
    except StaleForm:
        return _form(asked, "stale", HTTPStatus.FORBIDDEN)
    email, password = asked.field("email"), asked.typed("password")
    if not email or not password:
        return _form(asked, "missing", HTTPStatus.BAD_REQUEST)
    try:
        begun = judge(email, password, arrival_of(asked))
    except SignInRefused:
        return _form(asked, "wrong", HTTPStatus.UNAUTHORIZED)
    except RateLimited as limited:
        return too_many(_form(asked, "too_many", HTTPStatus.TOO_MANY_REQUESTS), limited)
    return gone_on(asked, begun)


def gone_on(asked: Asked, begun: Begun) -> Redirect:
    """To what is still owed, or else to where they wanted to go."""
    way = way_on(asked)
    owed = {Stage.PASSWORD: CODE, Stage.ENROL: ENROL}.get(begun.stage)
    return Redirect(step(owed, way) if owed else way, begun_cookies(asked, begun))


def code_page(asked: Asked, admit: Admit) -> Page | Redirect:
    """GET /sign-in/code."""
    waiting = admit(session_cookie(asked), stage=Stage.PASSWORD)
    return _code_form(asked, waiting) if waiting else over(asked)


def code(asked: Asked, admit: Admit, judge: JudgeCode) -> Page | Redirect:
    """POST /sign-in/code."""
    waiting = admit(session_cookie(asked), stage=Stage.PASSWORD)
    if waiting is None:
        return over(asked)
    check_form(asked, waiting)
    try:
        return gone_on(asked, judge(waiting.key, asked.field("code"), arrival_of(asked)))
    except SessionOver:
        return over(asked)
    except SignInRefused:
        return _code_form(asked, waiting, "wrong_code", HTTPStatus.UNAUTHORIZED)
    except RateLimited as limited:
        return too_many(_code_form(asked, waiting, "too_many", HTTPStatus.TOO_MANY_REQUESTS), limited)


def sign_out(signed: SignedIn, end: Callable[[Visit, Arrival], None]) -> Redirect:
    """POST /sign-out. In a frame, the form says which app's: only that app's sign-in page is shown there."""
    end(signed.visit, arrival_of(signed.asked))
    return Redirect(_with(step(SIGN_IN, way_on(signed.asked)), SIGNED_OUT), ended_cookies(signed.asked))


def unsigned_page(
    asked: Asked,
    template: str,
    context: Mapping[str, Any],
    status: HTTPStatus = HTTPStatus.OK,
    cookies: tuple[str, ...] = (),
    known: str | None = None,
) -> Page:
    """A page of this surface that is about one thing, without the frame of those for whoever is in.

    `known`: the language that the reader chose, if they are known.
    """
    return Page(
        template=template,
        look=Look(
            language=asked.language(known=known, book=BOOK), book=BOOK, framed_by=asked.framed_by, tells_site=False
        ),
        context={"ways_to_languages": asked.ways_to_languages(BOOK), **context},
        status=status,
        cookies=cookies,
    )


def _form(asked: Asked, said: str | None, status: HTTPStatus = HTTPStatus.OK) -> Page:
    token, look = form_token(asked), Look(language=asked.language(book=BOOK), book=BOOK)
    words = look.words
    fields = (
        Field(
            name="email",
            label=words.text("sign_in", "email"),
            kind="email",
            value=asked.field("email"),
            required=True,
            attributes={"autocomplete": "username", "maxlength": "254"},
        ),
        Field(
            name="password",
            label=words.text("sign_in", "password"),
            kind="password",
            required=True,
            attributes={"autocomplete": "current-password"},
        ),
    )
    context = {"said": said, "token": token, "fields": fields, "next": way_on(asked)}
    return unsigned_page(asked, "sign_in.html", context, status, (form_cookie(asked, token),))


def _code_form(asked: Asked, waiting: Visit, said: str | None = None, status: HTTPStatus = HTTPStatus.OK) -> Page:
    context = {"said": said, "token": waiting.key.csrf_token, "email": waiting.user.email, "next": way_on(asked)}
    return unsigned_page(asked, "sign_in_code.html", context, status, known=waiting.user.language)


def over(asked: Asked) -> Redirect:
    """To the beginning: it took too long."""
    return Redirect(_with(step(SIGN_IN, way_on(asked)), OVER))


def _with(way: str, said: str) -> str:
    return f"{way}{'&' if '?' in way else '?'}{SAID}={said}"


def too_many(page: Page, limited: RateLimited) -> Page:
    """The page, which says when to come again."""
    return replace(page, headers={"Retry-After": str(limited.retry_after_seconds)})
