"""What the documents say of the future is true: what is "kept", and does nothing yet, is read by nothing that acts."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support.aws.moto_tables import ROOT

CORE = ROOT / "layers/common/python/slotline"
ACTING = ("domain", "usecases", "carriers", "channels", "conditions")
"""Layers that make something happen; the others only carry a field from a request to its row and back."""
YET = re.compile(r"nothing acts on (it|them) yet")


@cache
def kept_fields() -> list[str]:
    """Fields of requests that the OpenAPI document or a page says nothing acts on, as the core calls them."""
    document = json.loads((ROOT / "functions/docs/openapi/openapi.json").read_text(encoding="utf-8"))
    in_the_document = {
        name
        for schema in document["components"]["schemas"].values()
        for name, field in schema.get("properties", {}).items()
        if YET.search(field.get("description", ""))
    }
    on_pages = {
        name
        for page in (ROOT / "docs").glob("*.md")
        for sentence in re.split(r"(?<=[.:])\s", page.read_text(encoding="utf-8"))
        if YET.search(sentence)
        for name in re.findall(r"`([A-Za-z_]+)`", sentence)
    }
    return sorted({re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() for name in in_the_document | on_pages})


@cache
def read_in_the_core() -> dict[str, set[str]]:
    """Every attribute that acting layers read of something, with the modules that do."""
    found: dict[str, set[str]] = {}
    for module in acting_modules():
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                found.setdefault(node.attr, set()).add(module.relative_to(CORE).as_posix())
    return found


def acting_modules() -> Iterator[Path]:
    for layer in ACTING:
        yield from (CORE / layer).rglob("*.py")


HANDED_ON = {
    "hooks": {"usecases/dialing/admit_hooks.py"},
    "model": {"domain/dialing/campaign_requests.py"},
}
"""Where a field is looked at to be kept: it is checked, or copied from a request into what is stored."""
NAMESAKES = {"agent_id": ("/booking/", "/messages/", "/access/", "channels/calendar_file.py")}
"""Rooms in which the name means something else, such as the person who takes a video call."""


def test_there_are_such_fields():
    assert len(kept_fields()) >= 5


@pytest.mark.parametrize("field", kept_fields())
def test_what_is_said_to_do_nothing_yet_is_read_by_nothing_that_acts(field: str):
    readers = read_in_the_core().get(field, set())
    elsewhere = {module for module in readers if any(room in module for room in NAMESAKES.get(field, ()))}
    assert readers - elsewhere <= HANDED_ON.get(field, set())
