"""Zone rules from one source on every machine: the pinned package `tzdata`.

`zoneinfo` reads the machine's own files first, if it has any, and those are as old as the machine. So the same pins
would tell one guest nine o'clock and another eight, and nobody would see why. The package's folder takes the place of
the machine's: reading a file there is also cheaper than asking `importlib.resources` for it.
"""

import os
import sys
from functools import cache

import tzdata

RELEASE = tzdata.IANA_VERSION
"""Of the IANA database, such as `2026f`: what people call the rules by."""
VERSION = f"{RELEASE} (tzdata {tzdata.__version__})"
"""Of the rules: the release of the IANA database, and of the package that brings it."""

FOLDER = os.path.join(os.path.dirname(tzdata.__file__), "zoneinfo")  # noqa: PTH118, PTH120 - pathlib is dear to a start


_LIST = os.path.join(os.path.dirname(tzdata.__file__), "zones")  # noqa: PTH118, PTH120 - as above


@cache
def names() -> frozenset[str]:
    """Every zone of the rules, by the package's own list.

    `zoneinfo.available_timezones` finds the same by opening all six hundred files: a tenth of a cold start.
    """
    with open(_LIST, encoding="ascii") as listed:  # noqa: PTH123 - as above
        return frozenset(listed.read().split())


def use_pinned_rules() -> None:
    """From now on every zone of this process, and of those that it starts, is read from the package."""
    os.environ["PYTHONTZPATH"] = FOLDER
    if zoneinfo := sys.modules.get("zoneinfo"):  # else it reads the variable when somebody imports it
        zoneinfo.reset_tzpath()
        zoneinfo.ZoneInfo.clear_cache()
