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


def _one_to_many(count: int) -> str:
    """Arabic's: 3 to 10 are few, 11 to 99 many, by what is left over of a hundred."""
    if count < 3:
        return ("zero", "one", "two")[count]
    rest = count % 100
    return "other" if rest < 3 else "few" if rest < 11 else "many"


PLURALS: Mapping[str, Callable[[int], str]] = {"ar": _one_to_many, "en": _one_or_other, "es": _one_or_other}
"""How each language tells whole numbers apart, below a million (Unicode CLDR, language plural rules)."""

RIGHT_TO_LEFT = frozenset({"ar"})
"""Languages whose script runs the other way."""

MESSAGES, PAGES = "messages", "pages"
"""The books of words, which are folders here. A surface that people sign in to has one of its own, such as `console`,
which is read over `SIGNED`, the words of all these surfaces, and `PAGES`."""
SIGNED = "signed"
BELOW: Mapping[str, tuple[str, ...]] = {MESSAGES: (), PAGES: (), SIGNED: (PAGES,)}
"""The books that another one is read over. Those that are not named here are read over `SIGNED`, too."""

_FOLDER = Path(__file__).parent  # `importlib.resources` would bring all that reads archives
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
        return fill(self.text(*path, self.plural_of(count)), {"count": str(count)})

    def plural_of(self, count: int) -> str:
        """The language's plural for so many (CLDR): `one`, `few`, `other`."""
        return PLURALS[self.language](count)


@cache
def languages(book: str = MESSAGES) -> frozenset[str]:
    """The languages that have words of this kind."""
    files = (_FOLDER / book).iterdir()
    return frozenset(file.name.removesuffix(_SUFFIX) for file in files if file.name.endswith(_SUFFIX))


def spoken(language: str, book: str = MESSAGES) -> str | None:
    """The language of the words for a reader of this one: its own, else of what it is a kind of (RFC 4647 §3.4)."""
    known = {one.lower(): one for one in languages(book)}
    parts = language.replace("_", "-").lower().split("-")
    names = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((known[name] for name in names if name in known), None)


def catalogue_for(language: str, book: str = MESSAGES) -> Catalogue:
    """The words for a reader of this language: `spoken`'s, or else English."""
    return _read(spoken(language, book) or FALLBACK, book)


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders replaced. Raises KeyError for one that has no value."""
    return _PLACE.sub(lambda place: values[place[1]], text)


@cache
def _read(language: str, book: str) -> Catalogue:
    """The words of a book over those of the books below it. No part of them is in two books."""
    words: dict[str, Any] = {}
    for one in (*BELOW.get(book, (PAGES, SIGNED)), book):
        words |= _words(language, one)
    return Catalogue(language, words)


def _words(language: str, book: str) -> Mapping[str, Any]:
    packed = _FOLDER / book / f"{language}{_PACKED}"
    if packed.exists():
        read: Mapping[str, Any] = json.loads(packed.read_text(encoding="utf-8"))
        return read
    import tomllib  # which a build does without

    return tomllib.loads((_FOLDER / book / f"{language}{_SUFFIX}").read_text(encoding="utf-8"))
