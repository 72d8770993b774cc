"""No answer rests on a header that API Gateway may rename or drop, or joins into one, and no request is read by one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.gateway.renaming import DROPPED, RENAMED
from tests.support.handlers import ROOT

_LAYER = ROOT / "layers/common/python/slotline"
HTTP = [file for part in (_LAYER / "http", _LAYER / "pages", ROOT / "functions") for file in sorted(part.rglob("*.py"))]
_HEADER = re.compile(
    r"[A-Z][A-Za-z]*(?:-[A-Z][A-Za-z]*)+|Age|Allow|Connection|Date|Expires|Link|Location|Pragma|Server|Vary|Via"
)
SET_FOR = {
    "Access-Control-Allow-Headers": "browsers; passed on as long as the API has no CORS configuration of its own",
    "Access-Control-Allow-Methods": "browsers, likewise",
    "Access-Control-Allow-Origin": "browsers, likewise",
    "Access-Control-Expose-Headers": "browsers, likewise",
    "Access-Control-Max-Age": "browsers, likewise",
    "Allow": "the message of a 405 names the methods too",
    "Cache-Control": "caches",
    "Content-Disposition": "browsers: the name of a file",
    "Content-Encoding": "clients that asked for gzip",
    "Content-Language": "browsers and search engines; the document says it too",
    "Content-Security-Policy": "browsers",
    "Content-Type": "all clients",
    "Cross-Origin-Resource-Policy": "browsers",
    "HX-Redirect": "htmx on our own pages: without it a part of a page is not replaced, and the next click leads there",
    "Idempotency-Replayed": "clients that wonder",
    "Link": "clients that go on with an export",
    "Location": "browsers, after a form of theirs",
    "Permissions-Policy": "browsers",
    "Pragma": "caches of HTTP/1.0 (RFC 6749 §5.1); Cache-Control says the same",
    "Referrer-Policy": "browsers",
    "Retry-After": "clients that were refused",
    "Set-Cookie": "browsers",
    "Slotline-Next": "the script that saves a long export in parts; without it the link below the file goes on",
    "Strict-Transport-Security": "browsers",
    "Vary": "caches",
    "WWW-Authenticate": "clients without a credential; `details[0].challenge` of the body says the same",
    "X-Content-Type-Options": "browsers",
    "X-RateLimit-Limit": "clients that pace themselves",
    "X-RateLimit-Remaining": "clients that pace themselves",
    "X-RateLimit-Reset": "clients that pace themselves",
    "X-RateLimit-Window": "clients that pace themselves",
    "X-Robots-Tag": "search engines",
}
"""Every header of our answers, and who reads it."""
SAID_ELSEWHERE_TOO = {"Pragma", "WWW-Authenticate"}
READ = {
    "accept-encoding",
    "authorization",
    "content-encoding",
    "content-type",
    "host",  # taken out before Starlette reads it
    "idempotency-key",
    "origin",
    "referer",
    "user-agent",
    "x-app-id",
    "x-call-secret",
    "x-twilio-signature",
    "x-visit-id",
    "x-widget-key",
}
"""Every header of a request that our code reads."""
_OF_ONE_WORD = {"authorization", "host", "referer", "via"}
MAY_BE_READ = {
    "accept-encoding": "an HTTP API passes it on; without it an answer comes uncompressed",
    "authorization": "the authorizer is handed every header, and an integration of Lambda is",
    "host": "it is not read, but taken out of what Starlette is given",
    "user-agent": "the list of an account's sessions names browsers by it; without it it names none",
    "referer": "without it a page in a frame that is refused stays empty instead of saying so",
}
"""Of these, what a REST API would rename or drop, and why it may be read here."""


def _texts(module: Path) -> Iterator[str]:
    """Every text of a module that is no docstring."""
    tree = ast.parse(module.read_text())
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    prose = {id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, documented) and _has_docstring(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value


def _has_docstring(node: ast.Module | ast.ClassDef | ast.FunctionDef) -> bool:
    return bool(node.body) and isinstance(node.body[0], ast.Expr)


def _named() -> set[str]:
    """Whatever in handlers and what they render with is spelled like a header."""
    return {text for module in HTTP for text in _texts(module) if _HEADER.fullmatch(text)}


def test_these_are_the_headers_that_our_answers_have():
    # The names of parameters, in documents and messages.
    of_requests = {"Idempotency-Key", "X-App-Id", "X-Call-Secret", "X-Visit-Id", "X-Widget-Key"}
    asked_about = {"Accept-Encoding", "HX-Request", "Origin"}  # what Vary names
    assert _named() - of_requests - asked_about == set(SET_FOR)


@pytest.mark.parametrize("name", SET_FOR)
def test_no_answer_rests_on_a_header_that_may_be_renamed_or_dropped(name: str):
    assert (name.lower() in RENAMED | DROPPED) == (name in SAID_ELSEWHERE_TOO)
    assert not name.lower().startswith(("x-amz-", "x-amzn-", "apigw-")), "API Gateway's own"


def test_these_are_the_headers_of_requests_that_are_read():
    known = READ | {name for name in RENAMED | DROPPED if "-" in name or name in _OF_ONE_WORD}
    found = {text for module in HTTP for text in _texts(module)} & known
    assert found == READ
    assert found & (RENAMED | DROPPED) == set(MAY_BE_READ)
