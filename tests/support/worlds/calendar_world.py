"""A calendar in memory that people ask things of, through connections that fail; every effect is judged as it happens.

An effect is one reading or writing of the store. Before each, something may go wrong, or somebody else's whole request
may come in between. Each change of the rows belongs to the request that was under way: it must be what was asked for.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from slotline.domain.booking.apps import CustomerLimit, Period
from slotline.domain.shared.errors import CustomerLimitReached, DomainError, IdempotencyMismatch, Unavailable
from slotline.domain.shared.idempotency import IdempotencyKey
from slotline.domain.shared.working_hours import Window
from slotline.ports.shared import StoreBusyError
from tests.support.builders.apps import SetClock
from tests.support.builders.bookings import APP_ID, a_key, an_agent, an_app
from tests.support.memory.faults import Crashed, Fault, Faults
from tests.support.memory.running import NumberedIds
from tests.support.memory.store import MemoryStore
from tests.support.oracles.moments import Moment, check, moment_of
from tests.support.worlds.desk import Answer, Desk
from tests.support.worlds.wish import Change, Wish
from tests.support.worlds.wishes import CAPS, HOURS, TAGS, ChangeOfCalls, Hold, against

WEIGHTS = {"agent-1": 1, "agent-2": 1, "agent-3": 2}
MOST_BOOKINGS = 3
"""Of one customer in an hour, where customers are limited."""
KEY_LASTS = timedelta(hours=23)
"""Within it nobody's clock runs out while a request is under way: keys last for 24."""


@dataclass(frozen=True)
class Ask:
    """A new request."""

    wish: Wish
    with_key: bool = True


@dataclass(frozen=True)
class Again:
    """An earlier request once more, word for word, by its key. The last one where `which` is 0."""

    which: int = 0


@dataclass(frozen=True)
class Pass:
    """Time."""

    seconds: int


@dataclass(frozen=True)
class Clash:
    """A rival of the request that is under way: for its time by `book`, `hold`, `disturb`; for its call by others."""

    by: str


MOST_TROUBLES = 3
"""After so many, a request is still answered: each costs it one try of eight."""
Rival = Ask | Again | Clash | Pass
Weather = Sequence[Fault | Rival | None]
"""What comes between a request and the store, effect by effect; beyond the end, nothing."""


@dataclass
class Request:
    """One wish, sent once, or with its key several times."""

    number: int
    wish: Wish
    key: IdempotencyKey | None
    sent_at: datetime
    made: Counter[str] = field(default_factory=Counter)
    """How many effects it had on each thing; what it made counts under "new" too."""
    answers: list[Answer] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list, repr=False)
    """That its sendings lived through, all of them."""

    @property
    def marker(self) -> str:
        """What stands in everything that it makes."""
        return f"Wish {self.number}"


@dataclass
class Sending:
    """One sending of a request, with the moments that it lived through."""

    request: Request
    weather: Weather
    moments: list[Moment] = field(default_factory=list)
    made: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Between(Faults):
    """Faults in the order of effects, of whatever kind they are, and somebody who watches each effect."""

    weather: deque[Fault | Callable[[], None] | None] = field(default_factory=deque)
    watch: Callable[[], None] = lambda: None

    @contextmanager
    def around(self, planned: deque[Fault | None]) -> Iterator[None]:  # noqa: ARG002 - one plan for all kinds
        """Run an effect under the next part of the weather."""
        part = self.weather.popleft() if self.weather else None
        self.watch()
        if callable(part):
            part()
            self.watch()
        with Faults.around(self, deque([part if isinstance(part, Fault) else None])):
            yield
            self.watch()


class World:
    """One app of three agents, and everything that was ever asked of it."""

    def __init__(self, *, limited: bool = False, cancelled_count: bool = True) -> None:
        self.clock = SetClock()
        self.ids = NumberedIds()
        self.store = MemoryStore(self.clock)
        self.limits = MOST_BOOKINGS if limited else None
        self.cancelled_count = cancelled_count
        limits = (CustomerLimit(max_bookings=MOST_BOOKINGS, per=Period.HOUR),) if limited else ()
        self.store.apps[APP_ID] = an_app(
            customer_limits=limits, cancelled_bookings_count=cancelled_count, allow_foreign_recipients=True
        )
        for agent_id, hours in HOURS.items():
            windows = tuple(
                Window(weekday=day, start=f"{hours.start:02d}:00", end=f"{hours.stop:02d}:00", zone="UTC")
                for day in range(7)
            )
            most, zone = CAPS.get(agent_id, (None, None))
            agent = an_agent(
                agent_id,
                weight=WEIGHTS[agent_id],
                working_hours=windows,
                tags=tuple(TAGS[agent_id]),
                max_calls_per_day=most,
                timezone=zone,
            )
            self.store.agents[APP_ID, agent_id] = agent
        self.requests: list[Request] = []
        self.under_way: list[Sending] = []
        self.last = moment_of(self.store, APP_ID)

    def act(self, rival: Rival, weather: Weather = ()) -> None:
        """Let somebody act, in this weather."""
        if isinstance(rival, Pass):
            self.clock.advance(seconds=rival.seconds)
            self.watch()
        elif isinstance(rival, Again):
            self._again(rival.which, weather)
        elif isinstance(rival, Clash):
            wish = against(self.under_way[-1].request.wish, rival.by)
            if wish is not None:
                self._ask(Ask(wish, with_key=False), weather)
        else:
            self._ask(rival, weather)

    def mistake(self, which: int) -> None:
        """Send an answered request's key with another body: it is refused, and has no effect."""
        answered = [request for request in self._with_live_keys() if request.answers]
        if not answered:
            return
        request = answered[which % len(answered)]
        assert request.key
        before = self.watch()
        try:
            request.wish.ask(self._desk(()), request.marker, replace(request.key, fingerprint="another body"))
        except IdempotencyMismatch:
            assert self.watch().state == before.state
        else:
            raise AssertionError(f"I5: the key of {request} was taken with another body")

    def watch(self) -> Moment:
        """Judge what has changed since the last time, and note the moment for everybody whose request is under way."""
        moment = moment_of(self.store, APP_ID)
        changes = list(_changes(self.last, moment))
        if changes:
            check(moment)
        for change in changes:
            self._attribute(change, self.last, moment)
        self.last = moment
        for sending in self.under_way:
            sending.moments.append(moment)
            sending.request.moments.append(moment)
        return moment

    def _ask(self, asked: Ask, weather: Weather) -> None:
        wish = asked.wish.settled(self.watch())
        if wish is None:
            return
        number = len(self.requests) + 1
        key = a_key(f"key-{number}", route=type(wish).__name__) if asked.with_key and wish.has_key else None
        request = Request(number, wish, key, self.clock.now())
        self.requests.append(request)
        self._send(request, weather)

    def _again(self, which: int, weather: Weather) -> None:
        live = self._with_live_keys()
        if live:
            self._send(live[-1 - which % len(live)], weather)

    def _with_live_keys(self) -> list[Request]:
        now = self.clock.now()
        return [request for request in self.requests if request.key and now < request.sent_at + KEY_LASTS]

    def _send(self, request: Request, weather: Weather) -> None:
        sending = Sending(request, weather)
        self.under_way.append(sending)
        try:
            self.watch()
            answer = request.wish.ask(self._desk(weather), request.marker, request.key)
        except Crashed:
            pass
        except (Unavailable, StoreBusyError):
            assert _may_fail(request, weather), f"{request} was not answered, and hardly anything went wrong"
        except DomainError as refusal:
            self.watch()
            self._check_refusal(sending, refusal)
        else:
            self.watch()
            self._check_answer(sending, answer)
        finally:
            self.under_way.pop()

    def _desk(self, weather: Weather) -> Desk:
        parts: deque[Fault | Callable[[], None] | None] = deque(
            part if part is None or isinstance(part, Fault) else _later(self.act, part) for part in weather
        )
        faults = Between(weather=parts, watch=self.watch)
        return Desk(self.store.with_faults(faults), self.clock, self.ids)

    def _attribute(self, change: Change, before: Moment, after: Moment) -> None:
        """Every change is what somebody asked for: the one whose request is under way."""
        assert self.under_way, f"nobody asked for {change}"
        sending = self.under_way[-1]
        request = sending.request
        assert request.wish.explains(change, request.marker), f"I2: {request} did not ask for {change}"
        sending.made.add(change.id)
        if change.before is None:
            request.made["new"] += 1
            assert request.made["new"] == 1, f"I5: {request} made a second thing: {change}"
        request.made[change.id] += 1
        if change.what == "call":
            assert request.made[change.id] == 1, f"I5: {request} had a second effect: {change}"
            self._check_call(change, before, after)
        elif change.what == "hold" and change.before is None:
            assert not before.in_the_way(change.after.slot), f"I1: {change} was taken already"

    def _check_call(self, change: Change, before: Moment, after: Moment) -> None:
        """A call that takes time takes what was free, and where the engine picked, what is worked."""
        slot = after.active.get(change.id)
        if slot is not None and slot != before.active.get(change.id):
            spent = before.holds.keys() - after.holds.keys()
            assert not before.in_the_way(slot, change.id, *spent), f"I1: {change} was taken already"
            picked = (change.before is None and change.after["assignment_method"] == "round_robin") or (
                change.after["held_agent_id"] is not None
            )
            assert not picked or after.works(slot, HOURS[slot.agent_id]), f"{change} is not worked by {slot.agent_id}"
            eligible = TAGS[slot.agent_id].issuperset(change.after["required_tags"])
            assert not picked or eligible, f"I9: {change} went to {slot.agent_id}, who is not eligible"
        sending = self.under_way[-1]
        hold_id = getattr(sending.request.wish, "hold_id", None)
        held = hold_id is None or any(hold_id in moment.holds for moment in sending.moments)
        assert held, f"{change} was booked on a hold that was over"
        if change.before is None and self.limits is not None:
            counted = self._counted(after, change.after["guest_email"])
            assert len(counted) <= self.limits, f"{change} is one booking too many"

    def _check_answer(self, sending: Sending, answer: Answer) -> None:
        request, wish = sending.request, sending.request.wish
        for thing_id in answer.ids:
            there = any(wish.holds_at(moment, thing_id) for moment in request.moments if _has(moment, thing_id, wish))
            over = isinstance(wish, Hold) and wish.expiry(answer) <= self.last.now  # it may have ended before it began
            assert request.made[thing_id] or there or over, f"I2: {request} was not done"
        assert wish.is_shown_by(answer, self.last), f"I2: {request} was answered {answer}, and it is not so"
        for call_id, refusal in (answer.refusals or {}).items():
            self._check_truth(sending, refusal, call_id)
        is_bulk = isinstance(wish, ChangeOfCalls) and wish.is_bulk
        fresh = [each for each in (*request.answers, answer) if not each.replayed]
        # Of two sendings at once that change several calls, each tells what it found.
        assert len(fresh) <= 1 or is_bulk, f"I5: {request} was answered anew: {answer}"
        earlier = [(each.ids, _lasting(each.says)) for each in request.answers]
        same = (answer.ids, _lasting(answer.says)) in earlier
        assert same or not earlier or (is_bulk and not answer.replayed), f"I5: {request} was answered {answer}"
        request.answers.append(answer)

    def _check_refusal(self, sending: Sending, refusal: DomainError) -> None:
        request = sending.request
        assert not request.answers, f"I5: {request} was answered, and then refused: {refusal!r}"
        assert not sending.made, f"{request} had an effect, and was refused: {refusal!r}"
        self._check_truth(sending, refusal)

    def _check_truth(self, sending: Sending, refusal: DomainError, thing_id: str | None = None) -> None:
        if isinstance(refusal, CustomerLimitReached):
            email = sending.request.wish.email  # type: ignore[attr-defined]
            assert any(self._is_limited(moment, email, refusal.next_allowed_at) for moment in sending.moments)
            return
        if isinstance(refusal, Unavailable):
            assert _may_fail(sending.request, sending.weather), f"a call of {sending.request} was not changed"
            return
        true = any(sending.request.wish.true_at(refusal, moment, thing_id) for moment in sending.moments)
        assert true, f"I3: {sending.request} was refused, and it was not so: {refusal!r}"

    def _counted(self, moment: Moment, email: str) -> list[datetime]:
        """When the bookings were made that count against this customer now."""
        return sorted(
            row["created_at"]
            for row in moment.state.calls.values()
            if row["guest_email"] == email
            and (self.cancelled_count or row["status"] != "cancelled")
            and moment.now < row["created_at"] + timedelta(hours=1)
        )

    def _is_limited(self, moment: Moment, email: str, until: datetime) -> bool:
        counted = self._counted(moment, email)
        left = [made_at for made_at in counted if until < made_at + timedelta(hours=1)]
        return self.limits is not None and len(counted) >= self.limits > len(left)


def _later(act: Callable[[Rival], None], rival: Rival) -> Callable[[], None]:
    return lambda: act(rival)


def _may_fail(request: Request, weather: Weather) -> bool:
    """True where it is right that a request was not answered for sure."""
    wish, faults = request.wish, [part for part in weather if isinstance(part, Fault)]
    # The receipt of several changes is not tried again; a change is not made again over somebody else's.
    is_unsure = isinstance(wish, ChangeOfCalls) and request.key is None and Fault.LOST_ANSWER in faults
    is_once = isinstance(wish, ChangeOfCalls) and wish.is_bulk and bool(faults)
    return is_unsure or is_once or sum(part is not None for part in weather) > MOST_TROUBLES


def _lasting(says: Any) -> Any:
    """The part of an answer that is the same for ever: two sendings at once may find other calls affected."""
    return {name: value for name, value in says.items() if name != "affects"} if isinstance(says, dict) else says


def _has(moment: Moment, thing_id: str, wish: Wish) -> bool:
    return thing_id in moment.state.calls or not hasattr(wish, "call_ids")


def _changes(before: Moment, after: Moment) -> Iterator[Change]:
    """The rows that differ. A hold whose time ran out is no change."""
    yield from _differences("call", before.state.calls, after.state.calls)
    lasting = {hold_id: hold for hold_id, hold in before.holds.items() if after.now < hold.expires_at}
    yield from _differences("hold", lasting, after.holds)
    yield from _differences("block", before.blocks, after.blocks)
    yield from _differences("extra", before.extra, after.extra)


def _differences(what: str, before: Mapping[str, object], after: Mapping[str, object]) -> Iterator[Change]:
    for thing_id in sorted(before.keys() | after.keys()):
        if before.get(thing_id) != after.get(thing_id):
            yield Change(what, thing_id, before.get(thing_id), after.get(thing_id))
