"""What a cold start costs, until its first answer: each function on a build as Lambda has it, on this machine.

The yardstick is a process that makes `boto3.client("dynamodb")` and asks it for one item, on the same compiled layer.
Each function answers one of its events, or the first message of a batch, on tables that moto keeps in another process.
What is measured is processor time since the process began, everything once a round and the yardstick again and again in
between, so a machine that slows down slows both sides. The figure is the ratio of the medians of all rounds.

One and the same program takes a fifth more or less from one run to the next, so what seems too much after a few rounds
is measured, beside the yardstick, until the medians stand still.
"""

import os
import statistics
import sys
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from tests.budgets.measured import EXPECTED, Answered, Bench, bench, good_events
from tests.budgets.process import MARK
from tests.support.aws.built import Built, packed, plain
from tests.support.aws.template import folders, functions
from tests.template.conftest import aws, rows  # noqa: F401 - fixtures: what the events are about

ROUNDS = int(os.environ.get("COLD_STARTS_SLOW", "6"))
YARDSTICK_EVERY = 8
"""Programs between two looks at the yardstick: an error in it would be an error in all ratios."""
MORE_ROUNDS = 6
TRIES = 4
"""How often what seems too much is measured again, for that many rounds more."""
PAIRS = int(os.environ.get("COLD_START_PAIRS_SLOW", "9"))
OF_A_PLAIN_BUILD = 0.45
"""How much of the time of sources alone a packed build may take."""

ERRORS = ("botocore.exceptions", "botocore.vendored")
"""Of botocore, beside itself: the classes of errors, and those that they stem from."""

YARDSTICK = "yardstick"
PROGRAM = f"""
import time, boto3
key = {{"pk": {{"S": "nothing"}}, "sk": {{"S": "here"}}}}
boto3.client("dynamodb").get_item(TableName="AccessTable", Key=key)
print({MARK!r} + '{{"seconds": %s, "answer": null}}' % time.process_time())
"""
BUDGETS = {
    # No client of AWS at all.
    "docs/no_such_route": 0.32,
    "docs/openapi": 0.42,
    # DynamoDB alone, and neither models of requests nor PyJWT.
    "oauth/authorize": 0.6,
    "scheduled_calls/create": 1.2,
    # A plain answer, and words.
    "agents/calendar_feed": 0.8,
    # Starlette, Jinja2 and Mangum; the secret of guests' links, and words.
    "pages/book": 1.0,
    "pages/console": 1.0,
    "pages/console_dialing": 1.0,
    "pages/console_settings": 1.0,
    "pages/guest": 1.0,
    "pages/my": 1.0,
    "pages/room": 1.0,
    "pages/sign_in": 1.0,
    # Authlib, joserfc and cryptography come with the first provider that is asked.
    "pages/single_sign_on": 1.0,
    # No client of AWS: files.
    "pages/static": 0.35,
    # Wake-ups: DynamoDB, SQS, Scheduler.
    "timers/fire_due": 0.65,
    "timers/plan": 0.65,
    # Numbering plans of every region that a table has numbers of, and zones of its callees.
    "dialing/preflight": 1.35,
    "dialing/schedule": 1.4,
    # The address of a receiver is checked by what also calls it, with urllib3.
    "dialing/write_settings": 1.35,
    "webhooks/write": 1.3,
    # Another service of AWS as well.
    "oauth/issue_token": 0.75,
    "oauth/jwks": 0.65,
    "dialing/answer": 1.0,
    "dialing/call_off": 1.3,
    "dialing/carrier_status": 0.95,
    "dialing/upload": 1.25,
}
PAGES = (
    "pages/book",
    "pages/console",
    "pages/console_dialing",
    "pages/console_settings",
    "pages/guest",
    "pages/my",
    "pages/room",
    "pages/sign_in",
    "pages/single_sign_on",
)
CHECKS_ADDRESSES = ("dialing/write_settings", "webhooks/write")
RULES = ("dialing/answer", "dialing/call_off", "dialing/carrier_status", "dialing/place_call")
NUMBERS = (
    "dialing/import_calls",
    "dialing/place_call",
    "dialing/preflight",
    "dialing/schedule",
    "scheduled_calls/create",
)
HEAVY: dict[str, tuple[str, ...]] = {
    "aws_lambda_powertools.event_handler.appsync": (),
    "aws_lambda_powertools.event_handler.openapi.models": (),  # of the OpenAPI document, which is made in advance
    "aws_lambda_powertools.utilities.jmespath_utils": (),
    "anyio": (),
    "argon2": (),
    "asyncio": PAGES,
    "boto3": (),
    "cryptography": (),
    "html.entities": (),
    "icalendar": (),
    "idna": (),
    "importlib.metadata": (),
    "jinja2.lexer": (),  # and all else that makes templates
    "jmespath": RULES,
    "jwt": (),
    "multiprocessing": (),
    "phonenumbers": NUMBERS,
    "phonenumbers.tzdata": ("dialing/import_calls", "dialing/preflight", "dialing/schedule"),
    "pydantic": tuple(
        folder for folder, function in functions().items() if function.routes and not folder.startswith("pages/")
    ),
    "tomllib": (),
    "urllib3": ("webhooks/deliver", *CHECKS_ADDRESSES),
    "zipfile": (),
}
"""Modules that take long to import, and the functions whose first answer needs them."""
ON_REQUESTS = 1.25
"""The budget of every other handler: Powertools' resolver, pydantic's models, and a request."""
ON_EVENTS = 0.75
"""The budget of every other function: it checks no request, so there is no resolver and there are no models.

The goal is 0.7. The rest is what the medians of a busy machine are off by.
"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def tables(rows: dict[str, Any]) -> Iterator[Bench]:  # noqa: F811 - the fixture
    """What functions answer from."""
    with bench(rows) as ready:
        yield ready


def _seconds(tables: Bench, built: Built, name: str) -> float:
    """Processor time of a fresh process until its first answer, which must be the right one."""
    if name == YARDSTICK:
        (measured,) = tables.run(built, ("-c", PROGRAM), [""])
    else:
        event = good_events(name)[0]
        measured = tables.first_answer(built, name, event)
        assert measured.is_as(EXPECTED[name][event]), measured.answer
    return measured.seconds


@pytest.fixture(scope="module")
def ratios(request: pytest.FixtureRequest, tables: Bench) -> dict[str, float]:
    """Each function's first answer, as a multiple of the yardstick; printed as a table."""
    built = packed()
    everything = [YARDSTICK, *folders()]
    for name in everything:
        _seconds(tables, built, name)  # read from the disk before it counts
    runs: dict[str, list[float]] = {name: [] for name in everything}
    found: dict[str, float] = {}
    doubtful = folders()
    for rounds in (ROUNDS, *[MORE_ROUNDS] * TRIES):
        for _ in range(rounds):
            for number, name in enumerate(doubtful):
                for measured in [*((YARDSTICK,) if number % YARDSTICK_EVERY == 0 else ()), name]:
                    runs[measured].append(_seconds(tables, built, measured))
        median = {name: statistics.median(of) for name, of in runs.items()}
        found = {folder: median[folder] / median[YARDSTICK] for folder in folders()}
        over = [folder for folder, ratio in found.items() if ratio > _budget(folder)]
        if not over:
            break
        doubtful = over
    lines = [f"{'first answer of':<28}{'ms':>6}{'ratio':>8}{'budget':>8}   by {built.python}"]
    for name in everything:
        figures = f"{found[name]:8.2f}{_budget(name):8.2f}" if name in found else ""
        lines.append(f"{name:<28}{median[name] * 1000:6.0f}{figures}")
    _print(request, lines)
    return found


@pytest.mark.parametrize("folder", folders())
def test_a_first_answer_imports_nothing_heavy_that_it_does_not_need(tables: Bench, folder: str) -> None:
    modules = set(tables.first_answer(packed(), folder, good_events(folder)[0]).modules)
    allowed = {module for module, by in HEAVY.items() if folder in by}
    assert modules & HEAVY.keys() <= allowed


def _budget(folder: str) -> float:
    return BUDGETS.get(folder, ON_REQUESTS if functions()[folder].routes else ON_EVENTS)


def _print(request: pytest.FixtureRequest, lines: list[str]) -> None:
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")


@pytest.mark.parametrize("folder", folders())
def test_a_functions_first_answer_stays_within_its_budget(ratios: dict[str, float], folder: str) -> None:
    assert ratios[folder] <= _budget(folder)


@pytest.mark.parametrize("folder", ["scheduled_calls/create", "dialing/place_call", "dialing/import_calls"])
def test_a_packed_build_starts_in_less_than_half_the_time_of_its_sources(
    request: pytest.FixtureRequest, tables: Bench, folder: str
) -> None:
    pairs = [(_seconds(tables, packed(), folder), _seconds(tables, plain(), folder)) for _ in range(PAIRS)]
    ratio = statistics.median(one / other for one, other in pairs)
    _print(request, [f"{folder}: packed takes {ratio:.2f} of plain, {len(pairs)} pairs"])
    assert ratio <= OF_A_PLAIN_BUILD


@pytest.fixture(scope="module")
def answered(tables: Bench) -> Callable[[str], list[Answered]]:
    """What a function on a packed build answers to all of its events, in one process."""
    return cache(lambda folder: tables.answers(packed(), folder, list(EXPECTED[folder])))


@pytest.mark.parametrize("folder", folders())
def test_a_packed_build_answers_every_event_as_documented(
    answered: Callable[[str], list[Answered]], folder: str
) -> None:
    """Whatever was left out of the layer, no function misses it."""
    outcomes = zip(EXPECTED[folder].items(), answered(folder), strict=True)
    assert [(name, measured.answer) for (name, outcome), measured in outcomes if not measured.is_as(outcome)] == []


@pytest.mark.parametrize("folder", folders())
def test_no_event_needs_more_of_boto3_than_the_names_of_errors(
    answered: Callable[[str], list[Answered]], folder: str
) -> None:
    modules = answered(folder)[-1].modules
    of_boto3 = [name for name in modules if name.partition(".")[0] in {"boto3", "botocore", "s3transfer"}]
    assert [name for name in of_boto3 if name != "botocore" and not name.startswith(ERRORS)] == []
