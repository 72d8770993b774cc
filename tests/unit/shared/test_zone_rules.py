"""Every process reads zone rules from the pinned package, whatever the machine has and whoever was first."""

import json
import os
import shutil
import subprocess
import sys
import zoneinfo
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
import tzdata

from slotline.zone_rules import FOLDER, VERSION, names
from tests.support.aws.moto_tables import ROOT

SLOTLINE = "import slotline"
USED_BEFORE = 'import zoneinfo; zoneinfo.ZoneInfo("America/Vancouver"); zoneinfo.available_timezones(); import slotline'
QUESTION = """
import datetime, json, zoneinfo
at = datetime.datetime(2026, 12, 16, 16, tzinfo=datetime.UTC)
local = at.astimezone(zoneinfo.ZoneInfo("America/Vancouver"))
listed = "Atlantis/Poseidonis" in zoneinfo.available_timezones()
print(json.dumps({"local": local.isoformat(), "lists_the_machines_own": listed}))
"""


@pytest.fixture
def older_machine(tmp_path: Path) -> dict[str, str]:
    """Where Vancouver's clocks still go back in winter, and where there is a place that no other machine knows."""
    older = tmp_path / "zoneinfo"
    for name in ("America/Vancouver", "Atlantis/Poseidonis"):
        (older / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(FOLDER, "America/Anchorage"), older / name)
    python_path = os.pathsep.join(str(ROOT / name) for name in ("layers/common/python", "."))
    return {**os.environ, "PYTHONTZPATH": str(older), "PYTHONPATH": python_path}


@pytest.mark.parametrize("imports", [SLOTLINE, USED_BEFORE, "import tools.commands"])
def test_an_older_zone_folder_on_the_path_is_not_read(older_machine: dict[str, str], imports: str) -> None:
    command = [sys.executable, "-c", imports + "\n" + QUESTION]
    said = subprocess.run(command, env=older_machine, check=True, capture_output=True, text=True)
    assert json.loads(said.stdout) == {"local": "2026-12-16T09:00:00-07:00", "lists_the_machines_own": False}


def test_the_folder_of_the_test_would_be_read_without_us(older_machine: dict[str, str]) -> None:
    command = [sys.executable, "-c", QUESTION]
    said = subprocess.run(command, env=older_machine, check=True, capture_output=True, text=True)
    assert json.loads(said.stdout) == {"local": "2026-12-16T07:00:00-09:00", "lists_the_machines_own": True}


def test_the_tests_read_them_too() -> None:
    assert zoneinfo.TZPATH == (FOLDER,)
    assert available_timezones() == set((Path(tzdata.__file__).parent / "zones").read_text().split())


def test_the_names_are_those_of_the_files() -> None:
    assert names() == available_timezones()


@pytest.mark.parametrize(
    ("zone", "at", "local"),
    [
        ("America/Vancouver", datetime(2026, 12, 16, 16, tzinfo=UTC), "2026-12-16T09:00:00-07:00"),
        ("America/Winnipeg", datetime(2026, 12, 16, 17, tzinfo=UTC), "2026-12-16T12:00:00-05:00"),
        ("America/Edmonton", datetime(2026, 12, 16, 23, tzinfo=UTC), "2026-12-16T17:00:00-06:00"),
        ("America/Havana", datetime(2026, 12, 16, 18, tzinfo=UTC), "2026-12-16T14:00:00-04:00"),
        ("Africa/Casablanca", datetime(2026, 12, 16, 19, tzinfo=UTC), "2026-12-16T19:00:00+00:00"),
    ],
)
def test_rules_that_changed_in_2026_are_the_new_ones(zone: str, at: datetime, local: str) -> None:
    assert at.astimezone(ZoneInfo(zone)).isoformat() == local


def test_the_version_names_the_databases_release_and_the_packages() -> None:
    assert f"{tzdata.IANA_VERSION} (tzdata {tzdata.__version__})" == VERSION
