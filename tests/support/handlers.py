"""Calling a Lambda's handler as API Gateway would: a payload 2.0 event in, an answer out."""

import importlib.util
import json
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlencode

from slotline import observability
from tests.support.documented import check_documented

ROOT = Path(__file__).parents[2]
APP_ID = "01890000-0000-7000-8000-000000000001"
ALL_SCOPES = "scheduling:read scheduling:write dialing:read dialing:write webhooks:write"


def forget_wiring() -> None:
    """Make the next handler build its adapters anew, from the environment as it is then, as in a fresh process.

    What another test counted and did not write out goes too: it may be of another stage.
    """
    observability.metrics.forget()
    parts = [module for name, module in sys.modules.items() if name.startswith("slotline.wiring.")]
    for provider in [one for part in parts for one in vars(part).values()]:
        if hasattr(provider, "cache_clear"):
            provider.cache_clear()


@cache
def load_function(folder: str) -> ModuleType:
    """The module of `functions/<folder>/app.py`."""
    path = ROOT / "functions" / folder / "app.py"
    spec = importlib.util.spec_from_file_location(f"handler_{folder.replace('/', '_')}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Reply:
    """An answer, with its JSON read."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def error(self) -> dict[str, Any]:
        return self.json["error"]


def partner(**changes: str) -> dict[str, str]:
    """What the authorizer says of a partner that may do everything in the test's app."""
    return {
        "kind": "client",
        "client_id": "client-1",
        "organization_id": "organization-1",
        "app_ids": APP_ID,
        "scopes": ALL_SCOPES,
        "limit_minute": "1000",
        "limit_hour": "10000",
        "limit_day": "100000",
    } | changes


@dataclass
class Endpoint:
    """One handler, and who stands before it."""

    folder: str
    method: str
    caller: dict[str, str] | None = field(default_factory=partner)
    address: str = "127.0.0.1"
    route: str | None = None
    """The key of its route; left out, the path itself stands for it."""

    def __call__(
        self,
        path: str,
        body: Any = None,
        *,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        raw: str | None = None,
        encoded: bool = False,
    ) -> Reply:
        text = raw if raw is not None else (json.dumps(body) if body is not None else None)
        event = {
            "version": "2.0",
            "routeKey": self.route or f"{self.method} {path}",
            "rawPath": path,
            "rawQueryString": urlencode(query or {}),
            "queryStringParameters": query or {},
            "headers": ({"content-type": "application/json"} if text is not None else {}) | (headers or {}),
            "requestContext": {
                "authorizer": {"lambda": self.caller or {"error": "missing_credential"}},
                "domainName": "api.example.com",
                "http": {"method": self.method, "path": path, "sourceIp": self.address},
                "requestId": "request-1",
                "stage": "$default",
            },
            "body": text,
            "isBase64Encoded": encoded,
        }
        answer = load_function(self.folder).handler(event, None)
        check_documented(self.method, path, answer["statusCode"])
        return Reply(answer["statusCode"], answer.get("headers", {}), answer.get("body", ""))
