"""A text that people read: one for everybody, or one a language."""

from collections.abc import Mapping

Text = str | Mapping[str, str]
"""A text, or language tag (BCP 47) → text."""


def text_in(text: Text, language: str, fallback: str) -> str:
    """The text for a reader of this language; else of the language without its region, of the fallback, or the first.

    Tags are compared as BCP 47 has them: `es-CO` and `es-co` are one.
    """
    if isinstance(text, str):
        return text
    by_tag = {tag.casefold(): said for tag, said in text.items()}
    for wanted in (language.casefold(), fallback.casefold()):
        for tag in (wanted, wanted.partition("-")[0]):
            if tag in by_tag:
                return by_tag[tag]
    return next(iter(text.values()))
