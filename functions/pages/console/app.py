"""The console: /console, where an app's calls, agents and services are seen and changed.

Each page names the permission that it needs. Dialing and settings have functions, and rights, of their own. A section's
pages are imported when one of them is first asked for: whoever looks at a list waits for nothing that books.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from slotline.domain.access.permissions import Permission
from slotline.domain.shared.audit import Surface
from slotline.pages.apps import choose_app
from slotline.pages.kit import MOST_BOXES, page_handler
from slotline.pages.signed import Allowed, Answer, SignedEndpoint, SignedIn, signed_routes
from slotline.wiring import common
from slotline.wiring.access import sessions

if TYPE_CHECKING:
    from slotline.domain.booking.apps import Agent, PresetOfApp
    from slotline.pages.agents.absences import AbsencePages
    from slotline.pages.agents.desk import Desk
    from slotline.pages.console.bulk import BulkPages
    from slotline.pages.console.call import CallPages
    from slotline.pages.console.call_changes import CallChanges
    from slotline.pages.console.call_deliveries import CallDeliveries
    from slotline.pages.console.calls import CallsPages
    from slotline.pages.console.calls_export import ExportPages
    from slotline.pages.console.new_call import NewCalls
    from slotline.pages.console.service_share import Sharing

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


@cache
def _exports() -> "ExportPages":
    from slotline.pages.console.calls_export import ExportPages
    from slotline.usecases.booking.export_calls import ExportCalls
    from slotline.wiring.access import audit_log
    from slotline.wiring.booking import agents, calls, presets

    def export() -> ExportCalls:
        return ExportCalls(calls=calls.calls(), audit=audit_log.audit_log(), clock=common.clock(), ids=common.ids())

    return ExportPages(export=export, agents=agents.agents, presets=presets.presets, clock=common.clock())


@cache
def _call() -> "CallPages":
    from slotline.pages.console.call import CallPages
    from slotline.wiring.access import people
    from slotline.wiring.booking import agents, bookings, calls, guest_links, presets
    from slotline.wiring.instant import recordings

    return CallPages(
        calls=calls.calls,
        agents=agents.agents,
        presets=presets.presets,
        users=people.users,
        bookings=bookings.bookings,
        change_call=bookings.change_call,
        link_keys=guest_links.link_keys,
        recordings=recordings.recordings,
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


@cache
def _deliveries() -> "CallDeliveries":
    from slotline.pages.console.call_deliveries import CallDeliveries
    from slotline.wiring.webhooks import webhooks

    return CallDeliveries(
        pages=_call(), webhooks=webhooks.webhooks, deliveries=webhooks.deliveries, resend=webhooks.resend
    )


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


def instant_calls(signed: SignedIn) -> Answer:
    """GET …/instant."""
    from slotline.pages.console import instant
    from slotline.wiring.instant import rooms

    return instant.list_page(signed, rooms.rooms(), common.clock().now())


def instant_call(signed: SignedIn) -> Answer:
    """GET …/instant/{call_id}."""
    from slotline.http.core.urls import rooms_at
    from slotline.pages.console import instant
    from slotline.wiring.booking import guest_links, presets
    from slotline.wiring.instant import recordings, rooms

    return instant.call_page(
        signed,
        rooms.rooms(),
        presets.presets(),
        recordings.recordings(),
        guest_links.link_keys(),
        rooms_at(common.settings(), signed.asked.event),
        common.clock().now(),
    )


def instant_recording(signed: SignedIn) -> Answer:
    """GET …/instant/{call_id}/recordings/{number}: the way to a file."""
    from slotline.pages.calls.recordings import download
    from slotline.pages.console.instant import read_instant_call
    from slotline.wiring.instant import recordings, rooms

    return download(signed, recordings.read_recordings(), read_instant_call(signed, rooms.rooms()).id)


def booked_recording(signed: SignedIn) -> Answer:
    """GET …/calls/{call_id}/recordings/{number}: the way to a file."""
    from slotline.pages.calls.recordings import download
    from slotline.wiring.instant import recordings

    return download(signed, recordings.read_recordings(), _call().call_of(signed).id)


def end_instant_call(signed: SignedIn) -> Answer:
    """POST …/instant/{call_id}/end."""
    from slotline.pages.console import instant
    from slotline.wiring.instant import rooms
    from slotline.wiring.instant.instant_calls import end_video_call

    return instant.end(signed, end_video_call(), rooms.rooms())


def agents_list(signed: SignedIn) -> Answer:
    """GET …/agents."""
    from slotline.pages.console.agents import list_page
    from slotline.usecases.booking.keep_agents import list_agents
    from slotline.wiring.booking import agents, availability

    found = list_agents(agents.agents(), signed.app.app_id)
    return list_page(signed, found, availability.calendars(), common.clock().now())


def new_agent(signed: SignedIn) -> Answer:
    """GET …/agents/new."""
    from slotline.pages.console.agents import new_page

    return new_page(signed, common.ids().new())


def add_agent(signed: SignedIn) -> Answer:
    """POST …/agents/new."""
    from slotline.http.booking.agents import NewAgentBody
    from slotline.http.core.parsing import parse
    from slotline.pages.console.agents import add
    from slotline.wiring.booking import agents

    return add(signed, lambda fields: parse(NewAgentBody, fields).to_agent(), agents.add_agent())


def agent_profile(signed: SignedIn) -> Answer:
    """GET …/agents/{agent_id}."""
    from slotline.pages.console.agents import profile_page
    from slotline.wiring.booking import availability

    return profile_page(signed, _agent(signed), availability.calendars(), common.clock().now())


def change_agent(signed: SignedIn) -> Answer:
    """POST …/agents/{agent_id}."""
    from slotline.http.booking.agents import agent_values
    from slotline.pages.console.agents import change_profile
    from slotline.wiring.booking import agents, availability

    calendars, now = availability.calendars(), common.clock().now()
    return change_profile(signed, _agent(signed), agent_values, agents.change_agent(), calendars, now)


def agent_hours(signed: SignedIn) -> Answer:
    """GET …/agents/{agent_id}/hours."""
    from slotline.pages.agents.hours_page import hours_page

    return hours_page(signed, _desk(signed))


def change_agent_hours(signed: SignedIn) -> Answer:
    """POST …/agents/{agent_id}/hours."""
    from slotline.http.booking.agents import agent_values
    from slotline.pages.agents.hours_page import change_hours
    from slotline.wiring.booking import agents

    return change_hours(signed, _desk(signed), agent_values, agents.change_agent())


def _absences(signed: SignedIn) -> "AbsencePages":
    from slotline.http.booking.agent_time import exception_of, window_of
    from slotline.pages.agents.absences import AbsencePages, Checks
    from slotline.wiring.booking import absences

    return AbsencePages(
        signed=signed,
        desk=_desk(signed),
        absences=absences.keep_absences(),
        checks=Checks(exception=exception_of, window=window_of),
        once=common.ids().new(),
    )


def _agent(signed: SignedIn) -> "Agent":
    from slotline.usecases.booking.keep_agents import read_agent
    from slotline.wiring.booking import agents

    return read_agent(agents.agents(), signed.app.app_id, signed.asked.part("agent_id"))[1]


def _desk(signed: SignedIn) -> "Desk":
    from slotline.pages.console.agents import desk_of

    return desk_of(signed, _agent(signed))


def services_list(signed: SignedIn) -> Answer:
    """GET …/services."""
    from slotline.pages.console.services import list_page
    from slotline.usecases.booking.keep_presets import list_presets
    from slotline.wiring.booking import presets

    return list_page(signed, list_presets(presets.presets(), signed.app.app_id))


def new_service(signed: SignedIn) -> Answer:
    """GET …/services/new."""
    from slotline.pages.console.services import new_page

    return new_page(signed, common.ids().new())


def add_service(signed: SignedIn) -> Answer:
    """POST …/services/new."""
    from slotline.http.booking.presets import NewPreset
    from slotline.http.core.parsing import parse
    from slotline.pages.console.services import add
    from slotline.wiring.booking import presets

    return add(signed, lambda fields: parse(NewPreset, fields).to_preset(), presets.add_preset())


def service_overview(signed: SignedIn) -> Answer:
    """GET …/services/{preset_id}."""
    from slotline.pages.console.services import overview_page

    return overview_page(signed, _service(signed))


def service_section(signed: SignedIn) -> Answer:
    """GET …/services/{preset_id}/{section}."""
    from slotline.pages.console.service_forms import section_page

    return section_page(signed, _service(signed), _section(signed), _agents_asked_for(signed))


def change_service(signed: SignedIn) -> Answer:
    """POST …/services/{preset_id}/{section}."""
    from slotline.pages.console.service_forms import change_section
    from slotline.wiring.booking import presets

    asked_for = _service(signed), _section(signed), _agents_asked_for(signed)
    return change_section(signed, *asked_for, presets.presets(), _preset_values, presets.change_preset())


def service_questions(signed: SignedIn) -> Answer:
    """GET …/services/{preset_id}/questions."""
    from slotline.pages.console.service_questions import questions_page

    return questions_page(signed, _service(signed))


def change_service_questions(signed: SignedIn) -> Answer:
    """POST …/services/{preset_id}/questions."""
    from slotline.pages.console.service_questions import change_questions
    from slotline.wiring.booking import presets

    return change_questions(signed, presets.presets(), _preset_values, presets.change_preset())


def share_service(signed: SignedIn) -> Answer:
    """GET …/services/{preset_id}/share."""
    from slotline.pages.console.service_share import share_page

    return share_page(signed, _sharing(signed))


def service_code(signed: SignedIn) -> Answer:
    """GET …/services/{preset_id}/qr.svg."""
    from slotline.pages.console.service_share import code_file

    return code_file(signed, _sharing(signed))


def activate_service(signed: SignedIn) -> Answer:
    """POST …/services/{preset_id}/activate."""
    from slotline.pages.console.services import activate
    from slotline.wiring.booking import presets

    return activate(signed, presets.activate_preset())


def remove_service(signed: SignedIn) -> Answer:
    """POST …/services/{preset_id}/remove."""
    from slotline.pages.console.services import remove
    from slotline.wiring.booking import presets

    return remove(signed, presets.remove_preset())


def _service(signed: SignedIn) -> "PresetOfApp":
    from slotline.usecases.booking.keep_presets import read_preset
    from slotline.wiring.booking import presets

    return read_preset(presets.presets(), signed.app.app_id, signed.asked.part("preset_id"))


def _sharing(signed: SignedIn) -> "Sharing":
    from slotline.http.core.urls import rooms_at
    from slotline.pages.console.service_share import Sharing, shown_keys
    from slotline.usecases.booking.keep_agents import list_agents
    from slotline.wiring.access.keys import keep_credentials
    from slotline.wiring.booking import agents

    app_id = signed.app.app_id
    keys = keep_credentials().of_organization(signed.app.organization_id)
    return Sharing(
        service=_service(signed),
        keys=shown_keys(signed, keys),
        is_key=lambda key: _is_widget_key(app_id, key),
        agents=list_agents(agents.agents(), app_id),
        pages_at=rooms_at(common.settings(), signed.asked.event),
    )


def _is_widget_key(app_id: str, text: str) -> bool:
    from slotline.domain.shared.errors import Unauthorized
    from slotline.wiring.access.websites import admit_website

    try:
        admit_website()(app_id, text)
    except Unauthorized:
        return False
    return True


def _section(signed: SignedIn) -> str:
    from slotline.domain.shared.errors import NotFound
    from slotline.pages.console.service_fields import SECTIONS

    if (section := signed.asked.part("section")) not in SECTIONS:
        raise NotFound("A service has no such section.")
    return section


def _agents_asked_for(signed: SignedIn) -> "Sequence[Agent]":
    """The app's agents, for the one section that chooses among them."""
    from slotline.usecases.booking.keep_agents import list_agents
    from slotline.wiring.booking import agents

    return list_agents(agents.agents(), signed.app.app_id) if _section(signed) == "assignment" else ()


def _preset_values(fields: Mapping[str, object]) -> Mapping[str, object]:
    """What the API would change for these fields. Raises InvalidRequest."""
    from slotline.http.booking.presets import PresetChanges
    from slotline.http.core.parsing import parse

    return parse(PresetChanges, fields).to_values()


APP = "/console/{app_id}"
CALLS = f"{APP}/calls"
BULK = f"{CALLS}/bulk"
CALL = f"{CALLS}/{{call_id}}"
AGENT = f"{APP}/agents/{{agent_id}}"
ABSENCE = f"{AGENT}/absences/{{absence_id}}"
SERVICE = f"{APP}/services/{{preset_id}}"
CALL_STEPS: Mapping[str, SignedEndpoint] = {
    f"POST {CALL}/confirm": lambda signed: _changes().confirm(signed),
    f"POST {CALL}/start": lambda signed: _changes().start(signed),
    f"GET {CALL}/complete": lambda signed: _changes().ask_outcome(signed),
    f"POST {CALL}/complete": lambda signed: _changes().complete(signed),
    f"GET {CALL}/cancel": lambda signed: _changes().ask_reason(signed, "cancel"),
    f"POST {CALL}/cancel": lambda signed: _changes().cancel(signed),
    f"GET {CALL}/no-show": lambda signed: _changes().ask_reason(signed, "miss"),
    f"POST {CALL}/no-show": lambda signed: _changes().miss(signed),
    f"GET {CALL}/reopen": lambda signed: _changes().ask_reason(signed, "reopen"),
    f"POST {CALL}/reopen": lambda signed: _changes().reopen(signed),
    f"GET {CALL}/reassign": lambda signed: _changes().ask_agent(signed),
    f"POST {CALL}/reassign": lambda signed: _changes().assign(signed),
    f"GET {CALL}/move": lambda signed: _changes().ask_time(signed),
    f"POST {CALL}/move": lambda signed: _changes().move(signed),
    f"GET {CALL}/edit": lambda signed: _changes().ask_details(signed),
    f"POST {CALL}/edit": lambda signed: _changes().edit(signed),
    f"POST {CALL}/remind": lambda signed: _changes().remind(signed),
}
"""What is done with one booking: GET asks for what it takes, POST does it."""
ROUTES: Mapping[str, Allowed] = {
    "GET /console": Allowed(Permission.USE_ACCOUNT, choose),
    f"GET {APP}": Allowed(Permission.SEE_CALLS, dashboard),
    f"GET {CALLS}": Allowed(Permission.SEE_CALLS, lambda signed: _calls().list(signed)),
    f"POST {CALLS}/export": Allowed(Permission.EXPORT_CALLS, lambda signed: _exports().calls(signed)),
    f"GET {CALLS}/new": Allowed(Permission.CHANGE_CALLS, lambda signed: _new_calls().ask(signed)),
    f"POST {CALLS}/new": Allowed(Permission.CHANGE_CALLS, lambda signed: _new_calls().book(signed)),
    f"GET {BULK}": Allowed(Permission.SEE_CALLS, lambda signed: _bulk().list(signed)),
    f"POST {BULK}": Allowed(Permission.CHANGE_CALLS, lambda signed: _bulk().choose(signed)),
    f"GET {BULK}/{{job_id}}": Allowed(Permission.SEE_CALLS, lambda signed: _bulk().show(signed)),
    f"POST {BULK}/{{job_id}}/start": Allowed(Permission.CHANGE_CALLS, lambda signed: _bulk().begin(signed)),
    f"POST {BULK}/{{job_id}}/stop": Allowed(Permission.CHANGE_CALLS, lambda signed: _bulk().end(signed)),
    f"POST {BULK}/{{job_id}}/again": Allowed(Permission.CHANGE_CALLS, lambda signed: _bulk().again(signed)),
    f"GET {CALL}": Allowed(Permission.SEE_CALLS, lambda signed: _call().show(signed)),
    f"GET {CALL}/recordings/{{number}}": Allowed(Permission.DOWNLOAD_RECORDINGS, booked_recording),
    f"GET {CALL}/deliveries": Allowed(Permission.CHANGE_WEBHOOKS, lambda signed: _deliveries().show(signed)),
    f"POST {CALL}/deliveries": Allowed(Permission.CHANGE_WEBHOOKS, lambda signed: _deliveries().send_again(signed)),
    **{key: Allowed(Permission.CHANGE_CALLS, step) for key, step in CALL_STEPS.items()},
    f"GET {APP}/instant": Allowed(Permission.SEE_INSTANT_CALLS, instant_calls),
    f"GET {APP}/instant/{{call_id}}": Allowed(Permission.SEE_INSTANT_CALLS, instant_call),
    f"GET {APP}/instant/{{call_id}}/recordings/{{number}}": Allowed(Permission.DOWNLOAD_RECORDINGS, instant_recording),
    f"POST {APP}/instant/{{call_id}}/end": Allowed(Permission.END_INSTANT_CALLS, end_instant_call),
    f"GET {APP}/agents": Allowed(Permission.SEE_AGENTS, agents_list),
    f"GET {APP}/agents/new": Allowed(Permission.CHANGE_AGENTS, new_agent),
    f"POST {APP}/agents/new": Allowed(Permission.CHANGE_AGENTS, add_agent),
    f"GET {AGENT}": Allowed(Permission.SEE_AGENTS, agent_profile),
    f"POST {AGENT}": Allowed(Permission.CHANGE_AGENTS, change_agent),
    f"GET {AGENT}/hours": Allowed(Permission.SEE_AGENTS, agent_hours),
    f"POST {AGENT}/hours": Allowed(Permission.CHANGE_AGENTS, change_agent_hours),
    f"GET {AGENT}/absences": Allowed(Permission.SEE_AGENTS, lambda signed: _absences(signed).page()),
    f"POST {AGENT}/absences": Allowed(Permission.CHANGE_ABSENCES, lambda signed: _absences(signed).add()),
    f"GET {ABSENCE}": Allowed(Permission.SEE_AGENTS, lambda signed: _absences(signed).one()),
    f"POST {ABSENCE}/tell": Allowed(Permission.CHANGE_ABSENCES, lambda signed: _absences(signed).tell()),
    f"POST {ABSENCE}/remove": Allowed(Permission.CHANGE_ABSENCES, lambda signed: _absences(signed).remove()),
    f"GET {APP}/services": Allowed(Permission.SEE_SERVICES, services_list),
    f"GET {APP}/services/new": Allowed(Permission.CHANGE_SERVICES, new_service),
    f"POST {APP}/services/new": Allowed(Permission.CHANGE_SERVICES, add_service),
    f"GET {SERVICE}": Allowed(Permission.SEE_SERVICES, service_overview),
    f"POST {SERVICE}/activate": Allowed(Permission.CHANGE_SERVICES, activate_service),
    f"POST {SERVICE}/remove": Allowed(Permission.CHANGE_SERVICES, remove_service),
    f"GET {SERVICE}/share": Allowed(Permission.SEE_WIDGET_KEYS, share_service),
    f"GET {SERVICE}/qr.svg": Allowed(Permission.SEE_WIDGET_KEYS, service_code),
    f"GET {SERVICE}/questions": Allowed(Permission.SEE_SERVICES, service_questions),
    f"POST {SERVICE}/questions": Allowed(Permission.CHANGE_SERVICES, change_service_questions),
    f"GET {SERVICE}/{{section}}": Allowed(Permission.SEE_SERVICES, service_section),
    f"POST {SERVICE}/{{section}}": Allowed(Permission.CHANGE_SERVICES, change_service),
}
handler = page_handler(
    signed_routes(ROUTES, sessions.admit_user, Surface.CONSOLE, BOOK), common, most_fields=MOST_BOXES
)
