"""A code in words, for the channels that send one."""

from dataclasses import dataclass

from slotline.channels.mail import Mail
from slotline.channels.mail_head import Mailbox
from slotline.domain.messages.code_message import CodeMessage
from slotline.domain.shared.markup import escape
from slotline.domain.shared.names import one_line, without_links
from slotline.words.catalogue import catalogue_for, fill
from slotline.words.direction import direction_attribute, in_html, isolated

_HAIR_SPACE, _SPACE = "\u200a", " "
"""What parts a link in a name; SMS has no hair space."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeWording:
    """What a code's message says, in the words of `language`. `sender`: the name whole, for a head.

    `sender_in_text`: without links, for running text that isolates it. The code is bare wherever it is written: digits
    alone never turn around, and what is invisible beside them would be copied along.
    """

    language: str
    subject: str
    greeting: str
    text: str
    label: str
    sms: str
    sender: str
    sender_in_text: str


def code_in_words(message: CodeMessage) -> CodeWording:
    """A code in its reader's language."""
    words = catalogue_for(message.language)
    sender = one_line(message.sender_name) or "-"
    plain = without_links(sender, _HAIR_SPACE)
    values = {"code": message.code, "minutes": words.counted("left", "minutes", count=message.minutes)}

    def said(text: str, name: str) -> str:
        return fill(words.text("code", text), {**values, "sender": isolated(name, words.language)})

    return CodeWording(
        language=words.language,
        subject=said("subject", sender),
        greeting=words.text("code", "greeting"),
        text=said("text", plain),
        label=words.text("code", "label"),
        sms=said("sms", without_links(sender, _SPACE)),
        sender=sender,
        sender_in_text=plain,
    )


def code_mail(message: CodeMessage, recipient: str, sender: str) -> Mail:
    """The mail with a code, from the address of `sender`. Nothing in it is loaded from anywhere."""
    wording = code_in_words(message)
    lines = (wording.greeting, "", wording.text, "", f"{wording.label}: {message.code}", "", wording.sender_in_text, "")
    direction = direction_attribute(wording.language)
    html = (
        f'<!doctype html><html lang="{escape(wording.language)}"{direction}><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">'
        f"<title>{escape(wording.subject)}</title></head>"
        '<body style="margin:0;padding:24px;font:16px/1.5 system-ui,sans-serif">'
        f'<div{direction} style="max-width:560px;margin:0 auto;overflow-wrap:anywhere">'
        f"<p>{escape(wording.greeting)}</p><p>{in_html(wording.text, wording.language)}</p>"
        f'<p style="font-size:28px;letter-spacing:4px"><bdi>{escape(message.code)}</bdi></p>'
        f"<p><bdi>{escape(wording.sender_in_text)}</bdi></p></div></body></html>\n"
    )
    return Mail(
        sender=Mailbox(wording.sender, sender),
        recipient=Mailbox("", recipient),
        subject=wording.subject,
        text="\n".join(lines),
        html=html,
        fields={
            "Content-Language": wording.language,
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "OOF, AutoReply",
            "X-Slotline-Kind": "code",
        },
    )
