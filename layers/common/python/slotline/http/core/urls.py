"""Addresses: those asked for, and those that answers name."""

from collections.abc import Mapping
from typing import Any

from slotline.domain.shared.errors import NotFound
from slotline.settings import Settings

LONGEST_ID = 200
"""No id is longer, and no key of a table may be much longer."""


def check_path(event: Mapping[str, Any]) -> None:
    """Raises NotFound where a part of the path has more bytes than any id: a key of a table has only so many."""
    if any(len(part.encode(errors="replace")) > LONGEST_ID for part in event["rawPath"].split("/")):
        raise NotFound("There is nothing at this address.")


def rooms_at(settings: Settings, event: Mapping[str, Any]) -> str:
    """Where join links lead: as the deployment says, or else the host that was asked."""
    return settings.video_base_url or settings.api_base_url or f"https://{event['requestContext']['domainName']}"
