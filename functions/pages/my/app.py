"""My schedules: /my, the week of an agent, and everything that an agent does with their own calls.

Each page names the permission that it needs; an agent sees and changes what is their own, and nothing else is there.
"""

from collections.abc import Mapping

from slotline.domain.access.permissions import Permission
from slotline.domain.shared.audit import Surface
from slotline.pages.apps import choose_app
from slotline.pages.kit import page_handler
from slotline.pages.my.week import week_page
from slotline.pages.signed import Allowed, Answer, SignedIn, signed_routes
from slotline.wiring import common
from slotline.wiring.access import sessions
from slotline.wiring.booking import weeks

BOOK = "my"


def choose(signed: SignedIn) -> Answer:
    """GET /my: the app, if there are several."""
    return choose_app(signed, sessions.sessions().apps_of)


def week(signed: SignedIn) -> Answer:
    """GET /my/{app_id}: the agent's week."""
    return week_page(signed, weeks.read_agents_week())


ROUTES: Mapping[str, Allowed] = {
    "GET /my": Allowed(Permission.USE_ACCOUNT, choose),
    "GET /my/{app_id}": Allowed(Permission.OWN_SCHEDULE, week),
}
handler = page_handler(signed_routes(ROUTES, sessions.admit_user, Surface.MY, BOOK), common)
