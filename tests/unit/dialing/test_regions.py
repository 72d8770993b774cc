"""Whose clock is a number's: the zones of its region, and which of them a number of it is in."""

from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType
from phonenumbers.tzdata import TIMEZONE_DATA

from slotline.domain.shared.zone_places import present_name
from slotline.domain.shared.zones import zone
from slotline.telephony.numbering import zones_of
from slotline.telephony.regions import zones_by_region

TABLE = Path(__file__).with_name("zones_of_regions.txt")
WITHOUT_A_PLACE = {PhoneNumberType.TOLL_FREE, PhoneNumberType.SHARED_COST, PhoneNumberType.UAN}


def _table() -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Region, zones, and why they are not those of `zone.tab`."""
    for line in TABLE.read_text().splitlines():
        if not line.startswith("#"):
            said, _, reason = line.partition(" # ")
            region, *zones = said.split()
            yield region, tuple(zones), reason


def _zone_tab() -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in (files("tzdata.zoneinfo") / "zone.tab").read_text().splitlines():
        if not line.startswith("#"):
            region, _, name, *_ = line.split("\t")
            found.setdefault(region, set()).add(name)
    return found


def _examples() -> Iterator[tuple[str, int, str]]:
    """Region, type and number: of every region and every type that libphonenumber has an example for."""
    for region in phonenumbers.SUPPORTED_REGIONS:
        for kind in PhoneNumberType.values():
            if number := phonenumbers.example_number_for_type(region, kind):
                yield region, kind, phonenumbers.format_number(number, PhoneNumberFormat.E164)


def test_the_zones_of_every_region_are_those_of_the_table() -> None:
    assert dict(zones_by_region()) == {region: zones for region, zones, _ in _table()}
    assert set(phonenumbers.SUPPORTED_REGIONS) <= set(zones_by_region())
    assert {zone(name).key for zones in zones_by_region().values() for name in zones}


def test_zones_of_the_table_that_are_not_those_of_zone_tab_say_why() -> None:
    tab = _zone_tab()
    assert {region for region, zones, _ in _table() if set(zones) != tab.get(region)} == {
        region for region, _, reason in _table() if reason
    }
    assert tab.keys() <= {region for region, _, _ in _table()}


def test_every_zone_that_libphonenumber_names_is_some_regions_zone_by_its_present_name() -> None:
    named = {present_name(name) for names in TIMEZONE_DATA.values() for name in names}
    assert named <= {name for zones in zones_by_region().values() for name in zones}


def test_a_number_of_any_region_and_type_is_in_zones_of_its_region_only() -> None:
    for region, kind, number in _examples():
        own = zones_by_region()[phonenumbers.region_code_for_number(phonenumbers.parse(number)) or region]
        found = zones_of(number)
        if phonenumbers.number_type(phonenumbers.parse(number)) in WITHOUT_A_PLACE:
            assert found == (), (region, kind, number)
        else:
            assert found, (region, kind, number)
            assert set(found) <= set(own), (region, kind, number)
            assert len(own) > 1 or found == own, (region, kind, number)


@pytest.mark.parametrize(
    ("number", "zones"),
    [
        ("+211977123456", ("Africa/Juba",)),
        ("+213551234567", ("Africa/Algiers",)),
        ("+218912345678", ("Africa/Tripoli",)),
        ("+212650123456", ("Africa/Casablanca",)),
        ("+50581234567", ("America/Managua",)),
        ("+970599123456", ("Asia/Hebron", "Asia/Gaza")),
        ("+38345123456", ("Europe/Belgrade",)),
        ("+442079460960", ("Europe/London",)),
    ],
)
def test_a_region_has_its_own_zones_and_not_a_neighbours(number: str, zones: tuple[str, ...]) -> None:
    assert zones_of(number) == zones


@pytest.mark.parametrize(
    ("number", "zones"),
    [
        ("+12125550140", ("America/New_York",)),
        ("+14165550123", ("America/Toronto",)),
        ("+541123456789", ("America/Argentina/Buenos_Aires",)),
        ("+5511961234567", ("America/Sao_Paulo",)),
        ("+74951234567", ("Europe/Moscow",)),
    ],
)
def test_in_a_region_with_several_zones_a_number_that_names_a_place_is_there(
    number: str, zones: tuple[str, ...]
) -> None:
    assert zones_of(number) == zones


@pytest.mark.parametrize(
    ("number", "region"),
    [("+61412345678", "AU"), ("+79161234567", "RU"), ("+34612345678", "ES"), ("+77710009998", "KZ")],
)
def test_a_mobile_number_may_be_in_any_zone_of_its_region_and_the_capitals_is_first(number: str, region: str) -> None:
    assert zones_of(number) == zones_by_region()[region]


@pytest.mark.parametrize("number", ["+18005550140", "+448001234567", "+611300123456", "+80012345678", "+80812345678"])
def test_a_number_that_is_answered_anywhere_has_no_place(number: str) -> None:
    assert zones_of(number) == ()
