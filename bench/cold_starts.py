"""What a cold start takes, by the yardstick of all budgets: tests/budgets/test_cold_starts.py measures, this reads.

The yardstick is a process that makes boto3's client of DynamoDB and asks it for one item (decision 39). An earlier
commit is measured if it has these budgets.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.sides import ROOT

BUDGETS = Path("tests/budgets/test_cold_starts.py")
YARDSTICK = "yardstick"
_LINE = re.compile(r"^(\S+/\S+|yardstick) +(\d+)(?: +([\d.]+))?")


@dataclass(frozen=True)
class Start:
    """From the beginning of the process to the end of its first answer."""

    milliseconds: float
    ratio: float
    """To the yardstick."""


def measure(rounds: int, root: Path = ROOT) -> dict[str, Start]:
    """Every function by its folder, and the yardstick; nothing if this checkout has no budgets of cold starts."""
    if not (root / BUDGETS).exists():
        return {}
    pytest = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    command = (*pytest, "-m", "slow", str(BUDGETS), "-k", "stays_within")
    environment = {**os.environ, "COLD_STARTS_SLOW": str(rounds), "PYTHONDONTWRITEBYTECODE": ""}
    environment.pop("PYTHONPATH", None)  # each checkout names its own in pyproject.toml
    said = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False).stdout
    return {name: Start(float(ms), float(ratio or 1)) for name, ms, ratio in _figures(said)}


def _figures(said: str) -> list[tuple[str, str, str | None]]:
    found = (_LINE.match(line) for line in said.splitlines())
    return [(one[1], one[2], one[3]) for one in found if one]
