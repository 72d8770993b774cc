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
import importlib
import itertools
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.results import Part
from bench.sides import MARK, ROOT, event_of, handler_of, put_rows, tables

SIZES = (1_000, 10_000, 100_000)
WRITERS = 3
BOOKED = 1_000
"""By the handler. It would take an hour for a hundred thousand, and leave the same rows."""
SECONDS = 29.0
"""Whoever is not done by then has no answer: API Gateway's limit."""
APP, AGENTS, PER_DAY = "01990000-0000-7000-8000-000000000001", 50, 16
ORGANIZATION = "organization-1"
CANCELED_EVERY = 50
UNAVAILABLE, TAKEN, NOT_THERE, MOST_TRIES = 503, 409, 404, 10
WANTED = {
    "guestName": "Zelda Quintero",
    "guestEmail": "zelda.quintero@example.com",
    "guestPhone": "+57 300 555 0199",
}
"""Whom searches look for; one call in all, among the first thousand."""
WANTED_AT = 137
GIVEN = ("Ana", "Ben", "Carla", "Dinesh", "Eva", "Farid", "Grace", "Hugo", "Ines", "Jonas", "Kemi", "Luis", "Mia")
FAMILY = ("Abad", "Brandt", "Castro", "Diaz", "Engel", "Fuchs", "Gomez", "Haas", "Ito", "Jensen", "Khan", "Lopez")
RECOUNTS = "counters"
"""The operator's commands that derive rows from calls which are there already; an earlier commit has none."""
LIST = f"/api/v1/video/{APP}/scheduled-calls"


def agent_id(number: int) -> str:
    """Of the app's agents."""
    return f"01990000-0000-7000-9000-{number:012d}"


def start_of(number: int) -> datetime:
    """When the call of this number starts: all agents' first times, then their second ones.

    From the first of a month on: a page is read month by month, so on whatever day it is measured the same months are.
    """
    day, slot = divmod(number // AGENTS, PER_DAY)
    this_month = datetime.now(UTC).replace(day=1, hour=9, minute=0, second=0, microsecond=0)
    first = (this_month + timedelta(days=62)).replace(day=1)
    return first + timedelta(days=day, minutes=30 * slot)


def text(at: datetime) -> str:
    """As a query says it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def booking(number: int) -> dict[str, Any]:
    """The request that books the call of this number."""
    guest = {
        "guestName": f"{GIVEN[number % len(GIVEN)]} {FAMILY[number // len(GIVEN) % len(FAMILY)]}",
        "guestEmail": f"guest.{number}@example.com",
        "guestPhone": f"+57 301 {number // 10_000:03d} {number % 10_000:04d}",
    }
    said = {
        **(WANTED if number == WANTED_AT else guest),
        "scheduledAtUtc": text(start_of(number)),
        "durationMinutes": 25,
        "appTimezone": "America/Bogota",
        "guestTimezone": "America/Bogota",
        "assignedAgentId": agent_id(number % AGENTS),
    }
    return event_of("POST", LIST, APP, body=said)


def campaign_id(size: int) -> str:
    """Of the campaign with so many calls."""
    return f"01990000-0000-7000-a000-{size:012d}"


class Invocation:
    """Lambda's context of an invocation that has as much time as the gateway waits."""

    def __init__(self) -> None:
        self._until = time.monotonic() + SECONDS

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds."""
        return max(0, int(1000 * (self._until - time.monotonic())))


class Worker:
    """A process that runs handlers of a checkout: a line of JSON for each order, and for each answer."""

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        path = os.pathsep.join((str(root / "layers/common/python"), str(root), str(ROOT)))
        self._process = subprocess.Popen(
            (sys.executable, __file__, "--serve"),
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
    ("pages/console_dialing", f"{CONSOLE}/dialing/campaigns", "console: campaigns"),
    ("pages/console_dialing", f"{CONSOLE}/dialing/calls", "console: dialed calls"),
    ("pages/console_dialing", f"{CONSOLE}/dialing/do-not-call", "console: do not call"),
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


def sign_in() -> str:
    """The cookie of an admin of the app; none if nobody signs in."""
    try:
        from slotline.domain.access.sessions import COOKIE, Session, SessionKey, Stage
        from slotline.domain.access.users import Role, User
        from slotline.wiring.access import people, sessions
    except ModuleNotFoundError:
        return ""
    now = datetime.now(UTC)
    user = User(
        user_id="01990000-0000-7000-8000-0000000000aa",
        organization_id=ORGANIZATION,
        email="admin@example.com",
        name="Admin",
        roles={APP: Role.ADMIN},
        created_at=now,
    )
    people.users().add(user)
    key = SessionKey(user_id=user.user_id, secret="slc_" + "b" * 43)
    session = Session(
        session_hash=key.session_hash,
        user_id=user.user_id,
        epoch=user.session_epoch,
        stage=Stage.IN,
        created_at=now,
        seen_at=now,
    )
    sessions.sessions().begin(session)
    return f"{COOKIE}={key.cookie}"


def serve() -> None:
    """The worker: orders from standard input. The bench is this one, and all else the checkout's."""
    sys.path.remove(str(ROOT))
    handlers: dict[str, Callable[[Any, Any], dict[str, Any]]] = {}

    def ask(folder: str, event: Mapping[str, Any]) -> dict[str, Any]:
        handler = handlers.get(folder) or handlers.setdefault(folder, handler_of(folder))
        return handler(event, Invocation())

    def book(first: int, last: int) -> int:
        for number in range(first, last):
            answer, tries = ask("scheduled_calls/create", booking(number)), 1
            while answer["statusCode"] == UNAVAILABLE:  # such as while the emulator looks through all of its rows
                assert tries < MOST_TRIES, answer
                answer, tries = ask("scheduled_calls/create", booking(number)), tries + 1
            if tries > 1 and answer["statusCode"] == TAKEN:
                continue  # by itself: an answer was lost
            assert answer["statusCode"] == 201, answer
            if number % CANCELED_EVERY == CANCELED_EVERY - 1:
                call = json.loads(answer["body"])["data"]["call"]["id"]
                event = event_of("DELETE", f"{LIST}/{call}", APP, body={"reason": "measured"})
                answer = ask("scheduled_calls/cancel", event)
                assert answer["statusCode"] == 200, answer
        return last - first

    def timed(folder: str, event: Mapping[str, Any]) -> dict[str, Any]:
        started = time.perf_counter()
        answer = ask(folder, event)
        took = (time.perf_counter() - started) * 1000
        kind = {name.lower(): value for name, value in answer.get("headers", {}).items()}.get("content-type", "")
        return {"status": answer["statusCode"], "type": kind, "body": answer.get("body"), "milliseconds": took}

    does: dict[str, Callable[..., Any]] = {
        "book": book,
        "copy": write_calls,
        "ask": timed,
        "campaign": write_campaign,
        "derive": derive,
        "sign_in": sign_in,
    }
    for line in sys.stdin:
        order = json.loads(line)
        came = does[order.pop("do")](**order)
        sys.stdout.write(f"{MARK}{json.dumps(came)}\n")
        sys.stdout.flush()


def write_calls(first: int, last: int) -> int:
    """Rows of calls as bookings of these numbers would have left them, by the store's own functions."""
    from slotline.domain.booking.calls import CallStatus, Guest
    from slotline.store.booking import items, writes
    from slotline.wiring import common

    pattern, made = _a_call(), []
    for number in range(first, last):
        said = json.loads(booking(number)["body"])
        is_canceled = number % CANCELED_EVERY == CANCELED_EVERY - 1
        phone = said["guestPhone"]
        call = replace(
            pattern,
            id=f"01990000-0000-7000-c000-{number:012d}",
            guest=Guest(
                name=said["guestName"],
                phone=phone,
                phone_e164=phone.replace(" ", ""),
                email=said["guestEmail"],
                timezone=said["guestTimezone"],
            ),
            scheduled_at=start_of(number),
            assigned_agent_id=said["assignedAgentId"],
            status=CallStatus.CANCELLED if is_canceled else pattern.status,
        )
        made.append(call)
    put_rows(dict(os.environ), "SCHEDULING_TABLE", [items.call_to_item(call) for call in made])
    table = os.environ["SCHEDULING_TABLE"]
    part = writes.list_months(table, APP, sorted({call.month for call in made}))
    common.dynamodb().update_item(**part["Update"])
    _derived("booking", made)
    return last - first


def _a_call() -> Any:
    """One that the handler has booked."""
    from slotline.domain.booking.call_lists import CallQuery
    from slotline.wiring.booking.calls import calls

    query = CallQuery(app_id=APP, agent_ids=frozenset({agent_id(0)}), limit=1)
    return calls().find(query).calls[0]


def _derived(context: str, made: Sequence[Any]) -> None:
    """What follows from calls, as the streams' functions write it; nothing follows if a checkout derives nothing."""
    try:
        derived = importlib.import_module(f"slotline.store.{context}.derived")
        wiring: Any = importlib.import_module("slotline.wiring.shared.derived")
    except ModuleNotFoundError:
        return
    derivations = wiring.of_bookings() if context == "booking" else wiring.of_dials()
    for at in range(0, len(made), 100):
        _applied(derivations, [derived.derived_of_call(call) for call in made[at : at + 100]])


def _applied(derivations: Any, changes: Sequence[Any]) -> None:
    """Again if the emulator takes its time: what was written by then is no news."""
    from slotline.ports.shared import StoreBusyError

    for tries in range(1, MOST_TRIES + 1):
        try:
            derivations.apply(changes)
        except StoreBusyError:
            if tries == MOST_TRIES:
                raise
        else:
            return


def write_campaign(size: int) -> int:
    """A campaign and its calls, by the store's own functions."""
    from slotline.domain.dialing.calls import DialCall, DialStatus
    from slotline.domain.dialing.campaigns import Campaign, CampaignState
    from slotline.wiring.dialing import calls

    now = datetime.now(UTC)
    first = now.replace(microsecond=0) + timedelta(days=size // 1_000)  # no two campaigns at the same time
    states = itertools.cycle([DialStatus.SCHEDULED] * 6 + [DialStatus.COMPLETED, DialStatus.BUSY, DialStatus.NO_ANSWER])
    made = [
        DialCall(
            id=f"01990000-0000-7000-b000-{size + number:012d}",
            organization_id=ORGANIZATION,
            use_case_id="use-case-1",
            number_id="number-1",
            phone_number=f"+1202555{number % 10_000:04d}",
            e164=f"+1202555{number % 10_000:04d}",
            status=next(states),
            scheduled_at=first + timedelta(seconds=number // 20),
            max_duration_mins=5,
            campaign_id=campaign_id(size),
            params={"first_name": GIVEN[number % len(GIVEN)], "company": "Example"},
            created_at=now,
            updated_at=now,
        )
        for number in range(size)
    ]
    campaign = Campaign(
        id=campaign_id(size),
        organization_id=ORGANIZATION,
        name="Bench",
        use_case_id="use-case-1",
        number_id="number-1",
        state=CampaignState.RUNNING,
        calls=size,
        created_at=now,
        updated_at=now,
    )
    calls.campaigns().open(campaign.covering(made))
    for at in range(0, size, 1_000):
        calls.dial_calls().add(made[at : at + 1_000])
        _derived("dialing", made[at : at + 1_000])
    return size


def derive() -> list[str]:
    """What the streams' functions would have derived from the calls, by the operator's commands that do so later."""
    from tools.commands import all_commands
    from tools.provision import Provision
    from tools.target import Target

    tables_of = {f"{name}_table": os.environ[f"{name.upper()}_TABLE"] for name in ("scheduling", "dialing", "access")}
    target = Target(endpoint_url=os.environ["AWS_ENDPOINT_URL"], region=os.environ["AWS_REGION"], **tables_of)
    recounts = [command for command in all_commands() if command.thing == RECOUNTS]
    for command in recounts:
        parser = argparse.ArgumentParser()
        command.options(parser)
        command.run(Provision.of(target), parser.parse_args([]))
    return [command.verb for command in recounts]


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
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--checkout", type=Path, default=ROOT, help="whose code is measured")
    chosen = parser.parse_args()
    if chosen.serve:
        serve()
        return
    for size, costs in measure([int(size) for size in chosen.sizes.split(",")], chosen.checkout).items():
        print(f"\n{size:,} calls{'':38}status  requests   KB read  rows      ms  found")
        for what, cost in costs.items():
            print(
                f"{what:<50}{cost.status:>5}{cost.requests:>10}{cost.kilobytes:>10.1f}{cost.rows:>6}{cost.milliseconds:>8.0f}"
                f"  {cost.found if cost.found is not None else ''}"
            )


if __name__ == "__main__":
    main()
