"""A link by which somebody chooses a password, as a mail in words."""

from slotline.channels.mail import Mail
from slotline.channels.mail_head import Mailbox
from slotline.domain.messages.way_in_message import WayInMessage
from slotline.domain.shared.markup import escape
from slotline.domain.shared.names import one_line, without_links
from slotline.words.catalogue import catalogue_for, fill
from slotline.words.direction import direction_attribute, in_html, isolated, left_to_right_attribute

_HAIR_SPACE = "\u200a"


def way_in_mail(message: WayInMessage, recipient: str, sender: str) -> Mail:
    """The mail, from the address of `sender`. Nothing in it is loaded from anywhere."""
    words = catalogue_for(message.language)
    kind = "way_in_invitation" if message.is_invitation else "way_in_reset"
    names = {"sender": one_line(message.sender_name) or "-", "reader": one_line(message.reader) or "-"}
    plain = {name: without_links(value, _HAIR_SPACE) for name, value in names.items()}
    left = words.counted("left", "hours", count=message.hours)

    def said(text: str, names: dict[str, str]) -> str:
        placed = {name: isolated(value, words.language) for name, value in names.items()}
        return fill(words.text(kind, text), {**placed, "left": left})

    subject = said("subject", names)
    greeting, text, button, ignore = (said(part, plain) for part in ("greeting", "text", "button", "ignore"))
    direction, url = direction_attribute(words.language), escape(message.url)
    html = (
        f'<!doctype html><html lang="{escape(words.language)}"{direction}><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">'
        f"<title>{escape(subject)}</title></head>"
        '<body style="margin:0;padding:24px;font:16px/1.5 system-ui,sans-serif">'
        f'<div{direction} style="max-width:560px;margin:0 auto;overflow-wrap:anywhere">'
        f"<p>{in_html(greeting, words.language)}</p><p>{in_html(text, words.language)}</p>"
        f'<p style="margin:24px 0"><a href="{url}" style="display:inline-block;padding:12px 24px;border-radius:6px;'
        f'text-decoration:none;background:#1f4e8c;color:#ffffff">{escape(button)}</a></p>'
        f'<p style="font-size:13px"><a href="{url}"{left_to_right_attribute(words.language)}>{url}</a></p>'
        f"<p>{in_html(ignore, words.language)}</p><p><bdi>{escape(plain['sender'])}</bdi></p></div></body></html>\n"
    )
    return Mail(
        sender=Mailbox(names["sender"], sender),
        recipient=Mailbox(names["reader"], recipient),
        subject=subject,
        text="\n".join([greeting, "", text, "", f"{button}: {message.url}", "", ignore, "", plain["sender"], ""]),
        html=html,
        fields={
            "Content-Language": words.language,
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "OOF, AutoReply",
            "X-Slotline-Kind": kind,
        },
    )
