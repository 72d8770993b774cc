"""Where people who signed in can go: the sections of an app, by what each needs."""

from collections.abc import Sequence
from dataclasses import dataclass

from slotline.domain.access.permissions import Permission
from slotline.domain.access.visits import Visit

MY, CONSOLE = "/my", "/console"


@dataclass(frozen=True, slots=True)
class Section:
    """A section of an app. `path`: behind its surface's address of the app; `icon`: of `components.html`."""

    name: str
    surface: str
    path: str
    permission: Permission
    icon: str

    def way(self, app_id: str) -> str:
        """Its address in an app."""
        return f"{self.surface}/{app_id}{self.path}"


GROUPS: Sequence[tuple[str | None, Sequence[Section]]] = (
    (
        None,
        (
            Section("my", MY, "", Permission.OWN_SCHEDULE, "calendar"),
            Section("dashboard", CONSOLE, "", Permission.SEE_CALLS, "chart"),
        ),
    ),
    (
        "bookings",
        (
            Section("calls", CONSOLE, "/calls", Permission.SEE_CALLS, "video"),
            Section("agents", CONSOLE, "/agents", Permission.SEE_AGENTS, "user"),
            Section("services", CONSOLE, "/services", Permission.SEE_SERVICES, "note"),
            Section("instant", CONSOLE, "/instant", Permission.SEE_INSTANT_CALLS, "bolt"),
        ),
    ),
    (
        "dialing",
        (
            Section("campaigns", CONSOLE, "/dialing/campaigns", Permission.SEE_DIALING, "phone"),
            Section("dialed", CONSOLE, "/dialing/calls", Permission.SEE_DIALING, "list"),
            Section("do_not_call", CONSOLE, "/dialing/do-not-call", Permission.SEE_DIALING, "barred"),
            Section("use_cases", CONSOLE, "/dialing/use-cases", Permission.CHANGE_DIALING, "note"),
            Section("numbers", CONSOLE, "/dialing/numbers", Permission.CHANGE_DIALING, "number"),
        ),
    ),
    (
        "settings",
        (
            Section("webhooks", CONSOLE, "/settings/webhooks", Permission.CHANGE_WEBHOOKS, "plug"),
            Section("keys", CONSOLE, "/settings/keys", Permission.SEE_WIDGET_KEYS, "key"),
            Section("users", CONSOLE, "/settings/users", Permission.CHANGE_USERS, "users"),
            Section("audit", CONSOLE, "/settings/audit", Permission.SEE_AUDIT, "history"),
        ),
    ),
)
"""In the order in which they are shown, by group."""


def sections_for(visit: Visit) -> Sequence[tuple[str | None, Sequence[Section]]]:
    """The sections that the visit may see, by group; no group is empty."""
    found = ((group, [one for one in sections if visit.may(one.permission)]) for group, sections in GROUPS)
    return [(group, sections) for group, sections in found if sections]
