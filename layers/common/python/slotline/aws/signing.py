"""Signature version 4, of a request's headers, or of an address that somebody else will use.

AWS IAM User Guide, "Create a signed AWS API request"; Amazon S3 API Reference, "Authenticating requests: using query
parameters".
"""

import hmac
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote

_ALGORITHM = "AWS4-HMAC-SHA256"
_HASH_OF_THE_BODY = "x-amz-content-sha256"
_UNRESERVED = "-_.~"
"""What no part of an address encodes, beside letters and digits (RFC 3986, section 2.3)."""


class Credentials(NamedTuple):
    """Who asks. Temporary credentials have a session token."""

    access_key: str
    secret_key: str
    token: str | None = None


class Scope(NamedTuple):
    """What a signature is good for: one service in one region."""

    service: str
    region: str


def encoded(text: str, safe: str = "") -> str:
    """As a part of a path or of a query is sent, and signed."""
    return quote(text, safe=_UNRESERVED + safe)


def signed(
    headers: Mapping[str, str],
    body: bytes,
    *,
    scope: Scope,
    credentials: Credentials,
    at: datetime,
    method: str = "POST",
    path: str = "/",
    query: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """These headers, all of which are signed, with the date and the signature. Names are in lower case; `at` is UTC.

    `path` is encoded as it is sent; `query` is not yet.
    """
    time = f"{at:%Y%m%dT%H%M%SZ}"
    sent = {**headers, "x-amz-date": time}
    if credentials.token:
        sent["x-amz-security-token"] = credentials.token
    listed = ";".join(sorted(sent))
    digest = sent.get(_HASH_OF_THE_BODY) or sha256(body).hexdigest()
    words = f"{method}\n{_path(scope, path)}\n{_query(query or {})}\n{_lines(sent)}\n{listed}\n{digest}"
    sent["authorization"] = (
        f"{_ALGORITHM} Credential={_who(scope, credentials, time)}, SignedHeaders={listed}, "
        f"Signature={_signature(words, scope, credentials, time)}"
    )
    return sent


def presigned(
    headers: Mapping[str, str],
    *,
    scope: Scope,
    credentials: Credentials,
    at: datetime,
    method: str,
    path: str,
    seconds: int,
    asked: Mapping[str, str] | None = None,
) -> str:
    """The query of an address that anybody may send such a request to, for so long. These headers must come with it.

    `asked`: what the query says besides, not encoded yet.
    """
    time = f"{at:%Y%m%dT%H%M%SZ}"
    listed = ";".join(sorted(headers))
    query = {
        **(asked or {}),
        "X-Amz-Algorithm": _ALGORITHM,
        "X-Amz-Credential": _who(scope, credentials, time),
        "X-Amz-Date": time,
        "X-Amz-Expires": str(seconds),
        "X-Amz-SignedHeaders": listed,
    }
    if credentials.token:
        query["X-Amz-Security-Token"] = credentials.token
    said = "&".join(f"{encoded(name)}={encoded(value)}" for name, value in query.items())
    words = f"{method}\n{_path(scope, path)}\n{_query(query)}\n{_lines(headers)}\n{listed}\nUNSIGNED-PAYLOAD"
    return f"{said}&X-Amz-Signature={_signature(words, scope, credentials, time)}"


def _path(scope: Scope, path: str) -> str:
    """All services but S3 encode the path that is sent once more."""
    return path if path == "/" or scope.service == "s3" else quote(path, safe="/~")


def _query(query: Mapping[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in sorted((encoded(one), encoded(query[one])) for one in query))


def _lines(headers: Mapping[str, str]) -> str:
    return "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))


def _who(scope: Scope, credentials: Credentials, time: str) -> str:
    return f"{credentials.access_key}/{_ended(scope, time)}"


def _ended(scope: Scope, time: str) -> str:
    return f"{time[:8]}/{scope.region}/{scope.service}/aws4_request"


def _signature(request: str, scope: Scope, credentials: Credentials, time: str) -> str:
    words = f"{_ALGORITHM}\n{time}\n{_ended(scope, time)}\n{sha256(request.encode()).hexdigest()}"
    signature = _begun(credentials.secret_key, time[:8], scope).copy()
    signature.update(words.encode())
    return signature.hexdigest()


@lru_cache(maxsize=16)
def _begun(secret: str, day: str, scope: Scope) -> hmac.HMAC:
    """A signature by the day's key, which is the same for all of a service's requests. Each goes on with a copy."""
    key = _hmac(f"AWS4{secret}".encode(), day)
    for part in (scope.region, scope.service, "aws4_request"):
        key = _hmac(key, part)
    return hmac.new(key, digestmod="sha256")


def _hmac(key: bytes, words: str) -> bytes:
    return hmac.digest(key, words.encode(), "sha256")
