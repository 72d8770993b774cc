"""Hooks: addresses that are told about a use case's calls, and the headers they are told with.

The value of a header is a secret more often than not, so it is written only: whoever reads a hook sees `HIDDEN`. Sent
back, it stands for the value that is kept, but only in the same hook, which is the one with the same URL: a secret that
followed its hook to another URL would be told to whoever is there.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from slotline.domain.shared.errors import InvalidRequest

HIDDEN = "********"
"""What is shown of a header's value."""

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)
_VALUE = re.compile(r"[!-~]([\t -~]*[!-~])?|", re.ASCII)
_OURS = frozenset(
    {
        *("connection", "content-encoding", "content-length", "content-type", "expect", "host", "keep-alive"),
        *("proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "user-agent"),
    }
)
_OUR_PREFIXES = ("webhook-", "x-slotline-", "proxy-")
"""Headers that frame a request, or that say who sends it: they are the sender's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """An address that is told about calls, and the headers it is told with, in order."""

    url: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def hidden(self) -> "Hook":
        """As it is shown: each header's name, and no value."""
        return replace(self, headers=tuple((name, HIDDEN) for name, _ in self.headers))

    def check(self, place: str) -> None:
        """Raises InvalidRequest for a header that no request of ours may carry, or that is named twice."""
        seen: set[str] = set()
        for number, (name, value) in enumerate(self.headers):
            where, plain = f"{place}.headers[{number}]", name.lower()
            if not _NAME.fullmatch(name):
                raise InvalidRequest.of_field(f"{where}.key", "must be a header's name, such as X-Api-Key", "header")
            if plain in _OURS or plain.startswith(_OUR_PREFIXES):
                raise InvalidRequest.of_field(f"{where}.key", f"must not be {name}: we set it ourselves", "header")
            if plain in seen:
                raise InvalidRequest.of_field(f"{where}.key", f"names {name} again; send each header once", "repeated")
            if not _VALUE.fullmatch(value):
                raise InvalidRequest.of_field(
                    f"{where}.value", "must be one line of ASCII characters, without space around it", "header"
                )
            seen.add(plain)


def with_kept_values(sent: Sequence[Hook], kept: Sequence[Hook]) -> tuple[Hook, ...]:
    """The hooks that were sent, with the kept value wherever a value is `HIDDEN`.

    Of several hooks with one URL the first is the first that was kept, the second the second. Names of headers are
    compared without regard to case. Raises InvalidRequest where no value is kept.
    """
    turns: Counter[str] = Counter()
    whole = []
    for number, hook in enumerate(sent):
        there = [other for other in kept if other.url == hook.url][turns[hook.url] :]
        values = {name.lower(): value for name, value in there[0].headers} if there else {}
        turns[hook.url] += 1
        headers = []
        for position, (name, value) in enumerate(hook.headers):
            found = values.get(name.lower()) if value == HIDDEN else value
            if found is None:
                raise InvalidRequest.of_field(
                    f"hooks[{number}].headers[{position}].value",
                    f"must be sent whole: no value of {name} is kept for a hook with this URL",
                    "nothing_kept",
                )
            headers.append((name, found))
        whole.append(replace(hook, headers=tuple(headers)))
    return tuple(whole)
