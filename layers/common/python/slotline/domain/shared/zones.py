"""IANA time zones by name."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from slotline.domain.shared.errors import InvalidRequest

_NO_ZONES = frozenset({"Factory", "localtime"})
"""Placeholders that some machines list: "not set up yet", and whatever the machine itself keeps."""


@cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones()) - _NO_ZONES


def zone(name: str, field: str = "timezone") -> ZoneInfo:
    """The zone of that name. Raises InvalidRequest for a name that the IANA database does not list.

    Membership is asked before the file is opened: `ZoneInfo` takes a path, and `../` is not a zone.
    """
    if name not in _names():
        raise InvalidRequest.of_field(field, "must be an IANA time zone such as America/Bogota or UTC", "timezone")
    return ZoneInfo(name)
