"""What a join link leads to: a scheduled call or an instant one. A booking writes its room with the call."""

from enum import StrEnum


def host_link(join_url: str, app_id: str) -> str:
    """The link of a scheduled call's host, made of the one that its guest has."""
    return f"{join_url}?role=agent&appId={app_id}"


class RoomKind(StrEnum):
    """Where the call came from."""

    INSTANT = "instant"
    SCHEDULED = "scheduled"


class CallSource(StrEnum):
    """What made the call."""

    WIDGET_KEY = "widget_key"
    BOOKING = "booking"
