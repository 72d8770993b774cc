"""What a join link leads to: a scheduled call or an instant one. A booking writes its room with the call."""

from enum import StrEnum


class RoomKind(StrEnum):
    """Where the call came from."""

    INSTANT = "instant"
    SCHEDULED = "scheduled"


class CallSource(StrEnum):
    """What made the call."""

    WIDGET_KEY = "widget_key"
    BOOKING = "booking"
