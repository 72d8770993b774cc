"""Zones whose clocks are other ones by 2026f of the IANA database than by 2025b, from 2025 on.

Written by `tools.zones_changed` when the rules were pinned; a test compares it with the packages.
"""

FORMER, PRESENT = "2025b", "2026f"
"""The two releases."""

ZONES = frozenset(
    {
        "Africa/Casablanca",
        "Africa/El_Aaiun",
        "America/Edmonton",
        "America/Havana",
        "America/Inuvik",
        "America/Rainy_River",
        "America/Vancouver",
        "America/Winnipeg",
        "America/Yellowknife",
        "Canada/Central",
        "Canada/Mountain",
        "Canada/Pacific",
        "Cuba",
        "Europe/Chisinau",
        "Europe/Tiraspol",
    }
)
