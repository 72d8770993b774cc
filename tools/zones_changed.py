"""Write down which time zones have other clocks under the pinned rules than under an earlier release of `tzdata`.

`python -m tools.zones_changed 2025.2`, after the pin was moved: `slotline/zones_changed.py` is for calls of which
nobody kept what they promised. Both packages are read as they come from pip; the earlier one, into a folder of its own.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from slotline import zone_rules
from tools import ROOT

WRITTEN = ROOT / "layers" / "common" / "python" / "slotline" / "zones_changed.py"
YEARS = 10
"""From the year of the earlier release on: what clocks showed before does not matter to a call that is still to come,
and nobody books that far ahead."""
_STEP = timedelta(minutes=30)
"""No clock is moved for less, nor for so short a time."""

_MODULE = '''"""Zones whose clocks are other ones by {present} of the IANA database than by {former}, from {year} on.

Written by `tools.zones_changed` when the rules were pinned; a test compares it with the packages.
"""

FORMER, PRESENT = "{former}", "{present}"
"""The two releases."""

ZONES = frozenset(
    {{
{zones}
    }}
)
'''


def installed(version: str, folder: Path, requirements: Path | None = None) -> Path:
    """The package of that version, in this folder, by pip. `requirements`: a file that pins it with its hash."""
    wanted = ["--require-hashes", "-r", str(requirements)] if requirements else [f"tzdata=={version}"]
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-deps"]
    subprocess.run(  # noqa: S603 - our own command
        [*command, "--no-compile", "--target", str(folder), *wanted], check=True
    )
    return folder / "tzdata"


def release_of(package: Path) -> str:
    """The release of the IANA database that a package brings."""
    lines = (package / "__init__.py").read_text().splitlines()
    (said,) = (line.partition("=")[2].strip().strip('"') for line in lines if line.startswith("IANA_VERSION"))
    return said


def changed(former: Path, present: Path) -> Iterator[str]:
    """The names of zones that show other times in the years that matter, in order; one that is new is none of them."""
    first = datetime(int(release_of(former)[:4]), 1, 1, tzinfo=UTC)
    for name in sorted((former / "zones").read_text().split()):
        before, after = former / "zoneinfo" / name, present / "zoneinfo" / name
        if not after.exists() or _differ(before, after, first):
            yield name


def module_of(former: Path, present: Path) -> str:
    """The module that says so."""
    zones = "\n".join(f'        "{name}",' for name in changed(former, present))
    release = release_of(former)
    return _MODULE.format(former=release, present=release_of(present), year=release[:4], zones=zones)


def _differ(before: Path, after: Path, first: datetime) -> bool:
    if before.read_bytes() == after.read_bytes():
        return False
    one, other = _zone(before), _zone(after)
    at, last = first, first.replace(year=first.year + YEARS)
    while at < last:
        if at.astimezone(one).utcoffset() != at.astimezone(other).utcoffset():
            return True
        at += _STEP
    return False


def _zone(file: Path) -> ZoneInfo:
    with file.open("rb") as read:
        return ZoneInfo.from_file(read)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the module."""
    parser = argparse.ArgumentParser(prog="python -m tools.zones_changed", description=__doc__)
    parser.add_argument("former", metavar="VERSION", help="of the package that was pinned before, such as 2025.2")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        former = installed(given.former, Path(folder))
        WRITTEN.write_text(module_of(former, Path(zone_rules.FOLDER).parent))
    return 0


if __name__ == "__main__":
    sys.exit(main())
