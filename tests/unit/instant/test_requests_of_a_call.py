"""How many requests a whole call makes, by the pace that its room tells its pages: counted, not reckoned."""

from dataclasses import dataclass, field
from datetime import timedelta

from slotline.domain.booking.rooms import Side
from tests.support.worlds.parlour import Parlour, Visitor

MOST = 200
FOUND_AFTER = timedelta(seconds=3)
"""How long two browsers take to find each other's way."""
LETTERS_WHILE_LOOKING = 4
"""Batches of candidates that a page sends at once rather than at its next turn."""


@dataclass
class Tab:
    """A page in a room as its script behaves: it asks when it was told to, and at once when it has something to say."""

    parlour: Parlour
    call_id: str
    side: Side
    requests: int = 0
    visitor: Visitor | None = None
    next_at: timedelta = timedelta()
    linked_at: timedelta | None = None
    letters: int = field(default=0)

    def load(self, now: timedelta) -> None:
        """The page, the test of relays, and the way in."""
        self.requests += 3
        secret = self.visitor.secret if self.visitor else None
        self.visitor = self.parlour.enter(self.call_id, self.side, secret)
        self.linked_at, self.letters, self.next_at = None, LETTERS_WHILE_LOOKING, now

    def turn(self, now: timedelta, *, peer_since: timedelta | None) -> None:
        """One second of its life."""
        assert self.visitor
        if peer_since is not None and self.linked_at is None and now - peer_since >= FOUND_AFTER:
            self.linked_at, self.next_at = now, now
        says = peer_since is not None and self.linked_at is None and self.letters > 0
        if now < self.next_at and not says:
            return
        self.letters -= 1 if says else 0
        self.requests += 1
        answer = self.parlour.sync(self.call_id, self.visitor, is_linked=self.linked_at is not None)
        self.next_at = now + answer.ask_again_in


def run(parlour: Parlour, tabs: list[Tab], minutes: int, reload_at: timedelta | None = None) -> int:
    """Let a call last so long; its requests."""
    began = parlour.clock.now()
    together = timedelta() if len(tabs) > 1 else None
    for tab in tabs:
        tab.load(timedelta())
    for second in range(minutes * 60):
        now = timedelta(seconds=second)
        parlour.clock.instant = began + now
        if now == reload_at:
            tabs[-1].requests += 1  # that it goes
            tabs[-1].load(now)
            tabs[0].linked_at, tabs[0].letters, together = None, LETTERS_WHILE_LOOKING, now
        for tab in tabs:
            tab.turn(now, peer_since=together)
    for tab in tabs:
        assert tab.visitor
        tab.requests += 1
        parlour.leave(tab.call_id, tab.visitor)
    return sum(tab.requests for tab in tabs)


def test_ten_minutes_of_two_with_one_reload_take_at_most_200_requests_together():
    parlour = Parlour()
    call_id = parlour.instant()
    tabs = [Tab(parlour, call_id, side) for side in Side]
    requests = run(parlour, tabs, 10, timedelta(minutes=5))
    print(f"\n{requests} requests")  # noqa: T201 - shown by pytest -s
    assert 100 < requests <= MOST


def test_a_host_who_waits_alone_for_half_an_hour_takes_at_most_200():
    parlour = Parlour()
    call_id = parlour.instant()
    requests = run(parlour, [Tab(parlour, call_id, Side.HOST)], 30)
    print(f"\n{requests} requests")  # noqa: T201 - shown by pytest -s
    assert 100 < requests <= MOST
