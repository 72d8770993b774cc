"""The browser, and what tests in it are handed. README.md in this folder shows a test."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from local.process import RunningSystem
from local.surroundings import ROOT
from tests.support.browser import chromium
from tests.support.browser.backstage import Backstage
from tests.support.browser.made_up import AnotherSite, another_site
from tests.support.browser.people import sign_in
from tests.support.browser.talkers import ARGUMENTS, Meet, meeting
from tests.support.browser.visits import Visits

HERE = Path(__file__).parent
FAILED = pytest.StashKey[bool]()
SEEN_LAST = ROOT / ".local" / "browser-failures"
"""How the pages of a failed test looked at its end."""

EARLY = 7
"""The last day of a month that is early."""

expect.set_options(timeout=30_000)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs the running system; a test need not say so itself."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("system")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Remember whether a test has failed, for what is torn down after it."""
    report = yield
    if call.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for each worker. It ends with this folder: as long as it is up, no other loop runs in its thread."""
    with sync_playwright() as playwright:
        running = chromium.launch(playwright)
        yield running
        running.close()


@pytest.fixture
def backstage(system: RunningSystem) -> Backstage:
    """What happens behind the pages: apps, bookings through the API, mails, the clock."""
    return Backstage(system)


@pytest.fixture
def early_in_a_month(backstage: Backstage) -> None:
    """A month lies ahead in every calendar, whatever day it is: what is checked and photographed is always alike."""
    now = backstage.clock.now()
    if now.day > EARLY:
        first = (now.replace(day=1) + timedelta(days=32)).replace(day=1)
        backstage.clock.advance_to(first.replace(hour=7, minute=0, second=0, microsecond=0))


@pytest.fixture
def visit(browser: Browser, backstage: Backstage, request: pytest.FixtureRequest) -> Iterator[Visits]:
    """Opens pages, and fails the test if the browser complained about anything that the test did not expect."""
    visits = Visits(browser, backstage.system.base_url, backstage.ahead)
    yield visits
    failed = request.node.stash.get(FAILED, False)
    pictures = SEEN_LAST / re.sub(r"\W+", "-", request.node.name) if failed else None
    unexpected = visits.end(pictures)
    assert not unexpected, "the browser complained:\n" + "\n".join(unexpected)


@pytest.fixture
def signed_in(visit: Visits, backstage: Backstage) -> Callable[..., Page]:
    """Opens a page for somebody who has signed in: `signed_in("/console/{app}/calls", Role.SUPERVISOR, practice)`."""
    return partial(sign_in, visit, backstage)


@pytest.fixture
def site() -> Iterator[AnotherSite]:
    """Somebody else's site, at an origin of its own, which shows pages of ours in frames."""
    with another_site() as running:
        yield running


@pytest.fixture(scope="module")
def with_devices(browser: Browser) -> Iterator[Browser]:
    """A browser with cameras, a microphone and a screen."""
    running = chromium.launch_beside(browser, *ARGUMENTS)
    yield running
    running.close()


@pytest.fixture
def meet(with_devices: Browser, backstage: Backstage) -> Iterator[Meet]:
    """Opens a room's link for somebody with devices."""
    visits = Visits(with_devices, backstage.system.base_url, backstage.ahead)
    yield meeting(visits)
    unexpected = visits.end()
    assert not unexpected, "the browser complained:\n" + "\n".join(unexpected)
