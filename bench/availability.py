"""What a search for free slots takes: 31 days, 15-minute steps, half an hour with no buffers, six calls a day.

    .venv/bin/python -m bench.availability            beside dayjs; own work by size
    .venv/bin/python -m bench.availability --system   and whole requests

Agents work Monday to Friday from nine to five, in four zones. *ours* is the whole handler on a warm function, with its
reads; *dayjs* is a loop over days and steps that has all in memory and finds the same slots (`bench/dayjs`; it needs
Node and npm); *kernel* is the search on calendars in memory. The naive loop asks the lock's rule about every start of
the grid.
"""

import argparse
import itertools
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.sides import (
    Figures,
    Invocation,
    Side,
    boto3_client,
    event_of,
    handler_of,
    interleaved,
    put_rows,
    python_side,
    serve,
    tables,
)
from slotline.domain.booking.apps import Agent, App, Preset
from slotline.domain.booking.claims import Claim, ClaimKind
from slotline.domain.booking.slots import Busy, SlotQuery, Slots, epoch_minute
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.intervals import DAY, MINUTE, Interval
from slotline.domain.shared.working_hours import Window, occurrence_on
from slotline.http.booking.availability import slots_body
from slotline.ports.booking import AppCalendars
from slotline.store.booking import items
from slotline.store.booking.calendars import DynamoCalendars
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import to_values
from slotline.usecases.booking.search_slots import search_slots

if TYPE_CHECKING:
    from local.process import RunningSystem

SIZES = (1, 10, 100, 1_000)
DAYS, STEP, LENGTH, CALLS_A_DAY = 31, 15, 30, 6
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata")
START = datetime(2027, 3, 1, tzinfo=UTC)
"""A March: the clocks of half of the zones change."""
END = START + DAYS * DAY
NOW = START - 30 * DAY
APP_ID = "01990000-0000-7000-8000-000000000001"
QUERY = SlotQuery(app_id=APP_ID, start=START, end=END, duration_minutes=LENGTH, step_minutes=STEP)


class _Then:
    """A clock that stands still, a month before."""

    def now(self) -> datetime:
        return NOW


@dataclass(frozen=True)
class Kept:
    """Calendars in memory."""

    calendars: AppCalendars

    def read(self, *_asked: object) -> AppCalendars:
        """All of them, whatever is asked for: an earlier commit asks for less."""
        return self.calendars


def team(size: int, calls_a_day: int = CALLS_A_DAY, zones: Sequence[str] = ZONES) -> AppCalendars:
    """An app with so many agents, each with a month of calls in their working hours."""
    chance = random.Random(size)  # noqa: S311 - the same month on every run
    preset = Preset(preset_id="preset-1", name="Bench", horizon_days=730)
    app = App(app_id=APP_ID, organization_id="organization-1", name="Bench", timezone="UTC", preset=preset)
    agents = []
    for number in range(size):
        zone = zones[number % len(zones)]
        hours = tuple(Window(weekday=day, start="09:00", end="17:00", zone=zone) for day in range(5))
        agent = Agent(agent_id=f"01990000-0000-7000-9000-{number:012d}", name="Agent", working_hours=hours)
        agents.append((agent, sorted(_calls(chance, number, zone, calls_a_day))))
    return AppCalendars(app=app, agents=agents)


def _calls(chance: random.Random, number: int, zone: str, calls_a_day: int) -> Sequence[Busy]:
    """So many calls a day, spread over the agent's nine to five."""
    opening = datetime(2027, 3, 1, 9, tzinfo=ZoneInfo(zone))
    return [
        Busy(start, start + 30, 5, 5, ClaimKind.CALL, f"call-{number}-{day}-{slot}")
        for day in range(DAYS)
        for slot in chance.sample(range(12), calls_a_day)
        if (start := epoch_minute(opening + day * DAY) + 40 * slot)
    ]


def search(calendars: AppCalendars) -> Slots:
    """The search's own work. Windows of dates are worked out anew, as after a cold start."""
    occurrence_on.cache_clear()
    return search_slots(Kept(calendars), _Then(), QUERY)


def one_by_one(calendars: AppCalendars) -> list[tuple[int, int]]:
    """The same answer by the lock's rule, start by start: what the bitmaps are measured against."""
    found = []
    for place, (agent, busy) in enumerate(calendars.agents):
        worked = agent.worked(Interval(START, END))
        claims = [_claim(taken) for taken in busy]
        start = START
        while start + LENGTH * MINUTE <= END:
            wanted = Claim(id="", kind=ClaimKind.CALL, meeting=Interval.starting(start, LENGTH * MINUTE))
            if any(part.contains(wanted.meeting) for part in worked) and not any(map(wanted.collides, claims)):
                found.append((epoch_minute(start), place))
            start += STEP * MINUTE
    return sorted(found)


def _claim(busy: Busy) -> Claim:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    meeting = Interval(epoch + busy.start * MINUTE, epoch + busy.end * MINUTE)
    return Claim(busy.id, busy.kind, meeting, busy.before * MINUTE, busy.after * MINUTE)


def question(calendars: AppCalendars) -> dict[str, Any]:
    """What the loop with dayjs is asked: the same agents, with each claim padded by its buffers."""
    return {
        "from": format_instant(START),
        "to": format_instant(END),
        "length": LENGTH,
        "step": STEP,
        "agents": [
            {
                "zone": agent.working_hours[0].zone,
                "hours": [
                    {"weekday": hours.weekday, "start": hours.start, "end": hours.end} for hours in agent.working_hours
                ],
                "busy": [{"start": _text(one.start - one.before), "end": _text(one.end + one.after)} for one in busy],
            }
            for agent, busy in calendars.agents
        ],
    }


def _text(minute: int) -> str:
    return format_instant(datetime.fromtimestamp(minute * 60, UTC))


def milliseconds(work: Callable[[], object], times: int = 5) -> float:
    """The best of several runs."""
    took = []
    for _ in range(times):
        started = time.process_time()
        work()
        took.append(time.process_time() - started)
    return min(took) * 1000


def own_work() -> None:
    """Own work by size, with the text of the answer, and the naive loop where it ends within a minute."""
    print("agents  slots    own work        per agent   answer as text   naive loop        ratio")
    for size in SIZES:
        calendars = team(size)
        found = search(calendars)
        took = milliseconds(lambda calendars=calendars: search(calendars))  # type: ignore[misc]
        line = f"{size:6}  {len(found.starts):7}  {took:9.2f} ms  {took / size:9.3f} ms"
        if size <= 100:  # a thousand agents' month is more than one answer carries
            text = milliseconds(lambda found=found: slots_body(found, NOW))  # type: ignore[misc]
            line += f"  {text:11.2f} ms"
        if size <= 10:
            naive = milliseconds(lambda calendars=calendars: one_by_one(calendars), times=1)  # type: ignore[misc]
            line += f"  {naive:11.1f} ms  {naive / took:8.0f}"
        print(line)


def whole_requests() -> None:
    """Requests through the local system, of teams that are written straight into its tables."""
    import httpx

    from local.process import running_system

    print("\nagents  slots    status   whole request   bytes       DynamoDB requests")
    with running_system() as system:
        dynamodb = _dynamodb(system)
        headers = {"Authorization": f"Bearer {_token(system)}"}
        app_id = system.demo["app_id"]
        for agent_id in system.demo["agent_ids"]:
            key = to_values(keys.agent(app_id, agent_id))
            dynamodb.delete_item(TableName=system.tables["scheduling"], Key=key)
        written = 0
        with httpx.Client(base_url=system.base_url, headers=headers, timeout=60) as client:
            for size in SIZES[:3]:
                _write(dynamodb, system.tables["scheduling"], app_id, team(size), written)
                written = size
                _print_request(client, dynamodb, system, size)


def _print_request(client: Any, dynamodb: Any, system: "RunningSystem", size: int) -> None:
    app_id = system.demo["app_id"]
    asked = {
        "fromUtc": format_instant(START),
        "toUtc": format_instant(END),
        "durationMinutes": str(LENGTH),
        "stepMinutes": str(STEP),
    }
    path = f"/api/v1/video/{app_id}/availability"
    client.get(path, params=asked)
    took = []
    for _ in range(5):
        started = time.perf_counter()
        answer = client.get(path, params=asked)
        took.append(time.perf_counter() - started)
    sent: list[str] = []
    dynamodb.meta.events.register("before-send.dynamodb", lambda request, **_: sent.append(request.url))
    DynamoCalendars(dynamodb, system.tables["scheduling"]).read(
        app_id, None, Interval(START, END).widened(timedelta(hours=4), timedelta(hours=4)), NOW
    )
    dynamodb.meta.events.unregister("before-send.dynamodb")
    slots = len(answer.json()["data"]["slots"]) if answer.status_code == 200 else 0
    print(
        f"{size:6}  {slots:7}  {answer.status_code:6}  {min(took) * 1000:10.0f} ms  {len(answer.content):9}"
        f"  {len(sent)} and the rate's counter"
    )


def _write(dynamodb: Any, table: str, app_id: str, calendars: AppCalendars, from_agent: int) -> None:
    """The agents' rows and days, 25 a request."""
    rows = list(agent_rows(app_id, calendars, from_agent))
    for first in range(0, len(rows), 25):
        puts = [{"PutRequest": {"Item": to_values(row)}} for row in rows[first : first + 25]]
        dynamodb.batch_write_item(RequestItems={table: puts})


def agent_rows(app_id: str, calendars: AppCalendars, from_agent: int = 0) -> Iterator[dict[str, Any]]:
    """The agents' rows and days."""
    for agent, busy in calendars.agents[from_agent:]:
        yield items.agent_to_item(app_id, agent, NOW)
        days: dict[date, list[Claim]] = {}
        for claim in map(_claim, busy):
            for day in claim.padded.utc_days():
                days.setdefault(day, []).append(claim)
        for day, claims in days.items():
            claimed = {items.claim_attribute(claim.id): items.claim_to_value(claim) for claim in claims}
            hours = Counter(hour for claim in claims for hour in claim.padded.utc_hours_of(day))
            guards = {items.guard_attribute(hour): count for hour, count in hours.items()}
            yield {**keys.agent_day(app_id, agent.agent_id, day), **claimed, **guards}


def _dynamodb(system: "RunningSystem") -> Any:
    from local.surroundings import fake_account

    return boto3_client({**fake_account(), "AWS_ENDPOINT_URL": system.emulator_url})


def _token(system: "RunningSystem") -> str:
    import httpx

    who = {name: system.demo[name] for name in ("client_id", "client_secret")}
    answer = httpx.post(f"{system.base_url}/api/v1/oauth/token", json={"grant_type": "client_credentials", **who})
    token: str = answer.json()["data"]["access_token"]
    return token


COMPARED = (1, 100)
DAYJS = Path(__file__).with_name("dayjs")


def app_of(size: int) -> str:
    """The app that has so many agents."""
    return f"01990000-0000-7000-8000-{size:012d}"


def handler_side(size: int) -> Iterator[Callable[[], object]]:
    """The whole handler, warm; the search a month before its span."""
    from slotline.wiring import common

    common.clock = _Then  # type: ignore[assignment]
    query = urlencode(
        {"fromUtc": format_instant(START), "toUtc": format_instant(END), "durationMinutes": LENGTH, "stepMinutes": STEP}
    )
    event = event_of("GET", f"/api/v1/video/{app_of(size)}/availability", app_of(size), query=query)
    handler = handler_of("availability/search")
    return itertools.repeat(lambda: _found(handler(event, Invocation())))


def _found(answer: Mapping[str, Any]) -> None:
    assert answer["statusCode"] == 200, answer


def kernel_side(size: int) -> Iterator[Callable[[], object]]:
    """The search's own work."""
    calendars = team(size)
    return itertools.repeat(lambda: search(calendars))


def measure(size: int, rounds: int, before: Path | None = None) -> Figures:
    """Every side that can run here. Raises AssertionError if the loop with dayjs finds other slots."""
    calendars = team(size)
    with ExitStack() as ends:
        environment = ends.enter_context(tables())
        rows = [_app_row(app_of(size)), *agent_rows(app_of(size), calendars)]
        put_rows(environment, "SCHEDULING_TABLE", rows)
        script = Path(__file__)
        sides = [ends.enter_context(python_side("ours", script, f"ours-{size}", environment))]
        if before:
            sides.append(ends.enter_context(python_side("before", script, f"ours-{size}", environment, root=before)))
        sides.append(ends.enter_context(python_side("kernel", script, f"kernel-{size}", environment)))
        if before:
            own = python_side("kernel before", script, f"kernel-{size}", environment, root=before)
            sides.append(ends.enter_context(own))
        if shutil.which("node") and shutil.which("npm"):
            folder = ends.enter_context(tempfile.TemporaryDirectory(prefix="slotline-bench-"))
            sides.append(ends.enter_context(_dayjs_side(Path(folder), calendars)))
        return interleaved(sides, rounds)


def _dayjs_side(folder: Path, calendars: AppCalendars) -> Side:
    shutil.copytree(DAYJS, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    subprocess.run(("npm", "ci", "--silent"), cwd=folder, check=True)
    asked = folder / "question.json"
    asked.write_text(json.dumps(question(calendars)), encoding="utf-8")
    command = ("node", str(folder / "slots.cjs"), str(asked))
    found = json.loads(subprocess.run((*command, "--print"), check=True, capture_output=True).stdout)
    assert [tuple(slot) for slot in found] == list(search(calendars).starts), "dayjs finds other slots"
    return Side("dayjs", command)


def _app_row(app_id: str) -> dict[str, Any]:
    preset = items.preset_to_map(team(0).app.preset)
    named = {"app_id": app_id, "organization_id": "organization-1", "name": "Bench", "timezone": "UTC"}
    return {**keys.app(app_id), **named, "active_preset_id": "preset-1", "preset": preset}


def main() -> None:
    """Print the medians and the ratios, and the search's own work by size."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--system", action="store_true", help="whole requests through the local system too")
    asked.add_argument("--before", type=Path, help="a checkout of an earlier commit, to be measured in the same run")
    asked.add_argument("--rounds", type=int, default=20)
    asked.add_argument("--serve", help=argparse.SUPPRESS)
    chosen = asked.parse_args()
    if chosen.serve:
        side, _, size = chosen.serve.partition("-")
        serve({"ours": handler_side, "kernel": kernel_side}[side](int(size)))
        return
    for size in COMPARED:
        figures = measure(size, chosen.rounds, chosen.before)
        figures.print(f"A search, {size} agents, processor time of the client, {chosen.rounds} rounds:", "ours")
        if "dayjs" in figures.medians:
            print(f"  kernel / dayjs = 1/{figures.ratio('dayjs', 'kernel'):.0f}")
        else:
            print("  Node or npm is not installed here.")
    own_work()
    if chosen.system:
        whole_requests()


if __name__ == "__main__":
    main()
