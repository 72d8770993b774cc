"""Whatever becomes of a call, and in whatever order mails go out and arrive, calendars say what is true of it."""

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.booking.apps import AgentMessage
from slotline.domain.booking.calls import Call, CallStatus
from slotline.usecases.booking.call_changes import CancelCall, ConfirmCall
from slotline.usecases.booking.change_call import Decide
from tests.support.builders.bookings import APP_ID, JANE, TOMORROW, minutes
from tests.support.oracles.mailboxes import calendars
from tests.support.properties import tried
from tests.support.worlds.office import ADDRESSES, JANES, Office, begins, is_undone

DECISIONS: dict[str, Decide] = {
    "confirm": ConfirmCall(),
    "cancel": CancelCall(),
    "start": begins,
    "undo the start": is_undone,
}


changes = st.one_of(
    st.tuples(st.just("move"), st.integers(0, 6).map(lambda number: TOMORROW + minutes(60 * number))),
    st.tuples(st.just("agent"), st.sampled_from(list(ADDRESSES))),
    st.tuples(st.just("email"), st.sampled_from([JANES, "joe@example.com", None])),
    st.tuples(st.just("name"), st.sampled_from(["Jane", "Joe"])),
    st.tuples(st.sampled_from(list(DECISIONS)), st.none()),
    st.tuples(st.just("send"), st.integers(0, 4)),
)


def made(office: Office, call: Call, change: tuple[str, Any]) -> None:
    now = office.store.calls[APP_ID, call.id]
    match change:
        case ("send", number):
            for due in office.waiting()[: int(number)]:
                office.engine.send_reminder(due)
        case _ if now.is_final:
            return
        case ("move" | "confirm", _) if now.status is CallStatus.STARTED:
            return
        case ("move", start):
            office.update(call, scheduled_at=start)
        case ("agent", agent_id):
            office.update(call, assigned_agent_id=str(agent_id))
        case ("email" | "name" as field, value):
            office.update(call, guest={field: value})
        case (what, _):
            office.change(call, DECISIONS[what])
    office.clock.instant += timedelta(seconds=1)


@given(journey=st.lists(changes, max_size=10), seed=st.integers(0, 1_000_000))
@tried(300)
def test_whatever_becomes_of_a_call_calendars_say_what_is_true(journey: list[tuple[str, Any]], seed: int) -> None:
    office = Office(tuple(AgentMessage), require_confirmation=True)
    guest = replace(JANE, phone="+573005550100", phone_e164="+573005550100")
    call = office.book(guest=guest)
    for change in journey:
        made(office, call, change)
    office.deliver()
    mails, call = list(office.sent), office.store.calls[APP_ID, call.id]
    random.Random(seed).shuffle(mails)
    due: dict[str, set[str]] = {}
    if not call.is_final:
        assert call.assigned_agent_id is not None
        due.setdefault(ADDRESSES[call.assigned_agent_id], set()).add("agent")
        if call.guest.email:
            due.setdefault(call.guest.email, set()).add("guest")
    for mailbox, calendar in calendars(mails).items():
        entries = list(calendar.entries.values())
        kinds = {"guest" if entry.uid == f"{call.id}@slotline" else "agent" for entry in entries}
        assert (kinds, len(entries)) == (due.pop(mailbox, set()), len(kinds))
        for entry in entries:
            assert (entry.start, entry.length) == (call.scheduled_at, minutes(30))
            is_confirmed = call.status in (CallStatus.CONFIRMED, CallStatus.STARTED)
            assert entry.status == ("CONFIRMED" if is_confirmed else "TENTATIVE")
    assert due == {}
    shared = calendars(mails, shared=True).get(None)
    in_shared = {entry.mailbox for entry in shared.entries.values()} if shared else set()
    assert in_shared == (
        set() if call.is_final else {call.guest.email, ADDRESSES[call.assigned_agent_id or ""]} - {None}
    )
