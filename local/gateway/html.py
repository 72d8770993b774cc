"""What the local runtime's own pages look like. They load nothing and run nothing unless one says that it must, and no
other site may frame them."""

import base64
from hashlib import sha256

from local.gateway.answers import Answer

_STYLE = """
:root { color-scheme: light dark; background: Canvas; font: 100%/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 44rem; padding: 1rem; overflow-wrap: anywhere; }
article { border: 1px solid #8886; border-radius: .5rem; margin: 1rem 0; padding: 0 1rem 1rem; }
h2 { font-size: 1.1rem; margin: 1rem 0 .25rem; }
pre { font: inherit; white-space: pre-wrap; margin: .75rem 0; }
details pre, pre.code, code { font: .85rem/1.4 ui-monospace, monospace; }
pre.code { border: 1px solid #8886; border-radius: .5rem; padding: .75rem; }
code { user-select: all; }
h3 { font-size: 1rem; margin: .75rem 0 .25rem; }
dl { display: grid; grid-template-columns: 11rem 1fr; align-items: baseline; gap: .25rem 1rem; margin: .5rem 0; }
dd { margin: 0; }
ul { margin: .5rem 0; padding-inline-start: 1.25rem; }
.buttons { display: flex; flex-wrap: wrap; align-items: baseline; gap: .5rem; }
.about { margin: 0; font-size: .85rem; opacity: .8; }
input, button { font: inherit; padding: .4rem .6rem; max-width: 100%; box-sizing: border-box; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; gap: 0; } dt { margin-top: .5rem; } }
"""


def policy_hash(text: str) -> str:
    """How a Content-Security-Policy names what is written into a page (CSP 3, hash-source)."""
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


def headers(more_policy: str = "") -> tuple[tuple[str, str], ...]:
    """Those of a page. `more_policy`: what it may do beyond its own looks, such as `frame-src https://…; `."""
    policy = (
        f"default-src 'none'; style-src {policy_hash(_STYLE)}; {more_policy}"
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    return (
        ("cache-control", "no-store"),
        ("content-security-policy", policy),
        ("referrer-policy", "same-origin"),  # with none at all a form's own request would not say where it is from
        ("vary", "accept"),
        ("x-content-type-options", "nosniff"),
    )


HEADERS = headers()


def html_page(title: str, body: str, more_policy: str = "") -> Answer:
    """A page in English. Its parts are HTML already: what others wrote in them is escaped."""
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><main>{body}</main></body></html>"
    )
    return Answer(200, (("content-type", "text/html; charset=utf-8"), *headers(more_policy)), text.encode())
