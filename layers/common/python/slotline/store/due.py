"""How a row says when it is due: two attributes, and without them it stands in no bucket."""

from collections.abc import Mapping
from datetime import datetime

from slotline.domain.due import bucket_of


def due_fields(key: Mapping[str, str], at: datetime | None) -> dict[str, object]:
    """The attributes of a row with this key that is due then; none for a row that waits for nothing."""
    if at is None:
        return {}
    return {"due_at": at, "due_bucket": bucket_of(at, key["pk"], key["sk"])}
