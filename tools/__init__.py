"""The operator's command line, `python -m tools --help`. It writes through the layer's own code."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LAYER = ROOT / "layers" / "common" / "python"

if str(LAYER) not in sys.path:
    sys.path.insert(0, str(LAYER))
