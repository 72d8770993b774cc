"""Webhooks on the whole system: a receiver verifies what comes, through a rotation and a day on which it was down."""

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
import time_machine
from standardwebhooks import Webhook, WebhookVerificationError

from local.process import running_system
from tests.support.api import Api, own_app, text
from tests.support.later import Later, percentile, until

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(1800)]

CALLS = 12
EVENTS = [
    f"scheduled.{name}"
    for name in ("created", "confirmed", "rescheduled", "assigned", "updated", "started", "completed", "cancelled")
]


@dataclass(frozen=True)
class Arrival:
    """One request to the receiver, as it came."""

    headers: dict[str, str]
    body: bytes
    answered: int

    @property
    def event(self) -> dict[str, Any]:
        """What it says."""
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """By the public library, at the time that the request names."""
        with time_machine.travel(datetime.fromtimestamp(int(self.headers["webhook-timestamp"]), UTC), tick=False):
            try:
                Webhook(secret).verify(self.body, self.headers)
            except WebhookVerificationError:
                return False
            return True


@dataclass
class Receiver:
    """A server of a customer's, which may be down."""

    status: int = 200
    arrivals: list[Arrival] = field(default_factory=list)
    url: str = ""

    @property
    def taken(self) -> list[Arrival]:
        """What it said yes to."""
        return [arrival for arrival in self.arrivals if arrival.answered == 200]

    def by_call(self) -> dict[str, list[int]]:
        """The sequences of each call's events, in order of arrival."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for arrival in self.taken:
            found[arrival.event["payload"]["scheduled_call"]["id"]].append(arrival.event["sequence"])
        return found


@contextmanager
def a_receiver() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.arrivals.append(Arrival(headers, body, receiver.status))
            self.send_response(receiver.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hooks"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def hooks(api: Api, method: str, path: str = "", body: Any = None) -> dict[str, Any]:
    """Ask something of the app's webhooks."""
    answer = api.client.request(method, f"/api/v1/video/{api.app_id}/webhooks{path}", json=body)
    assert answer.status_code < 300, answer.text
    return answer.json()["data"]["webhook"]


def change(api: Api, call_id: str, start: datetime) -> None:
    """Three events, of three changes."""
    for method, path, body in (
        ("PATCH", call_id, {"guestName": "Jane Roe"}),
        ("PATCH", call_id, {"scheduledAtUtc": text(start)}),
        ("POST", f"{call_id}/confirm", None),
    ):
        answer = api.ask(method, path, body)
        assert answer.status_code == 200, answer.text


def test_a_receiver_verifies_everything_and_misses_nothing_of_a_day_that_it_was_down() -> None:
    with running_system(ready_timeout=120, webhooks_to="127.0.0.0/8") as system, a_receiver() as receiver:
        later, app = Later(system), own_app(system)
        start = later.now().replace(second=0, microsecond=0) + timedelta(days=10)
        with app.client() as api:
            webhook = hooks(api, "POST", body={"url": receiver.url, "events": EVENTS})
            path, first_secret = f"/{webhook['id']}", webhook["secret"]
            call_ids = [api.book(None, start) for _ in range(CALLS)]
            until(lambda: len(receiver.taken) == CALLS, "word of every booking")
            before = list(receiver.arrivals)
            second_secret = hooks(api, "POST", f"{path}/rotate-secret", {"overlapHours": 1})["secret"]
            change(api, call_ids[0], start + timedelta(hours=1))
            until(lambda: len(receiver.taken) == CALLS + 3, "the first changes")
            during = receiver.arrivals[len(before) :]
        late = [
            int(arrival.headers["webhook-timestamp"]) - datetime.fromisoformat(arrival.event["occurred_at"]).timestamp()
            for arrival in receiver.arrivals
        ]
        receiver.status = 503
        with app.client() as api:
            for number, call_id in enumerate(call_ids[1:], 2):
                change(api, call_id, start + timedelta(hours=number))
        down = len(receiver.arrivals)
        until(lambda: len(receiver.arrivals) >= down + CALLS - 1, "attempts that fail")
        for _ in range(4):
            seen = len(receiver.arrivals)
            later.advance(timedelta(hours=6))
            until(lambda so_far=seen: len(receiver.arrivals) > so_far, "another attempt")
        receiver.status = 200
        events = CALLS + 3 * CALLS
        for _ in range(4):  # attempts are hours apart by now
            later.advance(timedelta(hours=8))
            later.sweep()
        until(lambda: len({arrival.event["id"] for arrival in receiver.taken}) == events, "every event", 240)
        after = [arrival for arrival in receiver.taken if arrival not in before and arrival not in during]

        for call_id in call_ids:
            sequences = receiver.by_call()[call_id]
            assert sequences == sorted(set(sequences)), "in order, and each once"
            assert len(sequences) == 4
        assert all(one.is_signed_with(first_secret) for one in before)
        assert all(one.is_signed_with(first_secret) and one.is_signed_with(second_secret) for one in during)
        assert all(one.is_signed_with(second_secret) for one in after)
        assert not any(one.is_signed_with(first_secret) for one in after)
        assert not any(one.is_signed_with(second_secret) for one in before)
        with app.client() as api:
            assert hooks(api, "GET", path)["status"] == "active"
        print(  # noqa: T201 - shown by pytest -s
            f"\n{events} events, {len(receiver.arrivals)} requests, {len(receiver.taken)} of them taken; "
            f"the first attempt after p50 {percentile(late, 0.5):.2f} s, p99 {percentile(late, 0.99):.2f} s"
        )
