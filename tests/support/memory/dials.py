"""Dialing in memory: calls and attempts, paces, and what rules over them, with faults on order."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from slotline.domain.dialing.attempts import DialAttempt
from slotline.domain.dialing.call_lists import BEGINNING, END, DialPage, DialQuery, Tally, position_of
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.events import DialEvent
from slotline.domain.dialing.numbers import Number
from slotline.domain.dialing.pace import Pace, give_back
from slotline.domain.dialing.progress import Progress
from slotline.domain.dialing.use_cases import UseCase
from slotline.domain.shared.due import Due, DueKind
from slotline.domain.shared.instants import format_instant, parse_instant
from slotline.domain.shared.phones import forms_of
from slotline.ports.dialing import DialWrite, KeptPace
from slotline.ports.shared import RaceLost
from slotline.store.dynamodb import keys
from tests.support.memory.campaigns import MemoryKeptCampaigns
from tests.support.memory.faults import Faults
from tests.support.memory.store import is_due
from tests.support.memory.tokens import RequestTokens, token_of, transaction


def due_of_dial(call: DialCall) -> Due:
    """The wake-up of a call that waits."""
    assert call.due_at is not None
    key = keys.dial_call(call.organization_id, call.id)
    return Due(kind=DueKind.ATTEMPT, pk=key["pk"], sk=key["sk"], at=call.due_at)


@dataclass
class MemoryDials:
    """`DialCalls`: rows in memory."""

    faults: Faults = field(default_factory=Faults)
    calls: dict[tuple[str, str], DialCall] = field(default_factory=dict)
    attempts: dict[tuple[str, str], dict[int, DialAttempt]] = field(default_factory=dict)
    events: list[DialEvent] = field(default_factory=list)
    tokens: RequestTokens = field(default_factory=RequestTokens)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One effect."""
        with self.faults.around(self.faults.commits):
            yield

    def add(self, calls: Sequence[DialCall]) -> None:
        """Keep those that are not there."""
        with self.faults.around(self.faults.commits):
            for call in calls:
                self.calls.setdefault((call.organization_id, call.id), call)

    def get(self, organization_id: str, call_id: str) -> tuple[DialCall, Sequence[DialAttempt]] | None:
        """A call with its attempts in order, or None."""
        with self.faults.around(self.faults.reads):
            call = self.calls.get((organization_id, call_id))
            attempts = self.attempts.get((organization_id, call_id), {})
            return (call, [attempts[number] for number in sorted(attempts)]) if call else None

    def due(self, due: Due) -> DialCall | None:
        """The call that is due then."""
        with self.faults.around(self.faults.reads):
            _, organization_id, _, call_id = due.pk.split("#")
            call = self.calls.get((organization_id, call_id))
            return call if call and is_due(call.due_at, due) else None

    def waiting(self, place: Mapping[str, object] | None) -> tuple[Sequence[DialCall], Mapping[str, object] | None]:
        """Those that are not over, two at a time."""
        with self.faults.around(self.faults.reads):
            left = sorted(call.id for call in self.calls.values() if call.due_at)
            left = [call_id for call_id in left if place is None or call_id > str(place["after"])]
            found = [call for call in self.calls.values() if call.id in left[:2]]
            return found, {"after": left[1]} if len(left) > 2 else None

    def attempt(self, organization_id: str, call_id: str, number: int) -> DialAttempt | None:
        """One attempt, or None."""
        with self.faults.around(self.faults.reads):
            return self.attempts.get((organization_id, call_id), {}).get(number)

    @transaction
    def write(self, write: DialWrite) -> None:
        """All or nothing."""
        self._write(write)

    def write_all(self, writes: Sequence[DialWrite]) -> Sequence[str]:
        """Each all or nothing."""
        with self.writing():
            return self.tokens.once(token_of(writes), writes, lambda: self._write_each(writes)) or []

    def _write_each(self, writes: Sequence[DialWrite]) -> Sequence[str]:
        refused = []
        for write in writes:
            try:
                self._write(write)
            except RaceLost:
                refused.append(write.call.id)
        return refused

    def _write(self, write: DialWrite) -> None:
        place = (write.call.organization_id, write.call.id)
        there, attempts = self.calls.get(place), self.attempts.setdefault(place, {})
        if write.claims and _is_kept(write.claims, attempts):
            return
        if there is None or there.revision != write.replaces:
            raise RaceLost
        if write.claims and write.claims.number in attempts:
            raise RaceLost
        self.calls[place] = write.call
        for attempt in (write.claims, write.attempt):
            if attempt:
                attempts[attempt.number] = _as_a_row_keeps_it(attempt)
        if write.event:
            self.events.append(write.event)

    def find(self, query: DialQuery) -> DialPage:
        """One page, from a full sort."""
        with self.faults.around(self.faults.reads):
            found = sorted(filter(query.takes, self.calls.values()), key=position_of)
        left = [call for call in found if query.after is None or position_of(call) > query.after]
        page = left[: query.limit]
        return DialPage(calls=page, next=position_of(page[-1]) if len(left) > query.limit else None)

    def tally(self, query: DialQuery) -> Tally:
        """Counted one by one."""
        with self.faults.around(self.faults.reads):
            found = [call for call in self.calls.values() if query.takes(call)]
        by_status = Counter(call.status for call in found)
        return Tally(by_status=by_status, over=sum(call.is_over for call in found))


@dataclass
class MemoryDialLists:
    """`DialLists` of calls in memory: never behind. `complete`: False where calls are older than the lists."""

    dials: MemoryDials
    complete: bool = True
    campaigns: MemoryKeptCampaigns = field(default_factory=MemoryKeptCampaigns)

    def page(self, query: DialQuery) -> DialPage | None:
        """One page."""
        return self.dials.find(query) if self.complete else None

    def of_campaign(self, organization_id: str, campaign_id: str) -> Tally | None:
        """Counted one by one."""
        whole = DialQuery(organization_id=organization_id, campaign_id=campaign_id, since=BEGINNING, until=END)
        return self.dials.tally(whole) if self.complete else None

    def progress(self, organization_id: str, campaign_id: str) -> tuple[Progress, Tally | None] | None:
        """As it is now."""
        campaign = self.campaigns.get(organization_id, campaign_id)
        if campaign is None:
            return None
        imported = self.campaigns.imports.get((organization_id, campaign_id))
        return Progress(campaign=campaign, imported=imported), self.of_campaign(organization_id, campaign_id)

    def of_days(self, query: DialQuery) -> int | None:
        """Counted one by one."""
        return self.dials.tally(query).of(()) if self.complete else None

    def up_to(self, query: DialQuery, most: int) -> int | None:
        """Counted one by one."""
        count = self.dials.tally(query).of(())
        return count if (self.complete or query.is_of_all) and count <= most else None


def _as_a_row_keeps_it(attempt: DialAttempt) -> DialAttempt:
    """To the millisecond."""
    times = {name: getattr(attempt, name) for name in ("claimed_at", "updated_at", "ended_at")}
    return replace(attempt, **{name: parse_instant(format_instant(at)) for name, at in times.items() if at})


def _is_kept(claims: DialAttempt, attempts: Mapping[int, DialAttempt]) -> bool:
    there = attempts.get(claims.number)
    return there is not None and claims.claim_id is not None and there.claim_id == claims.claim_id


@dataclass
class MemoryPaces:
    """`Paces` in memory."""

    faults: Faults = field(default_factory=Faults)
    kept: dict[str, KeptPace] = field(default_factory=dict)

    def read(self, e164: str) -> KeptPace:
        """As it is now."""
        with self.faults.around(self.faults.reads):
            return self.kept.get(e164, KeptPace(pace=Pace(), version=0))

    def write(self, e164: str, kept: KeptPace) -> None:
        """In place of the version it was made from."""
        with self.faults.around(self.faults.commits):
            there = self.kept.get(e164)
            if (there.version if there else 0) != kept.version:
                raise RaceLost
            self.kept[e164] = KeptPace(pace=kept.pace, version=kept.version + 1)

    def give_back(self, e164: str, attempt: str) -> None:
        """At once, whatever else has changed."""
        with self.faults.around(self.faults.commits):
            there = self.kept.get(e164)
            if there and attempt in there.pace.leases:
                pace = give_back(there.pace, attempt)
                self.kept[e164] = KeptPace(pace=pace, version=there.version + 1)


@dataclass
class MemoryUseCases:
    """`UseCases` in memory."""

    kept: dict[tuple[str, str], UseCase] = field(default_factory=dict)

    def get(self, organization_id: str, use_case_id: str) -> UseCase | None:
        """As it is now."""
        return self.kept.get((organization_id, use_case_id))


@dataclass
class MemoryNumbers:
    """`Numbers` in memory."""

    kept: dict[tuple[str, str], Number] = field(default_factory=dict)

    def get(self, organization_id: str, number_id: str) -> Number | None:
        """As it is now."""
        return self.kept.get((organization_id, number_id))


@dataclass
class MemoryDoNotCall:
    """A do-not-call list in memory."""

    listed: set[tuple[str, str]] = field(default_factory=set)

    def is_listed(self, organization_id: str, e164: str) -> bool:
        """Whether it is on the list now."""
        return any((organization_id, form) in self.listed for form in forms_of(e164))
