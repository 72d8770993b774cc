"""Settings in the console: /console/{app}/settings, an organization's people, keys and webhooks, and the audit log."""

from collections.abc import Mapping

from slotline.domain.access.permissions import Permission
from slotline.domain.shared.audit import Surface
from slotline.pages.kit import page_handler
from slotline.pages.settings.audit import AuditPage
from slotline.pages.settings.people import PeoplePages
from slotline.pages.signed import Allowed, Answer, SignedIn, signed_routes
from slotline.wiring import common
from slotline.wiring.access import people, sessions
from slotline.wiring.booking.agents import agents

BOOK = "settings"
_SETTINGS = "/console/{app_id}/settings"


def audit(signed: SignedIn) -> Answer:
    """GET …/audit: what was done in this app, and by whom."""
    return _audit(signed).shown()


def export_audit(signed: SignedIn) -> Answer:
    """POST …/audit: the same as a file."""
    return _audit(signed).exported()


def organizations_audit(signed: SignedIn) -> Answer:
    """GET …/audit/organization: what was done to its people and keys."""
    return _audit(signed, is_organizations=True).shown()


def export_organizations_audit(signed: SignedIn) -> Answer:
    """POST …/audit/organization: the same as a file."""
    return _audit(signed, is_organizations=True).exported()


def _audit(signed: SignedIn, *, is_organizations: bool = False) -> AuditPage:
    return AuditPage(signed, people.read_audit_log(), people.users(), is_organizations)


def everybody(signed: SignedIn) -> Answer:
    """GET …/users: the organization's people."""
    return _people(signed).all()


def require(signed: SignedIn) -> Answer:
    """POST …/users: whether all who change settings must have a second factor."""
    return _people(signed).require()


def person(signed: SignedIn) -> Answer:
    """GET …/users/{user_id}."""
    return _people(signed).one()


def save_person(signed: SignedIn) -> Answer:
    """POST …/users/{user_id}: what they are in which app."""
    return _people(signed).save()


def suspend(signed: SignedIn) -> Answer:
    """POST …/users/{user_id}/suspend."""
    return _people(signed).act(lambda keep, author, user_id: keep.suspend(author, user_id), "suspended")


def resume(signed: SignedIn) -> Answer:
    """POST …/users/{user_id}/resume."""
    return _people(signed).act(lambda keep, author, user_id: keep.resume(author, user_id), "resumed")


def end_sessions(signed: SignedIn) -> Answer:
    """POST …/users/{user_id}/sessions: sign them out everywhere."""
    return _people(signed).act(lambda keep, author, user_id: keep.end_sessions(author, user_id), "sessions")


def reset_second_factor(signed: SignedIn) -> Answer:
    """POST …/users/{user_id}/second-factor: for somebody who lost it."""
    return _people(signed).act(lambda keep, author, user_id: keep.reset_second_factor(author, user_id), "second_factor")


def remove_person(signed: SignedIn) -> Answer:
    """POST …/users/{user_id}/remove."""
    return _people(signed).remove()


def _people(signed: SignedIn) -> PeoplePages:
    return PeoplePages(
        signed, people.users(), agents(), sessions.sessions().apps_of, lambda: people.keep_people(agents())
    )


_OWNERS = Permission.CHANGE_USERS
ROUTES: Mapping[str, Allowed] = {
    f"GET {_SETTINGS}/audit": Allowed(Permission.SEE_AUDIT, audit),
    f"POST {_SETTINGS}/audit": Allowed(Permission.SEE_AUDIT, export_audit),
    f"GET {_SETTINGS}/audit/organization": Allowed(Permission.SEE_ORGANIZATION_AUDIT, organizations_audit),
    f"POST {_SETTINGS}/audit/organization": Allowed(Permission.SEE_ORGANIZATION_AUDIT, export_organizations_audit),
    f"GET {_SETTINGS}/users": Allowed(_OWNERS, everybody),
    f"POST {_SETTINGS}/users": Allowed(_OWNERS, require),
    f"GET {_SETTINGS}/users/{{user_id}}": Allowed(_OWNERS, person),
    f"POST {_SETTINGS}/users/{{user_id}}": Allowed(_OWNERS, save_person),
    f"POST {_SETTINGS}/users/{{user_id}}/suspend": Allowed(_OWNERS, suspend),
    f"POST {_SETTINGS}/users/{{user_id}}/resume": Allowed(_OWNERS, resume),
    f"POST {_SETTINGS}/users/{{user_id}}/sessions": Allowed(_OWNERS, end_sessions),
    f"POST {_SETTINGS}/users/{{user_id}}/second-factor": Allowed(_OWNERS, reset_second_factor),
    f"POST {_SETTINGS}/users/{{user_id}}/remove": Allowed(_OWNERS, remove_person),
}
handler = page_handler(signed_routes(ROUTES, sessions.admit_user, Surface.CONSOLE, BOOK), common)
