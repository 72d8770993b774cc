"""Answers of handlers beside the OpenAPI document: a status that it does not name takes its readers by surprise."""

import json
import re
from functools import cache
from pathlib import Path

_DOCUMENT = Path(__file__).parents[2] / "functions/docs/openapi/openapi.json"


def check_documented(method: str, path: str, status: int) -> None:
    """Raises AssertionError where the operation at this path is documented without this status."""
    for pattern, named in _operations():
        if pattern.fullmatch(path):
            statuses = named.get(method, {str(status)})
            assert str(status) in statuses, (
                f"{method} {path} answered {status}, and its document names {sorted(statuses)}"
            )
            return


@cache
def _operations() -> list[tuple[re.Pattern[str], dict[str, set[str]]]]:
    """Of each path, what its operations may answer. A path without parameters comes before one that it would match."""
    paths = json.loads(_DOCUMENT.read_text())["paths"]
    return [
        (
            re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))),
            {method.upper(): set(operation["responses"]) for method, operation in paths[path].items()},
        )
        for path in sorted(paths, key=lambda path: path.count("{"))
    ]
