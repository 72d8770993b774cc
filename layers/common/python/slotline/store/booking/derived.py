"""What is derived from scheduled calls: under which counters a call is counted, and by which rows it is found.

A call counts in its app and for its agent, each in all and on the UTC day of its start, under its status and source.
So any list that is filtered by these is counted by what it reads in one request. Dashboards have rows of their own
(`slotline.store.booking.rollups`).
"""

from datetime import date

from slotline.domain.booking.calls import BookingSource, Call, CallStatus, TimelineEvent
from slotline.ports.shared import Counter, Derived
from slotline.store.booking.found_calls import search_rows
from slotline.store.booking.rollups import counter_of_event, counters_of_call
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import Item
from slotline.store.dynamodb.streams import Change

IN_ALL = "ALL"
BEFORE_ALL_DAYS, AFTER_ALL_DAYS = "DAY#", "DAY#~"


def day_row(day: date) -> str:
    """The row of counters of one UTC day; days are in their order."""
    return f"DAY#{day.isoformat()}"


def count_name(status: CallStatus, source: BookingSource) -> str:
    """The name that counts calls of this status from this source."""
    return f"{status.value}_{source.value}"


def derived_of_call(call: Call) -> Derived:
    """What follows from a call as it is."""
    name = count_name(call.status, call.booking_source)
    owners = (None, call.assigned_agent_id) if call.assigned_agent_id else (None,)
    return Derived(
        subject=keys.call(call.app_id, call.id)["pk"],
        version=call.revision,
        counters=frozenset(
            (
                *(
                    Counter(keys.counted_calls(call.app_id, agent_id), row, name)
                    for agent_id in owners
                    for row in (IN_ALL, day_row(call.scheduled_at.date()))
                ),
                *counters_of_call(call),
            )
        ),
        rows=[
            *search_rows(call),
            keys.call_in_status(call.app_id, call.status, call.scheduled_at, call.id),
            *([keys.call_with_zone_change(call.app_id, call.scheduled_at, call.id)] if call.has_zone_change else []),
            *([keys.call_in_pool(call.app_id, call.scheduled_at, call.id)] if call.is_in_pool else []),
        ],
    )


def derived_of_event(app_id: str, event: TimelineEvent) -> Derived | None:
    """What follows from something that happened to a message; None for any other event.

    The event is a subject of its own: it never changes, and how often its call has changed is nothing to it.
    """
    counter = counter_of_event(app_id, event)
    if counter is None:
        return None
    place = keys.event(app_id, event.call_id, event.revision, event.id)
    return Derived(subject=keys.as_subject(place), version=event.revision, counters=frozenset({counter}))


def changed_call(change: Change) -> tuple[str, str] | None:
    """The app and id of the call that a change is about: of its row, or of an event that was put beside it."""
    row = change.new
    if row is None:
        return None
    if keys.is_call(row["sk"]):
        return row["app_id"], row["id"]
    return (row["app_id"], row["call_id"]) if keys.is_event(row["sk"]) else None


def new_event(change: Change) -> Item | None:
    """The row of something that has happened to a call just now."""
    row = change.new
    return row if change.old is None and row and keys.is_event(row["sk"]) else None


def deleted_call(change: Change) -> Derived | None:
    """What follows from a call that was deleted: nothing."""
    row = change.old
    if change.new is not None or row is None or not keys.is_call(row["sk"]):
        return None
    return Derived(subject=row["pk"], version=row["revision"], is_gone=True)
