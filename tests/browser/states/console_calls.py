"""The console's scheduled calls: the list, a booking, and its forms."""

from playwright.sync_api import Page, expect

from slotline.domain.access.users import Role
from tests.support.browser.backstage import Backstage, Practice
from tests.support.browser.people import sign_in
from tests.support.browser.states import state
from tests.support.browser.visits import Visits

_NAMES = (
    "Jane Doe",
    "José Pérez",
    "سارة العلي",
    "Maximiliano de la Fuente y Montenegro",
    "Bo Li",
    "Marta Quintero",
    "Eva Novak",
    "Wei Chen",
)
_booked: dict[str, Practice] = {}
"""An app with bookings, by its system: several states look at the same list."""


def _busy(backstage: Backstage) -> Practice:
    """An app with bookings of all kinds."""
    key = backstage.system.base_url
    if key not in _booked:
        practice = backstage.practice()
        for number, name in enumerate(_NAMES):
            start = backstage.weekday(days=2 + number // 4 * 4, at=f"{10 + number % 4}:00")
            agent = practice.agent_ids[number // 2 % 2]
            booked = practice.book(start, guestName=name, requireConfirmation=number == 1, assignedAgentId=agent)
            if number == 2:
                practice.ask("DELETE", booked, {"reason": "The guest is ill."})
        _booked[key] = practice
    return _booked[key]


@state("console-calls", in_docs=["desktop-light"])
def listed(visit: Visits, backstage: Backstage) -> Page:
    """The list, with some bookings."""
    return sign_in(visit, backstage, "/console/{app}/calls", Role.SUPERVISOR, _busy(backstage))


@state("console-calls-filters")
def filters(visit: Visits, backstage: Backstage) -> Page:
    """Filters, and more columns than usual."""
    query = "when=all&status=scheduled&col=contact&col=agent&col=status&col=booked&col=duration"
    return sign_in(visit, backstage, f"/console/{{app}}/calls?{query}", Role.ADMIN, _busy(backstage))


@state("console-calls-none")
def none(visit: Visits, backstage: Backstage) -> Page:
    """A day without a booking."""
    return sign_in(visit, backstage, "/console/{app}/calls?when=yesterday", Role.ADMIN)


@state("console-call", in_docs=["desktop-light"])
def booking(visit: Visits, backstage: Backstage) -> Page:
    """A booking whose agent the service found: facts, messages, timeline, and why it was this agent."""
    practice = backstage.practice()
    booked = practice.book(backstage.weekday(), assignedAgentId=None, assignmentMethod="round_robin")
    page = sign_in(visit, backstage, f"/console/{{app}}/calls/{booked.call_id}", Role.ADMIN, practice)
    page.get_by_text("Why this agent").click()
    expect(page.get_by_text("Chosen")).to_be_visible()
    return page


@state("console-call-cancelled")
def cancelled(visit: Visits, backstage: Backstage) -> Page:
    """A booking that is over: nothing is left to do but to tell the guest once more."""
    practice = backstage.practice()
    booked = practice.book(backstage.weekday())
    practice.ask("DELETE", booked, {"reason": "The guest is ill."})
    return sign_in(visit, backstage, f"/console/{{app}}/calls/{booked.call_id}", Role.SUPERVISOR, practice)


@state("console-call-move")
def moving(visit: Visits, backstage: Backstage) -> Page:
    """Another time for a booking."""
    practice = backstage.practice()
    booked = practice.book(backstage.weekday())
    return sign_in(visit, backstage, f"/console/{{app}}/calls/{booked.call_id}/move", Role.SUPERVISOR, practice)


@state("console-call-reassign")
def reassigning(visit: Visits, backstage: Backstage) -> Page:
    """Another agent for a booking, and who is free."""
    practice = backstage.practice()
    booked = practice.book(backstage.weekday())
    return sign_in(visit, backstage, f"/console/{{app}}/calls/{booked.call_id}/reassign", Role.SUPERVISOR, practice)


@state("console-call-refused")
def refused(visit: Visits, backstage: Backstage) -> Page:
    """A time that cannot be booked: the rule that refuses it, and what stands there."""
    practice = backstage.practice()
    booked = practice.book(backstage.weekday())
    page = sign_in(
        visit,
        backstage,
        f"/console/{{app}}/calls/new?agent={practice.agent_ids[0]}",
        Role.SUPERVISOR,
        practice,
        statuses={409},
    )
    page.locator("#other-time summary").click()
    page.get_by_label("The time that I type here").check()
    page.get_by_label("Date").fill(f"{booked.start:%Y-%m-%d}")
    page.get_by_label("Time", exact=True).fill(f"{booked.start:%H:%M}")
    page.get_by_label("Name").fill("Jane Doe")
    page.get_by_label("E-mail").fill("jane@example.com")
    page.get_by_role("button", name="Book the call").click()
    expect(page.get_by_role("alert")).to_be_visible()
    return page


@state("console-call-deliveries")
def deliveries(visit: Visits, backstage: Backstage) -> Page:
    """No webhook was told of a booking."""
    practice = backstage.practice()
    booked = practice.book(backstage.weekday())
    return sign_in(visit, backstage, f"/console/{{app}}/calls/{booked.call_id}/deliveries", Role.ADMIN, practice)
