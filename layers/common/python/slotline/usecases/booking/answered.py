"""Whether a request with an idempotency key was answered meanwhile: what stands against it may be itself."""

from slotline.domain.shared.idempotency import IdempotencyKey
from slotline.ports.booking import Bookings
from slotline.ports.shared import AlreadyAnswered


def check_unanswered(bookings: Bookings, app_id: str, new_id: str, key: IdempotencyKey | None) -> None:
    """Raises AlreadyAnswered: what stands against a request may be itself, sent twice at once with one key.

    The rows of one read are not of one moment: the answer may be missing whose effect is there.
    """
    if key is not None and bookings.read_for_change(app_id, new_id, key).receipt is not None:
        raise AlreadyAnswered
