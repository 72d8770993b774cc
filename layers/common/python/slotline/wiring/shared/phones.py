"""Whether a number may be dialled or texted.

The numbering plans, some 30 ms of imports, come with the first number that is asked about: most requests have none.
"""

from slotline.domain.shared.phones import NumberRefusal


def refusal_of(e164: str) -> NumberRefusal | None:
    """Why nobody dials or texts this number; None if one may."""
    from slotline.telephony import numbering

    return numbering.refusal_of(e164)
