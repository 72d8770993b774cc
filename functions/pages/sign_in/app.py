"""Signing in: /sign-in and the code of a second factor, /sign-out.

The pages before somebody is in are plain endpoints, whose forms are bound to the browser; the others are behind the
door of all pages that people sign in to.
"""

from collections.abc import Mapping

from slotline.domain.access.permissions import Permission
from slotline.domain.shared.audit import Surface
from slotline.pages.kit import Asked, Redirect, Routes, page_handler
from slotline.pages.rendering import Page
from slotline.pages.sign_in import entering
from slotline.pages.signed import Allowed, Answer, SignedIn, signed_routes
from slotline.wiring import common
from slotline.wiring.access import sessions
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


UNSIGNED: Routes = {
    "GET /sign-in": sign_in_page,
    "POST /sign-in": sign_in,
    "GET /sign-in/code": code_page,
    "POST /sign-in/code": code,
}
"""What anybody may ask for."""
ROUTES: Mapping[str, Allowed] = {
    "POST /sign-out": Allowed(Permission.USE_ACCOUNT, sign_out),
}
handler = page_handler(
    {**UNSIGNED, **signed_routes(ROUTES, sessions.admit_user, Surface.SIGN_IN, entering.BOOK)}, common
)
