"""What a telephone number tells about itself, by the numbering plans that phonenumbers (libphonenumber) carries.

Its region and its kind cost most: they are found once a number, and all else is told by them.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

from slotline.domain.shared.phones import NumberRefusal, country_code_of
from slotline.domain.shared.zone_places import present_name
from slotline.telephony.regions import zones_by_region

phonenumbers.enable_pattern_cache()  # `re` keeps 512 patterns: a table of a hundred countries has more than that

_PLAIN = re.compile(r"\+[0-9]{7,15}")
_SHORTEST_TAKEN_APART = 3
_NEVER = r"(?!)"
_INTERNATIONAL_PREMIUM = 979
"""ITU-T E.169.2: premium-rate numbers of no country. libphonenumber knows those that are in use; none is dialled."""

_SATELLITE = frozenset({870, 881, 882, 883})
"""ITU-T E.164: Inmarsat, the global satellite systems, and networks of no country, which cost alike."""

_WITHOUT_A_PLACE = frozenset({PhoneNumberType.TOLL_FREE, PhoneNumberType.SHARED_COST, PhoneNumberType.UAN})
"""Kinds of numbers that are answered anywhere, whatever region they are of."""

_INDONESIA = 62
"""libphonenumber counts its mobile numbers among those of a place, for some that are fixed; most are of none."""

_REFUSED_KINDS = {
    PhoneNumberType.PREMIUM_RATE: NumberRefusal.PREMIUM,
    PhoneNumberType.SHARED_COST: NumberRefusal.SHARED_COST,
}


@dataclass(frozen=True, slots=True)
class _Planned:
    """A number, and what its plan says. `region`: None if it is of no region; `kind`: a `PhoneNumberType`."""

    number: PhoneNumber
    region: str | None
    kind: int


@lru_cache(maxsize=1_024)
def refusal_of(e164: str) -> NumberRefusal | None:
    """Why nobody dials or texts this number; None if one may. A number that no plan has is the carrier's to refuse.

    Digits after a whole number change nothing: a network that has heard enough does not wait for them.
    """
    found = _planned(e164)
    if found is None:
        return None
    number = found.number
    if number.country_code == _INTERNATIONAL_PREMIUM:
        return NumberRefusal.PREMIUM
    if number.country_code in _SATELLITE:
        return NumberRefusal.SATELLITE
    if refusal := _refusal_by_plan(number, found.kind):
        return refusal
    if e164 == f"+{number.country_code}{number.national_number}":
        return None
    as_written = _as_written(number, e164)
    return _refusal_by_plan(as_written, phonenumbers.number_type(as_written))


def _refusal_by_plan(number: PhoneNumber, kind: int) -> NumberRefusal | None:
    if kind == PhoneNumberType.UNKNOWN:
        if _reaches_emergency(number):
            return NumberRefusal.EMERGENCY
        phonenumbers.truncate_too_long_number(number := _copy_of(number))
        kind = phonenumbers.number_type(number)
    return _REFUSED_KINDS.get(kind)


def internationally(written: str, region: str) -> str | None:
    """A number as people of this region write it for each other, in E.164; None if it is too short or too long there.

    Of what it begins with abroad only `00` is taken: what else is dialled for that within one region begins numbers of
    its own in another.
    """
    try:
        number = phonenumbers.parse(f"+{written[2:]}" if written.startswith("00") else written, region)
    except phonenumbers.NumberParseException:
        return None
    if number.extension or not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def exists(e164: str) -> bool:
    """Whether some numbering plan has the number: its length, and the ranges that are in use."""
    found = _planned(e164)
    return found is not None and found.kind != PhoneNumberType.UNKNOWN


def zones_of(e164: str) -> tuple[str, ...]:
    """The IANA zones that the number may be in, the capital's first if it is among them; none if it has no place.

    A region with one zone has that. In one with several, a number whose beginning names a place is in the zones of
    that place, as far as they are the region's own. All other numbers, mobile ones for the most part, may be in any.
    What is no number of its country's plan goes by how it begins, too.
    """
    found = _planned(e164)
    if found is None:
        return ()
    own = () if found.kind in _WITHOUT_A_PLACE else _zones_around(found)
    if len(own) < 2 or not (found.kind == PhoneNumberType.UNKNOWN or _is_of_a_place(found)):
        return own
    from phonenumbers.timezone import time_zones_for_geographical_number  # whoever books asks for no zone of a number
    from phonenumbers.tzdata import TIMEZONE_DATA

    named = time_zones_for_geographical_number(found.number)
    if len(named) > 1 and named == TIMEZONE_DATA.get(str(found.number.country_code)):
        return own
    places = {present_name(zone) for zone in named}
    return tuple(zone for zone in own if zone in places) or own


def _is_of_a_place(found: _Planned) -> bool:
    code = found.number.country_code or 0
    if found.kind == PhoneNumberType.MOBILE and code == _INDONESIA:
        return False
    return phonenumbers.is_number_type_geographical(found.kind, code)


def _zones_around(found: _Planned) -> tuple[str, ...]:
    """The zones of the number's region; of all regions of its country code, if it is no number of any one of them."""
    if found.region:
        return zones_by_region().get(found.region, ())
    return _zones_of_code(found.number.country_code or 0)


@cache
def _zones_of_code(code: int) -> tuple[str, ...]:
    regions = phonenumbers.region_codes_for_country_code(code)
    return tuple(dict.fromkeys(zone for name in regions for zone in zones_by_region().get(name, ())))


@lru_cache(maxsize=256)
def _planned(e164: str) -> _Planned | None:
    try:
        number = _taken_apart(e164) or phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return None
    region = phonenumbers.region_code_for_number(number)
    # A number that is of none of several regions is of no kind in any of them.
    kind = phonenumbers.number_type(number) if region else PhoneNumberType.UNKNOWN
    return _Planned(number=number, region=region, kind=kind)


def _taken_apart(e164: str) -> PhoneNumber | None:
    """What `phonenumbers.parse` makes of a number, at a tenth of the time: that one reads whatever people write.

    None if there is more to it: a zero or a national prefix behind the country code, or anything but digits.
    """
    if not _PLAIN.fullmatch(e164):
        return None
    code = country_code_of(e164)
    if code is None or (prefix := _national_prefix(int(code))) is None:
        return None
    national = e164[1 + len(code) :]
    if len(national) < _SHORTEST_TAKEN_APART or national[0] == "0" or prefix.match(national):
        return None
    return PhoneNumber(country_code=int(code), national_number=int(national))


@cache
def _national_prefix(code: int) -> re.Pattern[str] | None:
    """What is dialled before numbers of this country code, inside their country; None of a code that is no plan's."""
    region = phonenumbers.region_code_for_country_code(code)
    plan = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    if plan is None:
        return None
    return re.compile(plan.national_prefix_for_parsing or _NEVER)


def _as_written(number: PhoneNumber, e164: str) -> PhoneNumber:
    """With all of its digits: what is too long by one may have lost its first to libphonenumber, as a trunk prefix."""
    national = e164[1 + len(str(number.country_code)) :]
    zeros = len(national) - len(national.lstrip("0"))
    return PhoneNumber(
        country_code=number.country_code,
        national_number=int(national),
        italian_leading_zero=zeros > 0 or None,
        number_of_leading_zeros=zeros if zeros > 1 else None,
    )


def _copy_of(number: PhoneNumber) -> PhoneNumber:
    copy = PhoneNumber()
    copy.merge_from(number)
    return copy


def _reaches_emergency(number: PhoneNumber) -> bool:
    """True where some region of the number's country would put it through to help, further digits or none."""
    national = phonenumbers.national_significant_number(number)
    regions = phonenumbers.region_codes_for_country_code(number.country_code or 0)
    return any(phonenumbers.connects_to_emergency_number(national, region) for region in regions)
