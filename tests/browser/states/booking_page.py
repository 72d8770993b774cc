"""The booking page."""

from playwright.sync_api import Page

from tests.support.browser.backstage import Backstage
from tests.support.browser.states import state
from tests.support.browser.visits import Visits


@state("book-services")
def services(visit: Visits, backstage: Backstage) -> Page:
    """Several services to choose from."""
    demo = backstage.demo
    return visit(f"/book/{demo['app_id']}?widgetKey={demo['widget_key']}")


@state("book-picker")
def picker(visit: Visits, backstage: Backstage) -> Page:
    """A service's month, and the times of its first free day."""
    return visit(backstage.practice().booking_path)


@state("book-nothing-free")
def nothing_free(visit: Visits, backstage: Backstage) -> Page:
    """A service whose agents never work."""
    return visit(backstage.practice(hours=()).booking_path)


@state("book-wrong-key")
def wrong_key(visit: Visits, backstage: Backstage) -> Page:
    """A link with a key that is none."""
    return visit(f"/book/{backstage.demo['app_id']}?widgetKey=nothing", statuses={401, 403, 404})
