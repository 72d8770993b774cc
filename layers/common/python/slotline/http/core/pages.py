"""A page as HTML: it loads nothing, runs nothing, is kept nowhere, and sends no referrer anywhere.

A page's address may be a secret, such as a guest's link, or hold one, such as a widget key in a host's link.
"""

import base64
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from slotline.domain.access.websites import origins
from slotline.domain.shared.markup import escape

Answer = dict[str, Any]

_STYLE = """
:root { color-scheme: light dark; background: Canvas; font: 100%/1.5 system-ui, sans-serif; }
body { margin: 0; display: grid; min-height: 100vh; place-items: center; }
main { max-width: 36rem; padding: 2rem 1.5rem; overflow-wrap: anywhere; }
h1 { margin: 0 0 1rem; line-height: 1.2; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; }
dt { font-weight: 600; }
dd { margin: 0; }
.app { margin: 0; }
.about { white-space: pre-line; }
button { font: inherit; padding: .5rem 1rem; }
"""


def plain_page(status: HTTPStatus, title: str, words: str, headers: Mapping[str, str] | None = None) -> Answer:
    """A page that only says something: there is no such call, or we cannot look just now."""
    answer = page(status, title, f"<h1>{shown(title)}</h1><p>{shown(words)}</p>")
    answer["headers"] |= headers or {}
    return answer


def shown(text: str) -> str:
    """Somebody's words inside ours: as text, and in a direction of its own."""
    return f"<bdi>{escape(text)}</bdi>"


def page(
    status: HTTPStatus,
    title: str,
    body: str,
    framed_by: Iterable[str] = (),
    *,
    language: str = "en",
    runs_right_to_left: bool = False,
    has_form: bool = False,
) -> Answer:
    """A page. `framed_by`: origins that may show it in a frame. `has_form`: it sends one, to where it is from."""
    direction = ' dir="rtl"' if runs_right_to_left else ""
    html = (
        f'<!doctype html><html lang="{escape(language)}"{direction}><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>{body}</main></body></html>"
    )
    return {
        "statusCode": status.value,
        "headers": dict(_headers(tuple(sorted(origins(framed_by))), has_form=has_form)),
        "body": html,
        "isBase64Encoded": False,
    }


@cache
def _headers(framed_by: tuple[str, ...], *, has_form: bool) -> dict[str, str]:
    style = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
    ancestors = " ".join(("'self'", *framed_by)) if framed_by else "'none'"
    forms = "'self'" if has_form else "'none'"
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action {forms}; "
            f"frame-ancestors {ancestors}"
        ),
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        "Referrer-Policy": "no-referrer",
        "Strict-Transport-Security": "max-age=31536000",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }
