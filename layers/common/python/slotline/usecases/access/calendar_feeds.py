"""A person's own calendar feed: make it, renew it, end it; and open it for a calendar program that has its address."""

from collections.abc import Callable
from dataclasses import dataclass

from slotline.domain.access.calendar_feeds import FEED_PREFIX, CalendarFeed, FeedSituation, feed_token
from slotline.domain.access.identity import secret_hash
from slotline.domain.access.rate_limits import Window
from slotline.domain.access.visits import VisitedApp
from slotline.domain.shared.audit import Audited, AuditEntry, Author
from slotline.domain.shared.errors import Conflict, NotFound, RateLimited
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.networks import network_of
from slotline.ports.access import CalendarFeeds, Rates
from slotline.ports.shared import Clock, Ids, RaceLost

LOOKS_FROM_A_NETWORK = {Window.MINUTE: 300, Window.HOUR: 5_000, Window.DAY: 50_000}
"""Programs ask every few minutes or hours, but Google and Microsoft ask for all of their users from few networks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepCalendarFeed:
    """What somebody does with their own feed. Each act is in the app's audit log; all raise StoreBusyError.

    `seen` is the feed that the page showed to whoever acts, by when it was made: a form that is sent twice makes one
    address, and nobody ends one that they have not seen.
    """

    feeds: CalendarFeeds
    clock: Clock
    ids: Ids
    new_secret: Callable[[str], str]

    def of(self, user_id: str, app: VisitedApp) -> CalendarFeed | None:
        """The feed, if there is one."""
        return self.feeds.of_user(user_id, app.app_id)

    def renew(self, user_id: str, app: VisitedApp, author: Author, seen: str) -> str:
        """A new feed, or the first; the one before it ends. Its token, which is kept nowhere. Raises Conflict."""
        before, audited = self._as_seen(user_id, app, seen), self._audited(author)
        token = self.new_secret(FEED_PREFIX)
        feed = CalendarFeed(token_hash=secret_hash(token), user_id=user_id, app_id=app.app_id, created_at=audited.at)
        entry = _entry(audited, "rotated" if before else "added", user_id, app)
        self._write(lambda: self.feeds.keep(feed, before, entry))
        return token

    def end(self, user_id: str, app: VisitedApp, author: Author, seen: str) -> None:
        """The feed ends; one that is not there has ended. Raises Conflict if another has taken its place."""
        if before := self._as_seen(user_id, app, seen):
            entry = _entry(self._audited(author), "revoked", user_id, app)
            self._write(lambda: self.feeds.end(before, entry))

    def _as_seen(self, user_id: str, app: VisitedApp, seen: str) -> CalendarFeed | None:
        found = self.of(user_id, app)
        if seen != version_of(found):
            raise Conflict("The calendar feed was changed meanwhile.")
        return found

    def _write(self, write: Callable[[], None]) -> None:
        try:
            write()
        except RaceLost as lost:
            raise Conflict("The calendar feed was changed meanwhile.") from lost

    def _audited(self, author: Author) -> Audited:
        return Audited(id=self.ids.new(), at=self.clock.now(), author=author)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCalendarFeed:
    """Opens a feed for whoever has its address."""

    feeds: CalendarFeeds
    rates: Rates
    clock: Clock

    def __call__(self, path: str, address: str) -> tuple[FeedSituation, str]:
        """Whose feed it is, and which agent's bookings it shows.

        Raises NotFound, the same for an address that never was, one that was revoked and one that shows nothing any
        more; RateLimited by the network of the network address; and StoreBusyError.
        """
        network, now = network_of(address), self.clock.now()
        state = self.rates.count(f"calendar-feed-from-{network}", dict(LOOKS_FROM_A_NETWORK), now)
        if not state.allowed:
            message = "Too many requests. Try again later."
            raise RateLimited(message, retry_after_seconds=state.retry_after_seconds)
        token = feed_token(path)
        found = self.feeds.find(secret_hash(token)) if token else None
        if found is None or found.agent_id is None:
            raise NotFound("There is no calendar at this address.")
        return found, found.agent_id


def version_of(feed: CalendarFeed | None) -> str:
    """What tells one feed of somebody's from the next; empty for none."""
    return format_instant(feed.created_at) if feed else ""


def _entry(audited: Audited, verb: str, user_id: str, app: VisitedApp) -> AuditEntry:
    return audited.entry(f"calendar_feed.{verb}", user_id, of=app)
