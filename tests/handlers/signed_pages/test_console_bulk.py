"""Many bookings changed at once in the console: chosen, asked about, started, watched, stopped, and tried again."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from slotline.domain.access.users import Role
from slotline.domain.booking.bulk_jobs import BulkJob
from slotline.domain.booking.calls import Call, CallStatus
from slotline.domain.shared.due import Due, DueKind
from slotline.queues.sqs import to_body
from slotline.store.booking.bookings import DynamoBookings
from slotline.store.booking.bulk_jobs import DynamoBulkJobs
from slotline.store.booking.calls import DynamoCalls
from slotline.store.dynamodb import keys
from tests.handlers.signed_pages.conftest import OTHER_APP, SignIn
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import a_call, write_call
from tests.support.builders.deadlines import Context
from tests.support.builders.people import Browser, Reply
from tests.support.handlers import APP_ID, load_function

LIST = f"/console/{APP_ID}/calls"
Book = Callable[..., Call]


@pytest.fixture
def book(people: TablePorts) -> Book:
    """Keeps a call of the app, one hour after the other from tomorrow on."""
    bookings = DynamoBookings(people.client, "SchedulingTable", "AccessTable", people.clock)
    hours = iter(range(500))

    def book(call_id: str, **changes: object) -> Call:
        at = NOW + timedelta(days=1, hours=next(hours))
        call = a_call(**{"id": call_id, "app_id": APP_ID, "scheduled_at": at, **changes})
        return write_call(bookings, call)

    return book


@pytest.fixture
def jobs(people: TablePorts) -> DynamoBulkJobs:
    return DynamoBulkJobs(people.client, "SchedulingTable", "AccessTable")


@pytest.fixture
def work(jobs: DynamoBulkJobs, people: TablePorts) -> Callable[[str], BulkJob]:
    """Has the function behind the queue do all of a job."""

    def work(job_id: str) -> BulkJob:
        while (job := jobs.get(APP_ID, job_id)) is not None and job.is_under_way:
            assert job.due_at is not None
            people.clock.instant = max(people.clock.now(), job.due_at)
            due = Due(kind=DueKind.BULK, **keys.bulk_job(APP_ID, job_id), at=job.due_at)
            event = {"Records": [{"messageId": "1", "body": to_body(due)}]}
            answer = load_function("scheduled_calls/work_bulk").handler(event, Context(300_000))
            assert answer == {"batchItemFailures": []}
        assert job is not None
        return job

    return work


def a_draft(browser: Browser, action: str, **fields: object) -> str:
    """The job that the list's form drafts, by its id."""
    reply = browser.post(f"{LIST}/bulk", {"action": action, **fields})
    assert reply.status == 303, reply.text
    return reply.location.rpartition("/")[2]


def rows(reply: Reply) -> list[str]:
    assert reply.status == 200, reply.text
    return [way.rpartition("/")[2] for way in reply.page.links if way.startswith(f"{LIST}/call-")]


def status_of(people: TablePorts, call_id: str) -> CallStatus:
    found = DynamoCalls(people.client, "SchedulingTable").get(APP_ID, call_id)
    assert found is not None
    return found[0].status


def test_bookings_that_were_ticked_are_cancelled_once_somebody_starts_it(
    sign_in: SignIn, people: TablePorts, book: Book, work: Callable[[str], BulkJob]
):
    for number in range(3):
        book(f"call-{number}")
    browser = sign_in(Role.SUPERVISOR)
    job_id = a_draft(browser, "cancel", call=["call-0", "call-2", "gone"])
    page = browser.get(f"{LIST}/bulk/{job_id}")
    assert rows(page) == ["call-0", "call-2"]
    assert "Cancel 3 bookings?" in page.text
    assert status_of(people, "call-0") is CallStatus.SCHEDULED, "a question changes nothing"
    (form,) = [one for one in page.page.forms if one.action.endswith("/start")]
    under_way = browser.press(form, reason="The branch is closed")
    assert "This goes on by itself" in under_way.text
    work(job_id)
    over = browser.get(f"{LIST}/bulk/{job_id}")
    assert [status_of(people, f"call-{number}") for number in range(3)] == [
        CallStatus.CANCELLED,
        CallStatus.SCHEDULED,
        CallStatus.CANCELLED,
    ]
    assert "The branch is closed" in over.text
    assert "This booking is not there any more." in over.text
    timeline = DynamoCalls(people.client, "SchedulingTable").get(APP_ID, "call-0")
    assert timeline is not None
    actor = timeline[1][-1].actor
    assert (actor.type, actor.role) == ("admin", "supervisor")


def test_all_that_match_the_lists_address_are_chosen_and_no_others(sign_in: SignIn, book: Book):
    for number, agent_id in enumerate(("agent-1", "agent-2", "agent-1"), start=1):
        book(f"call-{number}", assigned_agent_id=agent_id)
    browser = sign_in()
    job_id = a_draft(browser, "reassign", all="1", filter="agent=agent-1&when=all", call=["call-2"])
    assert rows(browser.get(f"{LIST}/bulk/{job_id}")) == ["call-1", "call-3"]


@pytest.mark.parametrize("fields", [{}, {"call": [""]}, {"all": "1", "filter": "agent=nobody"}])
def test_nothing_chosen_is_told_and_drafts_nothing(sign_in: SignIn, jobs: DynamoBulkJobs, fields: dict[str, object]):
    reply = sign_in().post(f"{LIST}/bulk", {"action": "cancel", **fields})
    assert (reply.status, "No booking is chosen" in reply.text) == (400, True)
    assert jobs.recent(APP_ID, 10) == []


def test_a_second_click_starts_nothing_twice_and_a_stop_leaves_the_rest_as_it_is(
    sign_in: SignIn, people: TablePorts, book: Book, work: Callable[[str], BulkJob]
):
    book("call-1")
    browser = sign_in()
    job_id = a_draft(browser, "cancel", call=["call-1"])
    first, second = (browser.post(f"{LIST}/bulk/{job_id}/start", {"reason": text}) for text in ("one", "two"))
    assert (first.status, second.status, first.location) == (303, 303, second.location)
    browser.post(f"{LIST}/bulk/{job_id}/stop")
    job = work(job_id)
    assert (job.state, job.change.reason if job.change else None) == ("stopped", "one")
    assert status_of(people, "call-1") is CallStatus.SCHEDULED
    page = browser.get(f"{LIST}/bulk/{job_id}")
    assert "Not done" in page.text
    again = browser.post(f"{LIST}/bulk/{job_id}/stop")
    assert again.status == 303, "it was stopped already"


def test_what_was_refused_is_tried_again_by_a_job_of_its_own_with_another_agent_chosen(
    sign_in: SignIn, book: Book, work: Callable[[str], BulkJob]
):
    book("call-1", assigned_agent_id="agent-1")
    taken = book("call-2", assigned_agent_id="agent-1")
    book("call-3", assigned_agent_id="agent-2", scheduled_at=taken.scheduled_at)
    browser = sign_in()
    job_id = a_draft(browser, "reassign", call=["call-1", "call-2"])
    browser.post(f"{LIST}/bulk/{job_id}/start", {"agent": "agent-2", "reason": ""})
    job = work(job_id)
    assert (job.done, job.refused) == (1, 1)
    page = browser.get(f"{LIST}/bulk/{job_id}?show=refused")
    assert rows(page) == ["call-2"]
    assert "There is another booking at this time" in page.text
    (form,) = [one for one in page.page.forms if one.action.endswith("/again")]
    draft = browser.press(form)
    assert rows(draft) == ["call-2"]
    assert "Give 1 booking to another agent?" in draft.text


def test_an_agent_who_takes_no_calls_is_refused_beside_the_question(sign_in: SignIn, book: Book, jobs: DynamoBulkJobs):
    book("call-1")
    browser = sign_in()
    job_id = a_draft(browser, "reassign", call=["call-1"])
    reply = browser.post(f"{LIST}/bulk/{job_id}/start", {"agent": "nobody"})
    assert (reply.status, "That agent is not there any more." in reply.text) == (400, True)
    job = jobs.get(APP_ID, job_id)
    assert job is not None
    assert job.due_at is None


def test_jobs_are_listed_with_who_started_them_and_are_nobody_elses(sign_in: SignIn, book: Book):
    book("call-1")
    browser = sign_in()
    job_id = a_draft(browser, "cancel", call=["call-1"])
    assert job_id not in browser.get(f"{LIST}/bulk").text, "a draft is no job yet"
    browser.post(f"{LIST}/bulk/{job_id}/start")
    assert f"{LIST}/bulk/{job_id}" in browser.get(f"{LIST}/bulk").page.links
    assert browser.get(f"/console/{OTHER_APP}/calls/bulk/{job_id}").status == 404
    assert browser.get(f"{LIST}/bulk/{'x' * 300}").status == 404


def test_an_unchanged_job_is_answered_without_content(sign_in: SignIn, book: Book):
    book("call-1")
    browser = sign_in()
    job_id = a_draft(browser, "cancel", call=["call-1"])
    browser.post(f"{LIST}/bulk/{job_id}/start")
    refresh = {"HX-Request": "true", "Slotline-Refresh": "1"}
    part = browser.get(f"{LIST}/bulk/{job_id}", **refresh)
    assert (part.status, "<html" in part.text) == (200, False)
    assert browser.get(f"{LIST}/bulk/{job_id}", **refresh, **{"If-None-Match": part.headers["etag"]}).status == 204
