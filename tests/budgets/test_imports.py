"""What a cold start costs before the first line of a handler: each function's imports, measured against boto3's own.

The yardstick is `import boto3; boto3.client("dynamodb")`, both sides net of bare Python. What is measured is processor
time, everything once a round, so a machine that slows down slows both sides. The figure is the ratio of the least of
all rounds: what is left when nothing else disturbs. Nothing is compiled during the measurement.
"""

import os
import subprocess
import sys

import pytest

from tests.support.aws import ROOT
from tests.support.template import folders

ROUNDS = 10
TRIES = 3
"""How often what seems too much is measured again: the least of more rounds is nearer to the truth."""
BARE = "pass"
YARDSTICK = 'import boto3; boto3.client("dynamodb")'
BUDGETS = {
    "docs/no_such_route": 0.25,
    "docs/openapi": 0.25,
    # Five and six operations in one function, each with its models.
    "agents/read": 1.9,
    "agents/write": 1.9,
    "agents/exceptions": 1.8,
    "agents/do_not_disturb": 1.8,
    "presets/read": 1.8,
    "presets/write": 1.9,
    "oauth/authorize": 1.1,
    "oauth/issue_token": 1.25,
    "oauth/jwks": 1.35,
    "pages/room": 1.25,
}
WITH_MODELS = 1.7
"""The budget of every other door: Powertools' resolver and pydantic's models on top of boto3."""

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
    least = {name: _seconds(program) for name, program in everything.items()}
    found: dict[str, float] = {}
    for _ in range(TRIES):
        doubtful = [name for name in everything if name not in found or found[name] > _budget(name)]
        for _ in range(ROUNDS):
            least |= {name: min(least[name], _seconds(everything[name])) for name in doubtful}
        yardstick = least["yardstick"] - least["bare"]
        found = {folder: (least[folder] - least["bare"]) / yardstick for folder in programs}
        if all(ratio <= _budget(folder) for folder, ratio in found.items()):
            break
    lines = [f"{'imports of':<28}{'ms':>6}{'ratio':>8}{'budget':>8}"]
    for name in everything:
        figures = f"{found[name]:8.2f}{_budget(name):8.2f}" if name in found else ""
        lines.append(f"{name:<28}{least[name] * 1000:6.0f}{figures}")
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
    return found


def _budget(folder: str) -> float:
    return BUDGETS.get(folder, WITH_MODELS)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("folder", folders())
def test_a_functions_imports_stay_within_their_budget(ratios: dict[str, float], folder: str):
    assert ratios[folder] <= _budget(folder)
