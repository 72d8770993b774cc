"""Lends credentials over HTTP, as a container role has them (Boto3 documentation, "Credentials", container provider).

What it lends is to be renewed within moments: botocore asks again once fewer than 15 minutes are left. `approves` is
the other side: whether a request was signed by what was lent, all of it of one loan.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from typing import ClassVar

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

RENEWED_BEFORE = timedelta(minutes=15)


@dataclass
class Lender:
    """What it lent, by access key. `lasts`: until it is to be renewed."""

    lasts: timedelta
    region: str
    loans: dict[str, Credentials] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    """Access keys that signed something."""
    url: str = ""
    _numbers: Iterator[int] = field(default_factory=count)

    def lend(self) -> dict[str, str]:
        """New credentials each time."""
        number = next(self._numbers)
        lent = Credentials(f"key-{number}", f"secret-{number}", f"token-{number}")
        self.loans[lent.access_key] = lent
        until = datetime.now(UTC) + RENEWED_BEFORE + self.lasts
        return {
            "AccessKeyId": lent.access_key,
            "SecretAccessKey": lent.secret_key,
            "Token": lent.token,
            "Expiration": until.isoformat(),
        }

    def approves(self, url: str, headers: Mapping[str, str], body: bytes) -> bool:
        """By botocore's own signer."""
        words = dict(word.split("=", 1) for word in headers["authorization"].replace(",", "").split()[1:])
        key, _, region, service, _ = words["Credential"].split("/")
        lent = self.loans[key]
        self.used.add(key)
        request = AWSRequest("POST", url, {name: headers[name] for name in words["SignedHeaders"].split(";")}, body)
        request.context["timestamp"] = headers["x-amz-date"]
        signer = SigV4Auth(lent, service, region)
        signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
        return signature == words["Signature"] and headers["x-amz-security-token"] == lent.token

    @contextmanager
    def lending(self) -> Iterator["Lender"]:
        """At an address of its own, while the block lasts."""
        lender = self

        class Desk(BaseHTTPRequestHandler):
            protocol_version: ClassVar[str] = "HTTP/1.1"

            def do_GET(self) -> None:
                body = json.dumps(lender.lend()).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_said: object) -> None:
                """Nobody reads it."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
            server.daemon_threads = True
            self.url = f"http://127.0.0.1:{server.server_port}/"
            thread = Thread(target=server.serve_forever, args=(0.05,))
            thread.start()
            try:
                yield self
            finally:
                server.shutdown()
                thread.join()
