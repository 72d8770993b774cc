"""What the two sides of a room send each other through the server: how they find a way to each other, and, while they
have none, what is said.

A side has one mailbox, into which the other side alone writes. The writer numbers what it sends, by its tab and then in
order, so that to send it again changes nothing; the reader says how far it has read. Nothing in it is read by us.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from slotline.domain.shared.errors import InvalidRequest

KEPT_FOR = timedelta(minutes=10)
"""Long enough for whoever loads the page again, or comes back within a talk's grace."""
LONGEST = 16_000
"""Characters of one letter: an offer with video in every codec of a browser has about 7,000."""
MOST_AT_ONCE = 16
"""Letters of one request."""
MOST_OF_TAB = 2_000
"""Letters that a page may send in its life: candidates, some restarts, and a chat where nothing else goes through."""
MOST_READ = 50
"""Letters of one answer."""

BEGINNING = ""
"""Where a reader stands who has read nothing."""
_PLACE = re.compile(r"\d{6}\.\d{6}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Something sent. `tab` and `number`: of its writer."""

    tab: int
    number: int
    text: str = field(repr=False)

    @property
    def place(self) -> str:
        """Where it stands in its mailbox: as text in the order of sending."""
        return f"{self.tab:06}.{self.number:06}"


def checked(letters: Sequence[Letter]) -> Sequence[Letter]:
    """The same, if they may be sent. Raises InvalidRequest."""
    if len(letters) > MOST_AT_ONCE:
        raise InvalidRequest.of_field("send", f"has more than {MOST_AT_ONCE} letters", "too_long")
    if any(not 1 <= letter.number <= MOST_OF_TAB for letter in letters):
        raise InvalidRequest.of_field("send", f"numbers go from 1 to {MOST_OF_TAB}", "range")
    if any(len(letter.text) > LONGEST for letter in letters):
        raise InvalidRequest.of_field("send", f"a letter has more than {LONGEST} characters", "too_long")
    return letters


def is_place(text: str) -> bool:
    """Whether a reader may stand there."""
    return text == BEGINNING or _PLACE.fullmatch(text) is not None
