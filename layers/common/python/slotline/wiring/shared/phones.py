"""Whether a number may be dialled or texted, and what it is from abroad.

The numbering plans, some 30 ms of imports, come with the first number that is asked about: most requests have none.
"""

from slotline.domain.shared.phones import NumberRefusal


def refusal_of(e164: str) -> NumberRefusal | None:
    """Why nobody dials or texts this number; None if one may."""
    from slotline.telephony import numbering

    return numbering.refusal_of(e164)


def internationally(written: str, region: str) -> str | None:
    """A number as it is written within a region, in E.164; None if it is none of there."""
    from slotline.telephony import numbering

    return numbering.internationally(written, region)


def region_of(zone: str) -> str | None:
    """The region that a time zone is of; None if it is of no place."""
    from slotline.telephony import regions

    return regions.region_of(zone)
