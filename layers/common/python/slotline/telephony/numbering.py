"""What a telephone number tells about itself, by the numbering plans that phonenumbers (libphonenumber) carries."""

from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

from slotline.domain.shared.phones import NumberRefusal
from slotline.domain.shared.zone_places import present_name
from slotline.telephony.regions import zones_by_region

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


@lru_cache(maxsize=1_024)
def refusal_of(e164: str) -> NumberRefusal | None:
    """Why nobody dials or texts this number; None if one may. A number that no plan has is the carrier's to refuse.

    Digits after a whole number change nothing: a network that has heard enough does not wait for them.
    """
    number = _parsed(e164)
    if number is None:
        return None
    if number.country_code == _INTERNATIONAL_PREMIUM:
        return NumberRefusal.PREMIUM
    if number.country_code in _SATELLITE:
        return NumberRefusal.SATELLITE
    return _refusal_by_plan(number) or _refusal_by_plan(_as_written(number, e164))


def _refusal_by_plan(number: PhoneNumber) -> NumberRefusal | None:
    kind = phonenumbers.number_type(number)
    if kind == PhoneNumberType.UNKNOWN:
        if _reaches_emergency(number):
            return NumberRefusal.EMERGENCY
        phonenumbers.truncate_too_long_number(number := _copy_of(number))
        kind = phonenumbers.number_type(number)
    return _REFUSED_KINDS.get(kind)


def exists(e164: str) -> bool:
    """Whether some numbering plan has the number: its length, and the ranges that are in use."""
    number = _parsed(e164)
    return number is not None and phonenumbers.is_valid_number(number)


def zones_of(e164: str) -> tuple[str, ...]:
    """The IANA zones that the number may be in, the capital's first if it is among them; none if it has no place.

    A region with one zone has that. In one with several, a number whose beginning names a place is in the zones of
    that place, as far as they are the region's own. All other numbers, mobile ones for the most part, may be in any.
    What is no number of its country's plan goes by how it begins, too.
    """
    from phonenumbers.timezone import time_zones_for_geographical_number  # whoever books asks for no zone of a number
    from phonenumbers.tzdata import TIMEZONE_DATA

    number = _parsed(e164)
    if number is None:
        return ()
    kind = phonenumbers.number_type(number)
    own = () if kind in _WITHOUT_A_PLACE else _zones_around(number)
    if len(own) < 2 or not (kind == PhoneNumberType.UNKNOWN or _is_of_a_place(number, kind)):
        return own
    named = time_zones_for_geographical_number(number)
    if len(named) > 1 and named == TIMEZONE_DATA.get(str(number.country_code)):
        return own
    places = {present_name(zone) for zone in named}
    return tuple(zone for zone in own if zone in places) or own


def _is_of_a_place(number: PhoneNumber, kind: int) -> bool:
    if kind == PhoneNumberType.MOBILE and number.country_code == _INDONESIA:
        return False
    return phonenumbers.is_number_geographical(number)


def _zones_around(number: PhoneNumber) -> tuple[str, ...]:
    """The zones of the number's region; of all regions of its country code, if it is no number of any one of them."""
    region = phonenumbers.region_code_for_number(number)
    regions = [region] if region else phonenumbers.region_codes_for_country_code(number.country_code or 0)
    return tuple(dict.fromkeys(zone for name in regions for zone in zones_by_region().get(name, ())))


@lru_cache(maxsize=256)
def _parsed(e164: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return None


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
