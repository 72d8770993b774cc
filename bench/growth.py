"""What requests cost as calls become many: 1,000, 10,000 and 100,000 of one app, and as many in a campaign.

    make bench ROWS=growth [BEFORE=COMMIT]
    .venv/bin/python -m bench.growth --sizes 1000,3000 [--checkout ANOTHER]

The first thousand calls are booked by the real handler, one in fifty is cancelled by it, and the operator's recount
derives their counters and search rows. Rows of further calls, and of dial calls, are written by the store's own
functions, and what follows from them is applied as the streams' functions apply it. Then calls are listed, found,
read, booked and cancelled by the real handlers, and pages of the console opened. Requests, rows and bytes are counted
in the emulator, so any commit is counted alike. What is read and then filtered out, or only counted, counts as read.
Each request to the API includes the one that counts the client's rate, and each page the session and its account.

Milliseconds are the emulator's too, and the emulator looks through all rows of an index at each query: they grow where
DynamoDB's would not. Requests and bytes do not.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.growth_worker import (
    AGENTS,
    APP,
    LIST,
    NOT_THERE,
    ORGANIZATION,
    WANTED,
    agent_id,
    booking,
    campaign_id,
    start_of,
    text,
)
from bench.results import Part
from bench.sides import MARK, ROOT, event_of, put_rows, tables

WORKER = Path(__file__).with_name("growth_worker.py")
SIZES = (1_000, 10_000, 100_000)
WRITERS = 3
BOOKED = 1_000
"""By the handler. It would take an hour for a hundred thousand, and leave the same rows."""


class Worker:
    """A process that runs handlers of a checkout: a line of JSON for each order, and for each answer."""

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        path = os.pathsep.join((str(root / "layers/common/python"), str(root), str(ROOT)))
        self._process = subprocess.Popen(
            (sys.executable, WORKER),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment, "PYTHONPATH": path, "CHECKOUT": str(root)},
        )

    def do(self, **order: Any) -> Any:
        """What came of it. Raises RuntimeError with what the process said if it has ended."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        said = []
        for line in self._process.stdout:
            if line.startswith(MARK):
                return json.loads(line.removeprefix(MARK))
            said = [*said[-5:], line]
        raise RuntimeError("".join(said))

    def close(self) -> None:
        """End it."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


@dataclass(frozen=True)
class Cost:
    """What one request to a handler took of the store."""

    status: int
    requests: int
    kilobytes: float
    """Read by the store, whatever of it was sent."""
    rows: int
    """Read likewise."""
    milliseconds: float
    found: int | None


@dataclass
class Measured:
    """A checkout with so many calls, ready to be asked."""

    worker: Worker
    writers: Sequence[Worker]
    operator: Worker
    """It handles no event, so no invocation's time is its own."""
    emulator_url: str
    booked: int = 0
    cookie: str = ""
    """Of somebody who signed in; none in a checkout whose pages nobody signs in to."""

    def grow(self, size: int) -> None:
        """Book until there are so many calls, and write a campaign of as many."""
        numbers = range(self.booked, min(size, BOOKED))
        step = 200
        pieces = [numbers[first : first + step] for first in range(0, len(numbers), step)]
        free = list(self.writers)
        with ThreadPoolExecutor(len(free)) as threads:

            def write(piece: range) -> None:
                writer = free.pop()
                writer.do(do="book", first=piece.start, last=piece.stop)
                free.append(writer)

            list(threads.map(write, pieces))
        copies = range(max(self.booked, BOOKED), size)
        for first in range(copies.start, copies.stop, step):
            self.operator.do(do="copy", first=first, last=min(first + step, copies.stop))
        self.operator.do(do="campaign", size=size)
        if not self.booked:  # a recount reads the whole table, and only what was booked has nothing derived yet
            self.operator.do(do="derive")
        self.booked = size

    def cost(self, folder: str, event: Mapping[str, Any], take: str = "") -> tuple[Cost, Any]:
        """What the handler's answer cost, and what it said."""
        self._counts("GET")
        answered = self.worker.do(do="ask", folder=folder, event=event)
        spent = self._counts("DELETE")
        is_page = answered["type"].startswith("text/html")
        body = {} if is_page else json.loads(answered["body"] or "{}")
        found = body.get("data", {}).get(take) if take else None
        return Cost(
            status=answered["status"],
            requests=len(spent["operations"]),
            kilobytes=spent["bytes_read"] / 1024,
            rows=spent["rows_read"],
            milliseconds=answered["milliseconds"],
            found=len(found) if found is not None else None,
        ), body

    def _counts(self, method: str) -> Any:
        url = f"{self.emulator_url}/_bench/counts"
        with urllib.request.urlopen(urllib.request.Request(url, method=method)) as answer:
            return json.load(answer)


def asked(at: Measured) -> Iterator[tuple[str, Cost]]:
    """Every request that is measured, with what it cost."""

    def listed(query: str = "", what: str = "") -> tuple[str, Cost]:
        cost, _ = at.cost("scheduled_calls/list", event_of("GET", LIST, APP, query=query), "calls")
        return what, cost

    listed()  # its connections and models are there from now on
    day = start_of(0)
    deep = min(at.booked - 60, 9_900)
    yield listed(what="list: first page")
    yield listed("status=scheduled", "list: of a status most calls have")
    yield listed("status=cancelled", "list: of a status one call in fifty has")
    yield listed(f"agentId={agent_id(3)}", "list: of an agent")
    midnight = day.replace(hour=0)
    yield listed(f"dateFrom={text(midnight)}&dateTo={text(midnight + timedelta(days=1))}", "list: of a day")
    yield listed(f"offset={deep}", "list: from the 9,900th on, or the last but 60")
    cost, body = at.cost("scheduled_calls/list", event_of("GET", LIST, APP), "calls")
    after = body.get("pagination", {}).get("nextCursor") or body.get("data", {}).get("pagination", {}).get("nextCursor")
    if after:
        yield listed(f"cursor={after}", "list: the page after the first, by its cursor")
    for what, said in (("e-mail", WANTED["guestEmail"]), ("phone", "%2B573005550199"), ("name", "zelda+quintero")):
        cost, body = at.cost("scheduled_calls/list", event_of("GET", LIST, APP, query=f"search={said}"), "calls")
        yield f"search: an {what}" if what == "e-mail" else f"search: a {what}", cost
    yield from _pages(at)
    path = f"/api/v1/campaigns/{campaign_id(at.booked)}"
    yield "campaign: read with its progress", at.cost("dialing/read_calls", event_of("GET", path, APP))[0]
    cost, body = at.cost("scheduled_calls/create", booking(at.booked))
    yield "book", cost
    call = body.get("data", {}).get("call", {}).get("id", "")
    event = event_of("DELETE", f"{LIST}/{call}", APP, body={"reason": "measured"})
    yield "cancel", at.cost("scheduled_calls/cancel", event)[0]


CONSOLE = f"/console/{APP}"
PAGES = (
    ("pages/console", f"{CONSOLE}/calls", "console: scheduled calls"),
    ("pages/console", f"{CONSOLE}/agents", "console: agents"),
    ("pages/console", f"{CONSOLE}/services", "console: services"),
    ("pages/console", f"{CONSOLE}/instant", "console: instant calls"),
    ("pages/console_dialing", f"{CONSOLE}/dialing/campaigns", "console: campaigns"),
    ("pages/console_dialing", f"{CONSOLE}/dialing/calls", "console: dialed calls"),
    ("pages/console_dialing", f"{CONSOLE}/dialing/do-not-call", "console: do not call"),
    ("pages/console_settings", f"{CONSOLE}/settings/webhooks", "console: webhooks"),
    ("pages/console_settings", f"{CONSOLE}/settings/keys", "console: keys"),
    ("pages/console_settings", f"{CONSOLE}/settings/users", "console: people"),
    ("pages/console_settings", f"{CONSOLE}/settings/audit", "console: audit log"),
)
"""First pages of lists: what answers them, and where."""
DASHBOARD = "console: dashboard of 90 days"


def _pages(at: Measured) -> Iterator[tuple[str, Cost]]:
    """Pages that people sign in to, as far as a checkout has them."""
    at.cookie = at.cookie or at.worker.do(do="sign_in")
    if not at.cookie:
        return
    first = start_of(0).date()
    days = f"from={first}&to={first + timedelta(days=89)}"
    for folder, path, what in (*PAGES, ("pages/console", CONSOLE, DASHBOARD)):
        event = event_of("GET", path, APP, query=days if what == DASHBOARD else "")
        at.worker.do(do="ask", folder=folder, event={**event, "cookies": [at.cookie]})  # templates are read
        cost, _ = at.cost(folder, {**event, "cookies": [at.cookie]})
        if cost.status != NOT_THERE:
            yield what, cost


@contextmanager
def prepared(root: Path) -> Iterator[Measured]:
    """An emulator with an app and its agents, and the processes of a checkout before it."""
    with ExitStack() as ends:
        environment = ends.enter_context(tables("bench.counting_emulator"))
        put_rows(environment, "SCHEDULING_TABLE", list(_rows()))

        def started() -> Worker:
            worker = Worker(root, environment)
            ends.callback(worker.close)
            return worker

        writers = [started() for _ in range(WRITERS)]
        yield Measured(started(), writers, started(), environment["AWS_ENDPOINT_URL"])


def _rows() -> Iterator[dict[str, Any]]:
    """An app and its agents, who work at any hour."""
    from slotline.domain.booking.apps import Agent, Preset
    from slotline.store.booking import items
    from slotline.store.dynamodb import keys

    preset = items.preset_to_map(Preset(preset_id="preset-1", name="Bench", horizon_days=730))
    named = {"app_id": APP, "organization_id": ORGANIZATION, "name": "Bench", "timezone": "UTC"}
    yield {**keys.app(APP), **named, "active_preset_id": "preset-1", "preset": preset}
    for number in range(AGENTS):
        yield items.agent_to_item(APP, Agent(agent_id=agent_id(number), name="Agent"), datetime.now(UTC))


def measure(sizes: Sequence[int] = SIZES, root: Path = ROOT) -> dict[int, dict[str, Cost]]:
    """Every request at every size, smallest first."""
    found: dict[int, dict[str, Cost]] = {}
    with prepared(root) as at:
        for size in sorted(sizes):
            began = time.monotonic()
            at.grow(size)
            print(f"{size:,} calls after {time.monotonic() - began:.0f} s", file=sys.stderr)
            found[size] = dict(asked(at))
    return found


def parts(*, quick: bool, before: Path | None, about: str) -> list[Part]:
    """The part of the page: a table for this commit, and one for an earlier one."""
    sizes = SIZES[:1] if quick else SIZES
    lines = [about, "", *_table("Now", measure(sizes))]
    if before:
        lines += ["", *_table("Before", measure(sizes, before))]
    return [Part(name="growth", lines=lines)]


def _table(title: str, found: Mapping[int, Mapping[str, Cost]]) -> Iterator[str]:
    yield f"| {title}: requests, rows and KB read, ms | {' | '.join(f'{size:,} calls' for size in found)} |"
    yield f"|{'---|' * (len(found) + 1)}"
    for what in dict.fromkeys(what for costs in found.values() for what in costs):
        yield f"| {what} | {' | '.join(_cell(costs.get(what)) for costs in found.values())} |"


def _cell(cost: Cost | None) -> str:
    if cost is None:
        return "not asked"  # a first page that did not come has no cursor
    said = f"{cost.requests} · {cost.rows:,} rows · {cost.kilobytes:,.1f} KB · {cost.milliseconds:,.0f} ms"
    return said if cost.status < 300 else f"**{cost.status}** after {said}"


def main() -> None:
    """Print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--checkout", type=Path, default=ROOT, help="whose code is measured")
    chosen = parser.parse_args()
    for size, costs in measure([int(size) for size in chosen.sizes.split(",")], chosen.checkout).items():
        print(f"\n{size:,} calls{'':38}status  requests   KB read  rows      ms  found")
        for what, cost in costs.items():
            print(
                f"{what:<50}{cost.status:>5}{cost.requests:>10}{cost.kilobytes:>10.1f}{cost.rows:>6}{cost.milliseconds:>8.0f}"
                f"  {cost.found if cost.found is not None else ''}"
            )


if __name__ == "__main__":
    main()
