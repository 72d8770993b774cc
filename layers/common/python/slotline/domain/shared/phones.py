"""Telephone numbers as people write them, and as they are compared: E.164 (ITU-T E.164: `+` and at most 15 digits)."""

import re

from slotline.domain.shared.errors import InvalidRequest

_DECORATION = re.compile(r"[ .()\-]")
_E164 = re.compile(r"\+[0-9]{7,15}")


def to_e164(given: str, field: str = "phone") -> str:
    """`+57 300 555-0100` as `+573005550100`. Raises InvalidRequest where it is no such number."""
    stripped = _DECORATION.sub("", given)
    if not _E164.fullmatch(stripped):
        raise InvalidRequest.of_field(
            field,
            "must be + and 7 to 15 digits; spaces, dots, dashes and parentheses may stand between them",
            "phone",
        )
    return stripped
