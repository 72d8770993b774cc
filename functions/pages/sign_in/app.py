"""Signing in: /sign-in and its second factor, /forgotten and the link that it mails, /sign-out; and one's own /account.

The pages before somebody is in are plain endpoints, whose forms are bound to the browser; the others are behind the
door of all pages that people sign in to.
"""

from collections.abc import Mapping

from slotline.domain.access.permissions import Permission
from slotline.domain.shared.audit import Surface
from slotline.pages.kit import Asked, Endpoint, File, Redirect, Routes, page_handler
from slotline.pages.rendering import Page
from slotline.pages.sign_in import account, choosing, entering, second_factor
from slotline.pages.sign_in.arriving import app_of_way, way_on
from slotline.pages.signed import Allowed, Answer, SignedIn, signed_routes
from slotline.wiring import common
from slotline.wiring.access import sessions, ways_in
from slotline.wiring.access import sign_in as wiring


def sign_in_page(asked: Asked) -> Page | Redirect:
    """GET /sign-in."""
    return entering.sign_in_page(asked, sessions.admit_user())


def sign_in(asked: Asked) -> Page | Redirect:
    """POST /sign-in."""
    return entering.sign_in(asked, wiring.sign_in())


def code_page(asked: Asked) -> Page | Redirect:
    """GET /sign-in/code."""
    return entering.code_page(asked, sessions.admit_user())


def code(asked: Asked) -> Page | Redirect:
    """POST /sign-in/code."""
    return entering.code(asked, sessions.admit_user(), wiring.prove_second_factor())


def sign_out(signed: SignedIn) -> Answer:
    """POST /sign-out."""
    return entering.sign_out(signed, wiring.sign_out())


def owed_page(asked: Asked) -> Page | Redirect:
    """GET /sign-in/second-factor."""
    return second_factor.owed_page(asked, sessions.admit_user(), wiring.codes())


def add_owed(asked: Asked) -> Page | Redirect:
    """POST /sign-in/second-factor."""
    return second_factor.add_owed(asked, sessions.admit_user(), wiring.keep_account(), wiring.codes())


def forgotten_page(asked: Asked) -> Page:
    """GET /forgotten."""
    return choosing.forgotten_page(asked)


def ask_for_way_in(asked: Asked) -> Page | Redirect:
    """POST /forgotten."""
    return choosing.ask(asked, ways_in.ask_for_way_in())


def password_page(asked: Asked) -> Page:
    """GET /password/{token}."""
    return choosing.password_page(asked, ways_in.choose_password())


def choose_password(asked: Asked) -> Page | Redirect:
    """POST /password/{token}."""
    return choosing.choose_password(asked, ways_in.choose_password())


def set_up_page(signed: SignedIn) -> Answer:
    """GET /account/second-factor."""
    return second_factor.set_up_page(signed, wiring.codes())


def add(signed: SignedIn) -> Answer:
    """POST /account/second-factor."""
    return second_factor.add(signed, wiring.keep_account(), wiring.codes())


def account_page(signed: SignedIn) -> Answer:
    """GET /account."""
    return account.page(signed, wiring.keep_account(), common.clock().now())


def introduce(signed: SignedIn) -> Answer:
    """POST /account/profile."""
    return account.introduce(signed, wiring.keep_account(), common.clock().now())


def change_password(signed: SignedIn) -> Answer:
    """POST /account/password."""
    return account.change_password(signed, wiring.keep_account(), common.clock().now())


def remove_second_factor(signed: SignedIn) -> Answer:
    """POST /account/second-factor/remove."""
    return account.remove_second_factor(signed, wiring.keep_account(), common.clock().now())


def renew_recovery_codes(signed: SignedIn) -> Answer:
    """POST /account/second-factor/codes."""
    return account.renew_recovery_codes(signed, wiring.keep_account(), common.clock().now())


def end_session(signed: SignedIn) -> Answer:
    """POST /account/sessions/end."""
    return account.end_session(signed, wiring.keep_account())


def end_all_sessions(signed: SignedIn) -> Answer:
    """POST /account/sessions/end-all."""
    return account.end_all_sessions(signed, wiring.keep_account())


def _may_be_framed(endpoint: Endpoint) -> Endpoint:
    """Whoever signs in within a frame wants to see the schedule of an app, whose frames these sites may show."""

    def answer(asked: Asked) -> Page | Redirect | File:
        app_id = app_of_way(way_on(asked)) if asked.is_in_frame else None
        if app_id and (app := sessions.sessions().app(app_id)):
            asked.let_frame(app.frame_origins)
        return endpoint(asked)

    return answer


UNSIGNED: Routes = {
    "GET /sign-in": _may_be_framed(sign_in_page),
    "POST /sign-in": _may_be_framed(sign_in),
    "GET /sign-in/code": _may_be_framed(code_page),
    "POST /sign-in/code": _may_be_framed(code),
    "GET /sign-in/second-factor": _may_be_framed(owed_page),
    "POST /sign-in/second-factor": _may_be_framed(add_owed),
    "GET /forgotten": forgotten_page,
    "POST /forgotten": ask_for_way_in,
    "GET /password/{token}": password_page,
    "POST /password/{token}": choose_password,
}
"""What anybody may ask for."""
ROUTES: Mapping[str, Allowed] = {
    "POST /sign-out": Allowed(Permission.USE_ACCOUNT, sign_out),
    "GET /account": Allowed(Permission.USE_ACCOUNT, account_page),
    "POST /account/profile": Allowed(Permission.USE_ACCOUNT, introduce),
    "POST /account/password": Allowed(Permission.USE_ACCOUNT, change_password),
    "GET /account/second-factor": Allowed(Permission.USE_ACCOUNT, set_up_page),
    "POST /account/second-factor": Allowed(Permission.USE_ACCOUNT, add),
    "POST /account/second-factor/codes": Allowed(Permission.USE_ACCOUNT, renew_recovery_codes),
    "POST /account/second-factor/remove": Allowed(Permission.USE_ACCOUNT, remove_second_factor),
    "POST /account/sessions/end": Allowed(Permission.USE_ACCOUNT, end_session),
    "POST /account/sessions/end-all": Allowed(Permission.USE_ACCOUNT, end_all_sessions),
}
SECRETS = frozenset({"password", "current", "new", "code"})
"""Fields of what people prove themselves with: whoever sits down at the machine afterwards reads none in a page."""
handler = page_handler(
    {**UNSIGNED, **signed_routes(ROUTES, sessions.admit_user, Surface.SIGN_IN, entering.BOOK)}, common, secrets=SECRETS
)
