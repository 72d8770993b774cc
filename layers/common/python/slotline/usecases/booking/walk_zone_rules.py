"""Go through upcoming calls after a change of zone rules, a page at a time, for as long as there is time.

`slotline.domain.booking.zone_walks` says how far a walk is, `slotline.usecases.booking.follow_zone_rules` what becomes
of a call.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from slotline.domain.access.rate_limits import no_rate_limit
from slotline.domain.booking.apps import App
from slotline.domain.booking.calls import Call
from slotline.domain.booking.promises import ZoneChange, ZoneOutcome, is_newer
from slotline.domain.booking.zone_changes import finds, is_upcoming, promised_now
from slotline.domain.booking.zone_walks import AppWalk, ZonePhase, ZoneWalk, first_sight, has_work, is_news
from slotline.domain.shared.errors import AppNotFound, Conflict, NotFound
from slotline.ports.booking import Bookings, ZoneWalks
from slotline.ports.shared import Clock, Ids
from slotline.usecases.booking.change_call import SYSTEM, Change, ChangeCall
from slotline.usecases.booking.follow_zone_rules import FollowZoneRules, MovesLater

HasTime = Callable[[], bool]
FollowDials = Callable[[Mapping[str, object] | None], Mapping[str, object] | None]
"""Some of what is dialled, from a place on; where the next step begins, or None."""


@dataclass(slots=True)
class _Decision:
    """The rules' decision, and whether this walker made it: another one may have come first."""

    rules: FollowZoneRules
    is_made: bool = False

    def __call__(self, call: Call, app: App, now: datetime) -> Change | None:
        """What the rules say. Once something was decided an answer that was lost may be found on the call."""
        change = self.rules(call, app, now)
        self.is_made = change is not None
        return change


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkZoneRules:
    """One walker. `rules`: the decision about each call."""

    walks: ZoneWalks
    bookings: Bookings
    change_call: ChangeCall
    rules: FollowZoneRules
    clock: Clock
    ids: Ids
    follow_dials: FollowDials

    def begin(self) -> ZoneWalk:
        """A walk from the beginning, because somebody asks for it; one that is under way goes on.

        Raises Conflict if newer rules than these were followed, or another walker is at it.
        """
        walk, now, release = self.walks.read(), self.clock.now(), self.rules.release
        if walk is not None and is_newer(walk.release, release):
            raise Conflict(f"Calls were checked by the rules of {walk.release} already, and these are of {release}.")
        if walk is None or is_news(walk, release):
            walk = first_sight(walk, release, now)
        if walk.held_until is not None and now < walk.held_until:
            raise Conflict("Another walk is under way; it goes on by itself.")
        if walk.phase in (ZonePhase.WAITING, ZonePhase.OVER):
            walk = walk.begun(now)
        return self.walks.write(walk)

    def __call__(self, has_time: HasTime) -> ZoneWalk | None:
        """Begin or go on, and let go when the time is over. The walk as it is then; None if there was nothing to do.

        Raises RaceLost if it is another's by now, or StoreBusyError: whoever comes next goes on.
        """
        walk, now = self.walks.read(), self.clock.now()
        if walk is None or not has_work(walk, self.rules.release, now):
            return None
        if walk.phase is ZonePhase.WAITING:
            walk = walk.begun(now)
        claim_id = self.ids.new()
        steps = {ZonePhase.LISTING: self._list, ZonePhase.WALKING: self._walk, ZonePhase.DIALING: self._dial}
        walk = self.walks.write(walk.held(claim_id, now))
        while has_time() and walk.phase in steps:
            walk = self.walks.write(steps[walk.phase](walk).held(claim_id, self.clock.now()))
        return self.walks.write(walk.let_go())

    def findings(self) -> Iterator[tuple[Call, ZoneChange]]:
        """What a walk would find, and do, if it ran now; nothing is written, and nothing that it moves is moved.

        So a call whose slot is taken by one that moves away, too, is told as one that does not move.
        """
        place = None
        seen: set[str] = set()
        while True:
            app_ids, place = self.walks.apps_with_calls(place)
            for app_id in app_ids:
                if app_id not in seen:
                    seen.add(app_id)
                    yield from self._findings_of(app_id)
            if place is None:
                return

    def _findings_of(self, app_id: str) -> Iterator[tuple[Call, ZoneChange]]:
        step: AppWalk | None = AppWalk(app_id=app_id)
        rules = replace(self.rules, is_back=True)
        while step is not None:
            calls, after = self.walks.upcoming(step, self.clock.now())
            for call in calls:
                if self._finds(call) is None:
                    continue
                there = self.bookings.read_for_change(app_id, call.id, None)
                if there.app is None or there.call is None:
                    continue
                change = rules(there.call, there.app, self.clock.now())
                if change is not None and change.call.zone_change is not None:
                    yield there.call, change.call.zone_change
            step = replace(step, after=after) if after else None

    def _list(self, walk: ZoneWalk) -> ZoneWalk:
        """A page of what waits for its time: the apps that have upcoming calls, each kept to be gone through."""
        app_ids, place = self.walks.apps_with_calls(walk.place)
        for app_id in sorted(set(app_ids)):
            self.walks.keep_app(AppWalk(app_id=app_id))
        return replace(walk, place=place, phase=ZonePhase.LISTING if place else ZonePhase.WALKING)

    def _walk(self, walk: ZoneWalk) -> ZoneWalk:
        """A page of an app's calls."""
        app = self.walks.next_app()
        if app is None:
            return replace(walk, phase=ZonePhase.DIALING, place=None)
        calls, after = self.walks.upcoming(app, self.clock.now())
        found, turns_back = self._follow(app, calls)
        for zone, outcome in found:
            walk = walk.with_found(zone, outcome)
        app = replace(app, after=after, turns_back=app.turns_back or turns_back)
        if after is not None:
            self.walks.keep_app(app)
        elif app.turns_back and not app.is_back:
            self.walks.keep_app(AppWalk(app_id=app.app_id, is_back=True))
        else:
            self.walks.drop_app(app.app_id)
        return walk

    def _dial(self, walk: ZoneWalk) -> ZoneWalk:
        """Some of what is dialled."""
        place = self.follow_dials(walk.place)
        return replace(walk, place=place) if place else walk.ended()

    def _follow(self, app: AppWalk, calls: Sequence[Call]) -> tuple[list[tuple[str, str]], bool]:
        """What was found among the calls of a page, and whether some of them wait for the way back."""
        found: list[tuple[str, str]] = []
        turns_back = False
        decision = _Decision(replace(self.rules, is_back=app.is_back))
        for call in calls:
            if self._finds(call) is None:
                if call.promised is None and is_upcoming(call, self.clock.now()):
                    self.walks.keep_promise(call, promised_now(call, self.rules.release))
                continue
            try:
                changed = self.change_call(app.app_id, call.id, decision, SYSTEM, None, no_rate_limit).call
            except MovesLater:
                turns_back = True
            except (AppNotFound, NotFound):
                continue
            else:
                if changed.zone_change and decision.is_made:
                    found.append((changed.app_timezone, changed.zone_change.outcome.value))
        return found, turns_back

    def _finds(self, call: Call) -> ZoneOutcome | None:
        return finds(call, self.rules.release, self.rules.changed_zones, self.clock.now())
