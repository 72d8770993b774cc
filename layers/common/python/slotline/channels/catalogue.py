"""Words by language: which catalogue a reader gets, and how its texts are filled.

A text is filled in one pass and what is put in is never read again, so a guest whose name is `{sender}` stays so.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FALLBACK = "en"
_SUFFIX = ".toml"
_PACKED = ".json"
"""What a build has as well (`tools/pack.py`): JSON is read in a tenth of the time, by what is loaded anyway."""


def _one_or_other(count: int) -> str:
    return "one" if count == 1 else "other"


PLURALS: Mapping[str, Callable[[int], str]] = {"en": _one_or_other, "es": _one_or_other}
"""How each language tells whole numbers apart, below a million (Unicode CLDR, language plural rules)."""

_FOLDER = Path(__file__).with_name("words")  # `importlib.resources` would bring all that reads archives
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The words of one language."""

    language: str
    words: Mapping[str, Any]

    def text(self, *path: str) -> str:
        """The text under these keys. Raises KeyError where the language lacks it."""
        found: Any = self.words
        for key in path:
            found = found[key]
        return str(found)

    def counted(self, *path: str, count: int) -> str:
        """The text for so many, of those under these keys: one for each of the language's plurals (CLDR)."""
        return fill(self.text(*path, PLURALS[self.language](count)), {"count": str(count)})


def languages() -> frozenset[str]:
    """The languages that have words."""
    return frozenset(file.name.removesuffix(_SUFFIX) for file in _FOLDER.iterdir() if file.name.endswith(_SUFFIX))


def catalogue_for(language: str) -> Catalogue:
    """The words for a reader of this language: its own, else of what it is a kind of, else English (RFC 4647 §3.4)."""
    parts = language.replace("_", "-").lower().split("-")
    for length in range(len(parts), 0, -1):
        found = _spoken().get("-".join(parts[:length]))
        if found is not None:
            return _read(found)
    return _read(FALLBACK)


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders replaced. Raises KeyError for one that has no value."""
    return _PLACE.sub(lambda place: values[place[1]], text)


@cache
def _spoken() -> dict[str, str]:
    return {language.lower(): language for language in languages()}


@cache
def _read(language: str) -> Catalogue:
    packed = _FOLDER / f"{language}{_PACKED}"
    if packed.exists():
        return Catalogue(language, json.loads(packed.read_text(encoding="utf-8")))
    import tomllib  # which a build does without

    return Catalogue(language, tomllib.loads((_FOLDER / f"{language}{_SUFFIX}").read_text(encoding="utf-8")))
