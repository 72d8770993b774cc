"""Signature version 4 of the one kind of request that DynamoDB takes: a POST of JSON, without a query.

AWS IAM User Guide, "Create a signed AWS API request".
"""

import hmac
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

SERVICE = "dynamodb"
_ALGORITHM = "AWS4-HMAC-SHA256"


class Credentials(NamedTuple):
    """Who asks. Temporary credentials have a session token."""

    access_key: str
    secret_key: str
    token: str | None = None


def signed(
    headers: Mapping[str, str], body: bytes, *, path: str, region: str, credentials: Credentials, at: datetime
) -> dict[str, str]:
    """These headers, all of which are signed, with the date and the signature. Names are in lower case; `at` is UTC."""
    time = f"{at:%Y%m%dT%H%M%SZ}"
    scope = f"{time[:8]}/{region}/{SERVICE}/aws4_request"
    sent = {**headers, "x-amz-date": time}
    if credentials.token:
        sent["x-amz-security-token"] = credentials.token
    names = sorted(sent)
    listed = ";".join(names)
    lines = "".join(f"{name}:{sent[name]}\n" for name in names)
    request = f"POST\n{path}\n\n{lines}\n{listed}\n{sha256(body).hexdigest()}"
    words = f"{_ALGORITHM}\n{time}\n{scope}\n{sha256(request.encode()).hexdigest()}"
    signature = _hmac(_key(credentials.secret_key, time[:8], region), words).hex()
    sent["authorization"] = (
        f"{_ALGORITHM} Credential={credentials.access_key}/{scope}, SignedHeaders={listed}, Signature={signature}"
    )
    return sent


@lru_cache(maxsize=4)
def _key(secret: str, day: str, region: str) -> bytes:
    """The day's key: the same for all of its requests."""
    key = _hmac(f"AWS4{secret}".encode(), day)
    for part in (region, SERVICE, "aws4_request"):
        key = _hmac(key, part)
    return key


def _hmac(key: bytes, words: str) -> bytes:
    return hmac.digest(key, words.encode(), "sha256")
