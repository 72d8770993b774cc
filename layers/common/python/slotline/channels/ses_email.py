"""E-mail through Amazon SES (API v2), as a raw message, because an invitation needs a calendar part of its own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from slotline.channels.aws_errors import told_apart
from slotline.channels.calendar_file import calendar_file, method_of
from slotline.channels.mail import CalendarPart, Mail, composed
from slotline.channels.mail_head import ADDRESS, Mailbox, UnfitHead
from slotline.channels.wording import Wording, in_words
from slotline.domain.messages.message import Message
from slotline.domain.shared.markup import escape
from slotline.domain.shared.names import one_line
from slotline.domain_names import to_ascii
from slotline.ports.messages import MessageRefused
from slotline.words.direction import direction_attribute, in_html, left_to_right_attribute, runs_right_to_left

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

    from slotline.domain.messages.code_message import CodeMessage
    from slotline.domain.messages.way_in_message import WayInMessage

REFUSALS = frozenset({"AccountSuspendedException", "BadRequestException", "MessageRejected"})
"""SES's answers that will be the same the next time (API reference v2, SendEmail)."""

_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")
_NO_COLOR = "#1f4e8c"


@dataclass(frozen=True, slots=True)
class SesEmail:
    """Sends e-mails from one verified address. `configuration_set` says where SES sends its events; empty: nowhere."""

    client: "SESV2Client"
    sender: str
    configuration_set: str = ""

    def send(self, message: Message) -> str:
        """Send it; SES's id of it. Raises MessageRefused or MessengerBusyError."""
        recipient = address_of(message.recipient)
        tags = {"app": message.app_id, "call": message.call_id, "sending": message.sending_id}
        return self._send(recipient, compose(message, recipient, self.sender), tags)

    def send_code(self, message: "CodeMessage") -> str:
        """The same for a code. Of no call: what comes back of it finds nothing to be noted at."""
        from slotline.channels.code_words import code_mail  # few mails have one

        recipient = address_of(message.recipient)
        return self._send(recipient, _composed(code_mail(message, recipient, self.sender)), {"app": message.app_id})

    def send_way_in(self, message: "WayInMessage") -> str:
        """The same for a link by which somebody chooses a password. It is of no app."""
        from slotline.channels.way_in_words import way_in_mail  # fewer still

        recipient = address_of(message.recipient)
        return self._send(recipient, _composed(way_in_mail(message, recipient, self.sender)), {})

    def _send(self, recipient: str, mail: bytes, tags: Mapping[str, str]) -> str:
        request: dict[str, Any] = {
            "FromEmailAddress": self.sender,
            "Destination": {"ToAddresses": [recipient]},
            "Content": {"Raw": {"Data": mail}},
            # SES repeats them in its events. Ids alone: tags are shown in places that no address may be.
            "EmailTags": [{"Name": name, "Value": value} for name, value in tags.items()],
        }
        if self.configuration_set:
            request["ConfigurationSetName"] = self.configuration_set
        with told_apart(REFUSALS):
            return self.client.send_email(**request)["MessageId"]


def address_of(recipient: str) -> str:
    """The address as SES takes it: ASCII, as every door makes it. Raises MessageRefused if it has no such form."""
    local, _, domain = recipient.rpartition("@")
    found = f"{local}@{domain if domain.isascii() else to_ascii(domain) or ''}"
    if not ADDRESS.fullmatch(found):
        raise MessageRefused("not an address that SES can send to")
    return found


def compose(message: Message, recipient: str, sender: str) -> bytes:
    """The whole e-mail but for its date and Message-ID, which are SES's. Raises MessageRefused for an unfit head."""
    wording = in_words(message)
    method = method_of(message)
    to_reader = replace(message, recipient=recipient)  # a calendar looks for whom the mail is to
    file = calendar_file(to_reader, wording, method, sender) if method else b""
    mail = Mail(
        sender=Mailbox(wording.sender, sender),
        recipient=Mailbox(wording.reader, recipient),
        reply_to=_reply_to(message),
        subject=wording.subject,
        text=_plain(wording),
        html=_html(wording, message.sender_color),
        calendar=CalendarPart(method=method, file=file) if method else None,
        fields={
            "Content-Language": wording.language,
            "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office answers to us
            # The same for Exchange (MS-OXCMAIL 2.1.3.2.12), which may still say that it could not deliver.
            "X-Auto-Response-Suppress": "OOF, AutoReply",
            "X-Slotline-Kind": message.kind.value,
            "X-Slotline-Call": message.call_id,
            "X-Slotline-Audience": message.audience.value,
        },
    )
    return _composed(mail)


def _composed(mail: Mail) -> bytes:
    try:
        return composed(mail)
    except UnfitHead as unfit:
        raise MessageRefused(str(unfit)) from None


def _reply_to(message: Message) -> Mailbox | None:
    """Whom an answer is for. A mail goes out without it rather than not at all."""
    if message.reply_to is None:
        return None
    name, address = message.reply_to
    try:
        return Mailbox(one_line(name), address_of(address))
    except MessageRefused:
        return None


def _plain(wording: Wording) -> str:
    facts = [f"{label}: {value}" for label, value in wording.facts]
    links = ["", *(f"{label}: {url}" for label, url in wording.links)] if wording.links else []
    return "\n".join([wording.greeting, "", wording.text, "", *facts, *links, "", wording.sender_in_text, ""])


def _html(wording: Wording, color: str | None) -> str:
    """The same in HTML. Mail programs read styles on the elements only, and nothing is loaded from anywhere.

    Some of them drop the outermost elements, so the direction is on the inner ones too, and sides go by their names.
    """
    language, direction = wording.language, direction_attribute(wording.language)
    side, padding = ("right", "4px 0 4px 16px") if runs_right_to_left(language) else ("left", "4px 16px 4px 0")
    facts = "".join(
        f'<tr><th scope="row" style="padding:{padding};text-align:{side};vertical-align:top;white-space:nowrap">'
        f"{in_html(label, language)}</th>"
        f'<td style="padding:4px 0"><bdi>{_lines(value, language)}</bdi></td></tr>'
        for label, value in wording.facts
    )
    return (
        f'<!doctype html><html lang="{escape(language)}"{direction}><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        # Numbers and dates in a name are no links either.
        '<meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">'
        f"<title>{escape(wording.subject)}</title></head>"
        '<body style="margin:0;padding:24px;font:16px/1.5 system-ui,sans-serif">'
        f'<div{direction} style="max-width:560px;margin:0 auto;overflow-wrap:anywhere">'
        f"<p>{in_html(wording.greeting, language)}</p><p>{in_html(wording.text, language)}</p>"
        f'<table{direction} style="border-collapse:collapse">{facts}</table>'
        f"{_links(wording, color)}<p><bdi>{escape(wording.sender_in_text)}</bdi></p>"
        "</div></body></html>\n"
    )


def _lines(value: str, language: str) -> str:
    return in_html(value, language).replace("\n", "<br>")


def _links(wording: Wording, color: str | None) -> str:
    """The first as a button, and all of them as text, which can be copied."""
    if not wording.links:
        return ""
    back = color if color and _COLOR.fullmatch(color) else _NO_COLOR
    runs = left_to_right_attribute(wording.language)
    (label, url), *others = ((escape(label), escape(url)) for label, url in wording.links)
    return (
        f'<p style="margin:24px 0"><a href="{url}" style="display:inline-block;padding:12px 24px;border-radius:6px;'
        f'text-decoration:none;background:{back};color:{_ink_on(back)}">{label}</a></p>'
        f'<p style="font-size:13px"><a href="{url}"{runs}>{url}</a></p>'
        + "".join(f'<p style="font-size:13px">{label}: <a href="{url}"{runs}>{url}</a></p>' for label, url in others)
    )


def _ink_on(color: str) -> str:
    """Black or white, whichever stands out more on this colour (WCAG 2.2, relative luminance)."""
    parts = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return "#000000" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 else "#ffffff"
