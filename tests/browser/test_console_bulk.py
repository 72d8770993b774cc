"""Many bookings changed at once in the console, as a supervisor does it."""

import json
import os
from collections import Counter
from datetime import timedelta
from typing import Any

from playwright.sync_api import Page, expect

from slotline.domain.access.users import Role
from slotline.domain.booking.bulk_jobs import BulkJob, RowState
from slotline.domain.booking.calls import EventType
from slotline.store.booking.bookings import DynamoBookings
from slotline.store.booking.bulk_jobs import DynamoBulkJobs
from slotline.store.booking.calls import DynamoCalls
from slotline.store.dynamodb import keys
from tests.support.browser.backstage import Backstage, Practice
from tests.support.browser.keyboard import tab_to
from tests.support.browser.people import sign_in
from tests.support.browser.visits import PHONE, Visits
from tests.support.builders.bookings import a_call, write_call
from tests.support.worlds.api import ALWAYS, target_of
from tests.support.worlds.later import until

LIST = "/console/{app}/calls"
MANY = int(os.environ.get("BULK_SLOW", "520"))


def on_tables(backstage: Backstage, adapter: Any, *more: Any) -> Any:
    """An adapter on the running system's tables."""
    target = target_of(backstage.system)
    return adapter(target.client("dynamodb"), target.scheduling_table, *more)


def book_many(backstage: Backstage, practice: Practice, count: int) -> list[str]:
    """Calls of the first agent, one an hour; every third hour the second agent has one, too."""
    bookings = on_tables(backstage, DynamoBookings, target_of(backstage.system).access_table, backstage.clock)
    first, second, *_ = practice.agent_ids
    begin, now, ids = backstage.weekday(at="00:00"), backstage.clock.now(), []
    for hour in range(count):
        for agent_id in (first, second) if hour % 3 == 0 else (first,):
            at = begin + timedelta(hours=hour)
            values = {"scheduled_at": at, "assigned_agent_id": agent_id, "created_at": now, "updated_at": now}
            call = a_call(
                **{"id": f"call-{practice.app_id[-6:]}-{hour}-{agent_id[-4:]}", **values}, app_id=practice.app_id
            )
            write_call(bookings, call, now=now)
            ids += [call.id] if agent_id == first else []
    return ids


def job_of(backstage: Backstage, practice: Practice, page: Page) -> BulkJob:
    """The job of a page, as it is kept."""
    jobs = on_tables(backstage, DynamoBulkJobs, target_of(backstage.system).access_table)
    job = jobs.get(practice.app_id, page.url.partition("?")[0].rpartition("/")[2])
    assert job is not None
    return job


def wake_twice(backstage: Backstage, job: BulkJob) -> None:
    """The job's wake-up comes once more, and once too late for what it was due at."""
    assert job.due_at is not None
    sqs = target_of(backstage.system).client("sqs")
    for at in (job.due_at, job.due_at - timedelta(minutes=1)):
        body = {"kind": "bulk", **keys.bulk_job(job.app_id, job.id), "due_at": f"{at:%Y-%m-%dT%H:%M:%S}.000Z"}
        sqs.send_message(QueueUrl=backstage.system.system.environment["BULK_QUEUE_URL"], MessageBody=json.dumps(body))


def test_520_bookings_find_other_agents_while_the_browser_is_closed_half_way_and_each_has_its_result(
    visit: Visits, backstage: Backstage
):
    practice = backstage.practice(agents=("Ada Park", "Ben Okoye", "Carla Díaz"), hours=ALWAYS)
    ids = book_many(backstage, practice, MANY)
    address = f"{LIST}?when=all&agent={practice.agent_ids[0]}"
    page = sign_in(visit, backstage, address, Role.SUPERVISOR, practice)
    page.get_by_label("All that match, on every page").check()
    page.get_by_role("button", name="Reassign…").click()
    expect(page.get_by_role("heading", name=f"Give {MANY} bookings to another agent?")).to_be_visible()
    page.get_by_label("Reason").fill("Ada is ill")
    page.get_by_role("button", name=f"Reassign {MANY} bookings").click()
    expect(page.get_by_role("heading", name=f"Reassigning {MANY} bookings")).to_be_visible()
    until(lambda: job_of(backstage, practice, page).done > 0, "the first results")
    job, here = job_of(backstage, practice, page), page.url
    assert job.pending > 0, "the browser is closed half-way"
    page.close()
    wake_twice(backstage, job)
    jobs = on_tables(backstage, DynamoBulkJobs, target_of(backstage.system).access_table)
    until(lambda: not jobs.get(practice.app_id, job.id).is_under_way, "the job's end")

    kept = jobs.get(practice.app_id, job.id)
    rows = jobs.rows(kept, after=0, limit=MANY + 1)
    assert [row.call_id for row in rows] == ids
    assert Counter(row.state for row in rows) == {RowState.DONE: MANY}
    calls = on_tables(backstage, DynamoCalls)
    found = calls.several([(practice.app_id, call_id) for call_id in ids])
    shares = Counter(call.assigned_agent_id for _, _, call in found)
    assert shares.keys() == set(practice.agent_ids[1:])
    for call_id in ids[::40]:
        _, timeline = calls.get(practice.app_id, call_id)
        assert [event.event_type for event in timeline].count(EventType.ASSIGNED) == 1
    took = (kept.ended_at - kept.started_at).total_seconds()
    print(f"\n{MANY} bookings in {took:.1f} s, {dict(shares)}")  # noqa: T201 - the figures of the docs

    page = sign_in(visit, backstage, here, Role.SUPERVISOR, practice)
    expect(page.get_by_text("Done", exact=True).first).to_be_visible()
    expect(page.get_by_text(f"{MANY} of {MANY}")).to_be_visible()


def test_progress_is_shown_by_itself_and_a_job_can_be_stopped_by_keyboard_on_a_phone(
    visit: Visits, backstage: Backstage
):
    practice = backstage.practice(agents=("Ada Park", "Ben Okoye"), hours=ALWAYS)
    book_many(backstage, practice, 150)
    address = f"{LIST}?when=all&agent={practice.agent_ids[0]}"
    page = sign_in(visit, backstage, address, Role.SUPERVISOR, practice, screen=PHONE)
    page.get_by_label("All that match, on every page").check()
    page.get_by_role("button", name="Cancel…").click()
    expect(page.get_by_role("heading", name="Cancel 150 bookings?")).to_be_visible()
    tab_to(page, page.get_by_role("button", name="Cancel 150 bookings"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Cancelling 150 bookings")).to_be_visible()
    tab_to(page, page.get_by_role("button", name="Stop here"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Stopped", exact=True)).to_be_visible()
    job = job_of(backstage, practice, page)
    assert job.done + job.pending == 150
    assert job.pending > 0
    page.get_by_role("link", name="Without a result").click()
    expect(page.locator("tr[data-row]").first.get_by_text("Not done")).to_be_visible()


def test_rows_are_ticked_and_cancelled_without_a_script_and_the_refused_ones_tried_again(
    visit: Visits, backstage: Backstage
):
    practice = backstage.practice()
    one, other = (
        practice.book(backstage.weekday(at=at), guestName=name) for at, name in (("10:00", "Jane"), ("11:00", "Bo"))
    )
    page = sign_in(visit, backstage, LIST, Role.SUPERVISOR, practice, javascript=False)
    page.get_by_label("Choose Jane").check()
    page.get_by_label("Choose Bo").check()
    page.get_by_role("button", name="Reassign…").click()
    practice.ask("DELETE", other)
    page.get_by_label("New agent").select_option(label="Ben Okoye")
    page.get_by_role("button", name="Reassign 2 bookings").click()

    def is_over() -> bool:
        page.reload()
        return again.count() == 1

    again = page.get_by_role("button", name="Try the 1 refused one again")
    until(is_over, "the end of it")
    expect(page.get_by_text("2 of 2")).to_be_visible()
    expect(page.locator("tr", has_text="Bo").get_by_text("The booking is cancelled")).to_be_visible()
    (call,) = [found for found in practice.calls() if found["id"] == one.call_id]
    assert call["assigned_agent_id"] == practice.agent_ids[1]
    again.click()
    expect(page.get_by_role("heading", name="Give 1 booking to another agent?")).to_be_visible()
