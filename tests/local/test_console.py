"""What the terminal says of a request: its route and what became of it, never its path, which may be a guest's link."""

import asyncio
from typing import Any

import pytest

from local.gateway.app import Gateway
from local.template import read_template
from tests.support.handlers import ROOT

TOKEN = "AQAAAAGWjC56AHAAgAAAAAAAyhL4VpQL5xhlC9w8ezy3VhgZ"


class _Answers:
    async def invoke(self, _function: str, _event: bytes) -> bytes:
        return b'{"statusCode": 200, "body": ""}'


def _asked(method: str, path: str) -> None:
    gateway = Gateway(_Answers())  # type: ignore[arg-type]  # of what invokes, this is all that is asked
    gateway.use(read_template(ROOT / "template.yaml"))
    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 1),
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_message: dict[str, Any]) -> None:
        pass

    asyncio.run(gateway(scope, receive, send))


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("GET", f"/b/{TOKEN}", "/b/{token}"),
        ("POST", f"/b/{TOKEN}/confirm", "/b/{token}/{step}"),
        ("GET", f"/api/v1/guest/{TOKEN}/availability", "/api/v1/guest/{token}/availability"),
        ("GET", f"/b/{TOKEN}/mistyped/further", "$default"),
    ],
)
def test_a_line_names_the_route(capsys: pytest.CaptureFixture[str], method: str, path: str, said: str):
    _asked(method, path)
    written = capsys.readouterr()
    assert TOKEN not in written.out + written.err
    assert f"{method:<6} {said} 200 " in written.err
