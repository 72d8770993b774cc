"""The head of an e-mail (RFC 5322), written character by character.

The standard library reads a header's value before it writes it: it decodes encoded words in a name and takes commas
for the ends of mailboxes, and does so by its patch level. So a name goes past it here. It becomes atoms, a quoted
string or encoded words (RFC 2047), whose bytes are the same on every interpreter, and none of them can end a line or a
mailbox. What was composed is read once more, by another grammar, before it is sent.

Nothing but the standard library is imported, so that other interpreters can run this file alone.
"""

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_FOLD_AT = 78
"""RFC 5322 §2.1.1: lines should not be longer."""
_LONGEST_LINE = 998
_ROOM = 51
"""What an encoded word may hold. It then has 63 of the 75 characters of RFC 2047, and fits beside the field's name."""
_LONGEST_PLAIN = 60
"""Of a name, or a word of a text, that is not encoded: a longer one could not be folded."""

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ATOMS = re.compile(rf"{_ATOM}(?: {_ATOM})*")
_QUOTABLE = re.compile(r"[!-~]+(?: [!-~]+)*")
_Q_AS_IT_IS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
"""RFC 2047 §5 (3): what a word in a name may hold without being encoded."""

ADDRESS = re.compile(
    rf"(?=.{{3,254}}\Z)(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*"
    r"@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)
"""An address without quotes, comments or literals (RFC 5321 §4.1.2, `Dot-string` at a `Domain`)."""
_MAILBOX = re.compile(rf'(?:(?:{_ATOM}(?: {_ATOM})*|"(?:[ !#-\[\]-~]|\\["\\])*") )?<([^<>" ]+)>')


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Who writes, or is written to: a name, which is text of any kind, and an address."""

    name: str
    address: str


class UnfitHead(ValueError):
    """A head that must not be sent. The text says why, without a name or an address."""


def head_of(mailboxes: Mapping[str, Mailbox], texts: Mapping[str, str]) -> bytes:
    """These fields, each on lines of its own, mailboxes first. Raises UnfitHead where an address is none of ours."""
    if any(not ADDRESS.fullmatch(mailbox.address) for mailbox in mailboxes.values()):
        raise UnfitHead("an address that cannot be written into a head")
    lines = [_folded(field, [*_name(box.name), f"<{box.address}>"]) for field, box in mailboxes.items()]
    lines += [_folded(field, _text(text)) for field, text in texts.items()]
    head = "".join(lines).encode("ascii", "replace")
    check_head(head, {field: box.address for field, box in mailboxes.items()}, texts)
    return head


def check_head(head: bytes, addresses: Mapping[str, str], texts: Iterable[str]) -> None:
    """Raises UnfitHead where a line, a field or an address of the head is not one of these, in their order."""
    if not head.endswith(b"\r\n") or re.search(rb"[^ -~\r\n]|\r(?!\n)|(?<!\r)\n", head):
        raise UnfitHead("a character that no head may hold")
    lines = head.decode("ascii").removesuffix("\r\n").split("\r\n")
    if any(not line.strip() or len(line) > _LONGEST_LINE for line in lines):
        raise UnfitHead("an empty line, or one too long")
    fields = [line.split(": ", 1) for line in "\n".join(lines).replace("\n ", " ").split("\n")]
    if [field[0] for field in fields] != [*addresses, *texts] or any(len(field) != 2 for field in fields):
        raise UnfitHead("a field that was not asked for")
    for (_, value), address in zip(fields, addresses.values(), strict=False):
        found = _MAILBOX.fullmatch(value)
        if not found or found[1] != address:
            raise UnfitHead("a mailbox that was not asked for")


def _name(name: str) -> Sequence[str]:
    """A display name in words between which a line may end (RFC 5322 §3.4); none for no name."""
    if not name:
        return ()
    is_short = len(name) <= _LONGEST_PLAIN and "=?" not in name
    if is_short and _ATOMS.fullmatch(name):
        return name.split(" ")
    if is_short and _QUOTABLE.fullmatch(name):
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return [f'"{escaped}"']
    return _encoded(name)


def _text(text: str) -> Sequence[str]:
    """Unstructured text in words between which a line may end (RFC 5322 §3.2.5)."""
    words = text.split(" ")
    if "=?" not in text and _QUOTABLE.fullmatch(text) and max(map(len, words)) <= _LONGEST_PLAIN:
        return words
    return _encoded(text)


def _encoded(text: str) -> Sequence[str]:
    """Encoded words, in the shorter of both encodings. A character is never divided between two (RFC 2047 §5)."""
    as_q, as_b = [_q(character) for character in text], [character.encode() for character in text]
    if sum(map(len, as_q)) <= len(base64.b64encode(b"".join(as_b))):
        encoding, pieces = "q", _packed(as_q, _ROOM)
    else:
        encoding, pieces = "b", [base64.b64encode(piece) for piece in _packed(as_b, _ROOM // 4 * 3)]
    return [f"=?utf-8?{encoding}?{piece.decode('ascii')}?=" for piece in pieces]


def _q(character: str) -> bytes:
    if character == " ":
        return b"_"
    encoded = character.encode()
    return encoded if encoded[0] in _Q_AS_IT_IS else b"".join(b"=%02X" % byte for byte in encoded)


def _packed(units: Iterable[bytes], room: int) -> Sequence[bytes]:
    """The units in order, as many in a piece as have room."""
    pieces = [b""]
    for unit in units:
        if len(pieces[-1]) + len(unit) > room:
            pieces.append(b"")
        pieces[-1] += unit
    return pieces


def _folded(field: str, words: Iterable[str]) -> str:
    """The field on as many lines as it needs. A word that is longer than a line has one of its own."""
    lines = [f"{field}:"]
    for word in words:
        begun = lines[-1] != f"{field}:"
        if begun and len(lines[-1]) + 1 + len(word) > _FOLD_AT:
            lines.append("")
        lines[-1] += f" {word}"
    return "\r\n".join(lines) + "\r\n"
