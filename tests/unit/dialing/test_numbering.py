"""What the numbering plans say of a number: whether anybody dials it, and where it may be."""

from types import SimpleNamespace
from zoneinfo import available_timezones

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberType

from slotline.domain.shared.phones import NumberRefusal
from slotline.telephony import numbering
from slotline.telephony.numbering import exists, refusal_of, zones_of
from tests.support.properties import tried


@pytest.mark.parametrize(
    "number",
    [
        "+19005551234",
        "+33891234567",
        "+449011234567",
        "+499001234567",
        "+39899123456",
        "+97912345678",
        "+9793000000",
    ],
)
def test_premium_rate_numbers_are_not_dialled(number: str) -> None:
    assert refusal_of(number) is NumberRefusal.PREMIUM


@pytest.mark.parametrize("number", ["+190055512345", "+4490112345670", "+4490112345679", "+55900128456007"])
def test_digits_after_a_premium_rate_number_do_not_make_another_of_it(number: str) -> None:
    assert refusal_of(number) is NumberRefusal.PREMIUM


@pytest.mark.parametrize("number", ["+870773111632", "+881612345678", "+8821612345678", "+883510001234567"])
def test_satellite_numbers_are_not_dialled(number: str) -> None:
    assert refusal_of(number) is NumberRefusal.SATELLITE


@pytest.mark.parametrize("number", ["+4781021234", "+80812345678", "+33884012345", "+611300123456", "+370808123450"])
def test_shared_cost_numbers_are_not_dialled(number: str) -> None:
    assert refusal_of(number) is NumberRefusal.SHARED_COST


def test_of_every_region_and_type_only_premium_rate_and_shared_cost_numbers_are_refused() -> None:
    refused = {
        PhoneNumberType.PREMIUM_RATE: NumberRefusal.PREMIUM,
        PhoneNumberType.SHARED_COST: NumberRefusal.SHARED_COST,
    }
    examples = [
        (kind, phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
        for region in phonenumbers.SUPPORTED_REGIONS
        for kind in PhoneNumberType.values()
        if (number := phonenumbers.example_number_for_type(region, kind))
    ]
    assert [(kind, number) for kind, number in examples if refusal_of(number) is not refused.get(kind)] == []


@pytest.mark.parametrize(
    "number", ["+1911911", "+19119111", "+1911911911", "+1112112", "+49110110", "+44999999", "+441129999"]
)
def test_emergency_numbers_are_not_dialled_whatever_follows_them(number: str) -> None:
    assert refusal_of(number) is NumberRefusal.EMERGENCY


@pytest.mark.parametrize(
    "number",
    [
        "+1234567890",
        "+12345678901",
        "+12125550123",
        "+18005551234",
        "+573005550100",
        "+911123456789",
        "+33112345678",
        "+4930123456",
        "+442079460000",
        "+15005550006",
        "+999123456789",
        "+0001234567",
    ],
)
def test_all_other_numbers_are_the_carriers_to_judge(number: str) -> None:
    """Delhi begins with 11 after +91, and Paris with 112 after +33."""
    assert refusal_of(number) is None


@pytest.mark.parametrize(
    ("number", "zones"),
    [
        ("+12125550123", ("America/New_York",)),
        ("+1234567890", ("America/New_York",)),
        ("+573005550100", ("America/Bogota",)),
        ("+491701234567", ("Europe/Berlin", "Europe/Busingen")),
        ("+62211234567", ("Asia/Jakarta",)),
        ("+62812345678", ("Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura")),
        ("+526641234567", ("America/Tijuana",)),
        ("+999123456789", ()),
        ("+881612345678", ()),
        ("+80012345678", ()),
    ],
)
def test_a_number_tells_its_zone_or_nobody_knows(number: str, zones: tuple[str, ...]) -> None:
    assert zones_of(number) == zones


@tried(200)
@given(st.from_regex(r"\+[0-9]{7,15}", fullmatch=True))
def test_any_number_has_an_answer_and_every_zone_is_a_zone(number: str) -> None:
    assert refusal_of(number) in (None, *NumberRefusal)
    assert set(zones_of(number)) <= available_timezones()


@pytest.mark.parametrize(
    ("number", "known"),
    [
        ("+12025550143", True),
        ("+573005550100", True),
        ("+442079460960", True),
        ("+120255501", False),
        ("+1202555014399", False),
        ("+11234567890", False),
        ("+10000000000", False),
        ("+2101234567", False),
    ],
)
def test_a_number_exists_if_some_plan_has_its_length_and_its_range(number: str, known: bool) -> None:
    assert exists(number) is known


def every_example() -> list[str]:
    """A number of each kind in each region, with digits too many and too few, and with a zero before it."""
    found = []
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in PhoneNumberType.values():
            if number := phonenumbers.example_number_for_type(region, kind):
                e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
                code = f"+{number.country_code}"
                zeroed, prefixed = (f"{code}{digit}{e164[len(code) :]}" for digit in "08")
                found += [e164, f"{e164}0", f"{e164}12", e164[:-1], zeroed, prefixed]
    return found


def as_phonenumbers_has_it(e164: str) -> tuple[object, str | None, int, bool] | None:
    """Every question asked by itself."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return None
    region, kind = phonenumbers.region_code_for_number(number), phonenumbers.number_type(number)
    return number, region, kind, phonenumbers.is_valid_number(number)


def as_we_have_it(e164: str) -> tuple[object, str | None, int, bool] | None:
    found = numbering._planned(e164)
    return (found.number, found.region, found.kind, exists(e164)) if found else None


def test_numbers_that_are_taken_apart_here_are_what_phonenumbers_makes_of_them() -> None:
    examples = every_example()
    assert [e164 for e164 in examples if as_we_have_it(e164) != as_phonenumbers_has_it(e164)] == []
    assert sum(numbering._taken_apart(e164) is not None for e164 in examples) > len(examples) / 2, "most of them are"


@tried(500)
@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
def test_any_digits_are_taken_apart_as_phonenumbers_does(e164: str) -> None:
    assert as_we_have_it(e164) == as_phonenumbers_has_it(e164)


def test_patterns_of_numbering_plans_are_compiled_once_however_many_countries_a_table_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def ask_of_all() -> None:
        numbering._planned.cache_clear()
        refusal_of.cache_clear()
        for region in sorted(phonenumbers.SUPPORTED_REGIONS):
            if number := phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE):
                refusal_of(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))

    ask_of_all()
    compiled: list[str] = []
    monkeypatch.setattr(phonenumbers.re_util, "re", SimpleNamespace(compile=compiled.append))
    ask_of_all()
    assert compiled == []
