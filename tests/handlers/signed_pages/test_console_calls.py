"""The console's list of scheduled calls: what it shows of which calls, how its pages turn, and its export."""

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest

from slotline.domain.access.users import Role
from slotline.domain.booking.calls import Call, CallStatus
from slotline.domain.shared.instants import format_instant
from slotline.pages.console.calls_asked import ROWS
from slotline.store.booking.bookings import DynamoBookings
from slotline.store.dynamodb import keys
from slotline.usecases.booking import export_calls
from tests.handlers.signed_pages.conftest import SignIn
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import a_call, write_call
from tests.support.builders.people import Reply
from tests.support.builders.provisioned import FIRST_PRESET, SECOND_PRESET
from tests.support.handlers import APP_ID
from tests.support.shown_pages import Form

LIST = f"/console/{APP_ID}/calls"
Book = Callable[..., Call]


@pytest.fixture
def book(people: TablePorts) -> Book:
    """Keeps a call of the app, tomorrow unless told otherwise."""
    bookings = DynamoBookings(people.client, "SchedulingTable", "AccessTable", people.clock)

    def book(call_id: str, **changes: object) -> Call:
        values = {"id": call_id, "app_id": APP_ID, "scheduled_at": NOW + timedelta(days=1), **changes}
        call = a_call(**values)
        write_call(bookings, call)
        return call

    return book


def shown(reply: Reply) -> list[str]:
    """The ids of the rows."""
    assert reply.status == 200, reply.text
    return [row for _, found in reply.page.elements if (row := found.get("data-row"))]


def test_a_list_shows_upcoming_calls_unless_its_address_asks_for_other_days(sign_in: SignIn, book: Book):
    book("call-old", scheduled_at=NOW - timedelta(days=1))
    book("call-new")
    browser = sign_in(Role.SUPERVISOR)
    assert shown(browser.get(LIST)) == ["call-new"]
    assert shown(browser.get(f"{LIST}?when=yesterday")) == ["call-old"]
    assert shown(browser.get(f"{LIST}?when=all")) == ["call-old", "call-new"]
    day = (NOW + timedelta(days=1)).date()
    assert shown(browser.get(f"{LIST}?from={day}&to={day}")) == ["call-new"]


def test_filters_of_several_kinds_are_all_kept_in_the_form_and_in_every_way_on(sign_in: SignIn, book: Book):
    book("call-1", status=CallStatus.CONFIRMED)
    book("call-2", status=CallStatus.PENDING_CONFIRMATION)
    reply = sign_in().get(f"{LIST}?when=all&status=confirmed&status=pending_confirmation&agent=agent-1&col=contact")
    assert shown(reply) == ["call-1", "call-2"]
    form = next(one for one in reply.page.forms if one.action == LIST)
    assert {("status", "confirmed"), ("status", "pending_confirmation"), ("agent", "agent-1")} <= set(form.fields)
    today = next(way for way in reply.page.links if "when=today" in way)
    assert dict(parse_qsl(today.partition("?")[2]))["agent"] == "agent-1"


def test_a_filter_by_an_agent_who_is_gone_is_seen_and_stays_when_the_form_is_sent(sign_in: SignIn, book: Book):
    book("call-1", assigned_agent_id="agent-gone")
    book("call-2")
    browser = sign_in()
    reply = browser.get(f"{LIST}?agent=agent-gone&status=rescheduled")
    assert "Agent: agent-gone" in reply.text
    form = next(one for one in reply.page.forms if one.action == LIST)
    assert {("agent", "agent-gone"), ("status", "rescheduled")} <= set(form.fields)
    assert shown(browser.press(form, status=[])) == ["call-1"]


def test_pages_turn_both_ways_without_a_row_twice_or_never(sign_in: SignIn, book: Book):
    for number in range(ROWS + 3):
        book(f"call-{number:03}", scheduled_at=NOW + timedelta(days=1, minutes=number), assigned_agent_id=None)
    browser = sign_in()
    first = browser.get(LIST)
    (on,) = [way for way in first.page.links if "after=" in way]
    second = browser.get(on)
    assert [*shown(first), *shown(second)] == [f"call-{number:03}" for number in range(ROWS + 3)]
    assert LIST in second.page.links, "back to the first page"


def test_the_part_that_refreshes_is_the_rows_alone_and_nothing_if_none_has_changed(sign_in: SignIn, book: Book):
    book("call-1")
    browser = sign_in()
    part = browser.get(LIST, hx_request="true")
    assert (shown(part), "<html" in part.body) == (["call-1"], False)
    assert part.headers["etag"].strip('"') in browser.get(LIST).body
    again = {"hx_request": "true", "slotline_refresh": "1", "if_none_match": part.headers["etag"]}
    assert browser.get(LIST, **again).status == 204
    book("call-2")
    refreshed = browser.get(LIST, **again)
    assert (shown(refreshed), "2 bookings" in refreshed.text) == (["call-1", "call-2"], True)


def test_a_search_of_many_is_counted_once_and_its_refreshes_leave_the_total_as_it_is_shown(sign_in: SignIn, book: Book):
    for number in range(ROWS + 1):
        book(f"call-{number:03}", scheduled_at=NOW + timedelta(days=1, minutes=number), assigned_agent_id=None)
    browser, refresh = sign_in(), {"hx_request": "true", "slotline_refresh": "1"}
    day = (NOW + timedelta(days=1)).date()
    found = f"{LIST}?search=Jane&from={day}&to={day}"
    assert f"{ROWS + 1} bookings" in browser.get(found).text
    assert "data-kept" not in browser.get(found).body
    assert "data-kept" in browser.get(found, **refresh).body
    assert "data-kept" not in browser.get(LIST, **refresh).body


def test_an_export_has_every_column_defuses_formulas_and_is_in_the_audit_log_without_the_search(
    people: TablePorts, sign_in: SignIn, book: Book
):
    call = book("call-1", cancellation_reason="=1+1")
    browser = sign_in()
    day = call.scheduled_at.date()
    reply = browser.post(f"{LIST}/export", {"filter": f"from={day}&to={day}&search={call.guest.email}"})
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    (row,) = csv.DictReader(io.StringIO(reply.body.removeprefix("\ufeff")))
    assert (row["id"], row["guestEmail"], row["cancellationReason"]) == ("call-1", call.guest.email, "'=1+1")
    (entry,) = [one for one in people.client.scan(TableName="AccessTable")["Items"] if "action" in one]
    assert (entry["action"]["S"], entry["subject_id"]["S"]) == ("calls.exported", APP_ID)
    assert call.guest.email not in entry["after"]["S"]
    assert json.loads(entry["after"]["S"]).items() >= {"has_search": True, "rows": 1, "is_continued": False}.items()


def test_an_export_of_many_comes_in_parts_that_together_are_one_table(
    monkeypatch: pytest.MonkeyPatch, sign_in: SignIn, book: Book
):
    monkeypatch.setattr(export_calls, "EXPORTED_AT_ONCE", 2)
    monkeypatch.setattr(export_calls, "READ_AT_ONCE", 2)
    for number in range(5):
        book(f"call-{number}", scheduled_at=NOW + timedelta(days=1, minutes=number), assigned_agent_id=None)
    browser, text, after = sign_in(), "", ""
    while True:
        part = browser.post(f"{LIST}/export", {"filter": "", "after": after})
        text, after = text + part.body, part.headers.get("slotline-next", "")
        if not after:
            break
    assert [row["id"] for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))] == [
        f"call-{number}" for number in range(5)
    ]


# One booking

CALL, OTHER = (f"01890000-0000-7000-8000-00000000ca0{number}" for number in (1, 2))


def test_what_is_done_with_a_booking_is_on_its_timeline_with_the_name_and_role_of_who_did_it(
    sign_in: SignIn, book: Book
):
    book(CALL, status=CallStatus.PENDING_CONFIRMATION)
    browser = sign_in(Role.SUPERVISOR)
    page = browser.get(f"{LIST}/{CALL}").page
    confirm = next(form for form in page.forms if form.action.endswith("/confirm"))
    done = browser.press(confirm)
    assert "The booking is confirmed." in done.text
    assert "Supervisor (Supervisor)" in done.text


def test_a_form_sent_twice_is_one_change_and_one_of_a_call_that_changed_since_is_none(
    people: TablePorts, sign_in: SignIn, book: Book
):
    book(CALL)
    browser = sign_in()
    form = next(one for one in browser.get(f"{LIST}/{CALL}/cancel").page.forms if one.action.endswith("/cancel"))
    stale = next(one for one in browser.get(f"{LIST}/{CALL}/edit").page.forms if one.action.endswith("/edit"))
    assert "The booking is cancelled." in browser.press(form, reason="ill").text
    assert "The booking is cancelled." in browser.press(form, reason="ill").text
    refused = browser.press(stale, name="Somebody else")
    assert (refused.status, "Somebody has changed the booking meanwhile" in refused.text) == (409, True)
    rows = people.client.scan(TableName="SchedulingTable")["Items"]
    assert sum(row.get("event_type", {}).get("S") == "cancelled" for row in rows) == 1


def test_a_call_is_completed_with_what_it_came_to_and_a_note(sign_in: SignIn, book: Book):
    book(CALL, scheduled_at=NOW - timedelta(minutes=5), status=CallStatus.STARTED)
    browser = sign_in()
    assert f"{LIST}/{CALL}/complete" in browser.get(f"{LIST}/{CALL}").page.links
    form = next(one for one in browser.get(f"{LIST}/{CALL}/complete").page.forms if one.action.endswith("/complete"))
    done = browser.press(form, outcome="follow_up", note="Call again in June.")
    assert "Completed: to be followed up" in done.text
    assert "Call again in June." in done.text


def test_what_was_undone_can_be_done_again(sign_in: SignIn, book: Book):
    book(CALL)
    browser = sign_in()
    for agent_id in ("agent-2", "agent-1", "agent-2"):
        forms = browser.get(f"{LIST}/{CALL}/reassign").page.forms
        form = next(one for one in forms if one.action.endswith("/reassign"))
        assert "The booking has another agent." in browser.press(form, agent=agent_id).text
    assert "Handed over by" in browser.get(f"{LIST}/{CALL}").text


def test_a_booking_moves_to_a_free_time_and_a_refused_one_says_which_rule_and_record(sign_in: SignIn, book: Book):
    call, other = book(CALL), book(OTHER, scheduled_at=NOW + timedelta(days=1, hours=2))
    browser = sign_in()
    form = [one for one in browser.get(f"{LIST}/{CALL}/move").page.forms if one.action.endswith("/move")][-1]
    taken = browser.press(form, date=f"{other.scheduled_at:%Y-%m-%d}", time=f"{other.scheduled_at:%H:%M}")
    assert taken.status == 409
    assert "There is another booking at this time" in taken.text
    assert f"{LIST}/{OTHER}" in taken.page.links
    later = call.scheduled_at + timedelta(hours=5)
    moved = browser.press(form, date=f"{later:%Y-%m-%d}", time=f"{later:%H:%M}", reason="asked for it")
    assert "The booking was moved." in moved.text
    assert "asked for it" in moved.text


def test_only_what_was_edited_is_changed_and_what_is_wrong_stands_at_its_field(sign_in: SignIn, book: Book):
    call = book(CALL)
    browser = sign_in()
    form = next(one for one in browser.get(f"{LIST}/{CALL}/edit").page.forms if one.action.endswith("/edit"))
    wrong = browser.press(form, email="nobody@")
    assert (wrong.status, "Enter an e-mail address" in wrong.text) == (400, True)
    saved = browser.press(form, name="Juan Pérez")
    assert "Changed: name" in saved.text
    assert call.guest.email in saved.text


def test_a_booking_is_read_by_who_sees_calls_and_deliveries_by_who_keeps_webhooks(sign_in: SignIn, book: Book):
    book(CALL)
    supervisor = sign_in(Role.SUPERVISOR)
    assert supervisor.get(f"{LIST}/{CALL}").status == 200
    assert supervisor.get(f"{LIST}/{CALL}/deliveries").status == 403
    assert sign_in(Role.ADMIN).get(f"{LIST}/{CALL}/deliveries").status == 200
    assert sign_in(Role.AGENT).get(f"{LIST}/{CALL}").status == 403
    assert supervisor.get(f"{LIST}/no-such-call").status == 404


# A new booking


def new_form(reply: Reply) -> Form:
    return next(one for one in reply.page.forms if one.action == f"{LIST}/new")


GUEST = {"name": "Jane Doe", "email": "jane@example.com", "guest_zone": "America/Bogota", "guest_language": "es"}


def test_a_booking_for_a_guest_is_the_consoles_and_says_who_made_it(people: TablePorts, sign_in: SignIn, book: Book):
    del book
    browser = sign_in(Role.SUPERVISOR)
    shown_times = browser.press(new_form(browser.get(f"{LIST}/new")), ("show", "1"), agent="agent-1", **GUEST)
    form = new_form(shown_times)
    assert form.value("name") == "Jane Doe", "what was typed stays"
    day = NOW + timedelta(days=2)
    typed = {"date": f"{day:%Y-%m-%d}", "time": "10:00"}
    done = browser.press(form, ("book", "1"), **typed)
    assert "The call is booked." in done.text
    assert "Console" in done.text
    assert "Supervisor (Supervisor)" in done.text
    again = browser.press(form, ("book", "1"), **typed)
    assert again.url == done.url, "the same form books once"
    calls = [row for row in people.client.scan(TableName="SchedulingTable")["Items"] if row["sk"]["S"] == "CALL"]
    assert [row["booking_source"]["S"] for row in calls] == ["admin"]


def test_a_time_that_cannot_be_booked_says_for_each_agent_which_rule_stands_against_it(sign_in: SignIn, book: Book):
    call = book(CALL)
    browser = sign_in()
    form = new_form(browser.get(f"{LIST}/new?agent=agent-1"))
    typed = {"date": f"{call.scheduled_at:%Y-%m-%d}", "time": f"{call.scheduled_at:%H:%M}"}
    refused = browser.press(form, ("book", "1"), **GUEST, **typed)
    assert (refused.status, "another booking" in refused.text) == (409, True)
    assert f"{LIST}/{CALL}" in refused.page.links
    assert new_form(refused).value("email") == "jane@example.com"


def test_a_time_that_the_clocks_skip_is_refused_and_never_another_one_that_nobody_typed(
    people: TablePorts, sign_in: SignIn, book: Book
):
    app = people.row(keys.app(APP_ID))
    assert app
    people.put(app | {"timezone": "Europe/Berlin"})
    before = book(CALL)
    browser, skipped = sign_in(Role.SUPERVISOR), {"date": "2027-03-28", "time": "02:30"}
    made = browser.press(new_form(browser.get(f"{LIST}/new?agent=agent-1")), ("book", "1"), **GUEST, **skipped)
    assert (made.status, "the clocks go forward then" in made.text) == (400, True)
    assert new_form(made).value("time") == "02:30", "what was typed stays"
    form = [one for one in browser.get(f"{LIST}/{CALL}/move").page.forms if one.action.endswith("/move")][-1]
    moved = browser.press(form, **skipped)
    assert (moved.status, "the clocks go forward then" in moved.text) == (409, True)
    calls = [row for row in people.rows() if row["sk"] == "CALL"]
    assert [row["scheduled_at"] for row in calls] == [format_instant(before.scheduled_at)]


def test_the_form_is_of_the_service_that_it_says_if_the_active_one_cannot_be_booked(sign_in: SignIn):
    browser, active = sign_in(), f"/console/{APP_ID}/services/{FIRST_PRESET}/time"
    closing = next(one for one in browser.get(active).page.forms if one.action == active)
    browser.press(closing, scheduling_enabled=[])
    for query in ("", f"&service={FIRST_PRESET}"):
        page = browser.get(f"{LIST}/new?agent=agent-1&day={NOW + timedelta(days=1):%Y-%m-%d}{query}")
        assert new_form(page).value("service") == SECOND_PRESET
        times = [one for one in new_form(page).controls if one.name == "start" and one.value]
        assert times, "free times are those of the service that is chosen"
