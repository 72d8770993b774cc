"""Setting up a second factor: the picture for the authenticator, its first code, and the recovery codes, shown once.

Whoever must have one sets it up before anything else; everybody else does so from their account.
"""

from http import HTTPStatus
from typing import TYPE_CHECKING

from markupsafe import Markup

from slotline.domain.access.second_factors import offered
from slotline.domain.access.sessions import Stage
from slotline.domain.access.sign_in import NewCodes, SecondFactorThere, SessionOver, SignInRefused, WrongPassword
from slotline.domain.access.visits import Visit
from slotline.domain.shared.errors import RateLimited
from slotline.pages.fields import Field
from slotline.pages.kit import Asked, Redirect
from slotline.pages.rendering import Page
from slotline.pages.sign_in.arriving import arrival_of, begun_cookies, way_on
from slotline.pages.sign_in.entering import BOOK, ENROL, over, too_many, unsigned_page
from slotline.pages.signed import Admit, SignedIn, check_form, session_cookie
from slotline.words.catalogue import catalogue_for

if TYPE_CHECKING:
    from slotline.ports.access import OneTimeCodes
    from slotline.usecases.access.keep_account import KeepAccount

ACCOUNT = "/account"
SET_UP = f"{ACCOUNT}/second-factor"
ISSUER = "Slotline"
_GROUP = 4


def owed_page(asked: Asked, admit: Admit, codes: "OneTimeCodes") -> Page | Redirect:
    """GET /sign-in/second-factor, of whoever must set one up."""
    visit = admit(session_cookie(asked), stage=Stage.ENROL)
    return _form(asked, visit, codes, ENROL, way_on(asked)) if visit else over(asked)


def add_owed(asked: Asked, admit: Admit, account: "KeepAccount", codes: "OneTimeCodes") -> Page | Redirect:
    """POST /sign-in/second-factor."""
    visit = admit(session_cookie(asked), stage=Stage.ENROL)
    if visit is None:
        return over(asked)
    check_form(asked, visit)
    return _added(asked, visit, account, codes, Stage.ENROL)


def set_up_page(signed: SignedIn, codes: "OneTimeCodes") -> Page | Redirect:
    """GET /account/second-factor."""
    if signed.visit.user.second_factor:
        return Redirect(ACCOUNT)
    return _form(signed.asked, signed.visit, codes, SET_UP, ACCOUNT)


def add(signed: SignedIn, account: "KeepAccount", codes: "OneTimeCodes") -> Page | Redirect:
    """POST /account/second-factor."""
    return _added(signed.asked, signed.visit, account, codes, Stage.IN)


def codes_page(asked: Asked, new: NewCodes, way: str) -> Page:
    """The recovery codes, which nobody can read again."""
    context = {"codes": new.codes, "way": way}
    return unsigned_page(asked, "recovery_codes.html", context, cookies=begun_cookies(asked, new.begun))


def _added(asked: Asked, visit: Visit, account: "KeepAccount", codes: "OneTimeCodes", stage: Stage) -> Page | Redirect:
    action, way = (ENROL, way_on(asked)) if stage is Stage.ENROL else (SET_UP, ACCOUNT)
    try:
        code, password = asked.field("code"), asked.typed("password")
        new = account.add_second_factor(visit.key, code, arrival_of(asked), stage, password)
    except (SessionOver, SecondFactorThere):
        return over(asked)
    except WrongPassword:
        return _form(asked, visit, codes, action, way, status=HTTPStatus.BAD_REQUEST, wrong_password=True)
    except SignInRefused:
        return _form(asked, visit, codes, action, way, "wrong_first_code", HTTPStatus.BAD_REQUEST)
    except RateLimited as limited:
        status = HTTPStatus.TOO_MANY_REQUESTS
        return too_many(_form(asked, visit, codes, action, way, "too_many", status), limited)
    return codes_page(asked, new, way)


def _form(
    asked: Asked,
    visit: Visit,
    codes: "OneTimeCodes",
    action: str,
    way: str,
    said: str | None = None,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    wrong_password: bool = False,
) -> Page:
    secret, is_owed = offered(visit.key), action == ENROL
    context = {
        "said": said,
        "token": visit.key.csrf_token,
        "action": action,
        "next": way,
        "is_owed": is_owed,
        "password": None if is_owed else _password(asked, visit, is_wrong=wrong_password),
        "secret": " ".join(secret[start : start + _GROUP] for start in range(0, len(secret), _GROUP)),
        "address": codes.address_of(secret, visit.user.email, ISSUER),
        "picture": picture(codes.address_of(secret, visit.user.email, ISSUER)),
    }
    return unsigned_page(asked, "second_factor.html", context, status, known=visit.user.language)


def _password(asked: Asked, visit: Visit, *, is_wrong: bool) -> Field | None:
    """The field for the password of whoever has one and is in already."""
    if visit.user.password_hash is None:
        return None
    words = catalogue_for(asked.language(known=visit.user.language, book=BOOK), BOOK)
    return Field(
        name="password",
        label=words.text("account", "password"),
        kind="password",
        error=words.text("account", "wrong", "current_wrong") if is_wrong else None,
        required=True,
        attributes={"autocomplete": "current-password"},
    )


def picture(text: str) -> Markup:
    """A QR code of a text as SVG, dark on light in every colour scheme: cameras read no other."""
    import segno

    drawn = segno.make(text, error="m", micro=False)
    inline = drawn.svg_inline(border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True)
    return Markup(inline)  # noqa: S704 - lines and numbers; the text is in none of them
