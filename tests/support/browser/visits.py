"""Visits of pages, each in a context of its own: nothing is kept from one to the next."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, Page

from tests.support import patient
from tests.support.browser.complaints import Complaints

Scheme = Literal["light", "dark"]
PATIENCE_MS = patient.SECONDS * 1000


@dataclass(frozen=True, slots=True)
class Screen:
    """What a page is looked at on."""

    name: str
    width: int
    height: int
    touch: bool = False


DESKTOP = Screen("desktop", 1280, 800)
PHONE = Screen("phone", 375, 812, touch=True)
NARROW = Screen("narrow", 320, 640, touch=True)
"""The smallest phone; also a desktop of 1280 pixels at 400 %."""


@dataclass
class Visits:
    """Opens pages. It is called with a path or a URL, and answers with Playwright's page once that has loaded.

    The browser's clock goes with the system's: `ahead` says how far that has been moved on.
    """

    browser: Browser
    base_url: str
    ahead: Callable[[], timedelta]
    _open: list[tuple[BrowserContext, Complaints]] = field(default_factory=list)

    def __call__(
        self,
        url: str | None = None,
        *,
        screen: Screen = DESKTOP,
        scheme: Scheme = "light",
        locale: str = "en-GB",
        timezone: str = "UTC",
        javascript: bool = True,
        statuses: Collection[int] = (),
        complaints: Collection[str] = (),
    ) -> Page:
        """A page in a fresh context; an empty one if no URL is given.

        `statuses` of 400 and above are expected, and so is every complaint that has one of the words of `complaints`.
        Everything else that the browser complains about, until the test ends, fails the test.
        """
        context = self.browser.new_context(
            base_url=self.base_url,
            viewport={"width": screen.width, "height": screen.height},
            has_touch=screen.touch,
            color_scheme=scheme,
            reduced_motion="reduce",
            locale=locale,
            timezone_id=timezone,
            java_script_enabled=javascript,
        )
        context.set_default_navigation_timeout(PATIENCE_MS)
        heard = Complaints(frozenset(statuses), tuple(complaints))
        heard.listen(context)
        self._open.append((context, heard))
        ahead = self.ahead()
        if ahead:
            context.clock.install(time=datetime.now(UTC) + ahead)
        page = context.new_page()
        if url is not None:
            page.goto(url)
        return page

    def end(self, pictures: Path | None = None) -> list[str]:
        """Close every page; what nobody expected. With a folder, how each page looked at the end is kept there."""
        unexpected = []
        for number, (context, heard) in enumerate(self._open, 1):
            for page in context.pages if pictures else ():
                page.screenshot(path=pictures / f"{number}-{context.pages.index(page) + 1}.png", full_page=True)
            context.close()
            unexpected += heard.unexpected()
        self._open.clear()
        return unexpected
