"""What a browser has to be told before a website's page may send a request here, and read its answer (WHATWG Fetch)."""

from collections.abc import Iterable

from slotline.http.core.problems import NOT_KEPT

ANY_ORIGIN = {"Access-Control-Allow-Origin": "*"}
READABLE = {
    "Access-Control-Expose-Headers": ", ".join(
        (
            "Idempotency-Replayed",
            "Retry-After",
            "X-RateLimit-Limit",
            "X-RateLimit-Remaining",
            "X-RateLimit-Reset",
            "X-RateLimit-Window",
        )
    )
}
"""Headers of an answer that a page may read, besides those that every page may."""


def preflight(methods: Iterable[str], headers: Iterable[str]) -> dict[str, str]:
    """The headers of the answer to OPTIONS. It knows no credential, so it says yes to every origin."""
    return {
        **ANY_ORIGIN,
        "Access-Control-Allow-Methods": ", ".join(methods),
        "Access-Control-Allow-Headers": ", ".join(("Content-Type", "Idempotency-Key", *headers)),
        "Access-Control-Max-Age": "600",
        **NOT_KEPT,
    }
