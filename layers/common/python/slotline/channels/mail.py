"""A whole e-mail as bytes (RFC 5322, MIME), of which none is over 127, whatever language it is in.

Its parts are written here for the reason that its head is (`slotline.channels.mail_head`): so that no interpreter's
library decides what goes out. The standard library's encoders are used, which are the same everywhere.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field

from slotline.channels.mail_head import Mailbox, head_of

_MIXED, _ALTERNATIVE = "=_mixed", "=_alternative"
"""Boundaries. Neither of both encodings can write `=_`, so no part holds one (RFC 2045 §6.7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarPart:
    """An iCalendar file, and what a calendar is asked to do with it."""

    method: str
    file: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What one person is written. `fields`: further fields of the head, with our own words only."""

    sender: Mailbox
    recipient: Mailbox
    reply_to: Mailbox | None = None
    subject: str
    text: str
    html: str
    calendar: CalendarPart | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


def composed(mail: Mail) -> bytes:
    """The mail but for its date and Message-ID, which its provider adds. Raises UnfitHead.

    A calendar goes along twice, as Gmail and Outlook want it: as an alternative, which they turn into an entry, and
    attached as a file, which other programs open.
    """
    mailboxes = {"From": mail.sender, "To": mail.recipient}
    if mail.reply_to:
        mailboxes["Reply-To"] = mail.reply_to
    head = head_of(mailboxes, {"Subject": mail.subject, **mail.fields, "MIME-Version": "1.0"})
    return head + _body(mail)


def _body(mail: Mail) -> bytes:
    texts = [_text("text/plain", mail.text), _text("text/html", mail.html)]
    if mail.calendar is None:
        return _multipart("alternative", _ALTERNATIVE, texts)
    calendar = _binary(f'text/calendar; charset="utf-8"; method="{mail.calendar.method}"', mail.calendar.file, "inline")
    attached = _binary("application/ics", mail.calendar.file, 'attachment; filename="call.ics"')
    return _multipart("mixed", _MIXED, [_multipart("alternative", _ALTERNATIVE, [*texts, calendar]), attached])


def _multipart(kind: str, boundary: str, parts: list[bytes]) -> bytes:
    begin, end = f"--{boundary}\r\n".encode(), f"--{boundary}--\r\n".encode()
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    return head + b"".join(begin + part + b"\r\n" for part in parts) + end


def _text(kind: str, text: str) -> bytes:
    """A text in quoted-printable: a mail in Latin letters stays readable to whoever looks at its source."""
    head = f'Content-Type: {kind}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    lines = text.encode().splitlines()
    return head.encode() + b"".join(_soft_wrapped(line) + b"\r\n" for line in lines)


def _soft_wrapped(line: bytes) -> bytes:
    return binascii.b2a_qp(line).replace(b"=\n", b"=\r\n")


def _binary(kind: str, content: bytes, disposition: str) -> bytes:
    head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: {disposition}\r\n\r\n"
    return head.encode() + base64.encodebytes(content).replace(b"\n", b"\r\n")
