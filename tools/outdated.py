"""Say whether the pinned zone rules are the newest. Zone rules change a few times a year, often weeks before they hold.

It never fails: whoever cannot ask, or is behind, reads it. `make outdated`.
"""

import json
import subprocess
import sys

import tzdata

_PATIENCE_SECONDS = 60
_ASK = ("install", "--dry-run", "--no-deps", "--ignore-installed", "--quiet", "--report", "-", "tzdata")


def newest() -> str | None:
    """The newest version of `tzdata` that pip finds, or None if it cannot ask."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *_ASK]
    try:
        said = subprocess.run(  # noqa: S603 - our own command
            command, check=True, capture_output=True, text=True, timeout=_PATIENCE_SECONDS
        )
        version: str = json.loads(said.stdout)["install"][0]["metadata"]["version"]
    except (OSError, subprocess.SubprocessError, ValueError, LookupError):
        return None
    return version


def verdict(pinned: str, found: str | None) -> str:
    """What to tell about the pinned version, given the newest one."""
    if found is None:
        return f"Zone rules: tzdata {pinned} is pinned; pip could not say which version is the newest."
    if found == pinned:
        return f"Zone rules: tzdata {pinned} is pinned, and is the newest."
    return (
        f"WARNING: zone rules are behind: tzdata {pinned} is pinned, {found} is there. "
        "Run requirements/compile.sh with --upgrade-package tzdata, then make openapi and make test."
    )


if __name__ == "__main__":
    print(verdict(tzdata.__version__, newest()))
