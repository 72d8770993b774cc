"""The page behind the guest's link: when the call is, how it stands, and a button while it waits for a confirmation.

It works without a script. Looking at it changes nothing, because programs that check mails for harm look at every link;
the button sends a POST. It says what the guest knows: nothing of other calls, of metadata, or of anybody's address.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from slotline.domain.booking.guest_links import PATH
from slotline.domain.booking.guest_rights import GuestsLook, can_confirm
from slotline.domain.messages.guest_texts import GuestTexts
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.markup import escape
from slotline.domain.shared.names import one_line
from slotline.http.booking.guest_door import AT
from slotline.http.core.pages import Answer, page, plain_page, shown
from slotline.words.direction import runs_right_to_left


@dataclass(frozen=True, slots=True)
class GuestPage:
    """The page of one guest's call."""

    look: GuestsLook
    texts: GuestTexts
    token: str
    now: datetime

    def answer(self) -> Answer:
        """200, framed by nobody."""
        texts, call, token = self.texts, self.look.call, escape(self.token)
        start, end = call.scheduled_at, call.scheduled_at + timedelta(minutes=call.duration_minutes)
        (when_label, when), *others = texts.facts
        time = f'<time datetime="{format_instant(start)}/{format_instant(end)}">{shown(when)}</time>'
        facts = [(when_label, time), *((label, shown(value)) for label, value in others)]
        listed = "".join(f"<dt>{escape(label)}</dt><dd>{value}</dd>" for label, value in facts)
        moved = f"<p>{escape(texts.moved)}</p>" if texts.moved else ""
        button = (
            f'<form method="post" action="{PATH}{token}/confirm"><button>{escape(texts.confirm)}</button></form>'
            if can_confirm(call, self.now)
            else ""
        )
        join = "" if call.is_final else f'<p><a href="/c/{escape(call.id)}">{escape(texts.join)}</a></p>'
        body = (
            f'<p class="app">{shown(one_line(texts.sender))}</p>'
            f"<h1>{shown(texts.title)}</h1>"
            f'<p role="status">{escape(texts.state)}</p>{moved}'
            f"<dl>{listed}</dl>{button}{join}"
            f'<p><a href="{AT}{token}/calendar.ics">{escape(texts.calendar)}</a></p>'
        )
        return page(
            HTTPStatus.OK,
            texts.title,
            body,
            language=texts.language,
            runs_right_to_left=runs_right_to_left(texts.language),
            has_form=bool(button),
        )


def back_to(token: str) -> Answer:
    """To the page again, by GET: to load it anew sends nothing again."""
    answer = page(HTTPStatus.SEE_OTHER, "Your booking", "")
    answer["headers"]["Location"] = f"{PATH}{token}"
    return answer


def no_such_page() -> Answer:
    """What every link that opens nothing shows, whatever is wrong with it."""
    return plain_page(
        HTTPStatus.NOT_FOUND,
        "No such booking",
        "There is no booking at this address. A link ends when its guest's address or number is corrected: the latest "
        "message has the one that works.",
    )
