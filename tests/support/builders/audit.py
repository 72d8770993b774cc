"""Who acts, and what they do, where it does not matter."""

from slotline.domain.shared.audit import Audited, AuditEntry, Author, AuthorType, Organization, Surface
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import APP_ID, an_app, new_id

AUTHOR = Author(type=AuthorType.CLIENT, surface=Surface.API, id="client-1", network="192.0.2.0/24")


def an_entry(action: str = "setting.changed", app_id: str | None = APP_ID) -> AuditEntry:
    """What is written of an act."""
    audited = Audited(id=new_id(), at=NOW, author=AUTHOR)
    return audited.entry(action, "subject-1", of=an_app(app_id) if app_id else Organization(organization_id="org"))
