"""My schedules: an agent's week, their bookings, and new ones."""

from datetime import timedelta

from playwright.sync_api import Page

from slotline.domain.access.users import Role
from slotline.domain.shared.working_hours import Window
from tests.support.browser.backstage import Backstage, Practice
from tests.support.browser.made_up import show
from tests.support.browser.signed_in import visit_as
from tests.support.browser.states import state
from tests.support.browser.visits import Visits
from tests.support.worlds.api import text

NAMES = ("Marta Quintero", "Karl-Friedrich von Hohenstein-Waldburg", "Rania Haddad", "Bo Li")


def full_week(backstage: Backstage) -> tuple[Practice, str]:
    """A week that has something of everything; its Monday's name."""
    practice = backstage.practice(title={"en": "First consultation"})
    monday = backstage.weekday(at="00:00") + timedelta(days=7)
    monday -= timedelta(days=monday.weekday())
    for number, name in enumerate(NAMES):
        practice.book(monday + timedelta(days=number, hours=10), guestName=name, requireConfirmation=number == 1)
    practice.book(monday + timedelta(hours=14), guestName="Bo Li", durationMinutes=15)
    pool = {"assignedAgentId": None, "assignmentMethod": "pool", "bufferBeforeMinutes": 0, "bufferAfterMinutes": 0}
    practice.book(monday + timedelta(days=3, hours=13), guestName="Eve Pool", **pool)
    gone = practice.book(monday + timedelta(days=4, hours=9), guestName="Dan Gone")
    practice.ask("DELETE", gone)
    with practice.own.client() as api:
        agent = f"../agents/{practice.agent_ids[0]}"
        noon = monday + timedelta(days=1, hours=12)
        quiet = {"startUtc": text(noon), "endUtc": text(noon + timedelta(hours=1)), "label": "Lunch"}
        assert api.ask("POST", f"{agent}/do-not-disturb", quiet).is_success
        day = f"{monday + timedelta(days=4):%Y-%m-%d}"
        away = {"kind": "blocked", "dateFrom": day, "dateTo": day, "start": "14:00", "end": "24:00", "zone": "UTC"}
        assert api.ask("POST", f"{agent}/exceptions", {**away, "label": "Dentist"}).is_success
    year, week, _ = monday.isocalendar()
    return practice, f"{year}-W{week:02}"


@state("my-week", in_docs=["desktop-light"])
def week(visit: Visits, backstage: Backstage) -> Page:
    """A week with something of everything."""
    practice, name = full_week(backstage)
    page = visit_as(Role.AGENT, visit, backstage, practice, f"/my/{practice.app_id}?week={name}")
    page.get_by_role("link", name="Eve Pool").first.wait_for()
    return page


@state("my-week-empty")
def empty(visit: Visits, backstage: Backstage) -> Page:
    """A week in which nothing is."""
    practice = backstage.practice()
    return visit_as(Role.AGENT, visit, backstage, practice, f"/my/{practice.app_id}?week=2030-W20")


@state("my-week-clocks")
def clocks(visit: Visits, backstage: Backstage) -> Page:
    """The week in which an hour comes twice, with all its hours."""
    berlin = tuple(Window(weekday=day, start="09:00", end="17:00", zone="Europe/Berlin") for day in range(7))
    practice = backstage.practice(hours=berlin)
    return visit_as(Role.AGENT, visit, backstage, practice, f"/my/{practice.app_id}?week=2027-W43&hours=all")


@state("my-booking")
def booking(visit: Visits, backstage: Backstage) -> Page:
    """A booking that waits to be confirmed, in the week of everything."""
    practice = backstage.practice(title={"en": "First consultation"}, require_confirmation=True)
    booked = practice.book(backstage.weekday(), guestName="Marta Quintero", requireConfirmation=True)
    return visit_as(Role.AGENT, visit, backstage, practice, f"/my/{practice.app_id}/calls/{booked.call_id}")


@state("my-booking-moving")
def moving(visit: Visits, backstage: Backstage) -> Page:
    """The form to move it."""
    page = booking(visit, backstage)
    page.get_by_role("link", name="Move…").click()
    return page


@state("my-booking-handing-over")
def handing_over(visit: Visits, backstage: Backstage) -> Page:
    """The form to hand it over."""
    page = booking(visit, backstage)
    page.get_by_role("link", name="Hand over…").click()
    return page


@state("my-booking-cancelling")
def cancelling(visit: Visits, backstage: Backstage) -> Page:
    """The question whether it is to be cancelled."""
    page = booking(visit, backstage)
    page.get_by_role("link", name="Cancel…").click()
    return page


@state("my-new-booking")
def new(visit: Visits, backstage: Backstage) -> Page:
    """The form for a new booking."""
    practice = backstage.practice()
    day = f"{backstage.weekday():%Y-%m-%d}"
    return visit_as(Role.AGENT, visit, backstage, practice, f"/my/{practice.app_id}/new?day={day}")


@state("my-time-off")
def time_off(visit: Visits, backstage: Backstage) -> Page:
    """Lunch and a dentist, and the forms for more."""
    practice, _ = full_week(backstage)
    return visit_as(Role.AGENT, visit, backstage, practice, f"/my/{practice.app_id}/time-off")


@state("my-time-off-asked")
def time_off_asked(visit: Visits, backstage: Backstage) -> Page:
    """Do-not-disturb with two bookings in its time, before it is kept."""
    return asked(visit, backstage, backstage.practice(reminders={"conflict_notice": ["email"]}))


@state("my-time-off-untellable")
def time_off_untellable(visit: Visits, backstage: Backstage) -> Page:
    """The same if the service sends no notices."""
    return asked(visit, backstage, backstage.practice())


def asked(visit: Visits, backstage: Backstage, practice: Practice) -> Page:
    """The question that comes before do-not-disturb is kept in whose time there are two bookings."""
    start = backstage.weekday(3)
    for number, name in enumerate(NAMES[:2]):
        practice.book(start + timedelta(hours=number), guestName=name)
    page = visit_as(Role.AGENT, visit, backstage, practice, f"/my/{practice.app_id}/time-off")
    form = page.get_by_role("form", name="Do not disturb")
    form.get_by_label("From").fill(f"{start:%Y-%m-%dT%H:%M}")
    form.get_by_label("Until").fill(f"{start + timedelta(hours=4):%Y-%m-%dT%H:%M}")
    form.get_by_label("Reason").fill("Dentist")
    form.get_by_role("button", name="Add").click()
    page.get_by_role("heading", name="2 calls are in this time").wait_for()
    return page


@state("my-time-off-one")
def one_time_off(visit: Visits, backstage: Backstage) -> Page:
    """The same once it is kept, and nobody was told."""
    page = time_off_asked(visit, backstage)
    page.get_by_role("button", name="Add it and tell nobody").click()
    page.get_by_text("Added.").wait_for()
    return page


@state("my-time-off-wrong")
def time_off_wrong(visit: Visits, backstage: Backstage) -> Page:
    """Do-not-disturb that ends before it begins."""
    practice = backstage.practice()
    path = f"/my/{practice.app_id}/time-off"
    page = visit_as(Role.AGENT, visit, backstage, practice, path, statuses={400})
    start = backstage.weekday(3)
    form = page.get_by_role("form", name="Do not disturb")
    form.get_by_label("From").fill(f"{start:%Y-%m-%dT%H:%M}")
    form.get_by_label("Until").fill(f"{start - timedelta(hours=1):%Y-%m-%dT%H:%M}")
    form.get_by_role("button", name="Add").click()
    page.get_by_role("alert").wait_for()
    return page


@state("my-hours")
def hours(visit: Visits, backstage: Backstage) -> Page:
    """One's own week."""
    practice = backstage.practice()
    return visit_as(Role.AGENT, visit, backstage, practice, f"/my/{practice.app_id}/hours")


@state("my-calendar")
def calendar(visit: Visits, backstage: Backstage) -> Page:
    """No address yet."""
    practice = backstage.practice()
    return visit_as(Role.AGENT, visit, backstage, practice, f"/my/{practice.app_id}/calendar")


@state("my-calendar-made")
def calendar_made(visit: Visits, backstage: Backstage) -> Page:
    """The address, once it was made."""
    page = calendar(visit, backstage)
    page.get_by_role("button", name="Make an address").click()
    page.get_by_label("Secret address").wait_for()
    return page


@state("my-calendar-deleting")
def calendar_deleting(visit: Visits, backstage: Backstage) -> Page:
    """The question before it is deleted."""
    page = calendar_made(visit, backstage)
    page.get_by_role("link", name="Calendar", exact=True).click()
    page.get_by_role("link", name="Delete the address").click()
    page.get_by_role("dialog").wait_for()
    return page


@state("my-in-genesys")
def in_genesys(visit: Visits, backstage: Backstage) -> Page:
    """The week in a frame, as Genesys Cloud has it beside a conversation."""
    practice = backstage.practice(genesys_origins=("https://apps.mypurecloud.com",))
    start = backstage.weekday()
    practice.book(start, guestName=NAMES[1])
    year, week, _ = start.isocalendar()
    path = f"/my/{practice.app_id}?week={year}-W{week:02}&conversationId=7f1c8a52-3c0e-4d4a-9a30-0d5f2b8e6a11"
    page = visit_as(Role.AGENT, visit, backstage, practice, path)
    frame = (
        f'<main><h1>Conversation</h1><iframe title="Slotline" width="290" height="900" src="{path}"></iframe></main>'
    )
    show(page, frame, "default-src 'none'; frame-src 'self'; script-src 'unsafe-inline'")
    page.frame_locator("iframe").get_by_role("heading", name="My schedule").wait_for()
    return page


@state("my-in-genesys-new")
def in_genesys_new(visit: Visits, backstage: Backstage) -> Page:
    """A new booking there."""
    page = in_genesys(visit, backstage)
    page.frame_locator("iframe").get_by_role("link", name="New booking").click()
    page.frame_locator("iframe").get_by_role("heading", name="New booking").wait_for()
    return page
