"""Tests that ask something over HTTP say how long they wait: no answer has to come within httpx's five seconds."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
ASKS = {"get", "post", "put", "patch", "delete", "head", "options", "request", "stream", "Client"}


def impatient(source: str) -> Iterator[int]:
    """The lines that ask with httpx and name no time-out."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of = node.func.value
            is_httpx = isinstance(of, ast.Name) and of.id == "httpx" and node.func.attr in ASKS
            if is_httpx and not any(keyword.arg == "timeout" for keyword in node.keywords):
                yield node.lineno


def test_no_test_gives_up_on_an_answer_after_five_seconds() -> None:
    found = {str(path.relative_to(TESTS)): [*impatient(path.read_text("utf-8"))] for path in TESTS.rglob("*.py")}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    ("line", "said"), [("httpx.get(url)", [1]), ("httpx.Client(base_url=url)", [1]), ("httpx.get(url, timeout=9)", [])]
)
def test_a_line_without_a_time_out_is_found(line: str, said: list[int]) -> None:
    assert [*impatient(line)] == said
