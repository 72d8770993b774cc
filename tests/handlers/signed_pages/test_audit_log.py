"""The audit log in the console: who sees which log, in which order, and what leaves it as a file."""

import csv
import io
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from slotline.domain.access.users import Role
from slotline.domain.shared.audit import AuditEntry, Author, AuthorType, Surface
from slotline.domain.shared.instants import format_instant
from slotline.store.access.audit_log import DynamoAuditLog
from slotline.usecases.access import read_audit_log
from tests.handlers.signed_pages.conftest import SignIn
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.apps import NOW
from tests.support.builders.people import ORGANIZATION, Browser, a_user
from tests.support.handlers import APP_ID

PAGE = f"/console/{APP_ID}/settings/audit"
ADMIN = a_user(Role.ADMIN, "ada")


def log_of(ports: TablePorts) -> DynamoAuditLog:
    return DynamoAuditLog(ports.client, "AccessTable")


def note(ports: TablePorts, number: int, *, days_ago: float = 0, of_app: bool = True, **changes: Any) -> None:
    """An entry, told from others by its subject."""
    author = Author(
        type=AuthorType.USER, surface=Surface.CONSOLE, id=ADMIN.user_id, role=Role.ADMIN, network="192.0.2.0/24"
    )
    values: dict[str, Any] = {
        "entry_id": f"entry-{number:05}",
        "at": NOW - timedelta(days=days_ago),
        "organization_id": ORGANIZATION,
        "app_id": APP_ID if of_app else None,
        "author": author,
        "action": "preset.changed",
        "subject_type": "preset",
        "subject_id": f"no-{number:04}",
        "before": {"duration_minutes": 30},
        "after": {"duration_minutes": 45},
    }
    log_of(ports).append(AuditEntry(**{**values, **changes}))


def subjects(text: str) -> list[str]:
    """The subjects of the entries that are shown, in their order."""
    return [word for word in text.split() if word.startswith("no-")]


def exported(browser: Browser, fields: Mapping[str, str] | None = None, page: str = PAGE) -> list[dict[str, str]]:
    reply = browser.post(page, fields)
    assert (reply.status, reply.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert reply.headers["cache-control"] == "no-store"
    assert reply.body.startswith("\ufeff"), "spreadsheets take it for another encoding otherwise"
    return list(csv.DictReader(io.StringIO(reply.body.removeprefix("\ufeff"), newline="")))


def test_the_log_says_who_changed_what_from_what_to_what_from_where_and_when(people: TablePorts, sign_in: SignIn):
    browser = sign_in(ADMIN)
    note(people, 1)
    text = browser.get(PAGE).text
    for said in ("Ada", "Service: changed", "no-0001", "duration_minutes before: 30", "now: 45", "192.0.2.0/24"):
        assert said in text


def test_the_newest_comes_first_and_months_follow_one_another(people: TablePorts, sign_in: SignIn):
    for number, days in enumerate((0, 1, 40, 41, 200)):
        note(people, number, days_ago=days)
    assert subjects(sign_in().get(PAGE).text) == [f"no-{number:04}" for number in range(5)]


def test_pages_follow_one_another_without_a_gap(people: TablePorts, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(read_audit_log, "PAGE", 3)
    monkeypatch.setattr(read_audit_log, "AT_ONCE", 2)
    for number in range(8):
        note(people, number, days_ago=number * 10)
    browser = sign_in()
    reply, seen = browser.get(PAGE), []
    while True:
        seen.append(subjects(reply.text))
        further = [link for link in reply.page.links if "after=" in link]
        if not further:
            break
        reply = browser.get(further[0])
    assert [len(page) for page in seen] == [3, 3, 2]
    assert [one for page in seen for one in page] == [f"no-{number:04}" for number in range(8)]


def test_a_filter_leaves_out_what_is_not_wanted(people: TablePorts, sign_in: SignIn):
    browser = sign_in(ADMIN)
    note(people, 1)
    note(people, 2, days_ago=5)
    note(people, 3, action="preset.added")
    note(people, 4, action="agent.changed", subject_type="agent")
    note(people, 5, author=Author(type=AuthorType.CLIENT, surface=Surface.API, id="client-1"))

    def found(**fields: str) -> list[str]:
        return subjects(browser.press(browser.get(PAGE).page.form("filters"), **fields).text)

    assert sorted(found(author=ADMIN.user_id)) == ["no-0001", "no-0002", "no-0003", "no-0004"]
    assert found(kind="agent") == ["no-0004"]
    assert found(action="added") == ["no-0003"]
    day = f"{NOW - timedelta(days=5):%Y-%m-%d}"
    assert found(since=day, until=day) == ["no-0002"]
    assert found(author="somebody", kind="x", since="no day") == []


def test_a_filter_that_finds_little_among_much_says_that_there_is_more_to_look_through(
    people: TablePorts, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(read_audit_log, "MOST_READ", 4)
    for number in range(6):
        note(people, number, days_ago=number)
    note(people, 9, days_ago=9, action="preset.added")
    browser = sign_in()
    reply = browser.get(f"{PAGE}?action=added")
    assert "Look further back" in reply.text
    assert subjects(browser.get(reply.page.link("after=")).text) == ["no-0009"]


@pytest.mark.parametrize("after", ["x", "2027", "2026-13-40T00:00:00.000Z#1", "2026-05-01T15:00:00.000Z#" + "x" * 999])
def test_a_place_that_no_page_named_is_as_none(people: TablePorts, sign_in: SignIn, after: str):
    note(people, 1)
    assert subjects(sign_in().send("GET", f"{PAGE}?after={after.replace('#', '%23')}").text) == ["no-0001"]


def test_what_was_done_to_an_organization_is_its_owners_alone_to_see(people: TablePorts, sign_in: SignIn):
    note(people, 1, of_app=False)
    note(people, 2)
    owner, admin = sign_in(Role.OWNER), sign_in(Role.ADMIN)
    assert subjects(owner.get(f"{PAGE}/organization").text) == ["no-0001"]
    assert subjects(owner.get(PAGE).text) == ["no-0002"]
    assert f"{PAGE}/organization" in owner.get(PAGE).page.links
    assert f"{PAGE}/organization" not in admin.get(PAGE).page.links
    assert admin.get(f"{PAGE}/organization").status == 403
    assert admin.post(f"{PAGE}/organization").status == 403


def test_another_app_has_a_log_of_its_own(people: TablePorts, sign_in: SignIn):
    note(people, 1, app_id="another-app")
    note(people, 2, organization_id="organization-2", app_id=None)
    owner = sign_in(Role.OWNER)
    assert subjects(owner.get(PAGE).text + owner.get(f"{PAGE}/organization").text) == []


def test_the_file_has_what_the_filter_finds_and_taking_it_is_in_the_log_itself(people: TablePorts, sign_in: SignIn):
    browser = sign_in(ADMIN)
    note(people, 1, days_ago=1)
    note(people, 2, days_ago=1, action="preset.added", after={"name": "=cmd()"})
    (row,) = exported(browser, {"action": "added"})
    assert row == {
        "at": format_instant(NOW - timedelta(days=1)),
        "author_type": "user",
        "author_id": ADMIN.user_id,
        "author": "Ada",
        "role": "admin",
        "surface": "console",
        "network": "192.0.2.0/24",
        "action": "preset.added",
        "subject_type": "preset",
        "subject_id": "no-0002",
        "before": '{"duration_minutes": 30}',
        "after": '{"name": "\'=cmd()"}',
    }
    (taken,) = log_of(people).of_month(ORGANIZATION, APP_ID, NOW.date(), 1).rows
    assert (taken.action, taken.author.id, taken.after) == (
        "audit.exported",
        ADMIN.user_id,
        {"entries": 1, "action": "added"},
    )


def test_more_than_fits_into_a_file_is_refused_with_what_to_do_and_everything_that_was_chosen(
    people: TablePorts, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(read_audit_log, "MOST_EXPORTED", 1)
    for number in range(2):
        note(people, number)
    reply = sign_in().post(PAGE, {"kind": "preset"})
    assert (reply.status, "Choose fewer days" in reply.text) == (400, True)
    assert reply.page.form("filters").value("kind") == "preset"


def test_a_file_is_made_for_a_form_of_the_session_alone(people: TablePorts, sign_in: SignIn):
    browser = sign_in()
    assert browser.send("POST", PAGE, "csrf=x").status == 403
    assert browser.post(PAGE, sec_fetch_site="cross-site").status == 403
    assert log_of(people).of_month(ORGANIZATION, APP_ID, NOW.date(), 1).rows == []


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
def test_whoever_only_works_in_an_app_sees_no_log(sign_in: SignIn, role: Role):
    assert sign_in(role).get(PAGE).status == 403
