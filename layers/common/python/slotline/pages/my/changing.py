"""What the forms of a booking ask for: done, and back to a page, or refused with the reason on the form again."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from slotline.domain.booking.calls import Outcome
from slotline.domain.shared.errors import (
    Conflict,
    DomainError,
    IdempotencyMismatch,
    InvalidRequest,
    LimitReached,
    NotFound,
    Unavailable,
)
from slotline.pages.calls.forms import LONGEST_NOTE, LONGEST_REASON, SEEN, Chosen, form_key, instant_said, prose
from slotline.pages.kit import Asked, Redirect
from slotline.pages.my.call import AT_ONCE, STEPS, CallPages
from slotline.pages.signed import Answer

if TYPE_CHECKING:
    from slotline.usecases.booking.own_calls import ChangeOwnCall, Order

Send = Callable[["Order"], object]
"""Sends a reminder of the call."""
Refuse = Callable[[CallPages, DomainError], Answer]
"""The page that says why not: of the booking as it is by then."""
REFUSALS = (Conflict, IdempotencyMismatch, InvalidRequest, LimitReached, Unavailable)
"""What the page of the form tells; all else is another page's matter."""


def change(name: str, pages: CallPages, changes: "ChangeOwnCall", send: Send, refuse: Refuse) -> Answer:
    """Do what a form of the booking asks for. Raises NotFound if there is no such form: a call that waits in the pool
    is nobody's yet, so it can be claimed and nothing else."""
    if name not in STEPS | AT_ONCE or (pages.own.call.is_in_pool and name != "claim"):
        raise NotFound("There is nothing to change so.")
    try:
        order = _order(pages)
        if name == "remind":
            send(order)
        else:
            _CHANGES[name](changes, order, pages)
    except REFUSALS as error:
        return refuse(pages, error)
    if name == "hand-over":
        return Redirect(pages.ways.week(done="handed_over"))
    return Redirect(pages.ways.call(order.call_id, done=_DONE[name]))


def status_of(error: DomainError) -> HTTPStatus:
    """Of a form that is shown again."""
    return HTTPStatus.BAD_REQUEST if isinstance(error, InvalidRequest) else HTTPStatus.CONFLICT


def _order(pages: CallPages) -> "Order":
    from slotline.usecases.booking.own_calls import Order

    signed = pages.signed
    return Order(
        app_id=signed.app.app_id,
        agent_id=signed.agent_id,
        call_id=pages.own.call.id,
        seen=signed.asked.field(SEEN),
        actor=signed.actor,
        key=form_key(signed),
    )


def _move(changes: "ChangeOwnCall", order: "Order", pages: CallPages) -> None:
    asked = pages.signed.asked
    chosen = Chosen.of(asked, pages.zone)
    if chosen is None:
        raise InvalidRequest.of_field("time", "must be a day and a time", "no_time")
    changes.move(order, chosen.instant(pages.zone, instant_said(asked)))


def _hand_over(changes: "ChangeOwnCall", order: "Order", pages: CallPages) -> None:
    asked = pages.signed.asked
    agent_id = asked.id("agent")
    if agent_id is None:
        raise InvalidRequest.of_field("agent", "is required", "no_agent")
    changes.hand_over(order, agent_id, _reason(asked))


def _complete(changes: "ChangeOwnCall", order: "Order", pages: CallPages) -> None:
    asked = pages.signed.asked
    said = asked.field("outcome")
    outcome = Outcome(said) if said in set(Outcome) else None
    changes.complete(order, outcome, prose(asked, "note", LONGEST_NOTE))


def _reopen(changes: "ChangeOwnCall", order: "Order", pages: CallPages) -> None:
    reason = _reason(pages.signed.asked)
    if reason is None:
        raise InvalidRequest.of_field("reason", "is required", "no_reason")
    changes.reopen(order, reason)


def _reason(asked: Asked) -> str | None:
    return prose(asked, "reason", LONGEST_REASON)


_CHANGES: Mapping[str, Callable[["ChangeOwnCall", "Order", CallPages], object]] = {
    "move": _move,
    "hand-over": _hand_over,
    "cancel": lambda changes, order, pages: changes.cancel(order, _reason(pages.signed.asked)),
    "complete": _complete,
    "no-show": lambda changes, order, pages: changes.miss(order, _reason(pages.signed.asked)),
    "reopen": _reopen,
    "notes": lambda changes, order, pages: changes.edit_notes(order, prose(pages.signed.asked, "notes", LONGEST_NOTE)),
    "confirm": lambda changes, order, _pages: changes.confirm(order),
    "start": lambda changes, order, _pages: changes.start(order),
    "claim": lambda changes, order, _pages: changes.claim(order),
}
_DONE = {
    "move": "moved",
    "cancel": "cancelled",
    "complete": "completed",
    "no-show": "missed",
    "reopen": "reopened",
    "notes": "noted",
    "confirm": "confirmed",
    "start": "started",
    "claim": "claimed",
    "remind": "sent",
}
"""What the booking's page says afterwards."""
