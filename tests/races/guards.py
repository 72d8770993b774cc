"""How fine must the guards of an agent's day be? An experiment: `python -m tests.races.guards [rounds]`.

Sixty-four contenders book sixty-four different quarters of an hour of one agent's day at the same instant, with a guard
per hour as it is, and with one guard for the whole day. What is told is how many gave up after their last try: each of
those would be a 503 although the slot is free.
"""

import sys
import time
from datetime import UTC, datetime, timedelta

from local.process import running_system
from slotline.domain.shared.intervals import Interval
from tests.support.worlds.crowd import CLIENTS, Crowd, OnStore, Wish, crowd, statuses


class OnStoreWithOneGuardADay(OnStore):
    """The same store under the coarser lock, patched in the contenders' processes alone."""

    def connect(self):
        """A client of its own."""
        hours = Interval.utc_hours_of
        if hours.__name__ == "utc_hours_of":
            Interval.utc_hours_of = lambda self, day: range(1 if hours(self, day) else 0)  # type: ignore[method-assign]
        return super().connect()


def measure(name: str, clients: Crowd, agents: list[str], rounds: int, first_day: int) -> None:
    """Print one line of figures."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    outcomes, started = [], time.perf_counter()
    for number in range(rounds):
        day = midnight + timedelta(days=first_day + number)
        outcomes += clients.rush(
            [
                Wish(agents[number % len(agents)], (day + timedelta(minutes=15 * quarter)).isoformat(), 15)
                for quarter in range(CLIENTS)
            ]
        )
    seconds = time.perf_counter() - started
    counts, tries = statuses(outcomes), sorted(outcome.tries or 1 for outcome in outcomes)
    print(  # noqa: T201 - the experiment's figures
        f"{name}: {rounds} rounds, {len(outcomes)} bookings of free slots, {counts.get(201, 0)} made, "
        f"{counts.get(503, 0)} gave up ({counts.get(503, 0) / len(outcomes):.1%}), {counts.get(409, 0)} false 409, "
        f"tries mean {sum(tries) / len(tries):.2f}, median {tries[len(tries) // 2]}, "
        f"p99 {tries[int(len(tries) * 0.99)]}, {seconds:.1f} s",
        flush=True,
    )


def main(rounds: int) -> None:
    """Both, one after the other, on one system."""
    with running_system() as system:
        where = (system.emulator_url, system.region, system.tables["scheduling"], system.tables["access"])
        for name, target, first_day in (
            ("a guard per hour", OnStore(*where, system.demo["app_id"]), 10),
            ("one guard a day", OnStoreWithOneGuardADay(*where, system.demo["app_id"]), 310),
        ):
            with crowd(target) as clients:
                measure(name, clients, system.demo["agent_ids"], rounds, first_day)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
