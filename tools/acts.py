"""Acts of an operator, as the audit log names them."""

from slotline.domain.shared.audit import Audited, Author, AuthorType, Surface
from slotline.ids import new_id
from slotline.ports.shared import Clock

OPERATOR = Author(type=AuthorType.OPERATOR, surface=Surface.TOOLS)


def act(clock: Clock) -> Audited:
    """Something that is being done now."""
    return Audited(id=new_id(), at=clock.now(), author=OPERATOR)
