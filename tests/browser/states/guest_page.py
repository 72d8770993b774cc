"""The page behind a guest's link."""

from datetime import timedelta

from playwright.sync_api import Page

from slotline.domain.shared.working_hours import Window
from tests.support.browser.backstage import Backstage, Booked, Practice
from tests.support.browser.states import state
from tests.support.browser.visits import Visits
from tests.support.worlds.api import ALWAYS, text

FREE = {
    "guest_can_cancel": True,
    "guest_can_reschedule": True,
    "title": {"en": "First consultation", "es": "Primera consulta", "ar": "الاستشارة الأولى"},
    "branding_color": "#0f766e",
}
CARTAGENA = {"guestTimezone": "America/Bogota", "guestLanguage": "en", "appTimezone": "Europe/Madrid"}


def soon(backstage: Backstage, minutes: int, **rules: object) -> tuple[Practice, Booked]:
    """A call that begins in so many minutes."""
    practice = backstage.practice(hours=ALWAYS, **{**FREE, **rules})
    start = (backstage.clock.now() + timedelta(minutes=minutes)).replace(second=0, microsecond=0)
    return practice, practice.book(start, **CARTAGENA)


@state("guest-waiting", in_docs=["phone-light"])
def waiting(visit: Visits, backstage: Backstage) -> Page:
    """The call waits to be confirmed."""
    practice = backstage.practice(require_confirmation=True, **FREE)
    return visit(practice.book(backstage.weekday(), requireConfirmation=True, **CARTAGENA).guest_url)


@state("guest-confirmed")
def confirmed(visit: Visits, backstage: Backstage) -> Page:
    """The guest has confirmed just now."""
    page = waiting(visit, backstage)
    page.get_by_role("button", name="Confirm").click()
    return page


@state("guest-booked")
def booked(visit: Visits, backstage: Backstage) -> Page:
    """Nothing is left to confirm, and nobody has said in which zone the guest is: the device is in the app's."""
    return visit(backstage.practice(**FREE).book(backstage.weekday(), guestTimezone=None).guest_url)


@state("guest-fixed")
def fixed(visit: Visits, backstage: Backstage) -> Page:
    """Guests neither move nor cancel here."""
    return visit(backstage.practice().book(backstage.weekday(), **CARTAGENA).guest_url)


@state("guest-joinable")
def joinable(visit: Visits, backstage: Backstage) -> Page:
    """The call begins in some minutes."""
    return visit(soon(backstage, 10)[1].guest_url)


@state("guest-started")
def started(visit: Visits, backstage: Backstage) -> Page:
    """The call is under way."""
    practice, booked = soon(backstage, 2)
    practice.ask("POST", booked, verb="start")
    return visit(booked.guest_url)


@state("guest-over")
def over(visit: Visits, backstage: Backstage) -> Page:
    """The call's time is over."""
    booked = soon(backstage, 2)[1]
    backstage.clock.advance(timedelta(minutes=40))
    return visit(booked.guest_url)


@state("guest-cancel")
def cancel(visit: Visits, backstage: Backstage) -> Page:
    """The guest is asked before the call is cancelled."""
    page = booked(visit, backstage)
    page.get_by_role("link", name="Cancel the call").click()
    return page


@state("guest-cancelled")
def cancelled(visit: Visits, backstage: Backstage) -> Page:
    """The guest has cancelled just now, and said why."""
    page = cancel(visit, backstage)
    page.get_by_role("textbox").fill("I have a cold.\nLet us talk next week.")
    page.get_by_role("button", name="Yes").click()
    return page


@state("guest-moved")
def moved(visit: Visits, backstage: Backstage) -> Page:
    """The call is at another time than it was booked for."""
    practice = backstage.practice(**FREE)
    booked = practice.book(backstage.weekday(), **CARTAGENA)
    practice.ask("PATCH", booked, {"scheduledAtUtc": text(backstage.weekday(at="15:30"))})
    return visit(booked.guest_url)


@state("guest-times", in_docs=["desktop-light"])
def times(visit: Visits, backstage: Backstage) -> Page:
    """The guest chooses another time."""
    page = visit(backstage.practice(**FREE).book(backstage.weekday(), **CARTAGENA).guest_url)
    page.get_by_role("link", name="Choose another time").click()
    return page


@state("guest-move")
def move(visit: Visits, backstage: Backstage) -> Page:
    """The guest is asked before the call is moved."""
    page = times(visit, backstage)
    page.locator("#slots button").last.click()
    return page


@state("guest-moved-just-now")
def moved_just_now(visit: Visits, backstage: Backstage) -> Page:
    """The guest has moved the call."""
    page = move(visit, backstage)
    page.get_by_role("button", name="Move the call").click()
    return page


@state("guest-time-taken")
def taken(visit: Visits, backstage: Backstage) -> Page:
    """Somebody else has taken the time that the guest chose."""
    practice = backstage.practice(**FREE)
    page = visit(practice.book(backstage.weekday(), **CARTAGENA).guest_url + "/reschedule", statuses={409})
    page.locator("#slots button").last.click()
    chosen = page.locator("main time").get_attribute("datetime")
    practice.book(backstage.weekday(), scheduledAtUtc=chosen)
    page.get_by_role("button", name="Move the call").click()
    return page


@state("guest-no-times")
def no_times(visit: Visits, backstage: Backstage) -> Page:
    """There is no time to move the call to."""
    start = backstage.weekday()
    only = Window(weekday=start.weekday(), start="10:00", end="10:30", zone="UTC")
    practice = backstage.practice(hours=(only,), agents=("Ada Park",), horizon_days=7, **FREE)
    nobody_else = {"bufferBeforeMinutes": 0, "bufferAfterMinutes": 0}
    return visit(f"{practice.book(start, **nobody_else, **CARTAGENA).guest_url}/reschedule")


@state("guest-zone")
def zone(visit: Visits, backstage: Backstage) -> Page:
    """The guest chooses the zone of all times."""
    page = booked(visit, backstage)
    page.get_by_role("link", name="Change the time zone").click()
    return page


@state("guest-arabic")
def arabic(visit: Visits, backstage: Backstage) -> Page:
    """A guest who reads Arabic, in another zone."""
    practice = backstage.practice(require_confirmation=True, **FREE)
    said = {"guestTimezone": "Africa/Cairo", "guestLanguage": "ar-EG", "requireConfirmation": True}
    return visit(practice.book(backstage.weekday(), **said).guest_url)


@state("guest-times-arabic")
def times_arabic(visit: Visits, backstage: Backstage) -> Page:
    """Times to choose from, from right to left."""
    practice = backstage.practice(**FREE)
    return visit(f"{practice.book(backstage.weekday(), guestTimezone='Africa/Cairo').guest_url}/reschedule?lang=ar")


@state("guest-spanish")
def spanish(visit: Visits, backstage: Backstage) -> Page:
    """A guest who reads Spanish."""
    said = {"guestTimezone": "America/Bogota", "guestLanguage": "es-CO"}
    return visit(backstage.practice(**FREE).book(backstage.weekday(), **said).guest_url)


@state("guest-unknown")
def unknown(visit: Visits, backstage: Backstage) -> Page:
    """A link that opens nothing."""
    del backstage
    return visit("/b/nothing", statuses={404})
