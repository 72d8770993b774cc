"""What goes wrong on the booking page. A busy moment cannot be brought about: `components.py` shows its page."""

from datetime import timedelta

from playwright.sync_api import Page

from slotline.domain.access.identity import RateLimits, secret_hash
from tests.support.browser.backstage import Backstage
from tests.support.browser.states import state
from tests.support.browser.visits import Visits
from tests.support.worlds.api import target_of
from tools.provision import Provision

AS_LONG_AS_A_PASS = timedelta(hours=2)


@state("book-wrong-key")
def wrong_key(visit: Visits, backstage: Backstage) -> Page:
    """A link with a key that is none."""
    return visit(f"/book/{backstage.demo['app_id']}?widgetKey=nothing", statuses={401})


@state("book-revoked-key")
def revoked_key(visit: Visits, backstage: Backstage) -> Page:
    """The key was revoked while a guest was on the page."""
    practice = backstage.practice()
    page = visit(practice.booking_path, statuses={401})
    Provision.of(target_of(backstage.system)).access.revoke_widget_key(secret_hash(practice.widget_key))
    page.get_by_role("link", name="Later month").click()
    page.locator("h1").wait_for()
    return page


@state("book-no-service")
def no_service(visit: Visits, backstage: Backstage) -> Page:
    """A link to a service that is not there."""
    practice = backstage.practice()
    return visit(f"/book/{practice.app_id}/gone?widgetKey={practice.widget_key}", statuses={404})


@state("book-scheduling-off")
def scheduling_off(visit: Visits, backstage: Backstage) -> Page:
    """Bookings are switched off."""
    return visit(backstage.practice(scheduling_enabled=False).booking_path, statuses={403})


@state("book-pass-over")
def pass_over(visit: Visits, backstage: Backstage) -> Page:
    """The page was open for two hours."""
    page = visit(backstage.practice().booking_path, statuses={401})
    backstage.clock.advance(AS_LONG_AS_A_PASS)
    page.get_by_role("link", name="Later month").click()
    page.locator("h1").wait_for()
    return page


@state("book-no-pass")
def no_pass(visit: Visits, backstage: Backstage) -> Page:
    """A step that was opened without its pass."""
    return visit(f"/book/{backstage.practice().app_id}/consultation/nothing", statuses={401})


@state("book-too-many")
def too_many(visit: Visits, backstage: Backstage) -> Page:
    """The guest's network asks more often than it may."""
    practice = backstage.practice()
    fewest = RateLimits(minute=1, hour=100, day=100)
    key = Provision.of(target_of(backstage.system)).create_widget_key(practice.app_id, fewest).key
    backstage.clock.advance_to(backstage.clock.now().replace(second=1) + timedelta(minutes=1))
    page = visit(f"/book/{practice.app_id}/consultation?widgetKey={key}", statuses={429})
    page.evaluate("async () => { while ((await fetch(location)).status !== 429); }")
    page.reload()
    page.locator(".mark").wait_for()
    return page
