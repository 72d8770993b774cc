"""What a dial attempt costs: its requests of DynamoDB, and its processor time from the wake-up to the record.

    .venv/bin/python -m bench.attempt                     this build
    .venv/bin/python -m bench.attempt OTHER_CHECKOUT      beside another build

The plain path: a call of a campaign is due, its number is granted, it is on no do-not-call list, its pace is free, and
the carrier takes it. The handler is the real one, in a process of its own; tables and carrier are behind HTTP in this
one. Builds take turns, and what counts is the median of all their attempts.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

ROOT = Path(__file__).parents[1]
TURNS = 6
ATTEMPTS = 30
"""Of one turn; those that a process makes first are not counted."""
WARM_UP = 5
LINES = 10
"""Attempts from one number: its pace keeps a line for each, and no number has many more."""
_numbers = count(5550100)
ORGANIZATION, USE_CASE, CAMPAIGN = "bench", "use-case", "campaign"


@dataclass
class Measured:
    """Of one build: how long each attempt took, and the requests of all of them."""

    checkout: Path
    milliseconds: list[float] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)

    @property
    def median(self) -> float:
        """Milliseconds of processor time."""
        return statistics.median(self.milliseconds)


def measure(checkouts: Sequence[Path], turns: int = TURNS) -> list[Measured]:
    """The builds in turn, on the same tables and the same carrier."""
    found = [Measured(checkout) for checkout in checkouts]
    with _world() as (environment, asked):
        for turn in range(turns):
            for number, one in enumerate(found):
                bodies = _due_calls(f"{turn}-{number}")
                asked.clear()
                one.milliseconds += _attempts(one.checkout, environment, bodies)
                one.requests += asked
    return found


def _attempts(checkout: Path, environment: dict[str, str], bodies: Sequence[str]) -> list[float]:
    """Milliseconds of each attempt that a process of this build makes."""
    paths = {"PYTHONPATH": f"{checkout / 'layers/common/python'}:{checkout}"}
    done = subprocess.run(
        [sys.executable, str(Path(__file__).resolve()), "--work"],
        input=json.dumps(bodies),
        cwd=checkout,
        env={**os.environ, **environment, **paths},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    times: list[float] = json.loads(done.stdout.splitlines()[-1])
    return times


def _work() -> None:
    """In a process of its own: handle each wake-up, and say how long it took."""
    from tests.support.handlers import load_function  # of the build that is measured

    handler = load_function("dialing/place_call").handler
    times = []
    for body in json.load(sys.stdin):
        before = time.process_time()
        said = handler({"Records": [{"messageId": "message-1", "body": body}]}, None)
        times.append(1000 * (time.process_time() - before))
        if said != {"batchItemFailures": []}:
            raise SystemExit(f"an attempt failed: {said}")
    print("\n" + json.dumps(times[WARM_UP:]))


@contextmanager
def _world() -> Iterator[tuple[dict[str, str], Counter[str]]]:
    """The tables with all that rules over calls, and a carrier: their environment, and what is asked of the tables."""
    import boto3

    from slotline.settings import OWN_CLIENT
    from tests.support.aws.moto_server import moto_over_http
    from tests.support.aws.moto_tables import ENVIRONMENT, aws_in_memory
    from tests.support.worlds.twilio import Twilio

    asked = Counter[str]()
    with aws_in_memory(), moto_over_http({}, asked) as url, Twilio() as twilio:
        account = json.dumps({"account_sid": "AC1", "auth_token": "token"})
        secret = boto3.client("secretsmanager").create_secret(Name="bench-twilio", SecretString=account)
        _settings()
        own = {"AWS_ENDPOINT_URL": url, "TWILIO_API_URL": twilio, "TWILIO_SECRET_ID": secret["ARN"]}
        yield {**ENVIRONMENT, **own, "CLIENT_OF_AWS": OWN_CLIENT}, asked


def _settings() -> None:
    import boto3

    from slotline.domain.dialing.campaigns import CampaignState
    from slotline.store.dialing.campaigns import DynamoCampaigns
    from slotline.store.dialing.settings import use_case_to_item
    from slotline.store.dynamodb.client import to_values
    from tests.support.builders.dialing import a_campaign, a_use_case

    client = boto3.client("dynamodb")
    use_case = a_use_case(id=USE_CASE, organization_id=ORGANIZATION, callee_start="00:00", callee_end="24:00")
    client.put_item(TableName="DialingTable", Item=to_values(use_case_to_item(use_case)))
    campaign = a_campaign(CampaignState.RUNNING, id=CAMPAIGN, organization_id=ORGANIZATION, use_case_id=USE_CASE)
    DynamoCampaigns(client, "DialingTable", "AccessTable").open(campaign)


def _due_calls(turn: str) -> list[str]:
    """Calls that are due now, from numbers of their own; the messages that wake them."""
    import boto3

    from slotline.clock import SystemClock
    from slotline.domain.shared.due import Due, DueKind
    from slotline.queues.sqs import to_body
    from slotline.store.dialing.calls import DynamoDialCalls
    from slotline.store.dialing.grants import DynamoNumberGrants
    from slotline.store.dynamodb import keys
    from tests.support.builders.dialing import a_dial_call, a_grant, a_number

    client = boto3.client("dynamodb")
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=1)
    grants = DynamoNumberGrants(client, "DialingTable", "AccessTable", SystemClock())
    bodies, calls = [], []
    for n in range(WARM_UP + ATTEMPTS):
        if n % LINES == 0:
            e164 = f"+1202{next(_numbers):07}"
            number = a_number(
                id=f"number-{turn}-{n}", organization_id=ORGANIZATION, phone_number=e164, calls_per_second=100
            )
            grant = a_grant(ORGANIZATION, phone_number=e164)
            grants.put(grant)
            grants.add_number(number, grant, None)
        call = a_dial_call(
            id=f"call-{turn}-{n}",
            organization_id=ORGANIZATION,
            use_case_id=USE_CASE,
            campaign_id=CAMPAIGN,
            number_id=number.id,
            metadata={"from": e164},
            params={"first_name": "Ana"},
            zones=("America/Bogota",),
            scheduled_at=now,
            due_at=now,
        )
        calls.append(call)
        bodies.append(to_body(Due(kind=DueKind.ATTEMPT, **keys.dial_call(ORGANIZATION, call.id), at=now)))
    DynamoDialCalls(client, "DialingTable").add(calls)
    return bodies


def report(found: Sequence[Measured]) -> Iterator[str]:
    """A line a build: what one of its attempts costs, beside the last one's."""
    for one in found:
        attempts = len(one.milliseconds) / ATTEMPTS * (ATTEMPTS + WARM_UP)
        each = {name: round(times / attempts, 1) for name, times in sorted(one.requests.items())}
        yield (
            f"{one.checkout}: {one.median:.1f} ms of processor time, {one.median / found[-1].median:.2f} of the last;"
            f" {sum(each.values()):g} requests {each}"
        )


def main() -> None:
    """Measure this build, and beside it others."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", nargs="*", type=Path, help="a checkout of another build")
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.work:
        _work()
        return
    for line in report(measure([ROOT, *(one.resolve() for one in said.checkout)], said.turns)):
        print(line)


if __name__ == "__main__":
    main()
