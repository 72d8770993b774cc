"""Every function, as if its time were nearly up: it begins nothing, and says so in words that its caller knows."""

import json
from typing import Any

import pytest

from slotline.ports.shared import QueueBusyError, StoreBusyError
from tests.support.aws.moto_tables import kept_rows
from tests.support.aws.template import functions
from tests.support.builders.deadlines import Context
from tests.template.conftest import EVENTS, World

NEARLY_UP = Context(1_000)
ASK_NOBODY = {"docs/no_such_route", "docs/openapi", "oauth/jwks", "pages/static"}
"""Functions that can answer from what they hold; of the keys that verify, once they were fetched."""
FORMS = {"pages/single_sign_on/ask", "pages/sign_in/page", "pages/sign_in/forgotten_page"}
"""Events that are answered so by functions that otherwise ask: forms that nobody has filled in."""
EXPECTED: dict[str, dict[str, Any]] = json.loads((EVENTS / "expected.json").read_text())


def _source(folder: str) -> str:
    """What brings its events."""
    if folder == "oauth/authorize":
        return "authorizer"
    return "http" if functions()[folder].routes else next(iter(functions()[folder].sources), "schedule")


def _good(folder: str) -> list[str]:
    """Its events that have an effect, or an answer other than a refusal."""
    return [
        name
        for name, outcome in EXPECTED[folder].items()
        if (outcome < 300 if isinstance(outcome, int) else outcome in (None, "named") or isinstance(outcome, dict))
    ]


CASES = [
    (folder, name)
    for folder in sorted(EXPECTED)
    for name in _good(folder)
    if folder not in ASK_NOBODY and f"{folder}/{name}" not in FORMS
]


def _of(*sources: str) -> list[Any]:
    return [pytest.param(*case, id="/".join(case)) for case in CASES if _source(case[0]) in sources]


@pytest.mark.parametrize(("folder", "name"), _of("http"))
def test_a_request_that_there_is_no_time_for_is_a_503_that_says_when_to_come_again(
    world: World, folder: str, name: str
) -> None:
    before = kept_rows()
    event = world.event(f"{folder}/{name}")
    if event["requestContext"]["http"]["method"] == "OPTIONS":
        pytest.skip("a preflight asks nobody")
    answer = world.invoke(folder, event, NEARLY_UP)
    headers = {header.lower(): value for header, value in answer["headers"].items()}
    assert answer["statusCode"] == 503, answer["body"]
    assert int(headers["retry-after"]) >= 1
    if folder.startswith(("pages/", "video_calls/")):
        assert answer["body"]
    elif folder != "oauth/issue_token":  # OAuth has a body of its own
        assert json.loads(answer["body"])["error"]["type"] == "unavailable"
    assert kept_rows() == before


@pytest.mark.parametrize(("folder", "name"), _of("AWS::SQS::Queue"))
def test_wake_ups_that_there_is_no_time_for_stay_in_their_queue(world: World, folder: str, name: str) -> None:
    before = kept_rows()
    event = world.event(f"{folder}/{name}")
    answer = world.invoke(folder, event, NEARLY_UP)
    assert answer == {"batchItemFailures": [{"itemIdentifier": one["messageId"]} for one in event["Records"]]}
    assert kept_rows() == before


@pytest.mark.parametrize(("folder", "name"), _of("AWS::DynamoDB::Table", "schedule"))
def test_changes_and_schedules_that_there_is_no_time_for_come_again(world: World, folder: str, name: str) -> None:
    before = kept_rows()
    with pytest.raises((StoreBusyError, QueueBusyError)):
        world.invoke(folder, world.event(f"{folder}/{name}"), NEARLY_UP)
    assert kept_rows() == before


@pytest.mark.parametrize(("folder", "name"), _of("authorizer"))
def test_a_caller_who_cannot_be_looked_up_in_time_is_no_stranger(world: World, folder: str, name: str) -> None:
    answer = world.invoke(folder, world.event(f"{folder}/{name}"), NEARLY_UP)
    assert answer == {"isAuthorized": True, "context": {"error": "unavailable"}}


def test_every_function_is_asked() -> None:
    assert {folder for folder, _ in CASES} | ASK_NOBODY == set(functions())
