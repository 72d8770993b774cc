"""All that ports in memory hold, wherever it lies: what must be kept nowhere is looked for here."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass

from tests.support.memory.wiring import MemoryPorts

BESIDE_THE_TABLES = frozenset({"clock", "secrets", "faults", "was_read"})
"""The present, the deployment's own keys, the faults that a test orders, and its notes of what was read."""


def everything_kept(ports: MemoryPorts, besides: frozenset[str] = frozenset()) -> str:
    """Rows, counters, answers to keys and queues, as text, even what a `repr` leaves out. `besides`: ports to skip."""
    left_out = BESIDE_THE_TABLES | besides
    return "\n".join(_texts({name: port for name, port in vars(ports).items() if name not in left_out}, set()))


def _texts(thing: object, seen: set[int]) -> Iterator[str]:
    """Every text in it, however deep. Ports share stores, so each is gone through once."""
    if isinstance(thing, str | bytes):
        yield thing if isinstance(thing, str) else thing.decode("utf-8", "replace")
    elif isinstance(thing, Mapping | Iterable) or _has_parts(thing):
        if id(thing) not in seen:
            seen.add(id(thing))
            for part in _parts(thing):
                yield from _texts(part, seen)
    elif not callable(thing):
        yield str(thing)


def _parts(thing: object) -> Iterator[object]:
    if isinstance(thing, Mapping):
        for pair in thing.items():
            yield from pair
    elif isinstance(thing, Iterable):
        yield from thing
    else:
        names = [one.name for one in fields(thing)] if is_dataclass(thing) else list(vars(thing))
        yield from (getattr(thing, name) for name in names if name not in BESIDE_THE_TABLES)


def _has_parts(thing: object) -> bool:
    is_port = type(thing).__module__.startswith("tests.support.memory")
    return (is_dataclass(thing) or is_port) and not isinstance(thing, type)
