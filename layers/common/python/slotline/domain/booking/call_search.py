"""How a call is found: what its search rows stand under, and what a search looks for there.

A search row is kept under a *term*: a whole e-mail address, the end of a number, or the beginning of a word of the
name. A search has a *reading* for every sense that it makes: a term, and what the text of its rows must hold. So one
read of one partition finds a guest among any number of calls.

Anything may be an external id, so it has rows where a search for its text looks anyway: as an address, a number or
words. A reading of its own would cost every search a request. Its own term is for who asks for exactly this id, and for
an id of signs alone.

To have calls found in one more way, add a kind, its terms to `terms_of`, and its reading to `readings_of`.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from itertools import chain, groupby

from slotline.domain.booking.calls import Call, Guest
from slotline.domain.shared.phones import LONGEST_COUNTRY_CODE, national_of, searched_forms

WORD_LENGTHS = (4, 2, 1)
"""How much of a word's beginning has a row. A longer one is looked up by the longest of these, and by text."""
RUN_LENGTHS = (2, 1)
"""The same in scripts that put no space between words: there every character may begin one."""
MOST_NAME_TERMS = 30
"""Terms of one name: about ten words. All rows of a call are written in one transaction."""
LONGEST_TEXT = 500
MOST_WORDS = 20
"""Words of a search that count: the longest ones. A filter has room for these in 4 KB."""
MOST_ID_WORDS = 2 * MOST_WORDS
"""Words of an external id that have a row: all of a search for its text, apart and joined, and others as they come."""
NUMBER_LENGTH = 7
"""Digits that a number is looked up by, from its end: what stands before them is written in many ways."""
SHORTEST_NUMBER = 4

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_EDGE = "\n"
"""Before and after the external id in its row's text, so that it can be asked for whole: none has a line break."""
_END = "."
"""Ends a number in its row's text, so that it can be asked for by its end."""
_APART = "\n"
"""Between a guest's text and the external id's in a row: no number or word goes across."""

_LETTERS = str.maketrans(
    {
        "æ": "ae",
        "ð": "d",
        "ø": "o",
        "þ": "th",
        "đ": "d",
        "ħ": "h",
        "\u0131": "i",  # without its dot
        "ł": "l",
        "œ": "oe",
        "\u0640": None,  # Arabic's lengthening stroke
        "\u0629": "\u0647",  # teh marbuta, heh
        "\u0649": "\u064a",  # alef maksura, yeh
        "\u06cc": "\u064a",  # Farsi yeh
        "\u06a9": "\u0643",  # Farsi kaf
    }
)
"""Letters that people type for one another, and that no accent tells apart."""
_KEPT_MARKS = frozenset({7, 8, 9, *range(103, 133)})
"""Combining classes of marks that make another letter: India's nukta and virama, kana's voicing, the marks of Thai."""
_RUN = (
    "[\u2e80-\u2fdf\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u312f\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""A character of Han, kana or Hangul: names in these are written with a space or without.

Python takes longer to compile this than all other patterns of a booking, so no text in ASCII asks for it.
"""


class Kind(StrEnum):
    """By what a call is found."""

    EMAIL = "email"
    NUMBER = "number"
    WORD = "word"
    EXTERNAL_ID = "external_id"


@dataclass(frozen=True, slots=True)
class Term:
    """What rows stand under. `digest` is its place in a key, which is no place for an address or a name."""

    kind: Kind
    text: str

    @property
    def digest(self) -> str:
        """Half a SHA-256: rows of two terms in one place would be told apart by the call itself."""
        return sha256(f"{self.kind}:{self.text}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Reading:
    """One sense of a search. Each of `terms` leads to every match, so one is enough; the rarest comes first.

    To an external id each of them leads if it is the id's own text, words of it, or beginnings of four characters.

    `holding`: a row's text must hold all texts of one of these; nothing is asked of it if one is empty.
    """

    terms: tuple[Term, ...]
    holding: tuple[tuple[str, ...], ...] = ((),)

    @property
    def is_filtered(self) -> bool:
        """Whether rows of a term may be no match."""
        return () not in self.holding

    def fits(self, text: str) -> bool:
        """Whether a row with this text is a match."""
        return any(all(part in text for part in parts) for parts in self.holding)


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a name or of a search, folded. `is_run`: in a script in which every character may begin a word."""

    text: str
    is_run: bool

    @property
    def beginnings(self) -> Iterator[str]:
        """What it has rows under."""
        starts, lengths = (range(len(self.text)), RUN_LENGTHS) if self.is_run else ((0,), WORD_LENGTHS)
        for start in starts:
            yield from (self.text[start : start + length] for length in lengths if start + length <= len(self.text))

    @property
    def looked_up(self) -> str:
        """What it is looked up under: the longest beginning that has a row."""
        return next(self.beginnings)

    @property
    def within(self) -> str:
        """What a row's text holds if a word of the name begins so."""
        return self.text if self.is_run else f" {self.text}"


def terms_of(call: Call) -> Mapping[Term, str]:
    """Every term that finds the call, with the text of its row: rows of one kind hold all that is to be asked of it."""
    found = [*_terms_of_guest(call.guest), *(_terms_of_external_id(call.external_id) if call.external_id else ())]
    texts: dict[Kind, dict[str, None]] = {}
    for term, text in found:
        texts.setdefault(term.kind, {})[text] = None
    return {term: _APART.join(texts[term.kind]) for term, _ in found}


def _terms_of_guest(guest: Guest) -> Iterator[tuple[Term, str]]:
    if guest.email:
        yield _term_of_address(guest.email), ""
    if guest.phone_e164:
        yield Term(Kind.NUMBER, _end_of(national_of(guest.phone_e164))), f"{guest.phone_e164}{_END}"
    words = _words_of_name(guest.name)
    beginnings = dict.fromkeys(beginning for word in words for beginning in word.beginnings)
    text = _text_of(words)[:LONGEST_TEXT]
    for beginning in list(beginnings)[:MOST_NAME_TERMS]:
        yield Term(Kind.WORD, beginning), text


def _terms_of_external_id(external_id: str) -> Iterator[tuple[Term, str]]:
    """Its own, and those under which `readings_of` looks for its text."""
    yield _term_of_external_id(external_id), _whole(external_id)
    text = external_id.strip()
    if _EMAIL.fullmatch(text):
        yield _term_of_address(text), ""
    elif _readings_of_number(text):
        forms = _forms_of_external_id(text)
        held = "".join(f"{form}{_END}" for form in forms)
        for form in forms:
            yield Term(Kind.NUMBER, _end_of(form.removeprefix("+"))), held  # its plus may be lost
            if form.startswith("+"):
                yield Term(Kind.NUMBER, _end_of(national_of(form))), held
    else:
        words = _words_of_name(text)
        held = _text_of(words)
        counted = dict.fromkeys((*chain.from_iterable(_in_words(text)), *words))  # those of its own readings first
        for word in list(counted)[:MOST_ID_WORDS]:
            yield Term(Kind.WORD, word.looked_up), held


def _forms_of_external_id(text: str) -> Sequence[str]:
    """An id that reads as a number: as it is written, and if it is an international one without a trunk prefix."""
    forms = searched_forms(text)
    return forms if forms[0].startswith("+") else forms[:1]


@lru_cache(maxsize=1)  # a page of calls is judged by one search
def readings_of(search: str) -> Sequence[Reading]:
    """Every reading of a search, or none: nothing is found. An address is nothing else, nor is a number of 7 digits."""
    text = search.strip()
    if not text:
        return ()
    if _EMAIL.fullmatch(text):
        return (Reading((_term_of_address(text),)),)
    if numbers := _readings_of_number(text):
        return numbers
    return (*_numbers(text), *_names(text)) or (Reading((_term_of_external_id(text),)),)


def _readings_of_number(text: str) -> Sequence[Reading]:
    """Those of what is nothing but a number; none of what may be something else."""
    digits = sum(character.isdigit() for character in text)
    return tuple(_numbers(text)) if digits >= NUMBER_LENGTH else ()


def reading_of_external_id(external_id: str) -> Reading:
    """The calls with exactly this external id."""
    return Reading((_term_of_external_id(external_id),), ((_whole(external_id),),))


def is_found(call: Call, readings: Sequence[Reading]) -> bool:
    """Whether the call, as it is, is what one of the readings is for: its rows may be of what it was."""
    texts = terms_of(call)
    return any(term in texts and reading.fits(texts[term]) for reading in readings for term in reading.terms)


def _term_of_address(address: str) -> Term:
    return Term(Kind.EMAIL, _in_one_case(address))


def _term_of_external_id(external_id: str) -> Term:
    return Term(Kind.EXTERNAL_ID, external_id.strip().casefold())


def _whole(external_id: str) -> str:
    return f"{_EDGE}{external_id}{_EDGE}"


def _in_one_case(text: str) -> str:
    """Alike in any case: of a few letters, such as the dotless i, only the capital folds as all others do."""
    return text.upper().casefold()


def text_within(call: Call) -> str:
    """What a search between two dates looks through: name, e-mail, number and external id as given, and their words.

    Apart from each other, so that nothing is found across two of them.
    """
    guest = call.guest
    given = (guest.name, guest.email, guest.phone, guest.phone_e164, call.external_id)
    as_looked_up = {
        text: None
        for term, text in (_terms_of_external_id(call.external_id) if call.external_id else ())
        if term.kind in {Kind.NUMBER, Kind.WORD}
    }
    return "\n".join((*(_in_one_case(text) for text in given if text), _text_of_name(guest.name), *as_looked_up))


@lru_cache(maxsize=1)
def holding_within(search: str) -> Sequence[tuple[str, ...]]:
    """Ways to be such a match, each by all of its texts: what was typed, part of a number, or words of the name."""
    typed = ((_in_one_case(search),), *((form,) for form in searched_forms(search)))
    return tuple(dict.fromkeys((*typed, *(tuple(word.within for word in words) for words in _in_words(search)))))


def is_within(call: Call, search: str) -> bool:
    """Whether a search between two dates finds the call."""
    text = text_within(call)
    return any(all(part in text for part in parts) for parts in holding_within(search))


def _end_of(digits: str) -> str:
    return digits[-NUMBER_LENGTH:]


def _numbers(text: str) -> Iterator[Reading]:
    """A number as it may have been written. What is read in two ways has one end, as a rule, and so one reading."""
    ends: dict[str, list[tuple[str, ...]]] = {}
    has_plus = any(character in "+\uff0b" for character in text)
    for form in searched_forms(text):
        digits = form.removeprefix("+")
        national = national_of(form)
        is_short = len(national) < NUMBER_LENGTH
        if len(digits) >= NUMBER_LENGTH and (has_plus or not is_short or _may_be_short(digits, national)):
            ends.setdefault(_end_of(national), []).append((f"+{digits}{_END}" if is_short else f"{form}{_END}",))
        if not form.startswith("+"):
            ends.setdefault(_end_of(digits), []).append((f"{form}{_END}",))
    for end, holding in ends.items():
        if len(end) >= SHORTEST_NUMBER:
            yield Reading((Term(Kind.NUMBER, end),), tuple(dict.fromkeys(holding)))


def _may_be_short(digits: str, national: str) -> bool:
    """Whether this may be a number of fewer digits than numbers are looked up by: all are of small countries."""
    return len(digits) - len(national) == LONGEST_COUNTRY_CODE


def _names(text: str) -> Iterator[Reading]:
    """Words of a name, in any order."""
    for words in _in_words(text):
        rarest = sorted(words, key=lambda word: (len(word.looked_up), len(word.text)), reverse=True)
        terms = dict.fromkeys(Term(Kind.WORD, word.looked_up) for word in rarest)
        is_whole = len(words) == 1 and words[0].looked_up == words[0].text
        yield Reading(tuple(terms), ((),) if is_whole else (tuple(word.within for word in words),))


def _in_words(search: str) -> Sequence[Sequence[_Word]]:
    """The words of a search; and, if marks join some of them, these as one word: O'Neill may be written ONeill."""
    apart: list[_Word] = []
    joined: list[_Word] = []
    for token in _folded(search).split():
        parts = _parts(token)
        apart += parts
        joined += _joined(parts) or parts
    readings = (_counted(apart), _counted(joined))
    return tuple(dict.fromkeys(words for words in readings if words))


def _counted(words: Sequence[_Word]) -> tuple[_Word, ...]:
    """Without those that another one begins with, and not too many."""
    different = sorted(dict.fromkeys(words), key=lambda word: len(word.text), reverse=True)
    counted: list[_Word] = []
    for word in different:
        if not any(f" {other.text}".find(word.within) >= 0 for other in counted):
            counted.append(word)
    return tuple(counted[:MOST_WORDS])


def _words_of_name(name: str) -> Sequence[_Word]:
    """The words of a name in order, each once: parts, and what marks join, or spaces within Han, kana and Hangul."""
    words: dict[_Word, None] = {}
    for token in _without_spaces_in_runs(_folded(name)).split():
        parts = _parts(token)
        words |= dict.fromkeys((*parts, *_joined(parts)))
    return tuple(words)


def _text_of_name(name: str) -> str:
    return _text_of(_words_of_name(name))[:LONGEST_TEXT]


def _text_of(words: Sequence[_Word]) -> str:
    return "".join(f" {word.text}" for word in words)


def _parts(token: str) -> list[_Word]:
    """`o'neill` as `o` and `neill`. Han beside Latin letters is a word of its own."""
    return [
        _Word("".join(characters), is_run=kind == "run")
        for kind, characters in groupby(token, _kind)
        if kind != "between"
    ]


def _joined(parts: Sequence[_Word]) -> list[_Word]:
    """`o` and `neill` as `oneill`."""
    if len(parts) < 2 or any(part.is_run for part in parts):
        return []
    return [_Word("".join(part.text for part in parts), is_run=False)]


@lru_cache(maxsize=1024)  # a booking asks this of each character of the name and the external id
def _kind(character: str) -> str:
    if not character.isascii() and re.match(_RUN, character):
        return "run"
    category = unicodedata.category(character)
    return "word" if category[0] in "LNM" or category == "So" else "between"


def _without_spaces_in_runs(text: str) -> str:
    if text.isascii():
        return text
    return re.sub(rf"(?<={_RUN})[\s\u00b7\u30fb]+(?={_RUN})", "", text)


def _folded(text: str) -> str:
    """Without case, width, accents and invisible marks: `José` as `jose`, `STRASSE` as `Straße`."""
    if text.isascii():  # as most external ids and many names are
        return text.casefold()
    spelled = unicodedata.normalize("NFKD", text.casefold()).casefold().translate(_LETTERS)
    kept = (character for character in spelled if not _is_left_out(character))
    return unicodedata.normalize("NFKC", "".join(kept))


def _is_left_out(character: str) -> bool:
    accent = unicodedata.combining(character)
    return unicodedata.category(character) == "Cf" or (accent != 0 and accent not in _KEPT_MARKS)
