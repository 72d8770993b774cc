"""What a cold start costs before the first line of a handler: each function's imports, measured against boto3's own.

The yardstick is `import boto3; boto3.client("dynamodb")`, both sides net of bare Python. What is measured is processor
time, everything once a round and the yardstick again and again in between, so a machine that slows down slows both
sides. The figure is the ratio of the medians of all rounds. Nothing is compiled during the measurement.

One and the same program takes a fifth more or less from one run to the next, so what seems too much after a few rounds
is measured, beside the yardstick, until the medians stand still.
"""

import os
import statistics
import subprocess
import sys

import pytest

from tests.support.aws.moto_tables import ROOT
from tests.support.aws.template import folders, functions

ROUNDS = int(os.environ.get("IMPORT_ROUNDS_SLOW", "10"))
YARDSTICK_EVERY = 8
"""Programs between two looks at the yardstick: an error in it would be an error in all ratios."""
MORE_ROUNDS = 10
TRIES = 8
"""How often what seems too much is measured again, for that many rounds more."""
BARE = "pass"
YARDSTICK = 'import boto3; boto3.client("dynamodb")'
BUDGETS = {
    "docs/no_such_route": 0.25,
    "docs/openapi": 0.25,
    "oauth/issue_token": 1.25,
    "oauth/jwks": 1.25,
    "pages/room": 1.25,
}
WITH_MODELS = 1.7
"""The budget of every other handler: Powertools' resolver and pydantic's models on top of boto3."""
ON_EVENTS = 1.25
"""The budget of every other function: it checks no request, so there is no resolver and there are no models."""

pytestmark = pytest.mark.slow


def _seconds(program: str) -> float:
    """Processor time of a fresh Python that runs this."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT / "layers/common/python"),
        "AWS_DEFAULT_REGION": "eu-west-1",
    }
    child = subprocess.Popen([sys.executable, "-c", program], env=environment, cwd=ROOT / "tests")
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    return used.ru_utime + used.ru_stime


@pytest.fixture(scope="module")
def ratios(request: pytest.FixtureRequest) -> dict[str, float]:
    """Each function's imports, as a multiple of the yardstick; printed as a table."""
    programs = {
        folder: f"import sys; sys.path.insert(0, {str(ROOT / 'functions' / folder)!r}); import app"
        for folder in folders()
    }
    everything = {"bare": BARE, "yardstick": YARDSTICK, **programs}
    for program in everything.values():
        _seconds(program)  # compiled, and read from the disk, before it counts
    runs: dict[str, list[float]] = {name: [] for name in everything}
    found: dict[str, float] = {}
    doubtful = list(programs)
    for rounds in (ROUNDS, *[MORE_ROUNDS] * TRIES):
        for _ in range(rounds):
            for number, name in enumerate(doubtful):
                for measured in [*(("bare", "yardstick") if number % YARDSTICK_EVERY == 0 else ()), name]:
                    runs[measured].append(_seconds(everything[measured]))
        median = {name: statistics.median(of) for name, of in runs.items()}
        yardstick = median["yardstick"] - median["bare"]
        found = {folder: (median[folder] - median["bare"]) / yardstick for folder in programs}
        over = [folder for folder, ratio in found.items() if ratio > _budget(folder)]
        if not over:
            break
        doubtful = over
    lines = [f"{'imports of':<28}{'ms':>6}{'ratio':>8}{'budget':>8}"]
    for name in everything:
        figures = f"{found[name]:8.2f}{_budget(name):8.2f}" if name in found else ""
        lines.append(f"{name:<28}{median[name] * 1000:6.0f}{figures}")
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
    return found


def _budget(folder: str) -> float:
    return BUDGETS.get(folder, WITH_MODELS if functions()[folder].routes else ON_EVENTS)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("folder", folders())
def test_a_functions_imports_stay_within_their_budget(ratios: dict[str, float], folder: str):
    assert ratios[folder] <= _budget(folder)
