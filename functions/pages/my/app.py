"""My schedules: /my, the week of an agent, and everything that an agent does with their own calls.

Each page names the permission that it needs; an agent sees and changes what is their own, and nothing else is there.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from slotline.domain.access.permissions import Permission
from slotline.domain.access.rate_limits import no_rate_limit
from slotline.domain.booking.lifecycle import may_have_been_held
from slotline.domain.shared.audit import Surface
from slotline.domain.shared.errors import DomainError
from slotline.http.core.urls import rooms_at
from slotline.pages.apps import choose_app
from slotline.pages.kit import Redirect, page_handler
from slotline.pages.my.week import week_page
from slotline.pages.signed import Allowed, Answer, SignedIn, signed_routes
from slotline.ports.shared import StoreBusyError
from slotline.wiring import common
from slotline.wiring.access import sessions
from slotline.wiring.booking import guest_links, own_calls, weeks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from slotline.domain.booking.apps import Preset
    from slotline.domain.booking.slots import Slots
    from slotline.domain.instant.recordings import Recording
    from slotline.domain.shared.intervals import Interval
    from slotline.pages.agents.absences import AbsencePages
    from slotline.pages.agents.desk import Desk
    from slotline.pages.my.calendar import CalendarPages
    from slotline.pages.my.call import CallPages
    from slotline.pages.my.new import NewBooking
    from slotline.usecases.booking.own_calls import Order
    from slotline.usecases.booking.what_is_in_the_way import InTheWay

BOOK = "my"
_IN_THE_WAY = frozenset({"slot_taken", "dnd", "blocked"})
"""Refusals behind which something of the agent's own stands."""


def choose(signed: SignedIn) -> Answer:
    """GET /my: the app, if there are several."""
    return choose_app(signed, sessions.sessions().apps_of)


def week(signed: SignedIn) -> Answer:
    """GET /my/{app_id}: the agent's week."""
    return week_page(signed, weeks.read_agents_week())


def call(signed: SignedIn) -> Answer:
    """GET /my/{app_id}/calls/{call_id}: a booking."""
    return _shown(_pages(signed))


def ask(signed: SignedIn) -> Answer:
    """GET /my/{app_id}/calls/{call_id}/{step}: what a change needs to know."""
    return _asking(_pages(signed), signed.asked.part("step"))


def change(signed: SignedIn) -> Answer:
    """POST /my/{app_id}/calls/{call_id}/{step}: the change."""
    from slotline.pages.my.call import STEPS
    from slotline.pages.my.changing import change as changed
    from slotline.pages.my.changing import status_of

    name = signed.asked.part("step")

    def refuse(_pages_then: "CallPages", error: DomainError) -> Answer:
        pages, status = _pages(signed), status_of(error)
        if name in STEPS and name in pages.possible():
            return _asking(pages, name, error, status)
        return _shown(pages, error, status)

    return changed(name, _pages(signed), own_calls.change_own_call(), _remind, refuse)


def new(signed: SignedIn) -> Answer:
    """GET /my/{app_id}/new: the form for a new booking."""
    return _new(signed).page(_free_times(signed))


def book(signed: SignedIn) -> Answer:
    """POST /my/{app_id}/new: the booking; or the same form, for another service or day, or with what is wrong."""
    from slotline.pages.calls.forms import form_key
    from slotline.pages.my.changing import REFUSALS, status_of
    from slotline.wiring.booking import bookings

    booking, search = _new(signed), _free_times(signed)
    if signed.asked.field("action") != "book":
        return booking.page(search)
    form = booking.form.checked()
    if form.errors:
        return booking.page(search, form, status=HTTPStatus.BAD_REQUEST)
    try:
        booked = bookings.book_call()(booking.request(form), form_key(signed), no_rate_limit)
    except REFUSALS as error:
        found = _in_the_way(booking) if error.code in _IN_THE_WAY else None
        return booking.page(search, form, refused=error, in_the_way=found, status=status_of(error))
    return Redirect(booking.ways.call(booked.call.id, done="booked"))


def calendar(signed: SignedIn) -> Answer:
    """GET /my/{app_id}/calendar: the address at which calendar programs read the agent's bookings."""
    return _calendar(signed).page()


def renew_calendar(signed: SignedIn) -> Answer:
    """POST /my/{app_id}/calendar: a new address."""
    return _calendar(signed).renew()


def end_calendar(signed: SignedIn) -> Answer:
    """POST /my/{app_id}/calendar/end: there is none any more."""
    return _calendar(signed).end()


def _calendar(signed: SignedIn) -> "CalendarPages":
    from slotline.pages.my.calendar import CalendarPages
    from slotline.wiring.access.calendar_feeds import keep_calendar_feed

    base = rooms_at(common.settings(), signed.asked.event)
    return CalendarPages(signed=signed, keep=keep_calendar_feed(), base=base)


def _new(signed: SignedIn) -> "NewBooking":
    from slotline.domain.shared.errors import NotFound
    from slotline.pages.my.new import NewBooking
    from slotline.wiring.booking import agents, presets
    from slotline.wiring.shared import phones

    app, found = presets.presets().all(signed.app.app_id)
    _, agent = agents.agents().find(signed.app.app_id, signed.agent_id)
    if app is None or agent is None:
        raise NotFound("There is no such agent in this app.")
    return NewBooking(
        signed=signed,
        app=app,
        agent=agent,
        presets=found,
        now=common.clock().now(),
        once=common.ids().new(),
        screen=phones.refusal_of,
        internationally=phones.internationally,
        region_of=phones.region_of,
    )


def _in_the_way(booking: "NewBooking") -> "InTheWay | None":
    look = own_calls.what_is_in_the_way()
    return look(booking.app.app_id, booking.agent.agent_id, booking.preset, booking.start())


def _free_times(signed: SignedIn) -> "Callable[[Preset, Interval], Slots]":
    from slotline.domain.booking.slots import SlotQuery
    from slotline.usecases.booking.search_slots import search_slots
    from slotline.wiring.booking import availability

    def search(preset: "Preset", span: "Interval") -> "Slots":
        query = SlotQuery(
            app_id=signed.app.app_id,
            start=span.start,
            end=span.end,
            agent_id=signed.agent_id,
            preset_id=preset.preset_id,
        )
        return search_slots(availability.calendars(), common.clock(), query)

    return search


def hours(signed: SignedIn) -> Answer:
    """GET /my/{app_id}/hours: one's own week."""
    from slotline.pages.agents.hours_page import hours_page

    return hours_page(signed, _desk(signed))


def change_hours(signed: SignedIn) -> Answer:
    """POST /my/{app_id}/hours."""
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


def _desk(signed: SignedIn) -> "Desk":
    from slotline.pages.my.own_time import own_desk
    from slotline.usecases.booking.keep_agents import read_agent
    from slotline.wiring.booking import agents

    return own_desk(signed, read_agent(agents.agents(), signed.app.app_id, signed.agent_id)[1])


def _pages(signed: SignedIn) -> "CallPages":
    from slotline.pages.my.call import CallPages, call_id_of

    own = own_calls.read_own_call()(signed.app.app_id, signed.agent_id, call_id_of(signed))
    return CallPages(signed=signed, own=own, once=common.ids().new())


def _shown(pages: "CallPages", refused: DomainError | None = None, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    rooms = rooms_at(common.settings(), pages.signed.asked.event)
    return pages.page(*_urls(pages, rooms), _recordings(pages), refused=refused, status=status)


def _recordings(pages: "CallPages") -> "Sequence[Recording]":
    """Of a call in which somebody talked."""
    from slotline.wiring.instant import recordings

    call = pages.own.call
    return recordings.recordings().of(call.id) if may_have_been_held(call) else ()


def recording(signed: SignedIn) -> Answer:
    """GET /my/{app_id}/calls/{call_id}/recordings/{number}: the way to a file of an own call."""
    from slotline.pages.calls.recordings import download
    from slotline.wiring.instant import recordings

    return download(signed, recordings.read_recordings(), _pages(signed).own.call.id)


def _asking(
    pages: "CallPages", step: str, refused: DomainError | None = None, status: HTTPStatus = HTTPStatus.OK
) -> Answer:
    agents = _who_may_have_it(pages) if step == "hand-over" else ()
    return pages.step(step, agents, refused=refused, status=status)


def _who_may_have_it(pages: "CallPages") -> "Sequence[Mapping[str, Any]]":
    """Who is eligible, those who are free first."""
    from slotline.domain.booking.eligibility import Terms
    from slotline.wiring.booking import bookings

    own = pages.own
    terms = Terms.of_call(own.call, own.app.preset)
    found = bookings.bookings().candidates(own.call.app_id, own.call.claim.padded, terms)
    shown = [
        {"agent": one.agent, "is_free": one.is_free(own.call.claim, own.now)}
        for one in found
        if one.agent.agent_id != own.call.assigned_agent_id
    ]
    return sorted(shown, key=lambda one: (not one["is_free"], one["agent"].name))


def _urls(pages: "CallPages", rooms: str) -> tuple[str | None, str | None]:
    """The agent's way into the room, as its host, and the guest's own link. The page is worth showing without them."""
    from slotline.domain.booking.role_tokens import host_url

    try:
        keys = guest_links.link_keys()()
    except StoreBusyError:
        return None, None
    call, now = pages.own.call, common.clock().now()
    return host_url(keys, call, rooms, now), keys.url_of(call, rooms, now)


def _remind(order: "Order") -> None:
    from slotline.domain.messages.sending import ReminderRequest
    from slotline.wiring.messages import reminders

    reminders.request_reminder()(order.app_id, order.call_id, ReminderRequest(), order.key, no_rate_limit)


OWN = Permission.OWN_SCHEDULE
TIME_OFF = "/my/{app_id}/time-off"
ROUTES: Mapping[str, Allowed] = {
    "GET /my": Allowed(Permission.USE_ACCOUNT, choose),
    "GET /my/{app_id}": Allowed(OWN, week),
    "GET /my/{app_id}/new": Allowed(OWN, new),
    "POST /my/{app_id}/new": Allowed(OWN, book),
    "GET /my/{app_id}/calendar": Allowed(OWN, calendar),
    "POST /my/{app_id}/calendar": Allowed(OWN, renew_calendar),
    "POST /my/{app_id}/calendar/end": Allowed(OWN, end_calendar),
    "GET /my/{app_id}/calls/{call_id}": Allowed(OWN, call),
    "GET /my/{app_id}/calls/{call_id}/{step}": Allowed(OWN, ask),
    "GET /my/{app_id}/calls/{call_id}/recordings/{number}": Allowed(OWN, recording),
    "POST /my/{app_id}/calls/{call_id}/{step}": Allowed(OWN, change),
    "GET /my/{app_id}/hours": Allowed(OWN, hours),
    "POST /my/{app_id}/hours": Allowed(OWN, change_hours),
    f"GET {TIME_OFF}": Allowed(OWN, lambda signed: _absences(signed).page()),
    f"POST {TIME_OFF}": Allowed(OWN, lambda signed: _absences(signed).add()),
    f"GET {TIME_OFF}/{{absence_id}}": Allowed(OWN, lambda signed: _absences(signed).one()),
    f"POST {TIME_OFF}/{{absence_id}}/tell": Allowed(OWN, lambda signed: _absences(signed).tell()),
    f"POST {TIME_OFF}/{{absence_id}}/remove": Allowed(OWN, lambda signed: _absences(signed).remove()),
}
handler = page_handler(signed_routes(ROUTES, sessions.admit_user, Surface.MY, BOOK), common)
