"""The keys that guests' links are made with in tests, and what a link of theirs opens."""

import json

from slotline.domain.booking.guest_links import PATH, GuestLink, keys_of

LINK_KEYS = json.dumps({"id": 1, "secret": "example-" * 8})
"""What the secret holds."""
KEYS = keys_of(LINK_KEYS)


def opened(url: str | None) -> GuestLink | None:
    """Whose guest a link lets in."""
    assert url is not None
    base, found, token = url.rpartition(PATH)
    assert base.startswith("https://")
    assert found
    return KEYS.opened(token)
