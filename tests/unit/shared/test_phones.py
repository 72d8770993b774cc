"""Telephone numbers as people write them: one number has one form, whoever writes it and wherever it is looked for."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.phones import COUNTRY_CODES, forms_of, searched_forms, to_e164
from tests.support.properties import tried

SHORTEST = 7
"""Digits of the shortest number in E.164 that is taken."""


def _examples() -> Iterator[tuple[str, str, PhoneNumber]]:
    """Region, type and example number: of every region and every type that libphonenumber has one for."""
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        for region in regions:
            if region == "001":
                yield region, "non_geographic", phonenumbers.example_number_for_non_geo_entity(code)
                continue
            for kind in PhoneNumberType.values():
                if number := phonenumbers.example_number_for_type(region, kind):
                    yield region, PhoneNumberType.to_string(kind), number


def _international(number: PhoneNumber) -> str:
    return str(phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL))


def _e164(number: PhoneNumber) -> str:
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def _national(number: PhoneNumber) -> str:
    """The international form after its country code."""
    return _international(number).removeprefix(f"+{number.country_code}").strip()


def _trunk_of(number: PhoneNumber) -> str:
    metadata = PhoneMetadata.metadata_for_region(phonenumbers.region_code_for_country_code(number.country_code))
    return (metadata.national_prefix if metadata else None) or "0"


def _between(separator: str) -> Callable[[PhoneNumber], str]:
    """The groups of the number with this between them."""
    return lambda number: re.sub(r"[ \-/]+", separator, _international(number))


def _full_width(text: str) -> str:
    return "".join(chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character for character in text)


FORMS: dict[str, Callable[[PhoneNumber], str]] = {
    "E.164": _e164,
    "international": _international,
    "a tel: URI of RFC 3966": lambda n: str(phonenumbers.format_number(n, PhoneNumberFormat.RFC3966)),
    "an upper-case TEL:": lambda n: f"TEL:{_e164(n)}",
    "dots": _between("."),
    "hyphens": _between("-"),
    "slashes": _between("/"),
    "slashes with spaces": _between(" / "),
    "no-break spaces": _between("\u00a0"),
    "narrow no-break spaces": _between("\u202f"),
    "thin spaces": _between("\u2009"),
    "ideographic spaces": _between("\u3000"),
    "no-break hyphens": _between("\u2011"),
    "soft hyphens": _between("\u00ad"),
    "figure dashes": _between("\u2012"),
    "en dashes": _between(" \u2013 "),
    "minus signs": _between("\u2212"),
    "Japanese dashes": _between("\u30fc"),
    "middle dots": _between("\u00b7"),
    "spaces of no width": _between("\u200b"),
    "word joiners": _between("\u2060"),
    "a space between all digits": lambda n: " ".join(_e164(n)),
    "spaces around": lambda n: f"  {_international(n)}\u00a0",
    "left-to-right marks": lambda n: f"\u200e{_international(n)}\u200e",
    "a right-to-left mark": lambda n: f"\u200f{_international(n)}",
    "an embedding, as address books paste it": lambda n: f"\u202a{_international(n)}\u202c",
    "an override, as address books paste it": lambda n: f"\u202d{_international(n)}\u202c",
    "an isolate": lambda n: f"\u2066{_international(n)}\u2069",
    "a byte order mark": lambda n: f"\ufeff{_e164(n)}",
    "full width": lambda n: _full_width(_international(n)),
    "full-width digits": lambda n: re.sub("[0-9]", lambda digit: _full_width(digit[0]), _e164(n)),
    "an apostrophe": lambda n: f"'{_e164(n)}",
    "a curly apostrophe and a mark": lambda n: f"\u200e\u2019{_international(n)}",
    "the code in parentheses": lambda n: f"(+{n.country_code}) {_national(n)}",
    "the number in parentheses": lambda n: f"+{n.country_code} ({_national(n)})",
    "a space after the plus": lambda n: f"+ {_international(n)[1:]}",
}
NATIONAL = {
    "a bracketed trunk prefix": "+{code} ({trunk}) {national}",
    "a bracketed trunk prefix without spaces": "+{code}({trunk}){national}",
    "a trunk prefix in full width": "+{code}\uff08{trunk}\uff09{national}",
    "a trunk prefix with its area in brackets": "+{code} ({trunk}{national})",
    "a trunk prefix in a tel: URI": "tel:+{code}-({trunk})-{national}",
    "a trunk prefix, bare": "+{code} {trunk} {national}",
}
TRUNK_IS_AMBIGUOUS = {"39", "247", "888"}
"""Country codes of which a number and a zero before it make another number: that zero is not taken for a trunk's.

Rome's +39 06 is never +39 6. Ascension, too, has numbers that begin with a zero, one digit longer than its others. A
code of the United Nations is followed by eleven digits of any kind.
"""


def _written() -> Iterator[tuple[str, str, str, str, str]]:
    """Region, type, form, as written, as compared."""
    for region, kind, number in _examples():
        e164 = _e164(number)
        if len(e164) <= SHORTEST:
            continue
        for form, write in FORMS.items():
            yield region, kind, form, write(number), e164
        code = str(number.country_code)
        if region == "001" or code in TRUNK_IS_AMBIGUOUS or _own_zero(number):
            continue
        for form, pattern in NATIONAL.items():
            written = pattern.format(code=code, trunk=_trunk_of(number), national=_national(number))
            yield region, kind, form, written, e164


def _own_zero(number: PhoneNumber) -> bool:
    return str(phonenumbers.national_significant_number(number)).startswith("0")


def test_every_regions_numbers_of_every_type_are_compared_alike_in_every_written_form() -> None:
    tried_forms = list(_written())
    failures = [row for row in tried_forms if _read(row[3]) != row[4]]
    regions, kinds, forms = ({row[n] for row in tried_forms} for n in (0, 1, 2))
    figures = f"{len(tried_forms)} numbers as written, {len(failures)} failures"
    print(f"{len(regions)} regions, {len(kinds)} types, {len(forms)} forms: {figures}")  # noqa: T201 - pytest -s shows it
    assert len(regions) == len(phonenumbers.SUPPORTED_REGIONS) + 1
    assert len(forms) == len(FORMS) + len(NATIONAL)
    assert not failures


def _read(text: str) -> str:
    try:
        return to_e164(text)
    except InvalidRequest as refused:
        return refused.message


def test_the_only_example_that_is_too_short_is_refused_as_too_short() -> None:
    """A number of six digits in all is no number that anybody reaches from abroad."""
    short = [_e164(number) for _, _, number in _examples() if len(_e164(number)) <= SHORTEST]
    assert short == ["+989601"]
    assert "too short" in _read(short[0])


def test_the_country_codes_are_those_of_the_numbering_plans() -> None:
    assert {str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE} == COUNTRY_CODES
    assert not [code for code in COUNTRY_CODES if {code[:1], code[:2]} & COUNTRY_CODES - {code}]


def _plans() -> list[tuple[int, str]]:
    """Every country code with the pattern of each type of its numbers."""
    kinds = ("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "uan")
    metadata = [PhoneMetadata.metadata_for_region(region) for region in phonenumbers.SUPPORTED_REGIONS]
    global_codes = phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS
    metadata += [PhoneMetadata.metadata_for_nongeo_region(code) for code in global_codes]
    return sorted(
        {
            (plan.country_code, kind.national_number_pattern)
            for plan in metadata
            for kind in (getattr(plan, name) for name in kinds)
            if kind is not None and kind.national_number_pattern
        }
    )


@tried(2000)
@given(st.data())
def test_a_number_of_any_plan_keeps_all_of_its_digits(data: st.DataObject) -> None:
    """Numbers that begin with a zero, an eight or a one of their own among them: it is not taken for a trunk prefix."""
    code, pattern = data.draw(st.sampled_from(_plans()))
    national = data.draw(st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True))
    e164 = f"+{code}{national}"
    if SHORTEST < len(e164) <= 16 and phonenumbers.is_valid_number(phonenumbers.parse(e164)):
        assert to_e164(e164) == e164


@tried(500)
@given(st.text(st.sampled_from("+0123456789()-. \u200e\u00a0'tel:xE") | st.characters(), max_size=40))
def test_whatever_is_taken_is_one_form_for_good(text: str) -> None:
    with suppress(InvalidRequest):
        e164 = to_e164(text)
        assert re.fullmatch(r"\+[1-9][0-9]{6,14}", e164)
        assert to_e164(e164) == e164
        forms = forms_of(e164)
        assert {to_e164(form) for form in forms} == {e164}
        assert len(set(forms)) == len(forms), "they are keys of one request, which takes none twice"


@pytest.mark.parametrize(
    ("given_as", "compared_as"),
    [
        ("+44 (0) 20 7946 0960", "+442079460960"),
        ("+44 (020) 7946 0960", "+442079460960"),
        ("+4402079460960", "+442079460960"),
        ("+34 (0) 912 345 678", "+34912345678"),
        ("+1 (0) 212 555 0100", "+12125550100"),
        ("+1 1 (212) 555-0100", "+12125550100"),
        ("+7 (8) 495 123-45-67", "+74951234567"),
        ("+7 800 123-45-67", "+78001234567"),
        ("+36 (06) 1 234 5678", "+3612345678"),
        ("+370 (8) 612 34567", "+37061234567"),
        ("+45 12.34.56.00", "+4512345600"),
        ("+39 06 698 12345", "+390669812345"),
        ("+39 (0)6 698 12345", "+390669812345"),
        ("+225 01 23 45 67 89", "+2250123456789"),
        ("+47 02000", "+4702000"),
        ("+47 (0) 22 12 34 56", "+4722123456"),
        ("tel://+442079460960", "+442079460960"),
        ("+1234567890", "+1234567890"),
        ("+1234567", "+1234567"),
        ("+123456789012345", "+123456789012345"),
    ],
)
def test_a_number_is_compared_without_its_decoration(given_as: str, compared_as: str) -> None:
    assert to_e164(given_as) == compared_as


NO_NUMBER = [
    ("an extension", "must be without an extension", "+12125550100 ext. 7"),
    ("an extension", "must be without an extension", "+12125550100x7"),
    ("an extension", "must be without an extension", "tel:+1-212-555-0100;ext=7"),
    ("an extension", "must be without an extension", "+12125550100#7"),
    ("an extension", "must be without an extension", "+12125550100,,7"),
    ("rounded", "was rounded by a spreadsheet", "1.2E+10"),
    ("rounded", "was rounded by a spreadsheet", "'1,20256E+10"),
    ("rounded", "was rounded by a spreadsheet", "\uff11.2e10"),
    ("decimals", "was written with decimals by a program", "12025550100.0"),
    ("decimals", "was written with decimals by a program", "+12025550100.0"),
    ("decimals", "was written with decimals by a program", "'+12025550100,00 "),
    ("no plus", "must begin with + and the country code, as in", "202 555 0100"),
    ("no plus", "must begin with + and the country code instead of 00", "0044 20 7946 0960"),
    ("emergency", "emergency numbers and short codes are never dialled", "911"),
    ("emergency", "emergency numbers and short codes are never dialled", "+112"),
    ("code 0", "none begins with 0", "+0 20 7946 0960"),
    ("code 0", "none begins with 0", "+(0)44 20 7946 0960"),
    ("no code", "a country code that exists", "+999 123 4567"),
    ("too long", "must be + and 7 to 15 digits", "+1234567890123456"),
    ("nothing", "must be + and 7 to 15 digits", ""),
    ("nothing", "must be + and 7 to 15 digits", "+"),
    ("letters", "must be + and 7 to 15 digits", "+57 300 CALL ME"),
    ("two numbers", "must be + and 7 to 15 digits", "+57+3005550100"),
    ("a line break", "must be + and 7 to 15 digits", "+573005550100\n"),
    ("other digits", "must be + and 7 to 15 digits", "+\u0665\u0667\u0663\u0660\u0660\u0665\u0665\u0665"),
]


def test_the_longest_texts_are_read_at_once() -> None:
    """Whatever is tried on them: half a million characters would take minutes if anything were tried in two ways."""
    for piece in (";x", ",;#", "ext", "0", "(0)", "'tel:", " \u200e", "1e", "+"):
        _read(f"+1212555{piece * 100_000}!")
        _read(f"+44{piece * 100_000}")
        searched_forms(piece * 100_000)


@pytest.mark.parametrize(("kind", "message", "text"), NO_NUMBER)
def test_what_is_no_number_is_refused_with_what_is_wrong_and_without_its_digits(
    kind: str, message: str, text: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        to_e164(text, "guestPhone")
    assert (refused.value.details[0].field, refused.value.details[0].code) == ("guestPhone", "phone")
    assert message in refused.value.message, kind
    assert len(text) < 4 or text not in refused.value.message


def test_older_rows_have_a_number_with_its_trunk_prefix() -> None:
    assert forms_of("+442079460960") == ("+442079460960", "+4402079460960")
    assert forms_of("+74951234567") == ("+74951234567", "+784951234567", "+704951234567")
    assert forms_of("+390669812345") == ("+390669812345",)


@pytest.mark.parametrize(
    "text",
    [
        "+44 (0) 20 7946 0960",
        "020 7946 0960",
        "(0)20-7946",
        "0044 20 7946",
        "0044 (0)20 7946",
        "+44\u00a020",
        "tel:+44-20-7946-0960",
        "7946.0960",
        "7946",
    ],
)
def test_a_search_looks_for_part_of_a_number_in_any_written_form(text: str) -> None:
    assert any(form in "+442079460960" for form in searched_forms(text))


@pytest.mark.parametrize("text", ["", "+", "12", "Ana", "ana2027@example.com", "call 7946"])
def test_a_search_for_other_text_looks_for_no_number(text: str) -> None:
    assert searched_forms(text) == ()
