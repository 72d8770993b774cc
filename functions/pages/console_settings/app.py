"""Settings in the console: /console/{app}/settings, an organization's people, keys and webhooks, and the audit log."""

from collections.abc import Mapping

from slotline.domain.access.permissions import Permission
from slotline.domain.shared.audit import Surface
from slotline.pages.kit import page_handler
from slotline.pages.settings.audit import AuditPage
from slotline.pages.signed import Allowed, Answer, SignedIn, signed_routes
from slotline.wiring import common
from slotline.wiring.access import people, sessions

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


ROUTES: Mapping[str, Allowed] = {
    f"GET {_SETTINGS}/audit": Allowed(Permission.SEE_AUDIT, audit),
    f"POST {_SETTINGS}/audit": Allowed(Permission.SEE_AUDIT, export_audit),
    f"GET {_SETTINGS}/audit/organization": Allowed(Permission.SEE_ORGANIZATION_AUDIT, organizations_audit),
    f"POST {_SETTINGS}/audit/organization": Allowed(Permission.SEE_ORGANIZATION_AUDIT, export_organizations_audit),
}
handler = page_handler(signed_routes(ROUTES, sessions.admit_user, Surface.CONSOLE, BOOK), common)
