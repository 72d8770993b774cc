"""Sides of a comparison: a process each, measured turn by turn in one run.

A side does its work once for every line that it is given, and answers with the milliseconds of processor time that
this took, of all its threads. What else runs on the machine changes all sides alike, so their ratio holds where
milliseconds do not. `before` is a checkout of another commit: the same work by its code.
"""

import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[1]
WARM_UP = 5
"""Rounds that nobody counts: connections are made, models are built, and caches fill."""


MARK = "took: "
"""Begins the line that answers. Whatever else a side prints, such as its log, is only shown if it fails."""


def serve(work: Iterator[Callable[[], object]]) -> None:
    """The loop of a side in Python: each time the next piece of work."""
    for _ in sys.stdin:
        once = next(work)
        started = time.process_time()
        once()
        seconds = time.process_time() - started
        sys.stdout.write(f"{MARK}{seconds * 1000}\n")
        sys.stdout.flush()


class Side:
    """A process that does one side's work, line by line."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        self.name = name
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})}
        )

    def once(self) -> float:
        """Milliseconds of processor time. Raises RuntimeError with what it said if it has ended."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        said = []
        for line in self._process.stdout:
            if line.startswith(MARK):
                return float(line.removeprefix(MARK))
            said.append(line)
        raise RuntimeError(f"{self.name} ended:\n{''.join(said)}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


def python_side(
    name: str, script: Path, work: str, environment: Mapping[str, str], *, root: Path = ROOT, python: str = ""
) -> Side:
    """`script --serve work` on the code of a checkout."""
    path = os.pathsep.join((str(root / "layers/common/python"), str(root)))
    return Side(
        name,
        (python or sys.executable, str(script), "--serve", work),
        {**environment, "PYTHONPATH": path, "CHECKOUT": str(root)},
    )


@dataclass(frozen=True)
class Figures:
    """Medians of each side, in milliseconds of processor time."""

    medians: Mapping[str, float]

    def ratio(self, side: str, beside: str) -> float:
        """How many times as much the one takes as the other."""
        return self.medians[side] / self.medians[beside]

    def print(self, title: str, side: str) -> None:
        """A line a side, with what one of them is beside it."""
        print(title)
        for name, median in self.medians.items():
            ratio = "" if name == side else f"   {side} / {name} = {self.ratio(side, name):.3f}"
            print(f"  {name:12} {median:9.2f} ms{ratio}")


def interleaved(sides: Sequence[Side], rounds: int) -> Figures:
    """One turn of each side after the other, in another order each round: it matters by 5 % whom one comes after."""
    took: dict[str, list[float]] = {side.name: [] for side in sides}
    chance = random.Random(0)  # noqa: S311 - no secret: the same orders each time
    for number in range(rounds + WARM_UP):
        for side in chance.sample(sides, len(sides)):
            milliseconds = side.once()
            if number >= WARM_UP:
                took[side.name].append(milliseconds)
    return Figures({name: statistics.median(figures) for name, figures in took.items()})


@contextmanager
def tables(program: str = "local.ministack_server") -> Iterator[dict[str, str]]:
    """The template's tables in an emulator of their own; yields what a function's environment says of them.

    `program`: the module that serves the emulator.
    """
    from local.emulator import Emulator
    from local.surroundings import REGION, fake_account
    from tests.support.aws.moto_tables import TABLES, create_tables, template
    from tests.support.builders.guest_links import LINK_KEYS

    with ExitStack() as ends:
        folder = ends.enter_context(tempfile.TemporaryDirectory(prefix="slotline-bench-"))
        runner = ends.enter_context(asyncio.Runner())
        emulator = runner.run(Emulator.start(Path(folder), program))
        ends.callback(lambda: runner.run(emulator.stop()))
        environment = {
            **fake_account(),
            "AWS_ENDPOINT_URL": emulator.url,
            "AWS_REGION": REGION,
            "SCHEDULING_TABLE": "SchedulingTable",
            "DIALING_TABLE": "DialingTable",
            "ACCESS_TABLE": "AccessTable",
            "SIGNING_KEY_IDS": "key-1",
            "GUEST_LINK_SECRET_ID": "GuestLinkSecret",
            "API_BASE_URL": "https://api.example.com",
            "VIDEO_BASE_URL": "https://video.example.com",
            "AWS_LAMBDA_FUNCTION_NAME": "measured",
            "POWERTOOLS_TRACE_DISABLED": "true",
        }
        create_tables(boto3_client(environment), template()["Resources"], TABLES)
        boto3_client(environment, "secretsmanager").create_secret(
            Name=environment["GUEST_LINK_SECRET_ID"], SecretString=LINK_KEYS
        )
        yield environment


def boto3_client(environment: Mapping[str, str], service: str = "dynamodb") -> Any:
    """boto3's client of the tables, or of another service of the emulator."""
    import boto3

    return boto3.client(
        service,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )


def put_rows(environment: Mapping[str, str], table: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Put rows by the code of this checkout."""
    from slotline.store.dynamodb.client import to_values

    client = boto3_client(environment)
    for first in range(0, len(rows), 25):
        puts = [{"PutRequest": {"Item": to_values(row)}} for row in rows[first : first + 25]]
        client.batch_write_item(RequestItems={environment[table]: puts})


def handler_of(folder: str) -> Callable[[Any, Any], dict[str, Any]]:
    """The handler of a function of the checkout that this process is to measure."""
    import importlib.util

    path = Path(os.environ["CHECKOUT"]) / "functions" / folder / "app.py"
    spec = importlib.util.spec_from_file_location("measured_app", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    handler: Callable[[Any, Any], dict[str, Any]] = module.handler
    return handler


class Invocation:
    """Lambda's context of an invocation that has time left."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds."""
        return 30_000


def event_of(
    method: str, path: str, app_id: str, *, query: str = "", body: Mapping[str, object] | None = None
) -> dict[str, Any]:
    """A request of a client of this app, as API Gateway hands it over."""
    return {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {
            "accept": "*/*",
            "content-type": "application/json",
            "host": "api.example.com",
            "user-agent": "bench/1",
            "x-forwarded-for": "192.0.2.7",
        },
        "requestContext": {
            "authorizer": {
                "lambda": {
                    "kind": "client",
                    "client_id": f"client-of-{app_id}",
                    "organization_id": "organization-1",
                    "app_ids": app_id,
                    "scopes": "scheduling:read scheduling:write dialing:read dialing:write",
                    "limit_minute": "100000",
                    "limit_hour": "1000000",
                    "limit_day": "10000000",
                }
            },
            "domainName": "api.example.com",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.7"},
            "requestId": "request-1",
            "routeKey": f"{method} {path}",
            "stage": "$default",
        },
        "body": json.dumps(body) if body is not None else None,
        "isBase64Encoded": False,
    }
