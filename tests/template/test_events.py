"""Every file under events/ is run through the real handler, and is answered as events/expected.json says."""

import json
from typing import Any

import pytest

from tests.support.aws.template import functions
from tests.template.conftest import EVENTS, World

EXPECTED: dict[str, dict[str, Any]] = json.loads((EVENTS / "expected.json").read_text())
NO_CONTENT, SEE_OTHER = 204, 303
BUTTONS = {
    ("POST /b/{token}/{step}", 303),
    ("POST /book/{appId}/{service}/{pagePass}/{step}", 303),
    ("POST /my/{appId}/{page+}", 303),
    ("POST /console/{appId}/{page+}", 303),
    ("POST /sign-in", 303),
    ("POST /sign-in/{step}", 303),
    ("POST /sign-out", 303),
    ("ANY /account/{page+}", 303),
    ("POST /account/{page+}", 303),
    ("POST /forgotten", 303),
    ("POST /password/{token}", 303),
    # Their provider is not there; tests/handlers/signed_pages has one.
    ("ANY /sign-in/with/{connection}", 503),
    ("ANY /sign-in/with/{connection}/back", 401),
}
"""The routes that lead elsewhere once they did what they were asked."""
CASES = [(folder, name, outcome) for folder, names in EXPECTED.items() for name, outcome in names.items()]


@pytest.mark.parametrize(("folder", "name", "outcome"), CASES, ids=[f"{folder}/{name}" for folder, name, _ in CASES])
def test_the_event_is_answered_as_documented(world: World, folder: str, name: str, outcome: Any):
    answer = world.invoke(folder, world.event(f"{folder}/{name}"))
    if outcome is None or isinstance(outcome, dict):
        assert answer == outcome
    elif outcome == SEE_OTHER:
        assert answer["headers"].get("location", answer["headers"].get("Location", "")).startswith("/")
    elif isinstance(outcome, int):
        assert (answer["statusCode"], bool(answer["body"])) == (outcome, outcome != NO_CONTENT), answer["body"]
    else:
        assert answer["isAuthorized"] is True
        assert answer["context"].get("error", "named") == outcome


def test_every_file_has_its_outcome_written_down():
    there = {path.relative_to(EVENTS).with_suffix("").as_posix() for path in EVENTS.glob("*/*/*.json")}
    assert there == {f"{folder}/{name}" for folder, name, _ in CASES}


def test_every_function_has_an_event():
    assert set(EXPECTED) == set(functions())


@pytest.mark.parametrize("folder", sorted(functions()))
def test_every_route_has_an_event(folder: str):
    events = [json.loads(path.read_text()) for path in (EVENTS / folder).glob("*.json")]
    assert set(functions()[folder].routes) <= {event.get("routeKey") for event in events}


@pytest.mark.parametrize("folder", sorted(functions()))
def test_a_request_of_every_route_succeeds(folder: str):
    answered = [
        (json.loads((EVENTS / folder / f"{name}.json").read_text()).get("routeKey"), outcome)
        for name, outcome in EXPECTED[folder].items()
    ]
    good = {
        route
        for route, outcome in answered
        if outcome == "named"
        or (isinstance(outcome, int) and outcome < 300)
        or (isinstance(outcome, int) and (route, outcome) in BUTTONS)
    }
    assert set(functions()[folder].routes) - {"$default"} <= good
