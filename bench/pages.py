"""What the first view of the booking page takes: one agent, and a team of fifty, in the same run.

    .venv/bin/python -m bench.pages

The whole handler of `pages/book` on a warm function, with its reads: the page of a service of half an hour, whose month
is searched for everybody who takes it. *any* is a service that finds the agent, *choice* one whose guests choose. The
agents are those of `bench/availability.py`, in two zones from nine to five, with three calls a day.
"""

import argparse
import base64
import gzip
import itertools
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.availability import START, ZONES, agent_rows, team
from bench.sides import Figures, Invocation, event_of, handler_of, interleaved, put_rows, python_side, serve, tables
from slotline.domain.access.identity import secret_hash
from slotline.domain.booking.apps import AssignmentMode, Preset
from slotline.store.booking import items
from slotline.store.dynamodb import keys

PATH = "/_bench/counts"
"""Of `bench.counting_emulator`, which runs in a process of its own."""
FUNCTION = "pages/book"
MODES = {"any": AssignmentMode.ANY_AVAILABLE, "choice": AssignmentMode.PICK_FROM_OPTIONS}
TEAM = 50
COMPARED = (1, TEAM)
CALLS_A_DAY = 3
KEY = "slw_example-example-example-example-example-123"
NOW = START + timedelta(hours=7)


class _Then:
    """A clock that stands still, on the first morning of the month."""

    def now(self) -> Any:
        """The present."""
        return NOW


def app_of(mode: str, size: int) -> str:
    """The app that has so many agents, and a service of this mode."""
    return f"01990000-0000-7000-{8000 + list(MODES).index(mode)}-{size:012d}"


def rows_of(mode: str, size: int, zones: int = 2) -> Iterator[dict[str, Any]]:
    """The app, its one public service, its agents and their days."""
    preset = Preset(preset_id="visit", name="Visit", public=True, assignment_mode=MODES[mode], horizon_days=365)
    app_id, shown = app_of(mode, size), items.preset_to_map(preset)
    named = {"app_id": app_id, "organization_id": "organization-1", "name": "Bench", "timezone": "UTC"}
    yield {**keys.app(app_id), **named, "active_preset_id": "visit", "preset": shown}
    yield {**keys.preset(app_id, "visit"), **shown}
    yield from agent_rows(app_id, team(size, CALLS_A_DAY, ZONES[:zones]))


def key_of(mode: str, size: int) -> str:
    """The widget key of that app."""
    return f"{KEY[:-6]}{list(MODES).index(mode)}{size:05d}"


def key_row(mode: str, size: int) -> dict[str, Any]:
    """Its row, with room for all rounds."""
    key_hash = secret_hash(key_of(mode, size))
    limits = {f"limit_{window}": 10_000_000 for window in ("minute", "hour", "day")}
    return {**keys.widget_key(key_hash), "app_id": app_of(mode, size), **limits}


def first_view(mode: str, size: int) -> dict[str, Any]:
    """A browser's request for the first view."""
    app_id = app_of(mode, size)
    event = event_of("GET", f"/book/{app_id}/visit", app_id, query=f"widgetKey={key_of(mode, size)}&tz=America/Bogota")
    event["routeKey"] = "GET /book/{appId}/{service}"
    event["headers"]["accept-encoding"] = "gzip, br"
    return event


def page_side(mode: str, size: int) -> Iterator[Callable[[], object]]:
    """The whole handler, warm. Each visit comes from an address of its own: one address may not look so often."""
    from slotline.wiring import common

    common.clock = _Then  # type: ignore[assignment]
    handler, event = handler_of(FUNCTION), first_view(mode, size)
    for number in itertools.count():
        event["requestContext"]["http"]["sourceIp"] = f"192.0.2.{number % 200}"
        yield lambda: _shown(handler(event, Invocation()))


def _shown(answer: Mapping[str, Any]) -> bytes:
    assert answer["statusCode"] == 200, answer
    html = gzip.decompress(base64.b64decode(answer["body"]))
    assert b"data-day" in html, "no day is free"
    return html


def measure(rounds: int, before: Path | None = None, modes: Sequence[str] = tuple(MODES)) -> Figures:
    """Every mode and size, turn by turn. `before`: a checkout of an earlier commit, beside it if it had the page."""
    had_it = before is not None and (before / "functions" / FUNCTION).exists()
    with ExitStack() as ends:
        environment = ends.enter_context(tables())
        sides = []
        for mode, size in itertools.product(modes, COMPARED):
            _put(environment, mode, size)
            name = f"{mode}-{size}"
            sides.append(ends.enter_context(python_side(name, Path(__file__), name, environment)))
            if before and had_it:
                old = python_side(f"{name} before", Path(__file__), name, environment, root=before)
                sides.append(ends.enter_context(old))
        return interleaved(sides, rounds)


@dataclass(frozen=True)
class Cost:
    """What one first view asks of the store, its two rate counters among it, and what DynamoDB reads for it."""

    requests: int
    bytes_read: int


def costs(modes: Sequence[str] = tuple(MODES)) -> Mapping[str, Cost]:
    """By mode and size, counted on the other side of the wire."""
    found: dict[str, Cost] = {}
    with ExitStack() as ends:
        environment = ends.enter_context(tables("bench.counting_emulator"))
        for mode, size in itertools.product(modes, COMPARED):
            name = f"{mode}-{size}"
            _put(environment, mode, size)
            side = ends.enter_context(python_side(name, Path(__file__), name, environment))
            side.once()
            _counted(environment)
            side.once()
            counts = _counted(environment)
            found[name] = Cost(len(counts["operations"]), counts["bytes_read"])
    return found


def _counted(environment: Mapping[str, str]) -> dict[str, Any]:
    """What was counted since the last time."""
    with urlopen(f"{environment['AWS_ENDPOINT_URL']}{PATH}") as answer:
        counts: dict[str, Any] = json.load(answer)
    return counts


def _put(environment: Mapping[str, str], mode: str, size: int) -> None:
    put_rows(environment, "SCHEDULING_TABLE", list(rows_of(mode, size)))
    put_rows(environment, "ACCESS_TABLE", [key_row(mode, size)])


def main() -> None:
    """Print the medians, and what a team is beside one agent."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--before", type=Path, help="a checkout of an earlier commit, to be measured in the same run")
    asked.add_argument("--rounds", type=int, default=30)
    asked.add_argument("--serve", help=argparse.SUPPRESS)
    chosen = asked.parse_args()
    if chosen.serve:
        mode, _, size = chosen.serve.partition("-")
        serve(page_side(mode, int(size)))
        return
    figures = measure(chosen.rounds, chosen.before)
    for name, median in figures.medians.items():
        print(f"{name:24} {median:8.2f} ms")
    for name, cost in costs().items():
        print(f"{name:24} {cost.requests} requests, {cost.bytes_read / 1000:.1f} KB read")
    for mode in MODES:
        print(f"{mode}: {TEAM} agents / 1 agent = {figures.ratio(f'{mode}-{TEAM}', f'{mode}-1'):.2f}")


if __name__ == "__main__":
    main()
