"""The console's dashboard: plots with their tables, and days without anything."""

from collections.abc import Sequence
from datetime import timedelta

from playwright.sync_api import Page, expect

from slotline.domain.access.users import Role
from slotline.domain.booking.calls import BookingSource, Call, CallStatus
from slotline.ids import new_id
from slotline.store.booking.items import call_to_item, event_to_item
from slotline.store.dynamodb.rows import write_rows
from tests.support.browser.backstage import Backstage, Practice
from tests.support.browser.people import sign_in
from tests.support.browser.states import state
from tests.support.browser.visits import Visits
from tests.support.builders.bookings import a_call, an_event
from tests.support.worlds.api import target_of
from tests.support.worlds.later import until

DAYS = 28
SOURCES = (*[BookingSource.PUBLIC_BOOKING] * 4, BookingSource.API, BookingSource.AGENT, BookingSource.ADMIN)
COME_TO = (*[CallStatus.COMPLETED] * 8, CallStatus.NO_SHOW, CallStatus.CANCELLED, CallStatus.CANCELLED)
LEADS = tuple(timedelta(hours=hours) for hours in (2, 20, 30, 50, 75, 100, 120, 200))
_counted: dict[str, Practice] = {}
"""An app with a past, by its system: several states look at the same one."""


def _past(backstage: Backstage, practice: Practice) -> Sequence[Call]:
    """Calls of the last weeks, most of them on weekdays, as if they had been booked then. The same in every run."""
    midnight = backstage.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    calls: list[Call] = []
    for back in range(DAYS, 0, -1):
        day = midnight - timedelta(days=back)
        for hour in range(3 + back * 5 % 4 if day.weekday() < 5 else back % 2):
            number = len(calls)
            start = day + timedelta(hours=9 + hour)
            calls.append(
                a_call(
                    id=new_id(),
                    app_id=practice.app_id,
                    scheduled_at=start,
                    created_at=start - LEADS[number % len(LEADS)],
                    booking_source=SOURCES[number % len(SOURCES)],
                    status=COME_TO[number % len(COME_TO)],
                    assigned_agent_id=practice.agent_ids[number % 5 // 3],
                )
            )
    return calls


def _busy(visit: Visits, backstage: Backstage) -> Page:
    """The dashboard of an app with some weeks behind it and a call ahead, once the stream has brought them."""
    key = backstage.system.base_url
    if key not in _counted:
        practice = backstage.practice()
        target = target_of(backstage.system)
        past = _past(backstage, practice)
        rows = [call_to_item(call) for call in past]
        rows += [event_to_item(call.app_id, an_event(call, id=new_id())) for call in past]  # the stream looks at these
        write_rows(target.client("dynamodb"), target.scheduling_table, rows)
        practice.book(backstage.weekday())
        page = sign_in(visit, backstage, "/console/{app}", Role.SUPERVISOR, practice)
        today = backstage.clock.now().date()
        everything = f"?from={today - timedelta(days=DAYS * 2)}&to={today + timedelta(days=9)}"
        total = page.locator("#calls-table tbody tr td:last-child")

        def are_counted() -> bool:
            page.goto(f"/console/{practice.app_id}{everything}")
            return sum(int(text) for text in total.all_text_contents()) == len(past) + 1

        until(are_counted, "the bookings are counted")
        page.close()
        _counted[key] = practice
    return sign_in(visit, backstage, "/console/{app}", Role.SUPERVISOR, _counted[key])


@state("console-dashboard", in_docs=["desktop-light"])
def dashboard(visit: Visits, backstage: Backstage) -> Page:
    """Bookings, their agents, and how long before their start they were made."""
    return _busy(visit, backstage)


@state("console-dashboard-tables")
def tables(visit: Visits, backstage: Backstage) -> Page:
    """The figures of each plot."""
    page = _busy(visit, backstage)
    for summary in page.get_by_text("Show the figures").all():
        summary.click()
    expect(page.locator("#leads-table")).to_be_visible()
    page.evaluate("scrollTo(0, 0)")  # the bar at the top would cover what it was scrolled to
    return page


@state("console-dashboard-none")
def none(visit: Visits, backstage: Backstage) -> Page:
    """Days on which nothing was booked."""
    return sign_in(visit, backstage, "/console/{app}?days=7", Role.ADMIN)
