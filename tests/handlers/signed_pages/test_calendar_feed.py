"""An agent's calendar feed: the page that makes its address, and what the address opens for whoever has it."""

import re
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from urllib.parse import urlsplit

import pytest
from icalendar import Calendar

from slotline.domain.access.rate_limits import Window
from slotline.domain.access.users import Role, UserStatus
from slotline.domain.booking.calls import AssignmentMethod, CallStatus
from slotline.store.access.audit_log import DynamoAuditLog
from slotline.usecases.access import calendar_feeds
from tests.handlers.signed_pages.conftest import SignIn
from tests.handlers.signed_pages.test_my_week import THURSDAY, put
from tests.support.aws.moto_tables import kept_rows
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.apps import NOW
from tests.support.builders.people import ORGANIZATION, Browser, Reply, a_user
from tests.support.handlers import APP_ID

PAGE = f"/my/{APP_ID}/calendar"
ADA = a_user(Role.AGENT, "ada")


@pytest.fixture
def ada(sign_in: SignIn) -> Browser:
    return sign_in(ADA)


def press(browser: Browser, action: str = PAGE) -> Reply:
    """Send the form of this action, as the page has it now."""
    form = next(form for form in browser.get(PAGE).page.forms if form.action == action)
    return browser.press(form)


def made(browser: Browser) -> str:
    """The path of a new address."""
    elements = press(browser).page.elements
    return urlsplit(next(said["value"] or "" for _, said in elements if said.get("id") == "feed-address")).path


def read(path: str, **headers: str) -> Reply:
    """What a program gets, which knows nothing but the address."""
    return Browser(address="198.51.100.7").get(path, **headers)


def guests(path: str) -> list[str]:
    return [str(event["SUMMARY"]) for event in Calendar.from_ical(read(path).body).walk("VEVENT")]


def test_a_calendar_has_ones_own_bookings_of_a_month_back_and_half_a_year_ahead(people: TablePorts, ada: Browser):
    put(people, "Ann Own")
    put(people, "Bob Other", assigned_agent_id="agent-2")
    put(people, "Cleo Gone", status=CallStatus.CANCELLED, scheduled_at=THURSDAY + timedelta(hours=1))
    put(people, "Dan Pool", assignment_method=AssignmentMethod.POOL, assigned_agent_id=None)
    put(people, "Eve Missed", status=CallStatus.NO_SHOW, scheduled_at=NOW - timedelta(days=29))
    put(people, "Fay Long Ago", status=CallStatus.COMPLETED, scheduled_at=NOW - timedelta(days=31))
    put(people, "Gus Far Ahead", scheduled_at=NOW + timedelta(days=181))
    assert guests(made(ada)) == ["Video call with Eve Missed", "Video call with Ann Own"]


def test_of_a_guest_it_has_the_name_alone_and_leads_to_the_rest_behind_the_sign_in(people: TablePorts, ada: Browser):
    call = put(people, "Ann Own", intake_notes="About the lease", phone="+57 300 555 0100", phone_e164="+573005550100")
    file = read(made(ada)).body.replace("\r\n ", "")
    (event,) = Calendar.from_ical(file).walk("VEVENT")
    assert str(event["URL"]) == f"https://video.example.com/my/{APP_ID}/calls/{call.id}"
    for told in ("jane@example.com", "555", "lease", "/c/", "/b/", "slf_"):
        assert told not in file, told


def test_an_address_is_shown_once_and_kept_as_a_hash(ada: Browser):
    path = made(ada)
    assert re.fullmatch(r"/calendar/slf_[\w-]{43}\.ics", path), "256 bits"
    assert path not in ada.get(PAGE).body
    assert path.removeprefix("/calendar/").removesuffix(".ics") not in str(kept_rows())


def test_a_new_address_ends_the_one_before_it_and_a_deleted_one_opens_nothing(ada: Browser):
    first = made(ada)
    second = made(ada)
    assert (read(first).status, read(second).status) == (404, 200)
    assert "The address was deleted." in press(ada, f"{PAGE}/end").text
    assert read(second).status == 404
    assert "You have no address yet." in ada.get(PAGE).text


def test_a_form_that_is_sent_twice_makes_one_address(ada: Browser):
    form = next(form for form in ada.get(PAGE).page.forms if form.action == PAGE)
    assert "Here is your address" in ada.press(form).text
    assert "changed in another window" in ada.press(form).text


@pytest.mark.parametrize(
    "changes",
    [
        {"status": UserStatus.SUSPENDED},
        {"roles": {}},
        {"agent_ids": {}},
        {"organization_id": "organization-2"},
    ],
    ids=["suspended", "without a role", "no agent any more", "of another organization"],
)
def test_every_address_that_shows_nothing_is_the_same_404(people: TablePorts, ada: Browser, changes: dict[str, object]):
    path = made(ada)
    user = people.users.find(ADA.user_id)
    assert user is not None
    people.users.change(user, replace(user, **changes))  # type: ignore[arg-type] - of these fields
    never = read(f"/calendar/slf_{'a' * 43}.ics")
    closed = read(path)
    assert (closed.status, closed.body, closed.headers) == (404, never.body, never.headers)


@pytest.mark.parametrize("path", ["/calendar/x.ics", "/calendar/slf_", f"/calendar/slf_{'a' * 43}", "/calendar/é.ics"])
@pytest.mark.usefixtures("people")
def test_what_can_be_no_address_is_a_404_too(path: str):
    assert read(path).status == 404


def test_a_program_that_has_the_calendar_already_gets_nothing_until_it_changes(people: TablePorts, ada: Browser):
    put(people, "Ann Own")
    path = made(ada)
    first = read(path)
    assert first.headers["cache-control"] == "private, no-cache"
    assert first.headers["content-type"] == "text/calendar; charset=utf-8"
    for sent in (first.headers["etag"], f'"other", {first.headers["etag"].removeprefix("W/")}', "*"):
        again = read(path, if_none_match=sent)
        assert (again.status, again.body, again.headers["etag"]) == (304, "", first.headers["etag"])
    put(people, "Bob Next", scheduled_at=THURSDAY + timedelta(hours=3))
    assert read(path, if_none_match=first.headers["etag"]).status == 200


def test_nothing_of_an_address_is_logged(ada: Browser, log: StringIO, capsys: pytest.CaptureFixture[str]):
    path = made(ada)
    read(path)
    read(path.replace("slf_", "slf_x")[:-5] + ".ics")
    assert log.getvalue().count('"message":"answered"') >= 3
    assert "slf_" not in "".join((log.getvalue(), *capsys.readouterr()))


def test_who_asks_too_often_from_one_network_has_to_wait(ada: Browser, monkeypatch: pytest.MonkeyPatch):
    path = made(ada)
    monkeypatch.setitem(calendar_feeds.LOOKS_FROM_A_NETWORK, Window.MINUTE, 1)
    assert read(path).status == 200
    refused = Browser(address="198.51.100.250").get(path)
    assert (refused.status, "retry-after" in refused.headers) == (429, True)
    assert Browser(address="203.0.113.7").get(path).status == 200


def test_the_audit_log_says_who_made_and_deleted_an_address(people: TablePorts, ada: Browser):
    made(ada)
    people.clock.advance(seconds=1)
    made(ada)
    people.clock.advance(seconds=1)
    press(ada, f"{PAGE}/end")
    log = DynamoAuditLog(people.client, "AccessTable").of_month(ORGANIZATION, APP_ID, NOW.date(), 10)
    found = [(one.action, one.author.id, one.subject_id) for one in log.rows]
    verbs = ("revoked", "rotated", "added")
    assert found == [(f"calendar_feed.{verb}", ADA.user_id, ADA.user_id) for verb in verbs]
    assert "slf_" not in str(log)


def test_a_form_of_another_site_makes_no_address(ada: Browser):
    assert ada.send("POST", PAGE, "seen=").status == 403
    assert ada.post(PAGE, {"seen": ""}, sec_fetch_site="cross-site").status == 403
    assert "You have no address yet." in ada.get(PAGE).text
