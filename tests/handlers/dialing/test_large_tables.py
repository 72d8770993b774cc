"""What a table of ten thousand calls costs, in each of its forms: time, memory, and requests to DynamoDB and Scheduler.

The functions are the real ones, from the request to the wake-ups. The table takes the calls and keeps none: time and
memory are the functions' own. TABLE_SLOW says how many rows the slow run has.
"""

import base64
import gzip
import json
import os
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse

from slotline.domain.shared.due import Due, DueKind
from slotline.queues.sqs import to_body
from slotline.store.dynamodb import keys
from tests.handlers.dialing.conftest import Dialer, reading_calls
from tests.support.aws.moto_tables import ENVIRONMENT, before_each_call
from tests.support.builders.apps import NOW
from tests.support.handlers import Endpoint, Reply, load_function, partner

pytestmark = pytest.mark.usefixtures("tables")
ROWS = int(os.environ.get("TABLE_SLOW", "10000"))
QUICK = 1_000
MOST_BYTES = 400_000_000
"""Of memory that any function may need for ten thousand rows; the smallest of them has 1,024 MB."""


def table(rows: int, minutes: int) -> str:
    """Calls that are due in so many distinct minutes of one day."""
    times = (divmod(n % minutes, 60) for n in range(rows))
    lines = (f"+57300{n:07},John {n},Doe,Acme Corp,2026-05-04,{h + 8:02}:{m:02}\r\n" for n, (h, m) in enumerate(times))
    return "phone_number,first_name,last_name,company_name,scheduled_date,scheduled_time\r\n" + "".join(lines)


@dataclass
class Meter:
    """Every request to AWS by operation. Of the calls that are written it keeps no more than their wake-ups need."""

    requests: Counter[str] = field(default_factory=Counter)
    records: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, model: Any, params: Any, **_: Any) -> tuple[Any, dict[str, Any]] | None:
        """Before a request is sent; what is returned takes the place of its answer."""
        self.requests[f"{model.service_model.service_name}.{model.name}"] += 1
        if model.name != "TransactWriteItems":
            return None
        items = [part["Put"]["Item"] for part in json.loads(params["body"])["TransactItems"] if "Put" in part]
        if not all(item["sk"]["S"] == "DIAL" for item in items):
            return None
        names = ("pk", "sk", "due_at", "due_bucket")
        self.records += [{"dynamodb": {"NewImage": {name: item[name] for name in names}}} for item in items]
        return AWSResponse(params["url"], 200, {}, None), {}

    def of(self, service: str) -> dict[str, int]:
        """The requests to one service."""
        found = {name.partition(".")[2]: count for name, count in self.requests.items() if name.startswith(service)}
        return dict(sorted(found.items()))


@pytest.fixture
def meter(dialer: Dialer) -> Iterator[Meter]:
    """From here on, on the clients that the functions make."""
    del dialer
    meter = Meter()
    with before_each_call(meter):
        yield meter
    for schedule in (scheduler := boto3.client("scheduler")).list_schedules()["Schedules"]:
        scheduler.delete_schedule(Name=schedule["Name"], GroupName=schedule["GroupName"])


def as_upload(content: str) -> str:
    """The handle of a table that was put where the API said."""
    reply = Endpoint("dialing/upload", "POST", partner())("/api/v1/dial/uploads", {"size": len(content.encode())})
    handle: str = reply.json["csv_file"]
    place = f"organization-1/{handle.removeprefix('upload:')}"
    boto3.client("s3").put_object(Bucket=ENVIRONMENT["UPLOADS_BUCKET"], Key=place, Body=content.encode())
    return handle


FORMS: dict[str, Callable[[str], str]] = {
    "CSV text": lambda content: content,
    "data: URI": lambda content: "data:text/csv;base64," + base64.b64encode(content.encode()).decode(),
    "upload": as_upload,
}


class Context:
    """Of an invocation that has all the time there is."""

    def get_remaining_time_in_millis(self) -> int:
        return 300_000


def imports(campaign_id: str) -> None:
    """The background's way through the rows."""
    due = Due(kind=DueKind.IMPORT, **keys.dial_import("organization-1", campaign_id), at=NOW)
    event = {"Records": [{"messageId": "message-1", "body": to_body(due)}]}
    assert load_function("dialing/import_calls").handler(event, Context()) == {"batchItemFailures": []}


def plans(meter: Meter) -> None:
    """The stream's way to the wake-ups, a hundred records at a time."""
    for first in range(0, len(meter.records), 100):
        load_function("timers/plan").handler({"Records": meter.records[first : first + 100]}, None)


@contextmanager
def measured(spent: dict[str, str], step: str, *, memory: bool) -> Iterator[None]:
    """Seconds of the processor, or with `memory`, which is slow, the most bytes held beside what was there before."""
    if memory:
        tracemalloc.start()
    began = time.process_time()
    try:
        yield
        seconds = time.process_time() - began
        if memory:
            held = tracemalloc.get_traced_memory()[1]
            assert held < MOST_BYTES
            spent[step] = f"{held / 1e6:.0f} MB"
        else:
            spent[step] = f"{seconds:.1f} s"
    finally:
        tracemalloc.stop()


def run(dialer: Dialer, meter: Meter, form: str, rows: int, minutes: int, *, memory: bool) -> None:
    """A table from its request to its wake-ups, with what it took."""
    sent, spent = FORMS[form](table(rows, minutes)), dict[str, str]()
    meter.requests.clear()
    with measured(spent, "request", memory=memory):
        reply = dialer.schedule(csv_file=sent, accept="gzip", key="key-1")
    assert reply.status == 200, reply.text
    campaign_id = campaign_of(reply, form, rows)
    with measured(spent, "background", memory=memory):
        imports(campaign_id)
    assert len(meter.records) == rows
    with measured(spent, "wake-ups", memory=memory):
        plans(meter)
    dynamodb, scheduler = meter.of("dynamodb"), meter.of("scheduler")
    print(  # noqa: T201 - shown by pytest -s
        f"\n{rows} rows as {form}: {spent}, answer {len(reply.text) / 1e6:.2f} MB;"
        f" DynamoDB {dynamodb}, Scheduler {scheduler}, S3 {meter.of('s3')}, SQS {meter.of('sqs')}"
    )
    assert scheduler == {"CreateSchedule": minutes}, "one for each distinct minute"
    assert dynamodb["TransactWriteItems"] <= rows / 100 + rows / 1_000 * 4 + 10
    plans(meter)
    assert meter.of("scheduler") == scheduler, "nor any more when the stream says it all again"
    campaign = reading_calls()(f"/api/v1/campaigns/{campaign_id}").json["data"]
    assert (campaign["campaign"]["state"], campaign["import"]["created"]) == ("running", rows)


def campaign_of(reply: Reply, form: str, rows: int) -> str:
    """The campaign of an answer; the whole of it was compressed."""
    if form == "upload":
        assert reply.json["createdCalls"] == []
        found: str = reply.json["campaign_id"]
        return found
    answer = json.loads(gzip.decompress(base64.b64decode(reply.text))) if not reply.text.startswith("{") else reply.json
    assert (len(answer["createdCalls"]), answer["total"]) == (rows, rows)
    campaign_id: str = answer["campaign_id"]
    return campaign_id


@pytest.mark.parametrize("form", FORMS)
def test_a_table_needs_one_schedule_a_minute_and_one_request_for_a_hundred_calls(
    dialer: Dialer, meter: Meter, form: str
):
    run(dialer, meter, form, QUICK, 30, memory=False)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("memory", [False, True], ids=["time", "memory"])
@pytest.mark.parametrize("form", FORMS)
def test_ten_thousand_rows_in_every_form(dialer: Dialer, meter: Meter, form: str, memory: bool):
    run(dialer, meter, form, ROWS, ROWS * 600 // 10_000, memory=memory)
