"""The countries that are chosen beside a number are those of the numbering plans, and zones are of their regions."""

import phonenumbers
import pytest

from slotline.pages.countries import CODES, region_beside
from slotline.telephony.regions import region_of, zones_by_region

PLANS = {
    region: str(code)
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()
    for region in regions
    if region != "001"
}


def test_every_region_has_the_country_code_that_its_numbering_plan_has() -> None:
    assert CODES == PLANS


@pytest.mark.parametrize(
    ("code", "home", "region"),
    [
        ("1", "CA", "CA"),
        ("1", "CO", "US"),
        ("44", None, "GB"),
        ("800", "CO", None),
        (None, "CO", "CO"),
        (None, None, None),
    ],
)
def test_beside_a_number_stands_its_country_and_the_main_one_of_several_unless_the_reader_is_in_another(
    code: str | None, home: str | None, region: str | None
) -> None:
    assert region_beside(code, home) == region


def test_of_several_regions_the_main_one_comes_first() -> None:
    main = {str(code): regions[0] for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()}
    assert all(region_beside(code, None) == main[code] for code in set(CODES.values()))


@pytest.mark.parametrize(
    ("zone", "region"),
    [
        ("America/Bogota", "CO"),
        ("Europe/Kiev", "UA"),
        ("Asia/Calcutta", "IN"),
        ("Europe/Belgrade", "RS"),
        ("UTC", None),
        ("Etc/GMT+5", None),
    ],
)
def test_a_zone_is_of_the_region_of_its_place(zone: str, region: str | None) -> None:
    assert region_of(zone) == region


def test_every_zone_of_the_table_is_of_a_region_that_has_it() -> None:
    for zones in zones_by_region().values():
        for zone in zones:
            assert zone in zones_by_region()[region_of(zone) or ""]
