"""Twilio's signature of a request: who has it has the account's token.

HMAC-SHA1 of the URL with all form fields in the order of their names, in base64
(https://www.twilio.com/docs/usage/security#validating-requests).
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import urlsplit

_PORTS = {"https": 443, "http": 80}


def signature_of(url: str, fields: Sequence[tuple[str, str]], auth_token: str) -> str:
    """The signature of a request to this URL with these form fields. A field sent twice with one value counts once."""
    said = "".join(name + value for name, value in sorted(set(fields)))
    digest = hmac.new(auth_token.encode(), (url + said).encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def is_signed(url: str, fields: Sequence[tuple[str, str]], signature: str, auth_token: str) -> bool:
    """True where the signature is right. Twilio signs the URL with its port in some cases and without it in others."""
    given = signature.encode(errors="replace")
    wanted = [signature_of(one, fields, auth_token).encode() for one in _spellings(url)]
    return any([hmac.compare_digest(one, given) for one in wanted])  # noqa: C419 - all are compared, whichever is right


def _spellings(url: str) -> tuple[str, str]:
    """The URL with its port, and without."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    bare = host.rpartition(":")[0] if parts.port else host
    port = parts.port or _PORTS[parts.scheme]
    return (
        parts._replace(netloc=bare).geturl(),
        parts._replace(netloc=f"{bare}:{port}").geturl(),
    )
