"""The methods that `@dataclass` writes, compiled when a build is packed and no longer at each cold start.

When Python makes a dataclass, it writes the source of the class's methods and compiles it. A handler imports a hundred
such classes: a fifth of its cold start. The source depends on little: the names of the fields, which of them have a
default, and the decorator's options. So each class of a build is made here once, from no more than that, and the
build keeps what Python then compiles, by the hash of its source. `slotline.dataclass_methods` takes it from there.

If a class was made wrongly here, its source is one that nobody asks for, and a start compiles the right one as before.
"""

import ast
import dataclasses
import marshal
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import source_hash
from itertools import accumulate, pairwise
from pathlib import Path
from types import CodeType
from typing import Any, ClassVar

FILE = "dataclass_methods.compiled"
"""Where `slotline.dataclass_methods` looks for it: beside itself."""
_MARKS: Mapping[str, Any] = {
    "ClassVar": ClassVar[int],
    "InitVar": dataclasses.InitVar[int],
    "KW_ONLY": dataclasses.KW_ONLY,
}
"""Annotations that are no types of fields, and what has the same meaning to `dataclass`."""


def compiled(sources: Iterable[Path]) -> bytes:
    """The methods of all dataclasses in these files, as `slotline.dataclass_methods` reads them."""
    written: dict[bytes, bytes] = {}

    def execute(source: str, names: dict[str, Any], made: dict[str, Any]) -> None:
        code: CodeType = compile(source, "<string>", "exec")
        written[source_hash(source.encode())] = marshal.dumps(code)
        exec(code, names, made)  # noqa: S102 - as `dataclasses` does, which wrote this source

    vars(dataclasses)["exec"] = execute  # found before the builtin of this name
    try:
        for source in sources:
            _make_classes(source.read_text(encoding="utf-8"))
    finally:
        del vars(dataclasses)["exec"]
    lengths = [0, *accumulate(map(len, written.values()))]
    index = {key: (start, end - start) for key, (start, end) in zip(written, pairwise(lengths), strict=True)}
    places = marshal.dumps(index)
    return b"".join([len(places).to_bytes(4), places, *written.values()])


def _make_classes(source: str) -> None:
    if "dataclass" not in source:
        return
    made: dict[str, type] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef):
            for options in _options(node):
                bases = tuple(made[base.id] for base in node.bases if isinstance(base, ast.Name) and base.id in made)
                outline = type(node.name, bases, _outline(node))
                made[node.name] = dataclasses.dataclass(**options)(outline)


def _options(node: ast.ClassDef) -> Iterator[dict[str, bool]]:
    """Of its decorator, if it is a dataclass. Options that a library keeps in a dictionary are slots, so far."""
    for decorator in node.decorator_list:
        called, keywords = (decorator.func, decorator.keywords) if isinstance(decorator, ast.Call) else (decorator, [])
        if ast.unparse(called).rpartition(".")[2] == "dataclass":
            yield {one.arg or "slots": _said(one.value) is not False for one in keywords}


def _outline(node: ast.ClassDef) -> dict[str, Any]:
    """The body of a class, as far as it decides about the methods that are written."""
    types: dict[str, Any] = {}
    body: dict[str, Any] = {"__annotations__": types, "__module__": __name__, "__doc__": node.name}
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            name, annotation = statement.target.id, ast.unparse(statement.annotation)
            types[name] = next((mark for word, mark in _MARKS.items() if word in annotation), object)
            if statement.value:
                body[name] = _default(statement.value)
        elif isinstance(statement, ast.FunctionDef) and statement.name.startswith("__"):
            body[statement.name] = _default
    return body


def _default(value: ast.expr) -> Any:
    """Something in the place of a default: what matters is that there is one, and what `field` says."""
    if not isinstance(value, ast.Call) or ast.unparse(value.func).rpartition(".")[2] != "field":
        return None
    said = {one.arg: _said(one.value) for one in value.keywords if one.arg and one.arg != "metadata"}
    return dataclasses.field(**said | dict.fromkeys(said.keys() & {"default_factory"}, list))


def _said(value: ast.expr) -> Any:
    return value.value if isinstance(value, ast.Constant) else None
