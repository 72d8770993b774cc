"""The Pythons on this machine that the code must run on, to have each do the same. Run: says which were not found."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import tzdata

VERSIONS = ("3.11", "3.12", "3.13")
LAYER = Path(__file__).parents[2] / "layers" / "common" / "python"
INSTALLED = Path(tzdata.__file__).parents[1]
"""Where the zone rules are, without which the package is not imported. They are data and fit every interpreter."""


@cache
def found(version: str) -> Sequence[str]:
    """Every interpreter of this version that starts: on the PATH, and of pyenv. A shim may be there and fail."""
    name = f"python{version}"
    pyenv = shutil.which("pyenv")
    root = _said(pyenv, "root") if pyenv else None
    kept = sorted(Path(root).glob(f"versions/{version}*/bin/{name}")) if root else []
    asked = [shutil.which(name), *map(str, kept)]
    real = [_said(one, "-c", "import os, sys; print(os.path.realpath(sys.executable))") for one in asked if one]
    return tuple(dict.fromkeys(filter(None, real)))


def run_by(python: str, script: str, given: Any) -> Any:
    """What a script prints as JSON that is given this as JSON. It may import of the layer what needs no more."""
    whole = f"import json, sys\nsys.path += {[str(LAYER), str(INSTALLED)]!r}\n{script}"
    ran = subprocess.run(
        [python, "-I", "-B", "-W", "error", "-c", whole],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(ran.stdout)


def _said(*command: str) -> str | None:
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return ran.stdout.strip()


if __name__ == "__main__":
    for missing in (version for version in VERSIONS if not found(version)):
        sys.stderr.write(f"SKIPPED: what mails are made of on Python {missing}. It was not found here.\n")
