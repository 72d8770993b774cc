"""My schedules: /my, the week of an agent, and everything that an agent does with their own calls.

Each page names the permission that it needs; an agent sees and changes what is their own, and nothing else is there.
"""

from collections.abc import Mapping

from slotline.domain.access.permissions import Permission
from slotline.domain.shared.audit import Surface
from slotline.pages.apps import choose_app
from slotline.pages.kit import page_handler
from slotline.pages.signed import Allowed, Answer, SignedIn, signed_routes
from slotline.wiring import common
from slotline.wiring.access import sessions

BOOK = "my"


def choose(signed: SignedIn) -> Answer:
    """GET /my: the app, if there are several."""
    return choose_app(signed, sessions.sessions().apps_of)


ROUTES: Mapping[str, Allowed] = {
    "GET /my": Allowed(Permission.USE_ACCOUNT, choose),
}
handler = page_handler(signed_routes(ROUTES, sessions.admit_user, Surface.MY, BOOK), common)
