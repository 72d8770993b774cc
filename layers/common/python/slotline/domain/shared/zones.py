"""Time zones by the names that the IANA database gives places.

Abbreviations are refused, although the database lists some of them. `EST` means UTC-5 all year to it; whoever writes
`EST` in July means New York, an hour off. `UTC` and `Etc/GMT+5` stay: they say of themselves that no clock changes.
"""

from zoneinfo import ZoneInfo

from slotline import zone_rules
from slotline.domain.shared.errors import InvalidRequest

_NO_ZONES = frozenset({"Factory", "localtime"})
"""Placeholders that some machines list: "not set up yet", and whatever the machine itself keeps."""

_CENTRAL_EUROPE, _EASTERN_EUROPE, _WESTERN_EUROPE = "Europe/Berlin", "Europe/Athens", "Europe/Lisbon"
_GREENWICH = "Europe/London, or UTC for clocks that never change"
PLACES_BY_ABBREVIATION = {
    **dict.fromkeys(("EST", "EST5EDT"), "America/New_York, or America/Panama for UTC-5 all year"),
    **dict.fromkeys(("CST", "CST6CDT"), "America/Chicago, or America/Costa_Rica for UTC-6 all year"),
    **dict.fromkeys(("MST", "MST7MDT"), "America/Denver, or America/Phoenix for UTC-7 all year"),
    **dict.fromkeys(("ET", "EDT"), "America/New_York"),
    **dict.fromkeys(("CT", "CDT"), "America/Chicago"),
    **dict.fromkeys(("MT", "MDT"), "America/Denver"),
    **dict.fromkeys(("PT", "PST", "PDT", "PST8PDT"), "America/Los_Angeles"),
    **dict.fromkeys(("AKST", "AKDT"), "America/Anchorage"),
    "HST": "Pacific/Honolulu",
    "AST": "America/Halifax, or America/Puerto_Rico for UTC-4 all year",
    "ADT": "America/Halifax",
    **dict.fromkeys(("NST", "NDT"), "America/St_Johns"),
    "COT": "America/Bogota",
    "PET": "America/Lima",
    "ART": "America/Argentina/Buenos_Aires",
    "BRT": "America/Sao_Paulo",
    **dict.fromkeys(("CLT", "CLST"), "America/Santiago"),
    **dict.fromkeys(("GMT", "GMT0", "GMT+0", "GMT-0"), _GREENWICH),
    "BST": "Europe/London",
    **dict.fromkeys(("WET", "WEST"), _WESTERN_EUROPE),
    **dict.fromkeys(("CET", "CEST", "MET", "MEST"), _CENTRAL_EUROPE),
    **dict.fromkeys(("EET", "EEST"), _EASTERN_EUROPE),
    "MSK": "Europe/Moscow",
    "WAT": "Africa/Lagos",
    "SAST": "Africa/Johannesburg",
    "EAT": "Africa/Nairobi",
    "IST": "Asia/Kolkata, Asia/Jerusalem or Europe/Dublin",
    "PKT": "Asia/Karachi",
    "WIB": "Asia/Jakarta",
    "SGT": "Asia/Singapore",
    "HKT": "Asia/Hong_Kong",
    "JST": "Asia/Tokyo",
    "KST": "Asia/Seoul",
    "AWST": "Australia/Perth",
    "ACST": "Australia/Adelaide, or Australia/Darwin for clocks that never change",
    "ACDT": "Australia/Adelaide",
    "AEST": "Australia/Sydney, or Australia/Brisbane for UTC+10 all year",
    "AEDT": "Australia/Sydney",
    **dict.fromkeys(("NZST", "NZDT"), "Pacific/Auckland"),
}
"""Abbreviations as people write them, each with the place to say in its stead."""


def zone(name: str, field: str = "timezone") -> ZoneInfo:
    """The zone of that name. Raises InvalidRequest for an abbreviation, and for a name that the database does not list.

    Membership is asked before the file is opened: `ZoneInfo` takes a path, and `../` is not a zone.
    """
    if place := PLACES_BY_ABBREVIATION.get(name.strip().upper()):
        message = f"must be a place, because an abbreviation leaves open which clocks are meant: say {place}"
        raise InvalidRequest.of_field(field, message, "timezone")
    if name in _NO_ZONES or name not in zone_rules.names():
        raise InvalidRequest.of_field(field, "must be an IANA time zone such as America/Bogota or UTC", "timezone")
    return ZoneInfo(name)
