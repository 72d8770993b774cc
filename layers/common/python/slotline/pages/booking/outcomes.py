"""What stands against a booking, as its form says it: beside a field, or above all of them with other times."""

from collections.abc import Mapping

from slotline.domain.shared.errors import (
    CodeLimitReached,
    Conflict,
    CustomerLimitReached,
    DomainError,
    HoldLimitReached,
    IdempotencyMismatch,
    InvalidRequest,
)
from slotline.pages.booking.notices import Notice
from slotline.words.catalogue import Catalogue

_NOT_THEN = frozenset({"past", "minimum_notice", "horizon", "whole_minute"})
"""Codes of a start at which nothing can be booked, for whoever asks."""
_NOBODY_THERE = frozenset({"unknown_agent", "agent_inactive"})
"""Codes of an agent who was there when the time was offered, and takes no calls any more."""
_OF_CODE = {"wrong_code": "code_wrong", "verification_over": "code_over"}
_FIELDS = {"guestEmail": "email", "guestPhone": "phone", "guestName": "name"}
_LIMITS = {CustomerLimitReached: "customer_limit", HoldLimitReached: "hold_limit", CodeLimitReached: "code_limit"}


def notice_of(error: DomainError) -> Notice | None:
    """What is said above the form; None for what the guest can do nothing about."""
    if isinstance(error, IdempotencyMismatch):
        return Notice(name="booked_already")
    if isinstance(error, Conflict):
        return Notice(name="taken")
    if isinstance(error, CustomerLimitReached | HoldLimitReached | CodeLimitReached):
        return Notice(name=_LIMITS[type(error)], moment=error.next_allowed_at)
    if isinstance(error, InvalidRequest) and _code(error) in _NOT_THEN:
        return Notice(name="too_late")
    if isinstance(error, InvalidRequest) and _code(error) in _NOBODY_THERE:
        return Notice(name="taken")
    return None


def refused_in_form(error: DomainError, texts: Catalogue) -> Mapping[str, str] | None:
    """By the field, what is wrong with it; None if it is no field of the form."""
    if not isinstance(error, InvalidRequest) or not error.details:
        return None
    if (said := _OF_CODE.get(_code(error))) is not None:
        return {"code": texts.text("error", said)}
    name = _FIELDS.get(error.details[0].field or "")
    return {name: texts.text("error", name)} if name else None


def _code(error: InvalidRequest) -> str:
    return error.details[0].code if error.details else ""
