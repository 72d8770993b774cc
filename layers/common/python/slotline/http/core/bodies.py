"""Request bodies before any model sees them: how large, of what kind, and whether they are JSON at all."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from slotline.domain.shared.errors import BodyTooLarge, Detail, InvalidRequest, UnsupportedContentType
from slotline.http.core.carried import LARGEST_CARRIED, LARGEST_ENCODED
from slotline.http.core.messages import shown_name

JSON = "application/json"
PARSED = "parsedBody"
"""Of an event whose body has been parsed: what came of it. Powertools parses it no second time."""
DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Bound:
    """How many bytes of a body a handler takes. `instead`: what to do with more, as a sentence."""

    largest: int
    instead: str = ""

    def refusal(self) -> BodyTooLarge:
        """The error that names the bound, and the way out."""
        message = f"The body is larger than {self.largest // 1024:,} KB.{' ' if self.instead else ''}{self.instead}"
        return BodyTooLarge(message, [Detail(message, BodyTooLarge.code)])


SMALL = Bound(256 * 1024)
_TABLE = 5 * 1024 * 1024
_PASSES = (
    f"A body full of quotation marks, backslashes or line breaks passes up to {LARGEST_CARRIED // 2000:,} KB, "
    f"one without a Content-Type up to {LARGEST_ENCODED // 1000:,} KB: API Gateway itself refuses what is larger."
)
TABLE = Bound(_TABLE, f"Put the calls into a file: POST /api/v1/dial/uploads takes up to 100 MB. {_PASSES}")
"""Where a table of calls may be in the body."""
TABLE_TO_LOOK_AT = Bound(_TABLE, f"Send a part of the calls. {_PASSES}")
"""The same where a file is not read."""


def readable(event: Mapping[str, Any], bound: Bound = SMALL) -> dict[str, Any]:
    """A payload 2.0 event with its body as text, of the one kind that handlers read.

    API Gateway sends bodies of kinds it does not know in base64. A byte order mark before the text says nothing.
    Raises BodyTooLarge, UnsupportedContentType, or InvalidRequest for bytes that are no text.
    """
    headers = event.get("headers") or {}
    content = _content(event)
    if content:
        check_encoding(headers)
    if len(content) > bound.largest:
        raise bound.refusal()
    kind = headers.get("content-type", "").split(";")[0].strip().lower()
    if content and kind not in ("", JSON):
        message = f"The body must be JSON: Content-Type: {JSON}."
        raise UnsupportedContentType(message, [Detail(message, UnsupportedContentType.code)])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeError as error:
        raise _malformed("it is not UTF-8 text") from error
    return _with_body(event, text or None)


def emptied(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event of a request whose body cannot be read, without it."""
    return _with_body(event, None)


def check_encoding(headers: Mapping[str, str]) -> None:
    """Raises UnsupportedContentType for a body that is compressed: nothing here unpacks one."""
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding not in {"", "identity"}:
        message = f"A body with Content-Encoding {shown_name(encoding)} is not read: send it as plain JSON."
        raise UnsupportedContentType(message, [Detail(message, "content_encoding")])


def _with_body(event: Mapping[str, Any], text: str | None) -> dict[str, Any]:
    headers = {**(event.get("headers") or {}), "content-type": JSON}
    return {**event, "headers": headers, "body": text, "isBase64Encoded": False}


def parse_json(text: str | bytes | None) -> dict[str, Any]:
    """Strict JSON (RFC 8259): no NaN, no half of a surrogate pair, no unbounded number or nesting; and an object.

    A key that is there twice in an object is refused: which of the two counts is no server's to guess.
    """
    if not text:
        raise _malformed("a JSON body is required")
    try:
        value = json.loads(text, parse_constant=_no_constant, parse_int=_bounded_int, object_pairs_hook=_once_each)
        _check_depth(value)
        _check_surrogates(text, value)
    except RecursionError as error:
        raise _malformed(f"it is nested more than {DEEPEST} deep") from error
    except UnicodeError as error:
        raise _malformed("it is not UTF-8 text, or holds half of a surrogate pair") from error
    except ValueError as error:
        raise _malformed(str(error) if isinstance(error, _NotStrictError) else "it cannot be parsed") from error
    if not isinstance(value, dict):
        raise _malformed("it must be an object")
    return value


def parse_json_or_nothing(text: str | bytes | None) -> dict[str, Any]:
    """Strict JSON, where no body at all, or null, stands for an empty object."""
    said = text.strip() if text else ""
    return {} if said in ("", b"", "null", b"null") else parse_json(said)


def _content(event: Mapping[str, Any]) -> bytes:
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode(errors="surrogatepass")
    try:
        return base64.b64decode(body, validate=True)
    except ValueError as error:
        raise _malformed("it is not the base64 that its sender says it is") from error


def fingerprint(event: Mapping[str, Any]) -> str:
    """A digest of a JSON body that spacing and the order of keys do not change. Raises InvalidRequest."""
    value = event[PARSED] if PARSED in event else parse_json_or_nothing(event.get("body"))
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


class _NotStrictError(ValueError):
    """JSON as Python reads it, and the standard does not. Its text is ours, so it may be shown."""


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _NotStrictError(f"an object has the key {json.dumps(shown_name(name))} twice")
            seen.add(name)
    return found


def _no_constant(name: str) -> None:
    raise _NotStrictError(f"{name} is no JSON number")


def _bounded_int(digits: str) -> int:
    if len(digits) > 20:
        raise _NotStrictError("a number has more than 20 digits")
    return int(digits)


def _check_depth(value: Any) -> None:
    layer, depth = [value], 0
    while layer:
        depth += 1
        if depth > DEEPEST:
            raise _NotStrictError(f"it is nested more than {DEEPEST} deep")
        layer = [
            inner
            for outer in layer
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]


def _check_surrogates(text: str | bytes, value: Any) -> None:
    """Raises UnicodeError for half of a pair. Text that has no escape can only hold what it was read with."""
    said = text if isinstance(text, str) else text.decode()
    (json.dumps(value, ensure_ascii=False) if "\\u" in said else said).encode()


def _malformed(why: str) -> InvalidRequest:
    message = f"The body is not valid JSON: {why}."
    return InvalidRequest(message, [Detail(message, "malformed_json")])
