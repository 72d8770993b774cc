"""The zones of a telephone number's region: a country, or a part of one that numbers apart from it.

They are those of tz's `zone.tab`, which comes with the pinned rules. libphonenumber names a neighbour's zone for whole
countries (Paris for Algiers), so it is asked only which of a region's own zones a number is in.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from slotline.domain.shared.zone_places import present_name
from slotline.zone_rules import FOLDER

_CAPITALS = {
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",  # Canberra keeps its clocks
    "BR": "America/Sao_Paulo",  # Brasilia does
    "CA": "America/Toronto",  # Ottawa
    "CD": "Africa/Kinshasa",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",  # Beijing
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",  # Quito
    "ES": "Europe/Madrid",
    "FM": "Pacific/Pohnpei",  # Palikir
    "GL": "America/Nuuk",
    "ID": "Asia/Jakarta",
    "KI": "Pacific/Tarawa",
    "KZ": "Asia/Almaty",  # Astana
    "MH": "Pacific/Majuro",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",  # Wellington
    "PF": "Pacific/Tahiti",  # Papeete
    "PG": "Pacific/Port_Moresby",
    "PS": "Asia/Hebron",  # Ramallah
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "US": "America/New_York",  # Washington
    "UZ": "Asia/Tashkent",
}
"""The zone of the capital, for every region that has several zones."""

_NOT_IN_ZONE_TAB = {
    "AC": ("Atlantic/St_Helena",),  # Ascension: ISO 3166 has it under SH, and its clocks are Saint Helena's
    "TA": ("Atlantic/St_Helena",),  # Tristan da Cunha: the same
    "XK": ("Europe/Belgrade",),  # Kosovo: ISO 3166 gives it no code, and tz has its clocks under Belgrade
}
"""Regions that number by themselves and have no line in `zone.tab`."""


def region_of(zone: str) -> str | None:
    """The region that a zone is of; None if it is of no place."""
    return _regions_by_zone().get(present_name(zone))


@cache
def _regions_by_zone() -> Mapping[str, str]:
    listed = ((region, zones) for region, zones in zones_by_region().items() if region not in _NOT_IN_ZONE_TAB)
    return {zone: region for region, zones in listed for zone in zones}


@cache
def zones_by_region() -> Mapping[str, tuple[str, ...]]:
    """The zones of every region, the capital's first."""
    found: dict[str, list[str]] = {}
    for line in Path(FOLDER, "zone.tab").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            region, _, zone, *_ = line.split("\t")
            found.setdefault(region, []).append(zone)
    by_region = {
        region: tuple(sorted(zones, key=lambda zone: zone != _CAPITALS.get(region))) for region, zones in found.items()
    }
    return {**by_region, **_NOT_IN_ZONE_TAB}
