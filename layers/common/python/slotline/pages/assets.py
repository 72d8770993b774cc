"""Files that pages are made with: those that browsers load, under names that change with them, and scripts.

A name holds a part of its file's hash, so a browser keeps the file for a year. A guest's page has its scripts written
into it, and its policy names their hashes: its first view is the page and one stylesheet. Pages that people come back
to all day load theirs, once.
"""

import base64
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

PATH = "/static/"
_FOLDER = Path(__file__).with_name("static")
_VENDORED = _FOLDER / "vendored"
"""Files of others: `tools/vendor.py`."""
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}
STABLE = frozenset({"embed.js"})
"""Files that pages of others name, so their addresses never change: `/static/embed.js`."""
_PART = 12
"""Digits of a hash in a name."""


@cache
def url_of(name: str) -> str:
    """Where a browser loads this file from."""
    stem, dot, kind = name.rpartition(".")
    return f"{PATH}{stem}.{sha256(content_of(name)).hexdigest()[:_PART]}{dot}{kind}"


@cache
def content_of(name: str) -> bytes:
    """The file."""
    return _files()[name].read_bytes()


@cache
def text_of(name: str) -> str:
    """The file, to be written into a page."""
    return content_of(name).decode()


def policy_hash(text: str) -> str:
    """How a Content-Security-Policy names what is written into a page (CSP 3, hash-source)."""
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


def file_at(asked: str) -> tuple[str, bool] | None:
    """The file behind a name, and whether it is this very version of it; None if there is no such file.

    While a deployment goes on, a page of one release may ask the other for its file.
    """
    stem, _, kind = asked.rpartition(".")
    name = asked if asked in _files() else f"{stem.rpartition('.')[0]}.{kind}"
    if name not in _files():
        return None
    return name, url_of(name) == PATH + asked


@cache
def _files() -> Mapping[str, Path]:
    return {file.name: file for folder in (_FOLDER, _VENDORED) for file in folder.iterdir() if file.suffix in KINDS}
