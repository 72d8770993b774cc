"""GET /static/{file}: what the pages are made with, kept by browsers for a year under names that change with it."""

import base64
import gzip
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from slotline.clock import SystemClock
from slotline.http.core.accepting import takes_gzip
from slotline.http.core.methods import answers_get
from slotline.pages import assets

Event = Mapping[str, Any]
Answer = dict[str, Any]

NOT_THERE = {"Content-Type": "text/plain", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
FOREVER = "public, max-age=31536000, immutable"
BRIEFLY = "public, max-age=60"
"""Of a file of another release, which is asked for while a deployment goes on."""


@answers_get(SystemClock)
def handler(event: Event, _context: object) -> Answer:
    """Answer one payload 2.0 event."""
    found = assets.file_at(event["rawPath"].rsplit("/", 1)[-1])
    if found is None:
        return {"statusCode": HTTPStatus.NOT_FOUND.value, "headers": NOT_THERE, "body": "No such file."}
    name, is_current = found
    headers = {
        "Content-Type": assets.KINDS[f".{name.rpartition('.')[2]}"],
        "Cache-Control": FOREVER if is_current else BRIEFLY,
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "cross-origin",  # a website's page loads the script that embeds ours
        "Access-Control-Allow-Origin": "*",
        "Strict-Transport-Security": "max-age=31536000",
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    if takes_gzip(event):
        headers["Content-Encoding"] = "gzip"
        body, encoded = _packed(name), True
    else:
        body, encoded = assets.text_of(name), False
    return {"statusCode": HTTPStatus.OK.value, "headers": headers, "body": body, "isBase64Encoded": encoded}


@cache
def _packed(name: str) -> str:
    return base64.b64encode(gzip.compress(assets.content_of(name), 9, mtime=0)).decode()
