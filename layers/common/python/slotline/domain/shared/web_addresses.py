"""Addresses of web pages as people give them: http or https, a host, and nothing that hides where they lead."""

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import urlsplit

from slotline.domain.shared.errors import InvalidRequest

LONGEST = 2_000

_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_LONGEST_HOST = 253
_EXAMPLE = "must be a web address such as https://www.example.com"


def check_web_address(text: str, to_ascii: Callable[[str], str | None], field: str = "url") -> None:
    """Raises InvalidRequest, with what is wrong with the address. It is kept as given: nothing here asks for it.

    `to_ascii`: the ASCII form of a host with other letters, or None if it has none.
    """
    if len(text) > LONGEST:
        raise _refused(f"must have at most {LONGEST:,} characters", field)
    if any(character == "\\" or unicodedata.category(character)[0] in "CZ" for character in text):
        raise _refused(f"{_EXAMPLE}: without spaces, backslashes and characters that cannot be seen", field)
    try:
        parts = urlsplit(text)
        host = parts.hostname
        _ = parts.port  # a port that is no number, or too large, raises
    except ValueError as error:
        raise _refused(f"{_EXAMPLE}: its host or its port is none", field) from error
    if parts.scheme not in ("http", "https"):
        raise _refused(f"{_EXAMPLE}: it begins with http:// or https://", field)
    if not host:
        raise _refused(f"{_EXAMPLE}: with a host behind the //", field)
    if parts.username is not None or parts.password is not None:
        raise _refused(f"{_EXAMPLE}: without a user name or a password before the host", field)
    if not _is_host(host, to_ascii):
        raise _refused(f"{_EXAMPLE}: its host is none", field)


def _is_host(host: str, to_ascii: Callable[[str], str | None]) -> bool:
    if ":" in host:  # an IPv6 address in brackets, which urlsplit has checked
        return True
    spelled = host if host.isascii() else to_ascii(host)
    if spelled is None or len(spelled) > _LONGEST_HOST:
        return False
    return all(_LABEL.fullmatch(label) for label in spelled.removesuffix(".").split("."))


def _refused(message: str, field: str) -> InvalidRequest:
    return InvalidRequest.of_field(field, message, "url")
