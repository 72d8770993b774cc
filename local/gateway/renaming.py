"""Headers as API Gateway may leave them, for `python -m local run --rename-headers`.

The notes on API Gateway of its developer guide ("Amazon API Gateway important notes") list headers that may be dropped,
or sent on as `x-amzn-remapped-…`. The list is of REST APIs; for HTTP APIs no page says so, nor that headers are kept.
A request that says that it has no body gets a content type of the gateway's own, as the notes on HTTP APIs say.
"""

from dataclasses import replace

from local.gateway.answers import Answer
from local.gateway.events import Request

RENAMED = frozenset(
    {
        *("accept", "accept-charset", "accept-encoding", "age", "authorization", "content-md5", "date", "max-forwards"),
        *("pragma", "range", "referer", "server", "user-agent", "via", "warn", "www-authenticate"),
    }
)
DROPPED = frozenset(
    {
        "connection",
        "expect",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
PREFIX = "x-amzn-remapped-"
ADDED_TYPE = ("content-type", "application/octet-stream")


def renamed(answer: Answer) -> Answer:
    """An answer whose headers arrive under other names, or not at all."""
    headers = tuple(
        (PREFIX + name if name in RENAMED else name, value)
        for name, value in answer.headers
        if name not in DROPPED and not name.startswith("x-amzn-")
    )
    return Answer(answer.status, headers, answer.body)


def with_added_type(request: Request) -> Request:
    """A request of no body that says so, with a type that nobody sent."""
    if request.body or request.header("content-length") != "0" or request.header("content-type"):
        return request
    return replace(request, headers=(*request.headers, ADDED_TYPE))
