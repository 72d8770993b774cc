"""The secret address at which a calendar program reads an agent's bookings: make one, make another, end it.

Only the hash of an address is kept, so it is in the answer to the form that makes it, and in no other page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slotline.domain.access.calendar_feeds import CalendarFeed, feed_path
from slotline.domain.shared.errors import Conflict
from slotline.pages.kit import Redirect
from slotline.pages.my.ways import CALENDAR, Ways
from slotline.pages.rendering import Page
from slotline.pages.signed import Answer, SignedIn
from slotline.usecases.access.calendar_feeds import KeepCalendarFeed, version_of
from slotline.words.dates import date_of

SEEN = "seen"
ENDED, CHANGED = "ended", "changed"
_DONE = frozenset({ENDED, CHANGED})


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarPages:
    """The page as somebody sees it. `base`: where the deployment's pages are."""

    signed: SignedIn
    keep: KeepCalendarFeed
    base: str

    def page(self) -> Page:
        """Whether there is a feed, since when, and what to do with it."""
        done = self.signed.asked.query("done")
        found = self.keep.of(self._user_id, self.signed.app)
        return self._shown(found, done=done if done in _DONE else None)

    def renew(self) -> Answer:
        """A new address. The answer is the one page that has it."""
        try:
            token = self.keep.renew(self._user_id, self.signed.app, self.signed.author, self._seen)
        except Conflict:
            return Redirect(self._ways.calendar(done=CHANGED))
        address = f"{self.base}{feed_path(token)}"
        shown = {"address": address, "webcal": f"webcal://{address.partition('://')[2]}"}
        return self._shown(self.keep.of(self._user_id, self.signed.app), **shown)

    def end(self) -> Redirect:
        """The address leads to nothing from now on."""
        try:
            self.keep.end(self._user_id, self.signed.app, self.signed.author, self._seen)
        except Conflict:
            return Redirect(self._ways.calendar(done=CHANGED))
        return Redirect(self._ways.calendar(done=ENDED))

    def _shown(self, feed: CalendarFeed | None, *, address: str | None = None, **more: Any) -> Page:
        context: Mapping[str, Any] = {
            "head": self._ways.head(self.signed.texts, CALENDAR),
            "way": self._ways.calendar(),
            "way_to_end": self._ways.calendar("/end"),
            "seen_name": SEEN,
            "seen": version_of(feed),
            "made": self._day(feed) if feed else None,
            "address": address,
            "done": None,
            **more,
        }
        return self.signed.page("my_calendar.html", "my", context, scripts=("copy.js", "dialogs.js"))

    def _day(self, feed: CalendarFeed) -> str:
        return date_of(self.signed.dates, feed.created_at.astimezone(self.signed.zone).date())

    @property
    def _user_id(self) -> str:
        return self.signed.visit.user.user_id

    @property
    def _seen(self) -> str:
        return self.signed.asked.field(SEEN)

    @property
    def _ways(self) -> Ways:
        return Ways.of(self.signed)
