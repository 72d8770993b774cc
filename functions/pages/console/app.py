"""The console: /console, where an app's calls, agents and services are seen and changed.

Each page names the permission that it needs. Dialing and settings have functions, and rights, of their own.
"""

from collections.abc import Mapping

from slotline.domain.access.permissions import Permission
from slotline.domain.shared.audit import Surface
from slotline.pages.apps import choose_app
from slotline.pages.kit import page_handler
from slotline.pages.signed import Allowed, Answer, SignedIn, signed_routes
from slotline.wiring import common
from slotline.wiring.access import sessions

BOOK = "console"


def choose(signed: SignedIn) -> Answer:
    """GET /console: the app, if there are several."""
    return choose_app(signed, sessions.sessions().apps_of)


def dashboard(signed: SignedIn) -> Answer:
    """GET /console/{appId}: figures of a period."""
    from slotline.pages.console.dashboard import DashboardPage
    from slotline.wiring.booking.dashboards import read_dashboard

    return DashboardPage(signed, read_dashboard(), common.clock().now()).shown()


ROUTES: Mapping[str, Allowed] = {
    "GET /console": Allowed(Permission.USE_ACCOUNT, choose),
    "GET /console/{app_id}": Allowed(Permission.SEE_CALLS, dashboard),
}
handler = page_handler(signed_routes(ROUTES, sessions.admit_user, Surface.CONSOLE, BOOK), common)
