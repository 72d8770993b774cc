"""Texts with names in braces, which a call's own parameters fill.

`{first_name}`, `{First Name}` and `{{first-name}}` are one and the same: names are compared without regard to case,
spaces, `_` and `-`, because one person writes the text and another the table. What is put in is never read again, so a
guest whose name is `{company}` stays so.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from slotline.domain.dialing.use_cases import AmdBehavior, UseCase

MESSAGE = "message"
"""The use case's parameter that is spoken."""
LONGEST_PLACEHOLDER = 120
"""Characters between the braces: a parameter's name, and some spaces around it. What is longer is plain text."""

_PLACE = re.compile(rf"(?<!\{{)\{{++(?=[\s_-]*[^\s_{{}}-])([^{{}}]{{1,{LONGEST_PLACEHOLDER}}})\}}++")
"""A name between braces, however many: some systems write three. What is no name, such as `{ }`, is plain text."""
_IGNORED = re.compile(r"[\s_-]+")


def filled(text: str, *sources: Mapping[str, object]) -> str:
    """The text with parameters for the names in braces, each from the first source that has something to say for it.

    A name that none has says nothing. In a source, the exact spelling goes before one that is only alike.
    """
    alike = [_alike(source) for source in sources]

    def said(place: re.Match[str]) -> str:
        name = _written(place)
        plain = plain_name(name)
        pairs = zip(sources, alike, strict=True)
        return next((words for exact, others in pairs if (words := _said(exact.get(name)) or others.get(plain))), "")

    return _PLACE.sub(said, text)


def defaults_of(use_case: UseCase) -> Mapping[str, object]:
    """What fills a name that the call itself has nothing for: the use case's parameters, but for its message."""
    return {name: value for name, value in use_case.params.items() if name != MESSAGE}


def unfilled(texts: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    """The names in braces, as they are written, that none of these parameters has. Each once, in the texts' order."""
    known = {plain_name(name) for name in names}
    found: dict[str, str] = {}
    for text in texts:
        for place in _PLACE.finditer(text):
            name = _written(place)
            found.setdefault(plain_name(name), name)
    return tuple(name for plain, name in found.items() if plain not in known)


def nothing_fills(use_case: UseCase, language: str | None, calls: Iterable[Mapping[str, object]]) -> tuple[str, ...]:
    """The names in braces that stay empty in every one of these calls, which have these parameters."""
    names = {name for params in calls for name, value in params.items() if _said(value)}
    return unfilled(texts_of(use_case, language or use_case.language), names | defaults_of(use_case).keys())


def texts_of(use_case: UseCase, language: str | None = None) -> tuple[str, ...]:
    """What its calls may say: its message, and what is left on machines in this language; in any if None."""
    texts = [message_of(use_case)]
    if use_case.amd and use_case.amd_behavior is AmdBehavior.LEAVE_MESSAGE:
        texts += [machine_message(use_case, language)[0]] if language else use_case.amd_messages.values()
    return tuple(texts)


def message_of(use_case: UseCase) -> str:
    """What is said to people."""
    return _said(use_case.params.get(MESSAGE))


def machine_message(use_case: UseCase, language: str) -> tuple[str, str]:
    """What is left on a machine, and the language it is written in: this one, else the use case's own."""
    tag = use_case.machine_tag(language) or use_case.machine_tag(use_case.language) or use_case.language
    return use_case.amd_messages.get(tag, ""), tag


def plain_name(name: str) -> str:
    """A name as it is compared: case, spaces, `_` and `-` do not matter."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", name).casefold())


def _written(place: re.Match[str]) -> str:
    return place[1].strip()


def _alike(params: Mapping[str, object]) -> Mapping[str, str]:
    """What there is to say by plain name; of several names that are alike, the first that says something."""
    found: dict[str, str] = {}
    for name, value in params.items():
        if words := _said(value):
            found.setdefault(plain_name(name), words)
    return found


def _said(value: object) -> str:
    """Text and numbers as they are. What a voice cannot say, such as a list or null, says nothing."""
    return str(value) if isinstance(value, str | int | float) else ""
