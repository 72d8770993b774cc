"""A customer's server that takes webhooks of a running system, and what the app's webhooks are asked."""

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import time_machine
from standardwebhooks import Webhook, WebhookVerificationError

from tests.support.worlds.api import Api


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

    def of_each(self, kind: str) -> dict[str, list[Arrival]]:
        """What it took of each subject that payloads name so, in order of arrival."""
        found: defaultdict[str, list[Arrival]] = defaultdict(list)
        for arrival in self.taken:
            if kind in arrival.event["payload"]:
                found[arrival.event["payload"][kind]["id"]].append(arrival)
        return found


@contextmanager
def a_receiver() -> Iterator[Receiver]:
    """One on the loopback interface."""
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
