"""The choice among the apps of whoever signed in. Who has one only is led to it."""

from collections.abc import Callable, Sequence
from urllib.parse import quote

from slotline.domain.access.users import Role, User
from slotline.domain.access.visits import VisitedApp
from slotline.pages.kit import Redirect
from slotline.pages.navigation import CONSOLE, MY
from slotline.pages.signed import Answer, SignedIn

AppsOf = Callable[[User], Sequence[VisitedApp]]


def choose_app(signed: SignedIn, apps_of: AppsOf) -> Answer:
    """Where they work in each app: an agent on their own schedule, everybody else in the console."""
    user = signed.visit.user
    apps = [(app, role) for app in apps_of(user) if (role := user.role_in(app.app_id, app.organization_id))]
    if len(apps) == 1:
        return Redirect(_way(*apps[0]))
    shown = [{"name": app.name, "way": _way(app, role), "role": role.value} for app, role in apps]
    return signed.page("apps.html", "", {"apps": shown})


def _way(app: VisitedApp, role: Role) -> str:
    return f"{MY if role is Role.AGENT else CONSOLE}/{quote(app.app_id)}"
