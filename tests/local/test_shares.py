"""A full queue takes no more of the local host than its mapping's maximum, and never what requests need."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.host import shares
from local.stack import deployable
from local.template import Template, read_template
from tests.local.conftest import Live, serving, write_project
from tests.support import patient

ENVIRONMENTS = 8
SPANS = {"pathParameters": {"case": "spans"}}


@pytest.fixture(scope="module")
def template_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project(tmp_path_factory.mktemp("shared"))


@pytest.fixture(scope="module")
def template(template_file: Path) -> Template:
    return read_template(template_file)


@pytest.fixture(scope="module")
def live(template_file: Path) -> Iterator[Live]:
    with serving(template_file, template_file.with_name("functions.log"), ENVIRONMENTS) as running:
        yield running


def invoke(live: Live, function: str, event: dict[str, Any]) -> httpx.Response:
    headers = {"content-type": "application/json"}
    return patient.post(live.private_url + function, content=json.dumps(event), headers=headers)


def most_at_once(spans: list[tuple[float, float]]) -> int:
    """How many of the spans had begun and not ended at the moment at which most had."""
    return max(sum(begin <= moment < end for begin, end in spans) for moment, _ in spans)


def test_a_function_works_on_as_many_batches_at_once_as_its_mapping_allows(live: Live) -> None:
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: invoke(live, "Queued", SPANS).json(), range(12)))
    assert most_at_once([(begin, end) for begin, _, end in answers]) == 3


def test_a_request_is_answered_while_every_event_hangs(live: Live, tmp_path: Path) -> None:
    over = tmp_path / "over"
    waits = {"pathParameters": {"case": "waits"}, "until": str(over)}
    with ThreadPoolExecutor(24) as pool:
        hanging = [pool.submit(invoke, live, name, waits) for name in ("Queued", "Odd", "Slow") * 8]
        try:
            for _ in range(20):
                answer = patient.get(f"{live.url}/odd/plain")
                assert (answer.status_code, answer.text) == (200, "plain")
            assert not any(one.done() for one in hanging)
        finally:
            over.touch()
        assert {one.result().status_code for one in hanging} == {200}


def test_a_function_has_what_its_mappings_allow_together(template: Template) -> None:
    assert template.functions["Queued"].most_from_queues == 3
    assert template.functions["Twice"].most_from_queues == 93
    assert template.functions["Odd"].most_from_queues is None


@pytest.mark.parametrize(("environments", "given"), [(1000, (3, 90)), (32, (3, 16)), (8, (3, 4)), (2, (2, 2))])
def test_the_emulator_brings_no_more_than_a_functions_share(
    template: Template, environments: int, given: tuple[int, int]
) -> None:
    resources = deployable(template, "http://127.0.0.1:1/functions/", environments)["Resources"]
    scaling = [resources[name]["Properties"]["ScalingConfig"] for name in ("TwiceDue", "TwiceLate")]
    assert tuple(one["MaximumConcurrency"] for one in scaling) == given


@pytest.mark.parametrize("environments", [8, 16, 32, 64])
def test_requests_always_have_environments_that_no_event_may_take(environments: int) -> None:
    assert shares.of_one_function(environments) < shares.of_all_events(environments) < environments
