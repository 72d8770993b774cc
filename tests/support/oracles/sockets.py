"""What this process does on the network, as the interpreter itself reports it (PEP 578)."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

_SENDING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_RESOLVING = frozenset(
    {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"},
)


@dataclass(frozen=True, slots=True)
class Seen:
    """Where it was about to connect or send to, and which names it was about to look up, in order."""

    addresses: list[Any] = field(default_factory=list)
    names: list[Any] = field(default_factory=list)


_watching: list[Seen] = []


@contextmanager
def network() -> Iterator[Seen]:
    """Everything that any thread of this process does meanwhile."""
    _install()
    seen = Seen()
    _watching.append(seen)
    try:
        yield seen
    finally:
        _watching.remove(seen)


@cache
def _install() -> None:
    """A hook stays for the life of the process, so there is one."""
    sys.addaudithook(_heard)


def _heard(event: str, args: tuple[Any, ...]) -> None:
    if not _watching:
        return
    for seen in _watching:
        if event in _SENDING:
            seen.addresses.append(args[1])
        elif event in _RESOLVING:
            seen.names.append(args[0])
