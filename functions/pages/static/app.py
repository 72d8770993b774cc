"""GET /static/{file}: what the pages are made with, kept by browsers for a year under names that change with it, and
what pages of others load under one name for good."""

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
FOR_AN_HOUR = "public, max-age=3600"
"""Of a file that pages of others name: so long its next release may take to reach all of their visitors."""
BRIEFLY = "public, max-age=60"
"""Of a file of another release, which is asked for while a deployment goes on."""


@answers_get(SystemClock)
def handler(event: Event, _context: object) -> Answer:
    """Answer one payload 2.0 event."""
    asked = event["rawPath"].rsplit("/", 1)[-1]
    found = assets.file_at(asked)
    if found is None:
        return {"statusCode": HTTPStatus.NOT_FOUND.value, "headers": NOT_THERE, "body": "No such file."}
    name, is_current = found
    headers = {
        "Content-Type": assets.KINDS[f".{name.rpartition('.')[2]}"],
        "Cache-Control": FOREVER if is_current else FOR_AN_HOUR if asked in assets.STABLE else BRIEFLY,
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
