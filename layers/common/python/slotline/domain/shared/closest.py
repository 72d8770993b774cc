"""What somebody meant who wrote a name that does not exist."""

from collections.abc import Iterable

_LONGEST = 100
"""Longer names are nobody's slip, and comparing them takes long."""


def closest(name: str, names: Iterable[str]) -> str | None:
    """The name that is most alike, without regard to case, `_`, `-` and spaces; None if none is alike enough."""
    if len(name) > _LONGEST:
        return None
    from difflib import get_close_matches  # only refusals need it, and functions that refuse nothing start without

    known = {_plain(one): one for one in names}
    found = get_close_matches(_plain(name), known, n=1)
    return known[found[0]] if found else None


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """`; did you mean …?` for a message, or nothing."""
    found = closest(name, names)
    return f"; did you mean {found}" if found else ""


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter not in " _-")
