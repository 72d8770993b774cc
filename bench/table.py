"""The rows of the table: which sides are compared, and the goal of each comparison."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench import attempt, availability, booking, cold_starts, csv_rows, pages, throughput
from bench.cold_starts import Start
from bench.results import Row, row_of
from bench.sides import ROOT

EARLIER = "the earlier commit"
NO_COMMIT = "no earlier commit was named"


@dataclass(frozen=True, kw_only=True)
class Run:
    """How it is measured. `before`: a checkout of the earlier commit."""

    is_quick: bool
    before: Path | None

    def rounds(self, many: int, few: int) -> int:
        """A quick run shows that it runs; its figures are rough."""
        return few if self.is_quick else many


def rows(name: str, run: Run) -> Iterator[Row]:
    """Measure one subject, and say what came of it."""
    yield from SUBJECTS[name](run)


def _booking(run: Run) -> Iterator[Row]:
    found = booking.measure(run.rounds(200, 30), run.before).medians
    what = "a booking, whole handler, 3 store requests"
    yield row_of(found, what=what, beside="the same three requests by bare boto3", peer="boto3", most=0.65)
    beside = "psycopg 3 on PostgreSQL with an exclusion constraint, client side"
    yield row_of(found, what="the same", beside=beside, peer="psycopg", most=4.5)


def _search(run: Run) -> Iterator[Row]:
    for size, most in ((1, 0.35), (100, 0.2)):
        found = availability.measure(size, run.rounds(20, 4), run.before).medians
        agents = "1 agent" if size == 1 else f"{size} agents"
        what = f"a slot search, 31 days, 15-minute steps, {agents}"
        yield row_of(found, what=what, beside="a dayjs loop that finds the same slots", peer="dayjs", most=most)
        own = {name.removeprefix("kernel "): figure for name, figure in found.items() if name != "before"}
        beside = "the same"
        yield row_of(own, what=f"its kernel alone, {agents}", ours="kernel", beside=beside, peer="dayjs")


def _pages(run: Run) -> Iterator[Row]:
    found = pages.measure(run.rounds(40, 6), run.before).medians
    for mode, whom in (("any", "the service finds the agent"), ("choice", "the guest chooses")):
        yield Row(
            what=f"the booking page's first view, {pages.TEAM} agents, {whom}",
            now=found[f"{mode}-{pages.TEAM}"],
            before=found.get(f"{mode}-{pages.TEAM} before"),
            beside="the same of one agent",
            peer=found[f"{mode}-1"],
            most=3,
        )


def _attempt(run: Run) -> Iterator[Row]:
    found = attempt.measure([ROOT, *([run.before] if run.before else [])], run.rounds(6, 2))
    before = [(one.median, _requests(one)) for one in found[1:]] or [(None, None)]
    yield Row(
        what="a dial attempt, from the wake-up to the record",
        now=found[0].median,
        before=before[0][0],
        beside=EARLIER,
        peer=before[0][0],
        most=0.3,
        why_not="" if run.before else NO_COMMIT,
    )
    what = "its requests of the store"
    yield Row(what=what, unit="", now=_requests(found[0]), before=before[0][1], beside="eight", peer=8, most=1)


def _requests(measured: attempt.Measured) -> float:
    """Of one attempt; those that nobody timed were counted, too."""
    attempts = len(measured.milliseconds) / attempt.ATTEMPTS * (attempt.ATTEMPTS + attempt.WARM_UP)
    return sum(measured.requests.values()) / attempts


def _csv(run: Run) -> Iterator[Row]:
    found = csv_rows.measure([ROOT, *([run.before] if run.before else [])], run.rounds(5, 1))
    for name in csv_rows.OURS:
        yield Row(
            what=f"10,000 rows of CSV to the answer of `dialing/{name}`",
            unit="s",
            now=found[ROOT, name],
            before=found.get((run.before, name)) if run.before else None,
            beside=csv_rows.PEER,
            peer=found[None, csv_rows.PEER],
            most=1.7,
        )


def _cold_starts(run: Run) -> Iterator[Row]:
    now = cold_starts.measure(run.rounds(6, 2))
    before = cold_starts.measure(run.rounds(6, 2), run.before) if run.before else {}
    slowest = max(_of_events(now), key=lambda folder: now[folder].milliseconds, default="")
    create = "scheduled_calls/create"
    for folder, what, most in (
        (create, f"a cold start of `{create}`, until its first answer", 1.2),
        (slowest, f"of the slowest function that events start{slowest and f', `{slowest}`'}", 0.7),
    ):
        yield Row(
            what=what,
            now=_milliseconds(now, folder),
            before=_milliseconds(before, folder),
            beside="a process that makes boto3's client and gets one item",
            peer=_milliseconds(now, cold_starts.YARDSTICK),
            most=most,
            why_not="" if now else "the budgets did not run",
        )


def _of_events(found: Mapping[str, Start]) -> list[str]:
    from tests.support.aws.template import functions

    return [folder for folder, function in functions().items() if folder in found and not function.routes]


def _milliseconds(found: Mapping[str, Start], name: str) -> float | None:
    return found[name].milliseconds if name in found else None


def _throughput(run: Run) -> Iterator[Row]:
    found = throughput.measure(run.rounds(9, 3), run.rounds(200, 100), run.before)
    yield Row(
        what=f"`make run`, {throughput.CLIENTS} clients",
        unit="bookings/s",
        now=found["ours"],
        before=found.get("before"),
        beside=EARLIER,
        peer=found.get("before"),
        least=1.6,
        why_not="" if run.before else NO_COMMIT,
    )


SUBJECTS: Mapping[str, Callable[[Run], Iterator[Row]]] = {
    "booking": _booking,
    "search": _search,
    "pages": _pages,
    "attempt": _attempt,
    "csv": _csv,
    "cold-starts": _cold_starts,
    "throughput": _throughput,
}
