"""What Slotline takes, measured. Each module is run as `.venv/bin/python -m bench.booking` is: the layer is found here.

A side on another checkout is started with that one's layer on its path, and keeps it.
"""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]

if find_spec("slotline") is None:
    _paths = [str(_ROOT / "layers" / "common" / "python"), str(_ROOT)]
    sys.path[:0] = _paths
    os.environ["PYTHONPATH"] = os.pathsep.join(_paths)  # for the processes that it starts
