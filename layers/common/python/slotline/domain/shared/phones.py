"""Telephone numbers as people write them, and as they are compared: E.164 (ITU-T E.164: `+` and at most 15 digits).

Every door that takes a number reads it here, so that a number is the same number wherever it is looked for: on the
do-not-call list, in a customer's window, in a search. The tables are facts of numbering plans; a test holds them to
those that libphonenumber carries.
"""

import re
import unicodedata
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache

from slotline.domain.shared.errors import InvalidRequest

_CODES = """
1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84
86 90 91 92 93 94 95 98 211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236
237 238 239 240 241 242 243 244 245 246 247 248 249 250 251 252 253 254 255 256 257 258 260 261 262 263 264 265
266 267 268 269 290 291 297 298 299 350 351 352 353 354 355 356 357 358 359 370 371 372 373 374 375 376 377 378
380 381 382 383 385 386 387 389 420 421 423 500 501 502 503 504 505 506 507 508 509 590 591 592 593 594 595 596
597 598 599 670 672 673 674 675 676 677 678 679 680 681 682 683 685 686 687 688 689 690 691 692 800 808 850 852
853 855 856 870 878 880 881 882 883 886 888 960 961 962 963 964 965 966 967 968 970 971 972 973 974 975 976 977
979 992 993 994 995 996 998
"""
COUNTRY_CODES = frozenset(_CODES.split())
"""Every country code that is in use (ITU-T E.164). None begins another, so a number has only one."""

LONGEST_COUNTRY_CODE = 3

_OWN_ZERO = {
    "39": r"0\d{5,11}",
    "47": r"0\d{4}",
    "62": r"00\d{9,15}",
    "66": r"001800\d{7}",
    "81": r"00\d{6,15}",
    "82": r"00\d{9,12}",
    "91": r"000800\d{7}",
    "225": r"0\d{9}",
    "226": r"0[1-7]\d{6}",
    "227": r"0\d{7}",
    "229": r"0\d{9}",
    "241": r"0\d{7}",
    "242": r"0\d{8}",
    "247": r"0\d{5}",
    "250": r"06\d{6}",
    "267": r"0800\d{6}",
    "268": r"0800\d{4}",
    "359": r"00800\d{7}",
    "378": r"0\d{9}",
    "501": r"0800\d{7}",
    "507": r"00800\d{6}",
    "598": r"0004\d{2,9}",
    "676": r"0800\d{3}",
    "679": r"0800\d{7}",
    "687": r"050\d{3}",
    "800": r"00\d{6}",
    "853": r"0800\d{3}",
    "881": r"0\d{8}",
    "888": r"0\d{10}",
    "974": r"0080\d{7}",
    "992": r"0\d{8}",
}
"""National numbers that begin with a zero of their own, by country code. Rome is +39 06, with the zero."""

_ZERO = ("0", r"\d+")
_TRUNKS = {
    "1": ("1", r"[2-9]\d{9}|310\d{4}"),
    "7": ("8", r"\d{10}"),
    "36": ("06", r"\d{7,9}"),
    "370": ("8", r"\d{8}"),
    "375": ("8", r"(?:1[5-7]|[2-4]\d)\d{7}|8\d{8,10}|9\d{9}"),
    "692": ("1", r"\d{7}"),
    "993": ("8", r"[1-7]\d{7}"),
}
"""What else than a zero is dialled before a number inside its country, and how the rest looks: 8 495… in Moscow."""

_DASHES = "\u2212\u30fc"
"""The minus sign, and the mark that Japanese writes as a dash: Unicode counts neither among the dashes."""
_DOTS = ".\u00b7\u2022\u2024\u2027\u2219\u22c5\u30fb"
_BRACKETS_AND_SLASHES = "()[]/\u2044\u2215"
_NOT_DIALLED = dict.fromkeys(map(ord, _DASHES + _DOTS + _BRACKETS_AND_SLASHES))
_LEFT_OUT_KINDS = frozenset({"Zs", "Pd", "Cf"})
"""Unicode's spaces, dashes and invisible marks: of direction, of width zero, of hyphenation."""
_BETWEEN_IN_ASCII = {ord(" "): None, ord("-"): None}
"""Of those kinds, what ASCII has."""
_APOSTROPHES = "'\u2018\u2019\u02bc"
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}

_BEFORE_IT = re.compile(rf"(?:[{_APOSTROPHES}]|tel:)+", re.IGNORECASE)
_E164 = re.compile(r"\+[0-9]{7,15}")
_PLUS_AND_DIGITS = re.compile(r"\+[0-9]{7,20}")
"""A number, and perhaps a trunk prefix: it may be longer than it is without."""
_DIGITS = re.compile(r"[0-9]+")
_EXTENSION = re.compile(
    r"\+?[0-9]+(?:[#,;]+|[#,;]*(?:x|extn?|extension|ramal|poste|int|interno|anexo|\u0434\u043e\u0431)[=:]?)[0-9]*",
    re.IGNORECASE,
)
_ROUNDED = re.compile(r"\+?[0-9]+(?:[.,][0-9]+)?e\+?[0-9]+", re.IGNORECASE)
_WITH_DECIMALS = re.compile(r"\+?[0-9]{7,}[.,]0{1,2}")
"""What programs make of a column of numbers in which a cell is empty: `12025550100.0`."""
_SHORT = 6
"""Digits of the longest number that has too few for a country code: short codes and emergency numbers."""
_SEARCHED = re.compile(r"[0-9]{3,20}")
"""Digits that are looked for as part of a number."""
_FROM_ABROAD = ("00", "011", "0011", "010", "009", "810")
"""What is dialled instead of a `+`: nearly everywhere, in North America, Australia, Japan, Nigeria, Russia."""

CODE = "phone"


class NumberRefusal(StrEnum):
    """Why a number is not dialled, transferred to, texted or booked with, whoever asks."""

    EMERGENCY = "emergency_number"
    PREMIUM = "premium_number"
    SATELLITE = "satellite_number"
    SHARED_COST = "shared_cost_number"


Screen = Callable[[str], NumberRefusal | None]
"""Why nobody dials or texts a number in E.164; None if it may be."""

_REFUSALS = {
    NumberRefusal.EMERGENCY: "is an emergency number, which is never dialled or texted",
    NumberRefusal.PREMIUM: "is a premium-rate number, which is never dialled or texted",
    NumberRefusal.SATELLITE: "is a satellite number, which is never dialled or texted",
    NumberRefusal.SHARED_COST: "is a shared-cost number, which is never dialled or texted",
}


def to_e164(given: str, field: str = "phone") -> str:
    """`+44 (0) 20 7946 0960` as `+442079460960`. Raises InvalidRequest for anything that is no such number.

    What people paste between the digits is left out, and so is a trunk prefix after the country code: it is dialled
    inside the country and is no part of the number.
    """
    return _read(given, field)


@lru_cache(maxsize=256)  # whoever looks at a row asks for its number several times
def _read(given: str, field: str) -> str:
    stripped = _stripped(given)
    if not _PLUS_AND_DIGITS.fullmatch(stripped) or _has_decimals(given):
        raise InvalidRequest.of_field(field, _fault(given, stripped), CODE)
    if stripped[1] == "0":
        raise InvalidRequest.of_field(field, "must have a country code after its +; none begins with 0", CODE)
    code = _country_code(stripped[1:])
    if code is None:
        raise InvalidRequest.of_field(field, "must begin with a country code that exists, such as +1 or +44", CODE)
    e164 = f"+{code}{_without_trunk(code, stripped[1 + len(code) :])}"
    if not _E164.fullmatch(e164):
        raise InvalidRequest.of_field(field, _fault(given, e164), CODE)
    return e164


def check_may_be_reached(e164: str, screen: Screen, field: str) -> None:
    """Raises InvalidRequest if nobody dials or texts this number: it would cost, or call for help."""
    if refusal := screen(e164):
        raise InvalidRequest.of_field(field, _REFUSALS[refusal], refusal.value)


def as_compared(kept: str) -> str:
    """A number of a row as numbers are compared now. One that nobody would take any more is left as it is."""
    try:
        return to_e164(kept)
    except InvalidRequest:
        return kept


def forms_of(kept: str) -> tuple[str, ...]:
    """The number as it is compared, then as rows have it from before trunk prefixes were left out."""
    e164 = as_compared(kept)
    code = _country_code(e164[1:])
    if code is None or not _E164.fullmatch(e164):
        return (e164,)
    national = e164[1 + len(code) :]
    before = (f"{trunk}{national}" for trunk, _ in _trunks(code))
    forms = (f"+{code}{dialled}" for dialled in before if _without_trunk(code, dialled) == national)
    return (e164, *(form for form in forms if _E164.fullmatch(form)))


def searched_forms(text: str) -> tuple[str, ...]:
    """What a search for this text looks for in numbers as compared; nothing if it is no part of a number.

    A part does not say where it begins: with a `+`, with `00`, with the trunk prefix of its country, or in the middle.
    A `+` that a query string has as it is arrives as a space.
    """
    stripped = _stripped(text)
    digits = stripped.removeprefix("+")
    if not _SEARCHED.fullmatch(digits):
        return ()
    if stripped.startswith("+"):
        return tuple(dict.fromkeys((stripped, *_compared(digits))))
    forms = [digits]
    if digits.startswith("0") and _SEARCHED.fullmatch(bare := digits.lstrip("0")):
        forms.append(bare)
        forms += [f"+{bare}", *_compared(bare)] if digits.startswith("00") else []
    if len(digits) > _SHORT:
        abroad = (digits.removeprefix(prefix) for prefix in _FROM_ABROAD if digits.startswith(prefix))
        forms += [form for rest in (digits, *abroad) for form in _compared(rest) if _E164.fullmatch(form)]
        forms += [
            f"+{code}{digits.removeprefix(trunk)}"
            for code, (trunk, rest) in _TRUNKS.items()
            if digits.startswith(trunk) and re.fullmatch(rest, digits.removeprefix(trunk))
        ]
    return tuple(dict.fromkeys(forms))


def national_of(e164: str) -> str:
    """The digits after the country code; all of them if no country has it."""
    digits = e164.removeprefix("+")
    return digits.removeprefix(_country_code(digits) or "")


def _compared(digits: str) -> tuple[str, ...]:
    """What follows a `+`, without a trunk prefix; nothing if no country code begins it."""
    code = _country_code(digits)
    return (f"+{code}{_without_trunk(code, digits.removeprefix(code))}",) if code else ()


def _stripped(given: str) -> str:
    """Without what people and programs write around the digits and between them."""
    if given.isascii():  # nearly always, and a tenth of the time
        bare = given.translate(_BETWEEN_IN_ASCII)
    else:
        text = given.translate(_FULL_WIDTH)
        bare = "".join(character for character in text if unicodedata.category(character) not in _LEFT_OUT_KINDS)
    bare = bare[match.end() :] if (match := _BEFORE_IT.match(bare)) else bare
    return bare.translate(_NOT_DIALLED)


def country_code_of(e164: str) -> str | None:
    """The country code of a number in E.164; None if it begins with none that is in use."""
    return _country_code(e164[1:])


def _country_code(digits: str) -> str | None:
    for length in (1, 2, 3):
        if (code := digits[:length]) in COUNTRY_CODES:
            return code
    return None


def _trunks(code: str) -> tuple[tuple[str, str], ...]:
    return (_TRUNKS[code], _ZERO) if code in _TRUNKS else (_ZERO,)


def _without_trunk(code: str, national: str) -> str:
    """Without any: a number written with two of them is the same one."""
    if code in _OWN_ZERO and re.fullmatch(_OWN_ZERO[code], national):
        return national
    for trunk, rest in _trunks(code):
        if national.startswith(trunk) and re.fullmatch(rest, national[len(trunk) :]):
            return _without_trunk(code, national[len(trunk) :])
    return national


def _has_decimals(given: str) -> bool:
    """True of a number that a program took for an amount: its last zeros would be read as digits to dial."""
    text = given if given.isascii() else given.translate(_FULL_WIDTH)
    if "." not in text and "," not in text:
        return False
    return _WITH_DECIMALS.fullmatch(text.strip().lstrip(_APOSTROPHES)) is not None


def _fault(given: str, stripped: str) -> str:
    """What is wrong with what is no number, and what would be right."""
    text = given.translate(_FULL_WIDTH).strip()
    if _has_decimals(given):
        return "was written with decimals by a program; format its column as text and put the number in without them"
    if _ROUNDED.fullmatch(text.lstrip(_APOSTROPHES)):
        return "was rounded by a spreadsheet; format its column as text and put the whole number in again"
    if _EXTENSION.fullmatch(stripped):
        return "must be without an extension, which cannot be dialled"
    digits = stripped.removeprefix("+")
    if _DIGITS.fullmatch(digits):
        if len(digits) <= _SHORT:
            return "is too short for a number with a country code; emergency numbers and short codes are never dialled"
        if not stripped.startswith("+"):
            instead = " instead of 00" if digits.startswith("00") else ""
            return f"must begin with + and the country code{instead}, as in +12025550100"
    return "must be + and 7 to 15 digits; spaces, dots, dashes and parentheses may stand between them"
