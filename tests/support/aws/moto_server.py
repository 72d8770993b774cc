"""Moto's tables behind HTTP, for what runs in a process of its own: AWS as `AWS_ENDPOINT_URL` names it.

Moto's own server needs Flask. This one hands each request to what answers boto3 inside the process.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import unquote

from botocore.awsrequest import AWSPreparedRequest
from moto.core.models import botocore_stubber

_SIGNED_FOR = re.compile(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/")
"""Of a signed request: the region, and the service."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Server"

    def answer(self) -> None:
        """Ask moto, one request at a time: it keeps no order among threads."""
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if target := self.headers.get("x-amz-target"):
            self.server.asked[target.rpartition(".")[2]] += 1
        by_whom = self.headers.get("authorization") or unquote(self.path)  # an address may be signed instead
        region, service = _SIGNED_FOR.search(by_whom).groups()
        if service in self.server.away:
            said = self.server.away[service]
            status, headers, said = 200, {}, json.dumps(said(json.loads(body)) if callable(said) else said)
        else:
            url = f"https://{service}.{region}.amazonaws.com{self.path}"
            asked = AWSPreparedRequest(self.command, url, dict(self.headers), body, stream_output=False)
            with self.server.lock:
                status, headers, said = botocore_stubber.process_request(asked)
        content = said.encode() if isinstance(said, str) else said
        self.send_response(status)
        sent = {name.lower(): str(value) for name, value in headers.items()}
        if self.command != "HEAD":  # whose answer tells of a body that it does not have
            sent["content-length"] = str(len(content))
        for name in sent.keys() - {"date", "server", "connection"}:
            self.send_header(name, sent[name])
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = answer  # noqa: N815 - names that http.server looks for

    def log_message(self, *_said: Any) -> None:
        """Nobody reads it."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, away: dict[str, Any], asked: Counter[str]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.away, self.asked = away, asked
        self.lock = Lock()


@contextmanager
def moto_over_http(away: dict[str, Any], asked: Counter[str] | None = None) -> Iterator[str]:
    """The address of a server of what this process's moto holds.

    `away`: what services say that are not played, or what makes it of a request.
    `asked`: where requests are counted, by operation.
    """
    server = _Server(away, Counter() if asked is None else asked)
    serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        serving.join()
