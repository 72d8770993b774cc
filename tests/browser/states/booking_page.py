"""The booking page: its steps."""

from datetime import timedelta

from playwright.sync_api import Page

from slotline.domain.booking.apps import CustomerLimit, Period, Verification
from slotline.domain.shared.working_hours import Window
from tests.support.browser.backstage import Backstage, Practice
from tests.support.browser.booking_guest import OF_EVERY_TYPE, QUESTIONS, BookingGuest
from tests.support.browser.states import state
from tests.support.browser.visits import Visits

LONGER_THAN_A_HOLD = timedelta(minutes=11)
MANY = ("Ada Park", "Ben Okoye", "Carla Díaz", "Dan Weiss", "Eve Moreau", "Farid Aziz", "Gita Rao")
PREFILLED = "&name=Jane+Doe&email=jane@example.com&phone=%2B57+300+555+0100&topic=A+new+contract"


@state("book-services", in_docs=["phone-dark"])
def services(visit: Visits, backstage: Backstage) -> Page:
    """Several services to choose from."""
    demo = backstage.demo
    return visit(f"/book/{demo['app_id']}?widgetKey={demo['widget_key']}")


@state("book-services-none")
def no_services(visit: Visits, backstage: Backstage) -> Page:
    """None is public."""
    practice = backstage.practice(public=False)
    return visit(f"/book/{practice.app_id}?widgetKey={practice.widget_key}")


@state("book-picker", in_docs=["desktop-light", "phone-light", "desktop-dark"])
def picker(visit: Visits, backstage: Backstage) -> Page:
    """The only service's month, and the times of its first free day. Its guests choose between two agents."""
    practice = backstage.practice(title="First visit", description="Half an hour to get to know each other.")
    return visit(f"/book/{practice.app_id}?widgetKey={practice.widget_key}")


@state("book-picker-chosen")
def chosen(visit: Visits, backstage: Backstage) -> Page:
    """Another day was chosen, so the focus is at its times."""
    guest = BookingGuest(visit(backstage.practice(agents=["Ada Park"]).booking_path))
    guest.day(backstage.weekday(7).day).click()
    return guest.page


@state("book-picker-in-arabic", in_docs=["desktop-light"])
def picker_in_arabic(visit: Visits, backstage: Backstage) -> Page:
    """The month from right to left, in a zone of its reader's."""
    return visit(f"{backstage.practice().booking_path}&lang=ar&tz=Africa/Cairo")


@state("book-many-agents")
def many_agents(visit: Visits, backstage: Backstage) -> Page:
    """More agents than are shown side by side."""
    return visit(backstage.practice(agents=MANY).booking_path)


@state("book-nothing-free")
def nothing_free(visit: Visits, backstage: Backstage) -> Page:
    """A service whose agents never work."""
    return visit(backstage.practice(hours=()).booking_path)


@state("book-month-empty")
def empty_month(visit: Visits, backstage: Backstage) -> Page:
    """A month in which nothing is free, before one in which something is."""
    page = visit(backstage.practice(minimum_notice_minutes=40 * 24 * 60).booking_path)
    page.get_by_role("link", name="Earlier month").click()
    page.locator("#picker").wait_for()
    return page


@state("book-zone")
def zone(visit: Visits, backstage: Backstage) -> Page:
    """All time zones."""
    page = visit(backstage.practice().booking_path)
    page.get_by_role("link", name="Change the time zone").click()
    page.locator("#tz").wait_for()
    return page


def in_the_form(
    visit: Visits, backstage: Backstage, practice: Practice, query: str = "", *statuses: int
) -> BookingGuest:
    """The form for a time a week from now. The clock of its page can be moved on."""
    page = visit(statuses=statuses)
    if not backstage.ahead():
        page.clock.install()
    page.goto(practice.booking_path + query)
    guest = BookingGuest(page)
    guest.choose(backstage.weekday(7))
    return guest


@state("book-form", in_docs=["desktop-light"])
def form(visit: Visits, backstage: Backstage) -> Page:
    """The empty form. The time is kept."""
    return in_the_form(visit, backstage, backstage.practice(questions=QUESTIONS)).page


@state("book-form-prefilled")
def prefilled(visit: Visits, backstage: Backstage) -> Page:
    """What the link said is filled in."""
    return in_the_form(visit, backstage, backstage.practice(questions=QUESTIONS), PREFILLED).page


@state("book-form-every-question")
def every_question(visit: Visits, backstage: Backstage) -> Page:
    """A question of each type."""
    return in_the_form(visit, backstage, backstage.practice(questions=OF_EVERY_TYPE)).page


@state("book-form-errors")
def errors(visit: Visits, backstage: Backstage) -> Page:
    """Something is missing in each part of the form, and the focus is at what says so."""
    return _with_errors(visit, backstage)


@state("book-form-errors-in-arabic")
def errors_in_arabic(visit: Visits, backstage: Backstage) -> Page:
    """The same from right to left."""
    return _with_errors(visit, backstage, "&lang=ar")


def _with_errors(visit: Visits, backstage: Backstage, query: str = "") -> Page:
    guest = in_the_form(visit, backstage, backstage.practice(questions=OF_EVERY_TYPE), query, 400)
    for name, typed in (("email", "jane@"), ("phone", "12"), ("q.number", "many")):
        guest.field(name).fill(typed)
    guest.page.locator("#book").evaluate("(form) => { form.noValidate = true; }")
    guest.book.click()
    guest.notice.wait_for()
    return guest.page


@state("book-form-last-minute")
def last_minute(visit: Visits, backstage: Backstage) -> Page:
    """The time is kept for one more minute."""
    guest = in_the_form(visit, backstage, backstage.practice())
    guest.page.clock.fast_forward("09:05")
    guest.button("form", "extend").wait_for()
    return guest.page


@state("book-form-kept-over")
def kept_over(visit: Visits, backstage: Backstage) -> Page:
    """The time is not kept any more."""
    guest = in_the_form(visit, backstage, backstage.practice())
    backstage.clock.advance(LONGER_THAN_A_HOLD)
    guest.page.reload()
    return guest.page


@state("book-taken-at-picker")
def taken_at_picker(visit: Visits, backstage: Backstage) -> Page:
    """Somebody holds the time that was chosen."""
    practice = backstage.practice(agents=["Ada Park"])
    guest = BookingGuest(visit(practice.booking_path, statuses={409}))
    guest.day(backstage.weekday(7).day).click()
    in_the_form(visit, backstage, practice)
    guest.time(backstage.weekday(7)).click()
    guest.notice.wait_for()
    return guest.page


@state("book-taken", in_docs=["phone-light"])
def taken(visit: Visits, backstage: Backstage) -> Page:
    """Somebody has booked the time meanwhile; others are offered."""
    return _taken(visit, backstage, backstage.practice(agents=["Ada Park"], questions=QUESTIONS))


@state("book-taken-no-others")
def taken_no_others(visit: Visits, backstage: Backstage) -> Page:
    """Somebody has booked the only time that there was."""
    start = backstage.weekday(7)
    only = Window(weekday=start.weekday(), start="10:00", end="10:30", zone="UTC")
    practice = backstage.practice(
        agents=["Ada Park"], hours=[only], questions=QUESTIONS, horizon_days=12, minimum_notice_minutes=2 * 24 * 60
    )
    return _taken(visit, backstage, practice)


def _taken(visit: Visits, backstage: Backstage, practice: Practice) -> Page:
    guest = in_the_form(visit, backstage, practice, PREFILLED, 409)
    backstage.clock.advance(LONGER_THAN_A_HOLD)
    practice.book(backstage.weekday(7))
    guest.book.click()
    guest.notice.wait_for()
    return guest.page


@state("book-customer-limit")
def customer_limit(visit: Visits, backstage: Backstage) -> Page:
    """The guest has booked as often as the service allows."""
    limits = (CustomerLimit(max_bookings=1, per=Period.WEEK),)
    practice = backstage.practice(questions=QUESTIONS, customer_limits=limits)
    practice.book(backstage.weekday(3), guestEmail="jane@example.com")
    guest = in_the_form(visit, backstage, practice, PREFILLED, 429)
    guest.book.click()
    guest.notice.wait_for()
    return guest.page


@state("book-hold-limit")
def hold_limit(visit: Visits, backstage: Backstage) -> Page:
    """Others at the guest's address keep as many times as may be kept there."""
    practice = backstage.practice(agents=MANY)
    guest = in_the_form(visit, backstage, practice, PREFILLED, 429)
    backstage.clock.advance(LONGER_THAN_A_HOLD)
    guest.page.reload()
    for number in range(5):
        other = BookingGuest(visit(practice.booking_path))
        other.day(backstage.weekday(8).day).click()
        other.times.nth(number).click()
        other.book.wait_for()
    guest.button("form", "keep_again").click()
    guest.notice.wait_for()
    return guest.page


@state("book-code")
def code(visit: Visits, backstage: Backstage) -> Page:
    """A code is on its way to the guest."""
    practice = backstage.practice(questions=QUESTIONS, verification=Verification.EMAIL)
    guest = in_the_form(visit, backstage, practice, PREFILLED, 400)
    guest.book.click()
    guest.field("code").wait_for()
    return guest.page


@state("book-code-wrong")
def code_wrong(visit: Visits, backstage: Backstage) -> Page:
    """What the guest entered is not the code."""
    page = code(visit, backstage)
    page.locator("#f-code").fill("12345")
    page.locator("#submit").click()
    page.locator("#f-code-error").wait_for()
    return page


@state("book-done", in_docs=["phone-light"])
def done(visit: Visits, backstage: Backstage) -> Page:
    """The confirmation, in a zone that is not the organization's."""
    return _done(visit, backstage, backstage.practice(questions=QUESTIONS), "&tz=America/Bogota")


@state("book-done-in-arabic")
def done_in_arabic(visit: Visits, backstage: Backstage) -> Page:
    """The same from right to left."""
    return _done(visit, backstage, backstage.practice(questions=QUESTIONS), "&tz=America/Bogota&lang=ar")


@state("book-done-pending")
def done_pending(visit: Visits, backstage: Backstage) -> Page:
    """The guest still has to confirm."""
    return _done(visit, backstage, backstage.practice(questions=QUESTIONS, require_confirmation=True))


def _done(visit: Visits, backstage: Backstage, practice: Practice, query: str = "") -> Page:
    guest = in_the_form(visit, backstage, practice, PREFILLED + query)
    guest.book.click()
    guest.page.locator("#done").wait_for()
    return guest.page
