"""What agents' calendars read."""

from functools import cache

from slotline.channels.calendar_feed import CatalogueFeedWords
from slotline.ports.messages import FeedWords


@cache
def words() -> FeedWords:
    """Calendars, in the agent's language."""
    return CatalogueFeedWords()
