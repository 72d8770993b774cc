"""My schedules: /my, the week of an agent, and everything that an agent does with their own calls.

Each page names the permission that it needs; an agent sees and changes what is their own, and nothing else is there.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from slotline.domain.access.permissions import Permission
from slotline.domain.shared.audit import Surface
from slotline.domain.shared.errors import DomainError
from slotline.http.core.urls import rooms_at
from slotline.pages.apps import choose_app
from slotline.pages.kit import page_handler
from slotline.pages.my.week import week_page
from slotline.pages.signed import Allowed, Answer, SignedIn, signed_routes
from slotline.ports.shared import StoreBusyError
from slotline.wiring import common
from slotline.wiring.access import sessions
from slotline.wiring.booking import guest_links, own_calls, weeks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slotline.pages.my.call import CallPages
    from slotline.usecases.booking.own_calls import Order

BOOK = "my"


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


def _pages(signed: SignedIn) -> "CallPages":
    from slotline.pages.my.call import CallPages, call_id_of

    own = own_calls.read_own_call()(signed.app.app_id, signed.agent_id, call_id_of(signed))
    return CallPages(signed=signed, own=own, once=common.ids().new())


def _shown(pages: "CallPages", refused: DomainError | None = None, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    rooms = rooms_at(common.settings(), pages.signed.asked.event)
    return pages.page(f"{rooms}/c/{pages.own.call.id}", _guest_url(pages, rooms), refused=refused, status=status)


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


def _guest_url(pages: "CallPages", rooms: str) -> str | None:
    """The guest's own link. The page is worth showing without it."""
    try:
        return guest_links.link_keys()().url_of(pages.own.call, rooms, common.clock().now())
    except StoreBusyError:
        return None


def _remind(order: "Order") -> None:
    from slotline.domain.messages.sending import ReminderRequest
    from slotline.wiring.messages import reminders

    reminders.request_reminder()(order.app_id, order.call_id, ReminderRequest(), order.key, lambda: None)


ROUTES: Mapping[str, Allowed] = {
    "GET /my": Allowed(Permission.USE_ACCOUNT, choose),
    "GET /my/{app_id}": Allowed(Permission.OWN_SCHEDULE, week),
    "GET /my/{app_id}/calls/{call_id}": Allowed(Permission.OWN_SCHEDULE, call),
    "GET /my/{app_id}/calls/{call_id}/{step}": Allowed(Permission.OWN_SCHEDULE, ask),
    "POST /my/{app_id}/calls/{call_id}/{step}": Allowed(Permission.OWN_SCHEDULE, change),
}
handler = page_handler(signed_routes(ROUTES, sessions.admit_user, Surface.MY, BOOK), common)
