"""What pages are built of, and the pages for what goes wrong, as `/__local/components` shows them."""

from collections.abc import Callable
from http import HTTPStatus

from playwright.sync_api import Page

from local.components.page import PROBLEMS, page
from tests.support.browser.backstage import Backstage
from tests.support.browser.states import state
from tests.support.browser.visits import Visits

COMPONENTS = "/__local/components"


@state("components")
def components(visit: Visits, backstage: Backstage) -> Page:
    """All of them."""
    del backstage
    return visit(COMPONENTS)


@state("components-in-arabic")
def in_arabic(visit: Visits, backstage: Backstage) -> Page:
    """All of them, from right to left."""
    del backstage
    return visit(f"{COMPONENTS}?lang=ar")


@state("components-dialog")
def dialog(visit: Visits, backstage: Backstage) -> Page:
    """A dialog is open in front of the page."""
    del backstage
    opened = visit(COMPONENTS)
    opened.locator("#ask-opens").click()
    return opened


def _problem(name: str, language: str) -> Callable[[Visits, Backstage], Page]:
    def reach(visit: Visits, backstage: Backstage) -> Page:
        del backstage
        status: HTTPStatus = page(name, language, None).status
        return visit(f"{COMPONENTS}?problem={name}&lang={language}", statuses={status})

    return reach


for problem in PROBLEMS:
    state(f"problem-{problem.replace('_', '-')}")(_problem(problem, "en"))
    state(f"problem-{problem.replace('_', '-')}-in-arabic")(_problem(problem, "ar"))
