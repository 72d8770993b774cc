"""Numbers that their organizations do not call."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DoNotCallEntry:
    """A number that its organization does not call. `reason`: in its sender's words."""

    e164: str
    reason: str | None = None
    listed_at: datetime
