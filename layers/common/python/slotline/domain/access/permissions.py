"""The one table of who may do what. Every page, its links and the matrix of tests are made from it."""

from collections.abc import Mapping
from enum import StrEnum

from slotline.domain.access.users import Role


class Permission(StrEnum):
    """What a page shows or an action does. Each page names the one that it needs."""

    USE_ACCOUNT = "use_account"
    """One's own password, second factor and sessions; the choice among one's apps."""
    OWN_SCHEDULE = "own_schedule"
    """My schedules: one's own calls, hours, do-not-disturb and feed. Needs to be an agent of the app."""
    SEE_CALLS = "see_calls"
    """Every call of the app, its timeline and its messages; the dashboard."""
    CHANGE_CALLS = "change_calls"
    """Book for any agent, move, reassign, cancel, in bulk too."""
    EXPORT_CALLS = "export_calls"
    SEE_AGENTS = "see_agents"
    CHANGE_AGENTS = "change_agents"
    """Their hours, tags and limits; new ones."""
    CHANGE_ABSENCES = "change_absences"
    """Exceptions and do-not-disturb of any agent: a supervisor sends a sick agent home."""
    SEE_SERVICES = "see_services"
    CHANGE_SERVICES = "change_services"
    SEE_INSTANT_CALLS = "see_instant_calls"
    END_INSTANT_CALLS = "end_instant_calls"
    DOWNLOAD_RECORDINGS = "download_recordings"
    """Of any call. Agents download those of their own calls in My schedules."""
    SEE_DIALING = "see_dialing"
    RUN_CAMPAIGNS = "run_campaigns"
    """Start, pause, resume and cancel; bar numbers."""
    CHANGE_DIALING = "change_dialing"
    """Use cases and numbers."""
    CHANGE_WEBHOOKS = "change_webhooks"
    SEE_WIDGET_KEYS = "see_widget_keys"
    CHANGE_KEYS = "change_keys"
    """API clients, dial API keys and widget keys of the organization."""
    CHANGE_USERS = "change_users"
    SEE_AUDIT = "see_audit"
    """Of the app."""
    SEE_ORGANIZATION_AUDIT = "see_organization_audit"


_AGENT = frozenset({Permission.USE_ACCOUNT, Permission.OWN_SCHEDULE})
_SUPERVISOR = _AGENT | {
    Permission.SEE_CALLS,
    Permission.CHANGE_CALLS,
    Permission.EXPORT_CALLS,
    Permission.SEE_AGENTS,
    Permission.CHANGE_ABSENCES,
    Permission.SEE_INSTANT_CALLS,
    Permission.END_INSTANT_CALLS,
    Permission.DOWNLOAD_RECORDINGS,
    Permission.SEE_DIALING,
    Permission.RUN_CAMPAIGNS,
}
_OWNERS_ONLY = {Permission.CHANGE_KEYS, Permission.CHANGE_USERS, Permission.SEE_ORGANIZATION_AUDIT}

PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.AGENT: _AGENT,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.ADMIN: frozenset(Permission) - _OWNERS_ONLY,
    Role.OWNER: frozenset(Permission),
}


def may(role: Role, permission: Permission) -> bool:
    """Whether somebody who is this in an app may do that there."""
    return permission in PERMISSIONS[role]
