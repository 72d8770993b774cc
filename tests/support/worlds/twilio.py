"""Twilio's API on this machine, as far as calls are placed and looked up."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


class Twilio:
    """A context manager whose value is the address. `rang`: the numbers that were asked for.

    `status`: what it says of every call that is looked up.
    """

    def __init__(self, status: str = "in-progress") -> None:
        self.rang: list[str] = []
        self.status = status
        twilio = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                twilio.rang.append(form["To"][0])
                self._say(201, {"sid": f"CA{len(twilio.rang)}", "status": "queued"})

            def do_GET(self) -> None:
                sid = self.path.rpartition("/")[2].removesuffix(".json")
                self._say(200, {"sid": sid, "status": twilio.status})

            def _say(self, status: int, content: dict[str, str]) -> None:
                said = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
