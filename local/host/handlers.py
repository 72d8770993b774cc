"""Finding the handlers: every function's file under a module name of its own.

All of them are called `app.py`, so none is imported by name and no function's folder is on `sys.path`;
what functions share they import from the layer, as in Lambda.
"""

import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from local.host.outcomes import failure

Handler = Callable[[Any, Any], Any]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A function as an execution environment knows it."""

    name: str
    arn: str
    memory_mb: int
    handler: Handler | None
    error: dict[str, Any] | None
    """Why there is no handler, as Lambda's error document."""


def load_all(functions: Iterable[Mapping[str, Any]]) -> dict[str, Loaded]:
    """Import every handler; one that cannot be imported spoils only itself."""
    return {function["logical_id"]: _load(function) for function in functions}


def _load(function: Mapping[str, Any]) -> Loaded:
    handler, error = None, None
    try:
        handler = _import(function)
    except (Exception, SystemExit) as problem:  # noqa: BLE001 - any mistake in the code being edited
        error = failure(type(problem).__name__, _where(problem), _trace(problem))
    return Loaded(function["name"], function["arn"], function["memory_mb"], handler, error)


def _import(function: Mapping[str, Any]) -> Handler:
    name = f"function_{function['logical_id']}"
    spec = importlib.util.spec_from_file_location(name, function["source"])
    if spec is None or spec.loader is None:
        raise ImportError(f"{function['source']} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    handler: Handler = getattr(module, function["attribute"])
    return handler


def _where(problem: BaseException) -> str:
    """The message, with the place for a syntax error, whose traceback does not hold it."""
    if isinstance(problem, SyntaxError):
        return f"{problem.msg} ({problem.filename}, line {problem.lineno})"
    return str(problem)


def _trace(problem: BaseException) -> list[str]:
    """The frames of the code itself, without the import machinery's."""
    frames = traceback.extract_tb(problem.__traceback__)
    own = [frame for frame in frames if "importlib" not in frame.filename and frame.filename != __file__]
    return traceback.format_list(own)
