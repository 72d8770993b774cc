"""The wall time that people were promised. Governments move their clocks; an instant alone does not tell."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisedTime:
    """A call's start as people read it, `2027-03-14T09:00`, in the app's zone and the guest's.

    `zone_data` is the version of the zone rules that it was read by, `2026.3`.
    """

    app_time: str
    guest_time: str | None
    zone_data: str


def promise_from_json(fields: Mapping[str, Any] | None) -> PromisedTime | None:
    """The promise again that `plain` wrote."""
    if fields is None:
        return None
    return PromisedTime(app_time=fields["app_time"], guest_time=fields.get("guest_time"), zone_data=fields["zone_data"])
