"""Events that the release before does not know, kept so that it can read every row (docs/decisions/0035).

It reads an event's name strictly: one name that it does not know would silence all webhooks of an app, and every list
of deliveries. So a delivery's row says the nearest event that it knows, a subscription's leaves the new ones out, and
each says the whole beside it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from slotline.domain.webhooks.subscriptions import WebhookEvent

_READ_BEFORE_AS = {
    WebhookEvent.REOPENED: WebhookEvent.UPDATED,
    WebhookEvent.CALL_JOINED: WebhookEvent.UPDATED,
    WebhookEvent.CALL_LEFT: WebhookEvent.UPDATED,
    WebhookEvent.CALL_ENDED: WebhookEvent.UPDATED,
}


def event_fields(event: WebhookEvent) -> dict[str, str | None]:
    """What a delivery's row says of its event."""
    is_newer = event in _READ_BEFORE_AS
    return {"event": _READ_BEFORE_AS.get(event, event).value, "newer_event": event.value if is_newer else None}


def event_of(row: Mapping[str, Any]) -> WebhookEvent:
    """The event of a delivery's row."""
    return WebhookEvent(row.get("newer_event") or row["event"])


def wanted_fields(events: Iterable[str]) -> dict[str, list[str] | None]:
    """What a subscription's row says of the events that it wants, by their names."""
    names = list(events)
    known = _known(names)
    return {"events": known, "all_events": names if known != names else None}


def wanted_of(row: Mapping[str, Any]) -> tuple[WebhookEvent, ...]:
    """The events that a subscription wants, by its row: what the release before wrote over them is the truth."""
    known, names = list(row["events"]), row.get("all_events") or []
    return tuple(WebhookEvent(name) for name in (names if _known(names) == known else known))


def _known(names: Iterable[str]) -> list[str]:
    return [name for name in names if WebhookEvent(name) not in _READ_BEFORE_AS]
