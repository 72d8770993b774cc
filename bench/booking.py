"""What a booking takes by the whole handler of a warm function, beside the same requests by boto3 alone, and beside
psycopg 3 with an exclusion constraint of PostgreSQL.

    .venv/bin/python -m bench.booking [--before CHECKOUT] [--rounds 200]

The handler's booking sends three requests: the rate's counter, one batch of reads, one transaction. boto3's side sends
the very same three, with other keys, and does nothing else. PostgreSQL's side counts the request, reads the app and the
agent, and writes the call, its event, its room and its messages in one transaction, where `EXCLUDE USING gist` is the
lock. It runs if PostgreSQL's programs and psycopg are found; BENCH_PYTHON names a Python that has psycopg.
"""

import argparse
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.sides import (
    Figures,
    Invocation,
    boto3_client,
    event_of,
    handler_of,
    interleaved,
    put_rows,
    python_side,
    serve,
    tables,
)

APPS = {side: f"01990000-0000-7000-8000-00000000000{number}" for number, side in enumerate(("ours", "before", "boto3"))}
AGENT = "01990000-0000-7000-9000-000000000001"
A_DAY = 8
"""Calls of a day, an hour from one to the next."""
CLIENT_METHODS = ("batch_get_item", "update_item", "transact_write_items")


def booking(app_id: str, number: int) -> dict[str, Any]:
    """The request that books the agent's next time."""
    day = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=30 + number // A_DAY)
    body = {
        "guestName": "Jane Doe",
        "guestEmail": f"jane.{number}@example.com",
        "guestPhone": "+57 300 123 4567",
        "scheduledAtUtc": (day + timedelta(hours=number % A_DAY)).isoformat(timespec="milliseconds"),
        "durationMinutes": 30,
        "bufferAfterMinutes": 5,
        "appTimezone": "America/Bogota",
        "guestTimezone": "America/Bogota",
        "assignedAgentId": AGENT,
        "guestIntakeNotes": "Wants to hear about the yearly plan.",
    }
    return event_of("POST", f"/api/v1/video/{app_id}/scheduled-calls", app_id, body=body)


def handler_side(app_id: str) -> Iterator[Callable[[], object]]:
    """The whole handler."""
    handler = handler_of("scheduled_calls/create")
    for number in itertools.count():
        event = booking(app_id, number)
        yield lambda event=event: _booked(handler(event, Invocation()))


def _booked(answer: dict[str, Any]) -> None:
    assert answer["statusCode"] == 201, answer


def boto3_side(app_id: str) -> Iterator[Callable[[], object]]:
    """The three requests of each booking by boto3 alone: what the handler of this checkout sends, with other keys."""
    from slotline.wiring import common

    sent: dict[str, dict[str, Any]] = {}
    own: Any = common.dynamodb()
    for name in CLIENT_METHODS:
        setattr(own, name, _noting(getattr(own, name), name, sent))
    event = booking(app_id, A_DAY * 600)
    answer = handler_of("scheduled_calls/create")(event, Invocation())
    assert answer["statusCode"] == 201, answer
    call_id, day = json.loads(answer["body"])["data"]["call"]["id"], json.loads(event["body"])["scheduledAtUtc"][:10]
    assert set(sent) == set(CLIENT_METHODS), sent
    text, client = json.dumps(sent), boto3_client(os.environ)
    for number in itertools.count():
        other = f"{datetime(2100, 1, 1, tzinfo=UTC) + timedelta(days=number):%Y-%m-%d}"
        requests = json.loads(text.replace(call_id, str(uuid4())).replace(day, other))
        requests["transact_write_items"]["ClientRequestToken"] = str(uuid4())
        yield lambda requests=requests: [getattr(client, name)(**said) for name, said in requests.items()]


def _noting(send: Callable[..., Any], name: str, sent: dict[str, dict[str, Any]]) -> Callable[..., Any]:
    def note_and_send(**said: Any) -> Any:
        sent[name] = said
        return send(**said)

    return note_and_send


_SCHEMA = """
CREATE EXTENSION btree_gist;
CREATE TABLE rates (client_id text, part text, used integer NOT NULL, PRIMARY KEY (client_id, part));
CREATE TABLE apps (app_id uuid PRIMARY KEY, settings jsonb NOT NULL);
CREATE TABLE agents (app_id uuid, agent_id uuid, settings jsonb NOT NULL, PRIMARY KEY (app_id, agent_id));
CREATE TABLE calls (
    id uuid PRIMARY KEY, app_id uuid NOT NULL, agent_id uuid NOT NULL, taken tstzrange NOT NULL, call jsonb NOT NULL,
    EXCLUDE USING gist (app_id WITH =, agent_id WITH =, taken WITH &&)
);
CREATE TABLE events (id uuid PRIMARY KEY, call_id uuid NOT NULL REFERENCES calls, event jsonb NOT NULL);
CREATE TABLE rooms (id uuid PRIMARY KEY, app_id uuid NOT NULL, created_at timestamptz NOT NULL);
"""


def postgres_side(address: str) -> Iterator[Callable[[], object]]:
    """What the booking does, in one transaction of PostgreSQL. Statements are prepared by psycopg after five times."""
    import psycopg
    from psycopg.types.json import Jsonb

    app_id = APPS["ours"]
    connection = psycopg.connect(address, autocommit=True)
    connection.execute(_SCHEMA)
    connection.execute("INSERT INTO apps VALUES (%s, %s)", (app_id, Jsonb({"name": "Bench"})))
    connection.execute("INSERT INTO agents VALUES (%s, %s, %s)", (app_id, AGENT, Jsonb({"name": "Agent"})))

    def book(said: dict[str, Any]) -> None:
        start = datetime.fromisoformat(said["scheduledAtUtc"])
        end = start + timedelta(minutes=said["durationMinutes"] + said["bufferAfterMinutes"])
        call_id, now = uuid4(), datetime.now(UTC)
        with connection.transaction():
            connection.execute(
                "INSERT INTO rates SELECT %s, unnest(%s::text[]), 1"
                " ON CONFLICT (client_id, part) DO UPDATE SET used = rates.used + 1 RETURNING used",
                ("client-1", [f"{now:%Y-%m-%d}", f"{now:%Y-%m-%dT%H}", f"{now:%Y-%m-%dT%H:%M}"]),
            ).fetchall()
            connection.execute(
                "SELECT apps.settings, agents.settings FROM apps JOIN agents USING (app_id)"
                " WHERE app_id = %s AND agent_id = %s",
                (app_id, AGENT),
            ).fetchone()
            connection.execute(
                "INSERT INTO calls VALUES (%s, %s, %s, tstzrange(%s, %s), %s)",
                (call_id, app_id, AGENT, start, end, Jsonb(said)),
            )
            for kind in ("created", "assigned"):
                connection.execute("INSERT INTO events VALUES (%s, %s, %s)", (uuid4(), call_id, Jsonb({"type": kind})))
            connection.execute("INSERT INTO rooms VALUES (%s, %s, %s)", (call_id, app_id, now))

    for number in itertools.count():
        said = json.loads(booking(app_id, number)["body"])
        yield lambda said=said: book(said)


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL of its own, on a socket in a scratch folder. An empty address if it or psycopg is not installed."""
    server, initdb = _program("postgres"), _program("initdb")
    if not server or not initdb or not _has_psycopg():
        yield ""
        return
    with tempfile.TemporaryDirectory(prefix="slotline-bench-") as folder:
        # PostgreSQL does not run as root.
        user = "postgres" if os.geteuid() == 0 else None
        if user:
            shutil.chown(folder, user)
        data = f"{folder}/data"
        subprocess.run((initdb, "-D", data, "-U", "bench", "-A", "trust"), check=True, capture_output=True, user=user)
        running = subprocess.Popen(
            (server, "-D", data, "-k", folder, "-c", "listen_addresses="), stderr=subprocess.DEVNULL, user=user
        )
        try:
            address = f"host={folder} user=bench dbname=postgres connect_timeout=10"
            _await_socket(Path(folder))
            yield address
        finally:
            running.terminate()
            running.wait()


def _await_socket(folder: Path) -> None:
    until = time.monotonic() + 30
    while not list(folder.glob(".s.PGSQL.*")) and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.5)  # its last steps


def _has_psycopg() -> bool:
    return subprocess.run((_psycopg(), "-c", "import psycopg"), capture_output=True, check=False).returncode == 0


def _psycopg() -> str:
    return os.environ.get("BENCH_PYTHON", sys.executable)


def _program(name: str) -> str | None:
    """Debian keeps them beside the path."""
    places = os.pathsep.join(str(folder) for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))
    return shutil.which(name) or shutil.which(name, path=places)


def measure(rounds: int, before: Path | None = None) -> Figures:
    """Every side that can run here."""
    with ExitStack() as ends:
        environment = ends.enter_context(tables())
        address = ends.enter_context(postgres())
        put_rows(environment, "SCHEDULING_TABLE", [row for app_id in APPS.values() for row in _rows(app_id)])
        script = Path(__file__)
        sides = [ends.enter_context(python_side("ours", script, "ours", environment))]
        if before:
            sides.append(ends.enter_context(python_side("before", script, "before", environment, root=before)))
        sides.append(ends.enter_context(python_side("boto3", script, "boto3", environment)))
        if address:
            named = {"POSTGRES": address}
            sides.append(ends.enter_context(python_side("psycopg", script, "psycopg", named, python=_psycopg())))
        return interleaved(sides, rounds)


def _rows(app_id: str) -> Iterator[dict[str, Any]]:
    """An app and its agent."""
    from slotline.domain.booking.apps import Agent, Preset
    from slotline.store.booking import items
    from slotline.store.dynamodb import keys

    preset = items.preset_to_map(Preset(preset_id="preset-1", name="Bench", horizon_days=730))
    named = {"app_id": app_id, "organization_id": "organization-1", "name": "Bench", "timezone": "UTC"}
    yield {**keys.app(app_id), **named, "active_preset_id": "preset-1", "preset": preset}
    yield items.agent_to_item(app_id, Agent(agent_id=AGENT, name="Agent"), datetime.now(UTC))


SIDES: dict[str, Callable[[], Iterator[Callable[[], object]]]] = {
    "ours": lambda: handler_side(APPS["ours"]),
    "before": lambda: handler_side(APPS["before"]),
    "boto3": lambda: boto3_side(APPS["boto3"]),
    "psycopg": lambda: postgres_side(os.environ["POSTGRES"]),
}


def main() -> None:
    """Print the medians and the ratios."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--before", type=Path, help="a checkout of an earlier commit, to be measured in the same run")
    asked.add_argument("--rounds", type=int, default=200)
    asked.add_argument("--serve", choices=SIDES, help=argparse.SUPPRESS)
    chosen = asked.parse_args()
    if chosen.serve:
        serve(SIDES[chosen.serve]())
        return
    figures = measure(chosen.rounds, chosen.before)
    figures.print(f"A booking, processor time of the client, {chosen.rounds} rounds:", "ours")
    if "psycopg" not in figures.medians:
        print("  PostgreSQL or psycopg is not installed here.")


if __name__ == "__main__":
    main()
