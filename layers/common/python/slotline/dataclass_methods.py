"""Methods of dataclasses that a packed build has compiled already.

`dataclass` writes the source of a class's methods and compiles it each time that the class is made, so at every cold
start: no `.pyc` has it. The build has compiled the same sources (`tools/dataclass_methods.py`), and each is looked up
there before it is compiled. What is not found, or is damaged, is compiled as ever; a checkout has nothing to look it up
in.
"""

import dataclasses
import marshal
import os
from importlib.util import source_hash
from typing import Any

FILE = "dataclass_methods.compiled"
"""Beside this module. Four bytes say how long the list is that follows: where each code begins and how long it is, by
the hash of its source. Then come the codes. The hash is that of PEP 552, and differs from one version of Python to the
next, as the code does.
"""


def use_compiled() -> None:
    """From now on take what the build has compiled, if this is a build."""
    folder = __file__.rpartition("/")[0]
    try:
        kept = open(f"{folder}/{FILE}", "rb")  # noqa: PTH123, SIM115 - pathlib is dear to a start; open as long as we run
    except OSError:
        return
    places: dict[bytes, tuple[int, int]] = _loaded(kept.read(int.from_bytes(kept.read(4)))) or {}
    codes = kept.tell()

    def execute(source: str, names: dict[str, Any], made: dict[str, Any]) -> None:
        start, length = places.get(source_hash(source.encode()), (0, 0))
        code = _loaded(os.pread(kept.fileno(), length, codes + start)) or source
        exec(code, names, made)  # noqa: S102 - as `dataclasses` does, whose source it is

    vars(dataclasses)["exec"] = execute  # found before the builtin of this name


def _loaded(written: bytes) -> Any:
    """None if there is nothing, or if the file was cut off."""
    try:
        return marshal.loads(written)  # noqa: S302 - a part of the build, as every `.pyc` is
    except (EOFError, TypeError, ValueError):
        return None
