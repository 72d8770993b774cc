"""What a join link leads to: a scheduled call or an instant one. A booking writes its room with the call."""

from enum import StrEnum


class RoomKind(StrEnum):
    """Where the call came from."""

    INSTANT = "instant"
    SCHEDULED = "scheduled"


class Side(StrEnum):
    """Of the two of a call: whoever takes it, and whoever it is for."""

    HOST = "host"
    GUEST = "guest"

    @property
    def other(self) -> "Side":
        """The one across."""
        return Side.GUEST if self is Side.HOST else Side.HOST


class CallSource(StrEnum):
    """What made the call."""

    WIDGET_KEY = "widget_key"
    BOOKING = "booking"
