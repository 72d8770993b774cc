"""E-mail addresses as mail services take them: one rule for every door that takes one.

RFC 5321, 4.1.2, in the form that services deliver to: a dot-atom before the @, a domain of two labels or more behind
it. An international domain has an ASCII form (RFC 5891), and is kept in it; a local part has none.
"""

import re
from collections.abc import Callable

from slotline.domain.shared.errors import InvalidRequest

LONGEST = 254
"""RFC 5321, 4.5.3.1.3: a path of 256 octets, with its angle brackets."""
LONGEST_LOCAL = 64

_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_EXAMPLE = "must be an e-mail address such as jane@example.com"


def to_mailbox(text: str, to_ascii: Callable[[str], str | None], field: str = "email") -> str:
    """The address as it is kept and sent to. Raises InvalidRequest, with what is wrong with it.

    `to_ascii`: the ASCII form of a domain with other letters, or None if it has none.
    """
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain or "@" in local:
        raise _refused(f"{_EXAMPLE}: one @, with a name before it and a domain behind it", field)
    _check_local(local, field)
    ascii_domain = domain if domain.isascii() else to_ascii(domain)
    if ascii_domain is None:
        raise _refused("has a domain that cannot be written in ASCII, so no mail can reach it", field)
    _check_domain(ascii_domain, field)
    mailbox = f"{local}@{ascii_domain}"
    if len(mailbox) > LONGEST:
        raise _refused(f"must have at most {LONGEST} characters, with the domain in ASCII", field)
    return mailbox


def _check_local(local: str, field: str) -> None:
    if not local.isascii():
        message = "has letters outside ASCII before the @, which many mail services refuse: use another address"
        raise _refused(message, field)
    if local.startswith(".") or local.endswith(".") or ".." in local:
        raise _refused("must not begin or end with a dot before the @, nor have two in a row", field)
    if len(local) > LONGEST_LOCAL:
        raise _refused(f"must have at most {LONGEST_LOCAL} characters before the @", field)
    if not _ATOM.fullmatch(local):
        raise _refused(f"{_EXAMPLE}: without spaces, quotes, brackets, commas or other marks before the @", field)


def _check_domain(domain: str, field: str) -> None:
    labels = domain.split(".")
    if "" in labels:
        raise _refused("must not begin or end its domain with a dot, nor have two in a row", field)
    if len(labels) < 2 or labels[-1].isdigit():
        raise _refused(f"{_EXAMPLE}: the domain must have a name and an ending", field)
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise _refused(f"{_EXAMPLE}: the domain may have letters, digits, and hyphens between them", field)


def _refused(message: str, field: str) -> InvalidRequest:
    return InvalidRequest.of_field(field, message, "email")
