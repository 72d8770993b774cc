"""The console: /console, where an app's calls, agents and services are seen and changed.

Each page names the permission that it needs. Dialing and settings have functions, and rights, of their own. A section's
pages are imported when one of them is first asked for: whoever looks at a list waits for nothing that books.
"""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from slotline.domain.access.permissions import Permission
from slotline.domain.shared.audit import Surface
from slotline.pages.apps import choose_app
from slotline.pages.kit import page_handler
from slotline.pages.signed import Allowed, Answer, SignedEndpoint, SignedIn, signed_routes
from slotline.wiring import common
from slotline.wiring.access import sessions

if TYPE_CHECKING:
    from slotline.pages.console.bulk import BulkPages
    from slotline.pages.console.call import CallPages
    from slotline.pages.console.call_changes import CallChanges
    from slotline.pages.console.call_deliveries import CallDeliveries
    from slotline.pages.console.calls import CallsPages
    from slotline.pages.console.calls_export import ExportPages
    from slotline.pages.console.new_call import NewCalls

BOOK = "console"


def choose(signed: SignedIn) -> Answer:
    """GET /console: the app, if there are several."""
    return choose_app(signed, sessions.sessions().apps_of)


def dashboard(signed: SignedIn) -> Answer:
    """GET /console/{appId}: figures of a period."""
    from slotline.pages.console.dashboard import DashboardPage
    from slotline.wiring.booking.dashboards import read_dashboard

    return DashboardPage(signed, read_dashboard(), common.clock().now()).shown()


@cache
def _calls() -> "CallsPages":
    from slotline.pages.console.calls import CallsPages
    from slotline.wiring.booking import agents, calls, presets

    return CallsPages(calls=calls.calls, agents=agents.agents, presets=presets.presets, clock=common.clock())


def list_calls(signed: SignedIn) -> Answer:
    """GET /console/{app_id}/calls."""
    return _calls().list(signed)


@cache
def _exports() -> "ExportPages":
    from slotline.pages.console.calls_export import ExportPages
    from slotline.usecases.booking.export_calls import ExportCalls
    from slotline.wiring.access import audit_log
    from slotline.wiring.booking import agents, calls, presets

    def export() -> ExportCalls:
        return ExportCalls(calls=calls.calls(), audit=audit_log.audit_log(), clock=common.clock(), ids=common.ids())

    return ExportPages(export=export, agents=agents.agents, presets=presets.presets, clock=common.clock())


def export_calls(signed: SignedIn) -> Answer:
    """POST /console/{app_id}/calls/export."""
    return _exports().calls(signed)


@cache
def _call() -> "CallPages":
    from slotline.pages.console.call import CallPages
    from slotline.wiring.access import people
    from slotline.wiring.booking import agents, bookings, calls, guest_links, presets

    return CallPages(
        calls=calls.calls,
        agents=agents.agents,
        presets=presets.presets,
        users=people.users,
        bookings=bookings.bookings,
        change_call=bookings.change_call,
        link_keys=guest_links.link_keys,
        settings=common.settings(),
        clock=common.clock(),
    )


@cache
def _changes() -> "CallChanges":
    from slotline.pages.calls.free_times import FreeTimes
    from slotline.pages.console.call_changes import CallChanges
    from slotline.wiring.booking import availability
    from slotline.wiring.messages import reminders
    from slotline.wiring.shared import phones

    return CallChanges(
        pages=_call(),
        times=FreeTimes(calendars=availability.calendars, clock=common.clock()),
        screen=phones.refusal_of,
        internationally=phones.internationally,
        request_reminder=reminders.request_reminder,
    )


@cache
def _new_calls() -> "NewCalls":
    from slotline.pages.calls.free_times import FreeTimes
    from slotline.pages.console.new_call import NewCalls
    from slotline.wiring.booking import agents, availability, bookings, presets
    from slotline.wiring.shared import phones

    return NewCalls(
        agents=agents.agents,
        presets=presets.presets,
        book_call=bookings.book_call,
        times=FreeTimes(calendars=availability.calendars, clock=common.clock()),
        screen=phones.refusal_of,
        internationally=phones.internationally,
        clock=common.clock(),
        ids=common.ids(),
    )


def ask_for_new(signed: SignedIn) -> Answer:
    """GET /console/{app_id}/calls/new."""
    return _new_calls().ask(signed)


def book(signed: SignedIn) -> Answer:
    """POST /console/{app_id}/calls/new."""
    return _new_calls().book(signed)


@cache
def _deliveries() -> "CallDeliveries":
    from slotline.pages.console.call_deliveries import CallDeliveries
    from slotline.wiring.webhooks import webhooks

    return CallDeliveries(
        pages=_call(), webhooks=webhooks.webhooks, deliveries=webhooks.deliveries, resend=webhooks.resend
    )


def show_deliveries(signed: SignedIn) -> Answer:
    """GET /console/{app_id}/calls/{call_id}/deliveries."""
    return _deliveries().show(signed)


def resend_delivery(signed: SignedIn) -> Answer:
    """POST /console/{app_id}/calls/{call_id}/deliveries."""
    return _deliveries().send_again(signed)


def show_call(signed: SignedIn) -> Answer:
    """GET /console/{app_id}/calls/{call_id}."""
    return _call().show(signed)


@cache
def _bulk() -> "BulkPages":
    from slotline.pages.console.bulk import BulkPages
    from slotline.wiring.access import people
    from slotline.wiring.booking import agents, bulk_jobs, presets

    return BulkPages(
        draft=bulk_jobs.draft_bulk,
        start=bulk_jobs.start_bulk,
        stop=bulk_jobs.stop_bulk,
        read=bulk_jobs.read_bulk,
        jobs=bulk_jobs.bulk_jobs,
        agents=agents.agents,
        presets=presets.presets,
        users=people.users,
        clock=common.clock(),
    )


def _of_bulk(name: str) -> SignedEndpoint:
    """A page of changes of many calls, or what it does: a method of `BulkPages`."""

    def answer(signed: SignedIn) -> Answer:
        found: Answer = getattr(_bulk(), name)(signed)
        return found

    return answer


def _of_call(name: str, *said: str) -> SignedEndpoint:
    """A form of a booking, or what it does: a method of `CallChanges`."""

    def answer(signed: SignedIn) -> Answer:
        found: Answer = getattr(_changes(), name)(signed, *said)
        return found

    return answer


_CALL = "/console/{app_id}/calls/{call_id}"
ROUTES: Mapping[str, Allowed] = {
    "GET /console": Allowed(Permission.USE_ACCOUNT, choose),
    "GET /console/{app_id}": Allowed(Permission.SEE_CALLS, dashboard),
    "GET /console/{app_id}/calls": Allowed(Permission.SEE_CALLS, list_calls),
    "POST /console/{app_id}/calls/export": Allowed(Permission.EXPORT_CALLS, export_calls),
    "GET /console/{app_id}/calls/new": Allowed(Permission.CHANGE_CALLS, ask_for_new),
    "POST /console/{app_id}/calls/new": Allowed(Permission.CHANGE_CALLS, book),
    "GET /console/{app_id}/calls/bulk": Allowed(Permission.SEE_CALLS, _of_bulk("list")),
    "POST /console/{app_id}/calls/bulk": Allowed(Permission.CHANGE_CALLS, _of_bulk("choose")),
    "GET /console/{app_id}/calls/bulk/{job_id}": Allowed(Permission.SEE_CALLS, _of_bulk("show")),
    "POST /console/{app_id}/calls/bulk/{job_id}/start": Allowed(Permission.CHANGE_CALLS, _of_bulk("begin")),
    "POST /console/{app_id}/calls/bulk/{job_id}/stop": Allowed(Permission.CHANGE_CALLS, _of_bulk("end")),
    "POST /console/{app_id}/calls/bulk/{job_id}/again": Allowed(Permission.CHANGE_CALLS, _of_bulk("again")),
    f"GET {_CALL}": Allowed(Permission.SEE_CALLS, show_call),
    f"GET {_CALL}/deliveries": Allowed(Permission.CHANGE_WEBHOOKS, show_deliveries),
    f"POST {_CALL}/deliveries": Allowed(Permission.CHANGE_WEBHOOKS, resend_delivery),
    **{
        f"{method} {_CALL}/{step}": Allowed(Permission.CHANGE_CALLS, _of_call(*named))
        for method, step, *named in (
            ("POST", "confirm", "confirm"),
            ("POST", "start", "start"),
            ("GET", "complete", "ask_outcome"),
            ("POST", "complete", "complete"),
            ("GET", "cancel", "ask_reason", "cancel"),
            ("POST", "cancel", "cancel"),
            ("GET", "no-show", "ask_reason", "miss"),
            ("POST", "no-show", "miss"),
            ("GET", "reopen", "ask_reason", "reopen"),
            ("POST", "reopen", "reopen"),
            ("GET", "reassign", "ask_agent"),
            ("POST", "reassign", "assign"),
            ("GET", "move", "ask_time"),
            ("POST", "move", "move"),
            ("GET", "edit", "ask_details"),
            ("POST", "edit", "edit"),
            ("POST", "remind", "remind"),
        )
    },
}
handler = page_handler(signed_routes(ROUTES, sessions.admit_user, Surface.CONSOLE, BOOK), common)
