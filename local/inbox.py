"""What the local system sent: the last messages of every channel, in memory, as their providers received them."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

MOST = 500
"""Messages kept; older ones are forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message as it would have reached a person. `headers`: whatever else the provider was told."""

    channel: str
    to: str
    text: str
    kind: str | None = None
    call_id: str | None = None
    subject: str | None = None
    html: str | None = None
    ics: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A letter with the id that its sender was told, and when it came."""

    id: str
    at: datetime
    letter: Letter

    def as_json(self) -> dict[str, Any]:
        """What `/__local/inbox` says of it."""
        at = self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"id": self.id, "at": at, **asdict(self.letter)}


class Inbox:
    """The messages, in the order in which they came."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._numbers = count(1)
        self._received: deque[Received] = deque(maxlen=MOST)

    def keep(self, letter: Letter) -> str:
        """Take a letter; its id."""
        received = Received(id=f"local-{next(self._numbers):06}", at=self._now(), letter=letter)
        self._received.append(received)
        return received.id

    def find(self, to: str | None = None, since: datetime | None = None) -> list[Received]:
        """The letters to this address or number, all without one, that came at this instant or later."""
        return [
            received
            for received in self._received
            if (to is None or received.letter.to.lower() == to.lower()) and (since is None or received.at >= since)
        ]
