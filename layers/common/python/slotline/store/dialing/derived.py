"""What is derived from a call to be dialled: the counters it is in, and the lists it is on.

A campaign counts its calls by status, and those that are over. An organization and a number count them by status and by
the UTC day of the planned time. Calls of campaigns are counted once more for dashboards, in a row a month of their
organization (`slotline.store.booking.rollups` says how). A call is on a list of its campaign and of its number, and
once more among those in its status; and on its organization's list of that status. All calls of an organization are
index `calendar`.

Places on lists hold no more than what the key says: the calls are read by it, so that nothing personal is kept twice.
"""

from functools import partial
from typing import TYPE_CHECKING

from slotline.domain.dialing.calls import DialCall
from slotline.ports.shared import Counter, Derived
from slotline.store.dialing.items import dial_call_from_item
from slotline.store.dynamodb import keys

if TYPE_CHECKING:
    from slotline.store.dynamodb.streams import Change

CALLS = "CALLS"
"""The row of a campaign's counters."""

OVER = "over"
"""Beside the statuses: how many of the calls are over. A call that is dialled again later has a final status, too."""


def derived_of_call(call: DialCall) -> Derived:
    """Whatever follows from a call as it is."""
    status, day = call.status.value, call.scheduled_at.date().isoformat()
    in_list = partial(keys.dial_list, call.organization_id)
    in_number = partial(in_list, number_id=call.number_id)
    counters = {Counter(in_list(), day, status), Counter(in_number(), day, status)}
    lists = [in_list(status=status), in_number(), in_number(status=status)]
    if call.campaign_id is not None:
        in_campaign = partial(in_list, campaign_id=call.campaign_id)
        counters.add(Counter(in_campaign(), CALLS, status))
        counters.add(Counter(keys.rolled_up_dials(call.organization_id), day[:7], f"{day[8:]}.{status}"))
        if call.is_over:
            counters.add(Counter(in_campaign(), CALLS, OVER))
        lists += [in_campaign(), in_campaign(status=status)]
    return Derived(
        subject=keys.dial_record(call.organization_id, call.id),
        version=call.revision,
        counters=frozenset(counters),
        rows=[keys.dial_place(pk, call.scheduled_at, call.id) for pk in lists],
    )


def derived_of_change(change: "Change") -> Derived | None:
    """What follows from a change of a call's row; None for any other row, and if it is counted and listed as before.

    Such a change says no more than the version before it, so nothing is lost with it, in whatever order they come.
    """
    image = change.new or change.old
    if image is None or not keys.is_dial_call(image["sk"]):
        return None
    derived = derived_of_call(dial_call_from_item(image))
    if change.new is None:
        return Derived(subject=derived.subject, version=derived.version, is_gone=True)
    if change.old is not None and _says_the_same(derived_of_call(dial_call_from_item(change.old)), derived):
        return None
    return derived


def _says_the_same(before: Derived, after: Derived) -> bool:
    return (before.counters, before.rows) == (after.counters, after.rows)
