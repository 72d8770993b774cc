"""A newcomer types what the README says, as it is printed."""

import re
import subprocess
from pathlib import Path

import pytest

from local.process import RunningSystem

pytestmark = pytest.mark.system

README = Path(__file__).parents[2] / "README.md"


def first_booking() -> str:
    """The shell lines of the section `A first booking`, in order."""
    section = README.read_text(encoding="utf-8").split("## A first booking")[1].split("\n## ")[0]
    return "\n".join(re.findall(r"```sh\n(.*?)```", section, re.DOTALL))


def test_the_first_booking_works_as_printed(system: RunningSystem, tmp_path: Path) -> None:
    (tmp_path / ".local").symlink_to(system.state_dir)
    printed = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", first_booking()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    booked, listed, slots = re.findall(r'\{"data".*?"meta".*?\}\}?(?=\{"data"|$)', printed, re.DOTALL)
    assert '"status":"scheduled"' in booked
    assert '"guest_name":"Jane Doe"' in listed
    assert '"slots":[' in slots
