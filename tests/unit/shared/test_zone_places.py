"""People read a zone by the present name of its place, whatever name it is kept under."""

from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest

from slotline.domain.shared import zone_places
from slotline.domain.shared.zone_places import place_of
from slotline.zone_rules import FOLDER


def rows(name: str) -> list[str]:
    """The lines of a table of the database."""
    return [line for line in Path(FOLDER, name).read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


COUNTRIES = {place: country for country, _, place, *_ in (row.split("\t") for row in rows("zone.tab"))}
LINKS = {link: target for kind, target, link in (row.split() for row in rows("tzdata.zi") if row.startswith("L "))}
OWN_NAMES = {"Atlantic/Jan_Mayen": "Jan Mayen", "Pacific/Johnston": "Johnston Island"}
"""Places that `zone.tab` does not list, and whose links lead to another country."""
COUNTRY_OF_A_LINK = {
    "Africa/Asmera": "ER",
    "Africa/Timbuktu": "ML",
    "America/Coral_Harbour": "CA",
    "America/Virgin": "VI",
    "Antarctica/South_Pole": "AQ",
    "Iceland": "IS",
    "Pacific/Ponape": "FM",
    "Pacific/Truk": "FM",
    "Pacific/Yap": "FM",
}
"""Links whose target is abroad, by the country that they are in: the database says it of none."""


def target_of(name: str) -> str:
    """The end of a chain of links."""
    while name in LINKS:
        name = LINKS[name]
    return name


def present_name(name: str) -> str:
    """The zone of `zone.tab` that a name means."""
    if name in COUNTRIES:
        return name
    if name in COUNTRY_OF_A_LINK:
        return zone_places._OWN_CITIES[name]
    direct = LINKS.get(name, name)
    return direct if direct in COUNTRIES else target_of(name)


@pytest.mark.parametrize("name", sorted(available_timezones()))
def test_every_name_is_read_by_the_present_name_of_its_place(name: str) -> None:
    if name in OWN_NAMES:
        assert place_of(name) == OWN_NAMES[name]
        return
    present = present_name(name)
    if present not in COUNTRIES:
        assert place_of(name) is None
        return
    city = present.rpartition("/")[2].replace("_", " ")
    assert place_of(name) == zone_places._SPELLED.get(present, city)


@pytest.mark.parametrize(("link", "country"), COUNTRY_OF_A_LINK.items())
def test_a_link_to_another_country_has_a_city_of_its_own_country(link: str, country: str) -> None:
    assert COUNTRIES[zone_places._OWN_CITIES[link]] == country
    assert COUNTRIES.get(LINKS[link]) != country


@pytest.mark.parametrize(
    ("zone", "place"),
    [
        ("Asia/Calcutta", "Kolkata"),
        ("Europe/Kiev", "Kyiv"),
        ("Asia/Saigon", "Ho Chi Minh City"),
        ("Asia/Rangoon", "Yangon"),
        ("Mexico/General", "Mexico City"),
        ("Canada/Atlantic", "Halifax"),
        ("US/Pacific", "Los Angeles"),
        ("Iceland", "Reykjavik"),
        ("Europe/Oslo", "Oslo"),
        ("America/Argentina/Buenos_Aires", "Buenos Aires"),
        ("America/Buenos_Aires", "Buenos Aires"),
        ("Indian/Christmas", "Christmas Island"),
        ("UTC", None),
        ("Etc/GMT+5", None),
    ],
)
def test_places_as_people_know_them(zone: str, place: str | None) -> None:
    assert place_of(zone) == place
    assert ZoneInfo(zone).key == zone
