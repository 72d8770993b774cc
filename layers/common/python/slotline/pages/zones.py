"""Time zones that addresses and browsers name, and all that there are."""

from zoneinfo import ZoneInfo

from slotline import zone_rules
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.zones import zone


def zone_or_none(name: str | None) -> ZoneInfo | None:
    """The zone of this name. One that we do not know is as none: the page says which it shows."""
    try:
        return zone(name) if name else None
    except InvalidRequest:
        return None


def zones_by_place() -> list[str]:
    """All zones, by their places."""
    places = sorted(name for name in zone_rules.names() if "/" in name and not name.startswith("Etc/"))
    return ["UTC", *places]
