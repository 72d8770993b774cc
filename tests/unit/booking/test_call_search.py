"""How a guest is found: the terms of a call, the readings of a search, and what a user expects of both."""

import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.booking.call_search import (
    LONGEST_TEXT,
    MOST_ID_WORDS,
    MOST_NAME_TERMS,
    Kind,
    Term,
    holding_within,
    is_found,
    is_within,
    reading_of_external_id,
    readings_of,
    terms_of,
)
from tests.support.builders.bookings import a_call
from tests.support.properties import tried

FOUND_BY_NAME = [
    ("Jane Doe", "jane"),
    ("Jane Doe", "DOE"),
    ("Jane Doe", "d"),
    ("Jane Doe", "doe jane"),
    ("Jane Doe", "  ja   do "),
    ("Jane Doe", "jane, doe!"),
    ("José Łukaszewicz", "jose lukasz"),
    ("Jose Lukaszewicz", "José Łukasz"),
    ("Jose\u0301", "Jos\u00e9"),
    ("Søren Ærø", "soren aero"),
    ("İbrahim Y\u0131lmaz", "ibrahim yilmaz"),
    ("Straße 9", "STRASSE"),
    ("Müller", "muller"),
    ("Patrick O'Neill", "o'neill"),
    ("Patrick O\u2019Neill", "O'Neill"),
    ("Patrick O'Neill", "oneill"),
    ("Patrick O'Neill", "neill"),
    ("Patrick O'Neill", "o neill"),
    ("Patrick ONeill", "o'neill"),
    ("Patrick O Neill", "o'neill"),
    ("Anne-Marie Dupont", "anne-marie"),
    ("Anne-Marie Dupont", "annemarie"),
    ("Anne-Marie Dupont", "marie"),
    ("Anne-Marie Dupont", "anne marie dupont"),
    ("Anne\u2010Marie", "anne-marie"),
    ("Anne Marie", "anne-marie"),
    ("Annemarie", "anne-marie"),
    ("Ludwig van der Berg", "van der berg"),
    ("Ludwig van der Berg", "berg ludwig"),
    ("J.R. Smith", "jr smith"),
    ("Smith, John", "john smith"),
    ("山田 太郎", "太郎"),
    ("山田 太郎", "山田太郎"),
    ("山田太郎", "山田 太郎"),
    ("山田太郎", "田"),
    ("김민준", "민준"),
    ("ガルシア・マリア", "マリア"),
    ("ｶﾞﾙｼｱ", "ガルシア"),
    ("Liu刘伟", "伟"),
    ("Liu刘伟", "liu"),
    ("أحمد الحسن", "احمد"),
    ("فاطمة", "فاطمه"),
    ("דָּוִד כהן", "דוד"),
    ("शर्मा कविता", "कवि"),
    ("สมชาย ใจดี", "ใจ"),
    ("Ёлкин Андрей", "елкин"),
    ("\uff2a\uff41\uff4e\uff45", "jane"),
    ("\u200eJane\u200f", "jane"),
    ("Guest 2024", "2024"),
    ("🙂 Smile", "🙂"),
    ("Wolfeschlegelsteinhausenbergerdorff", "wolfeschlegelsteinhausenbergerdorf"),
]


@pytest.mark.parametrize(("name", "search"), FOUND_BY_NAME)
def test_a_name_is_found_by_beginnings_of_its_words_in_any_order_and_spelling(name: str, search: str) -> None:
    call = a_call(name=name)
    assert is_found(call, readings_of(search))
    assert is_within(call, search), "what finds a guest at any size finds them between two dates too"


@pytest.mark.parametrize(
    ("name", "search"),
    [
        ("Jane Doe", "ane"),
        ("Jane Doe", "janet"),
        ("Jane Doe", "jane smith"),
        ("Jane Doe", "janedoe"),
        ("か", "が"),
        ("Jane Doe", "!"),
        ("Jane Doe", "'-'"),
        ("Jane Doe", "%"),
    ],
)
def test_other_parts_of_a_name_are_only_found_between_two_dates_if_at_all(name: str, search: str) -> None:
    assert not is_found(a_call(name=name), readings_of(search))


NUMBERS = [
    ("+573005550100", "+57 (300) 555-0100"),
    ("+573005550100", " 573005550100"),
    ("+573005550100", "573005550100"),
    ("+573005550100", "0057 300 555 0100"),
    ("+573005550100", "011 57 300 555 0100"),
    ("+573005550100", "0300-555-0100"),
    ("+573005550100", "300 555 0100"),
    ("+573005550100", "555 0100"),
    ("+573005550100", "\uff0b\uff15\uff17 300 555 0100"),
    ("+573005550100", "tel:+57-300-555-0100"),
    ("+442079460960", "+44 (0) 20 7946 0960"),
    ("+442079460960", "44 (0) 20 7946 0960"),
    ("+442079460960", "0044 (0)20 7946 0960"),
    ("+442079460960", "(020) 7946 0960"),
    ("+390669812345", "06 698 12345"),
    ("+390669812345", "+39 06 698 12345"),
    ("+74951234567", "8 (495) 123-45-67"),
    ("+74951234567", "810 7 495 123 45 67"),
    ("+12025550100", "(202) 555-0100"),
    ("+12025550100", "1-202-555-0100"),
    ("+37061234567", "8 612 34567"),
    ("+3612345678", "06 1 234 5678"),
    ("+376312345", "312345"),
    ("+376312345", "+376 312 345"),
    ("+376312345", "376312345"),
    ("+376312345", "00376 312345"),
    ("+6834000", "4000"),
    ("+6834000", "+683 4000"),
]


@pytest.mark.parametrize(("kept", "search"), NUMBERS)
def test_a_number_is_found_in_every_way_that_people_write_it(kept: str, search: str) -> None:
    call = a_call(name="Jane Doe", phone=kept, phone_e164=kept)
    assert is_found(call, readings_of(search))
    assert is_within(call, search)
    assert not is_found(a_call(name="Jane", phone="+4915112345678", phone_e164="+4915112345678"), readings_of(search))


@pytest.mark.parametrize(
    "search", ["+57 301 555 0100", "+1 300 555 0100", "0301 555 0100", "+57 300", "300555", "550100", "+57 300 555 01"]
)
def test_another_number_with_the_same_end_and_a_part_of_one_are_not_found(search: str) -> None:
    call = a_call(name="Jane Doe", phone="+573005550100", phone_e164="+573005550100")
    assert not is_found(call, readings_of(search))


def test_a_written_number_is_looked_up_once() -> None:
    for kept, search in NUMBERS:
        if len(kept) > len("+37612345678"):
            kinds = [reading.terms[0].kind for reading in readings_of(search)]
            assert kinds == [Kind.NUMBER], search


@pytest.mark.parametrize("search", ["jane.doe@example.com", " Jane.Doe@Example.COM "])
def test_a_whole_address_is_found_in_either_case_and_is_looked_up_as_no_name(search: str) -> None:
    readings = readings_of(search)
    assert [reading.terms[0].kind for reading in readings] == [Kind.EMAIL]
    assert is_found(a_call(name="X", email="Jane.Doe@example.com"), readings)
    assert not is_found(a_call(name="jane doe example com", email="jane.do@example.com"), readings)


@pytest.mark.parametrize("search", ["jane.doe@", "jane.doe@exam", "example.com", "@example.com", "doe@example.com"])
def test_a_part_of_an_address_is_found_between_two_dates_alone(search: str) -> None:
    call = a_call(name="Somebody Else", email="jane.doe@example.com")
    assert not is_found(call, readings_of(search))
    assert is_within(call, search)


def test_nothing_is_found_across_a_guests_details() -> None:
    call = a_call(name="Jane Doe", email="doe@example.com", phone="+12025550100", phone_e164="+12025550100")
    assert not is_within(call, "doe doe@example.com")
    assert not is_within(call, "com +1")


def test_a_name_of_two_words_an_address_and_a_number_are_eight_rows() -> None:
    found = terms_of(
        a_call(name="Maria Garcia", email="m@example.com", phone="+12025550100", phone_e164="+12025550100")
    )
    assert [(term.kind, term.text) for term in found] == [
        (Kind.EMAIL, "m@example.com"),
        (Kind.NUMBER, "5550100"),
        *((Kind.WORD, text) for text in ("mari", "ma", "m", "garc", "ga", "g")),
    ]


def test_a_row_holds_what_tells_two_matches_of_its_term_apart_and_no_address() -> None:
    found = terms_of(a_call(name="Ana Díaz", email="ana@example.com", phone="+12025550100", phone_e164="+12025550100"))
    assert found[Term(Kind.EMAIL, "ana@example.com")] == ""
    assert found[Term(Kind.NUMBER, "5550100")] == "+12025550100."
    assert found[Term(Kind.WORD, "diaz")] == " ana diaz"


def test_a_digest_tells_terms_and_kinds_apart_and_none_of_their_text() -> None:
    digests = {Term(kind, text).digest for kind in Kind for text in ("a", "b", "jane@example.com")}
    assert len(digests) == len(Kind) * 3
    assert all(len(digest) == 32 and "jane" not in digest for digest in digests)


def test_a_guest_without_number_or_address_has_no_rows_for_them() -> None:
    assert {term.kind for term in terms_of(a_call(name="Jo", email=None, phone=None, phone_e164=None))} == {Kind.WORD}


@pytest.mark.parametrize("name", ["ab cd " * 33, "山" * 50 + "田" * 150, "\ufdfa" * 200, "a" * 200, "a-" * 100])
def test_the_longest_names_have_few_rows_of_bounded_text(name: str) -> None:
    found = terms_of(a_call(name=name, email="m@example.com"))
    assert len(found) <= MOST_NAME_TERMS + 1
    assert all(len(text) <= LONGEST_TEXT for text in found.values())


@pytest.mark.parametrize(
    "search", ["a b c d e f g h i j k l m n o p q r s t u v w x y z " * 4, "a'b-" * 50, "山 " * 99]
)
def test_a_search_of_many_words_makes_a_filter_that_fits(search: str) -> None:
    for ways in (holding_within(search), *(reading.holding for reading in readings_of(search))):
        texts = [text for way in ways for text in way]
        assert len(texts) * len("contains(search_text, :held99) AND ") < 4_096


def test_of_two_words_the_one_with_the_longer_beginning_is_looked_up_first() -> None:
    (reading,) = readings_of("jo garcia")
    assert [term.text for term in reading.terms] == ["garc", "jo"]
    assert reading.holding == ((" garcia", " jo"),)


@pytest.mark.parametrize(("search", "is_filtered"), [("m", False), ("ma", False), ("mar", True), ("mari", False)])
def test_a_beginning_that_has_rows_of_its_own_needs_no_filter(search: str, *, is_filtered: bool) -> None:
    (reading,) = readings_of(search)
    assert reading.is_filtered == is_filtered


@pytest.mark.parametrize("search", ["", " ", "...", "\u200e", "\u0301"])
def test_a_search_without_a_letter_or_digit_finds_nothing_and_breaks_nothing(search: str) -> None:
    assert all(reading.terms[0].kind is Kind.EXTERNAL_ID for reading in readings_of(search))
    assert not is_found(a_call(external_id="CRM-42"), readings_of(search))


FORMS_OF_IDS = [
    "CRM-42",
    "42",
    "00420",
    "+12025550100",
    "0012025550100",
    "+376 312 345",
    "+1234567",
    "+44 (0) 20 7946 0960",
    "00000000",
    "jane@example.com",
    "Straße 7 / äöü",
    "019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b",
    "山田-7",
    "山田 太郎",
    "···",
]


@pytest.mark.parametrize("external_id", FORMS_OF_IDS)
def test_a_call_is_found_by_its_whole_external_id_in_any_case_whatever_else_that_may_be(external_id: str) -> None:
    call = a_call(name="Somebody Else", email="else@example.com", external_id=external_id)
    for search in (external_id, external_id.upper(), f" {external_id} ", external_id.replace("+", " ")):
        assert is_found(call, readings_of(search)), search
    assert not is_found(replace(call, external_id=None), readings_of(external_id))
    assert not is_found(replace(call, external_id=external_id[:-1]), readings_of(external_id))
    assert is_within(call, external_id)


@pytest.mark.parametrize(
    ("external_id", "search", "found"),
    [
        ("CRM-4200", "crm", True),
        ("CRM-4200", "4200 CRM", True),
        ("CRM-4200", "crm4200", True),
        ("CRM-4200", "4200", True),
        ("order 81723", "8172", True),
        ("order 81723", "orde 8172", True),
        ("Ordér 81723", "order", True),
        ("山田 太郎 7", "山田太郎", True),
        ("42-4200", "42", True),
        ("CRM-4200", "200", False),
        ("CRM-4200", "crm-4201", False),
        ("+57 300 555 0100", "300 555 0100", True),
        ("+57 (0) 300 555 0100", "+573005550100", True),
        ("573005550100", "5550100", True),
        ("573005550100", "3005550101", False),
        ("jane@example.com", "jane", False),
    ],
)
def test_an_external_id_is_also_found_by_words_and_ends_as_a_name_and_a_number_are(
    external_id: str, search: str, *, found: bool
) -> None:
    call = a_call(name="Somebody Else", email=None, phone=None, phone_e164=None, external_id=external_id)
    assert is_found(call, readings_of(search)) == found
    if found:
        assert is_within(call, search)


def test_an_external_id_has_a_row_of_its_own_and_rows_where_its_text_is_looked_for() -> None:
    call = a_call(name="Crm", email=None, phone="+12025550100", phone_e164="+12025550100", external_id="CRM-42")
    words = " crm\n crm 42 crm42"
    assert terms_of(call) == {
        Term(Kind.NUMBER, "5550100"): "+12025550100.",
        Term(Kind.WORD, "cr"): words,
        Term(Kind.WORD, "c"): words,
        Term(Kind.EXTERNAL_ID, "crm-42"): "\nCRM-42\n",
        Term(Kind.WORD, "42"): words,
        Term(Kind.WORD, "crm4"): words,
    }


def test_a_number_and_an_id_of_one_end_share_a_row_in_which_neither_goes_on_into_the_other() -> None:
    call = a_call(phone="+12025550100", phone_e164="+12025550100", external_id="995550100")
    assert terms_of(call)[Term(Kind.NUMBER, "5550100")] == "+12025550100.\n995550100."
    for search, found in (("+1 202 555 0100", True), ("995550100", True), ("5550100", True), ("885550100", False)):
        assert is_found(call, readings_of(search)) == found, search


@pytest.mark.parametrize("search", ["jane@example.com", "+57 300 555 0100", "0300 5550100", "5550100", "ana garcia"])
def test_a_search_for_one_guest_is_read_once_although_it_may_be_an_external_id(search: str) -> None:
    assert len(readings_of(search)) == 1
    assert is_found(a_call(external_id=search), readings_of(search))


def test_the_filter_for_an_external_id_takes_it_as_it_is_written() -> None:
    call = a_call(external_id="CRM-42")
    assert is_found(call, [reading_of_external_id("CRM-42")])
    for other in ("crm-42", "CRM-4", "RM-42", " CRM-42"):
        assert not is_found(call, [reading_of_external_id(other)]), other


MOST_ROWS = MOST_NAME_TERMS + MOST_ID_WORDS + 4
"""Of a call whose name and external id are as bad as can be."""
PARTS_BESIDE = 20
"""What else is in a transaction of a call's rows: counters, its record, the call itself. A hundred fit."""


@pytest.mark.parametrize(
    "external_id", ["a b c d e f g h i " * 11, "".join(f"{n:x}-{n + 99:x} " for n in range(28)), "山" * 200]
)
def test_the_longest_external_ids_have_few_rows(external_id: str) -> None:
    call = a_call(name="ab cd ef " * 22, email="m@example.com", external_id=external_id)
    assert len(terms_of(call)) <= MOST_ROWS < 100 - PARTS_BESIDE
    assert is_found(call, readings_of(external_id))


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40)


@tried()
@given(name=NAMES)
def test_a_name_is_found_by_itself_in_any_case_and_composition(name: str) -> None:
    call = a_call(name=name, email=None, phone="+12025550100", phone_e164="+12025550100")
    if not any(term.kind is Kind.WORD for term in terms_of(call)) or "@" in name:
        return
    for form in ("NFC", "NFD"):
        readings = [
            reading for reading in readings_of(unicodedata.normalize(form, name)) if reading.terms[0].kind is Kind.WORD
        ]
        assert not readings or is_found(call, readings), form


@tried()
@given(name=NAMES, search=st.text(max_size=60))
def test_whatever_is_named_and_searched_for_is_read(name: str, search: str) -> None:
    call = a_call(name=name)
    is_found(call, readings_of(search))
    is_within(call, search)


PLAIN = st.sampled_from("AbCdEéß\u0131Ł山田か김\u06617")
WORDS = st.text(PLAIN, min_size=1, max_size=12)
DIGITS = st.text(st.sampled_from("0123456789"), min_size=1, max_size=20)
IDS = st.one_of(
    NAMES,
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=200),
    st.lists(st.one_of(WORDS, DIGITS), min_size=1, max_size=40).map("-".join).map(lambda text: text[:200]),
    st.lists(st.one_of(WORDS, DIGITS), min_size=1, max_size=40).map(" ".join).map(lambda text: text[:200]),
    st.tuples(st.sampled_from(["", "+", "00", "011", "0", "tel:", "+ "]), DIGITS).map("".join),
    st.tuples(WORDS, WORDS).map(lambda parts: f"{parts[0]}@{parts[1]}.example"),
    st.uuids().map(str),
).filter(str.strip)
GUESTS = st.builds(
    dict,
    name=NAMES,
    email=st.sampled_from([None, "jane@example.com"]),
    phone_e164=st.sampled_from(["+573005550100", "+376312345"]),
)


@tried()
@given(external_id=IDS, guest=GUESTS)
def test_any_external_id_is_found_by_its_own_text_in_any_case_and_by_whichever_row_is_read(
    external_id: str, guest: dict[str, Any]
) -> None:
    call = a_call(**guest, external_id=external_id)
    rows = terms_of(call)
    assert len(rows) <= MOST_ROWS
    for search in {external_id, external_id.upper(), external_id.lower(), external_id.casefold()}:
        readings = readings_of(search)
        assert is_found(call, readings), search
        whole = [reading for reading in readings if any(map(reading.fits, rows.values()))]
        assert any(all(term in rows and reading.fits(rows[term]) for term in reading.terms) for reading in whole), (
            search
        )
        assert is_within(call, search), search
    assert is_found(call, [reading_of_external_id(external_id)])


@tried()
@given(external_id=st.none() | IDS, guest=GUESTS, search=st.one_of(IDS, NAMES))
def test_what_is_found_is_what_the_rows_say(external_id: str | None, guest: dict[str, Any], search: str) -> None:
    """As the store asks: for a digest, and for texts within a row's."""
    call = a_call(**guest, external_id=external_id)
    rows = {term.digest: text for term, text in terms_of(call).items()}
    readings = readings_of(search)
    said = any(
        term.digest in rows and (not reading.is_filtered or reading.fits(rows[term.digest]))
        for reading in readings
        for term in reading.terms
    )
    assert is_found(call, readings) == said
    if said:
        assert is_within(call, search.strip())


@tried()
@given(
    words=st.lists(st.text(st.sampled_from("abcABé17\u0131"), min_size=1, max_size=9), min_size=1, max_size=9),
    sign=st.sampled_from("- /_"),
    length=st.integers(4, 9),
)
def test_an_external_id_is_found_by_each_of_its_words_and_by_four_characters_of_it(
    words: list[str], sign: str, length: int
) -> None:
    call = a_call(name="X", external_id=sign.join(words))
    if {term.kind for term in terms_of(call)} & {Kind.NUMBER}:
        return
    rows = terms_of(call)
    for word in words:
        for search in {word, word[:length]}:
            by_words = [reading for reading in readings_of(search) if reading.terms[0].kind is Kind.WORD]
            assert not by_words or is_found(call, by_words), search
            assert all(reading.terms[0] in rows for reading in by_words), search


LETTERS = st.sampled_from("abcxyzABÉéßŁłøñüжЖЩא\u0645नகส")
COUNTRIES = st.sampled_from(["1", "44", "49", "57", "7", "39", "420"])
NATIONALS = st.text(st.sampled_from("123456789"), min_size=8, max_size=11)


@tried()
@given(code=COUNTRIES, national=NATIONALS, before=st.sampled_from(["+", "00", "", " "]))
def test_a_number_is_read_once(code: str, national: str, before: str) -> None:
    assert [reading.terms[0].kind for reading in readings_of(f"{before}{code}{national}")] == [Kind.NUMBER]


@tried()
@given(local=st.from_regex(r"[A-Za-z0-9.+-]{1,20}", fullmatch=True), domain=st.sampled_from(["a.example", "B.Example"]))
def test_an_address_is_read_once(local: str, domain: str) -> None:
    assert [reading.terms[0].kind for reading in readings_of(f"{local}@{domain}")] == [Kind.EMAIL]


@tried()
@given(words=st.lists(st.text(LETTERS, min_size=1, max_size=12), min_size=1, max_size=6))
def test_a_name_without_marks_is_read_once(words: list[str]) -> None:
    assert [reading.terms[0].kind for reading in readings_of(" ".join(words))] == [Kind.WORD]
