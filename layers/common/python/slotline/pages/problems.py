"""What goes wrong, as a page that says what to do next: in the reader's words, never in the API's."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from math import ceil

from slotline.domain.shared.errors import (
    BodyTooLarge,
    DomainError,
    Forbidden,
    MethodNotAllowed,
    NoPass,
    NotFound,
    PassOver,
    RateLimited,
    Unavailable,
)
from slotline.http.core.problems import problem_of, retry_after
from slotline.pages.rendering import Look, Page
from slotline.ports.shared import StoreBusyError

Problem = DomainError | StoreBusyError | None
"""What went wrong. None: the fault is ours."""
Form = Mapping[str, Sequence[str]]
"""Fields of a form that was sent, each with all its values."""

_AGAIN = frozenset({"busy", "broken", "too_many"})
"""After which the same may be asked for once more."""
_SHORTLY = 1
"""Seconds."""
_BY_CLASS: Mapping[type[Exception], str] = {
    BodyTooLarge: "too_large",
    MethodNotAllowed: "nothing_here",
    NoPass: "no_pass",
    PassOver: "pass_over",
    RateLimited: "too_many",
    StoreBusyError: "busy",
    Unavailable: "busy",
}
_BY_STATUS = {
    HTTPStatus.UNAUTHORIZED: "wrong_key",
    HTTPStatus.FORBIDDEN: "closed",
    HTTPStatus.NOT_FOUND: "nothing_here",
    HTTPStatus.CONFLICT: "conflict",
    HTTPStatus.TOO_MANY_REQUESTS: "limit",
}


class NoService(NotFound):
    """The service of a page is not there, or not public."""

    code = "no_service"


class NoBooking(NotFound):
    """A guest's link opens nothing."""

    code = "no_booking"


def no_such_service() -> NoService:
    """What is said of every service that cannot be booked here."""
    return NoService("There is no such service.")


class NoRight(Forbidden):
    """Somebody is signed in, and may not do this in the app."""

    code = "no_right"


class StaleForm(Forbidden):
    """A form that is not of the session it comes with, or comes from another site."""

    code = "stale_form"


class NotFramed(Forbidden):
    """A site shows a page in a frame that may not."""

    code = "not_framed"


def problem_page(
    error: Problem, language: str, now: datetime, *, look: Look | None = None, sent: Form | None = None
) -> Page:
    """The page for a refusal. `sent`: the form that met it; its page sends the same once more, so nothing is lost."""
    name = _name(error)
    may_try_again, seconds = name in _AGAIN, _seconds_to_wait(error, now)
    return Page(
        template="problem.html",
        look=look or Look(language=language),
        context={
            "problem": name,
            "again": may_try_again,
            "sent": [(field, value) for field, values in (sent or {}).items() for value in values],
            "icon": "clock" if may_try_again or seconds else "note",
            "wait": _in_words(seconds) if seconds and seconds > _SHORTLY else None,
        },
        status=_status(error),
        headers={} if seconds is None else {"Retry-After": str(seconds)},
    )


def _name(error: Problem) -> str:
    """The name of its words, under `problem` of the catalogues."""
    if error is None:
        return "broken"
    if isinstance(error, NoService | NoBooking | NotFramed | NoRight | StaleForm):
        return error.code
    found = next((_BY_CLASS[kind] for kind in type(error).__mro__ if kind in _BY_CLASS), None)
    return found or _BY_STATUS.get(_status(error), "unreadable")


def _status(error: Problem) -> HTTPStatus:
    if error is None:
        return HTTPStatus.INTERNAL_SERVER_ERROR
    if isinstance(error, StoreBusyError):
        return HTTPStatus.SERVICE_UNAVAILABLE
    return problem_of(error).status


def _seconds_to_wait(error: Problem, now: datetime) -> int | None:
    if error is None:
        return None
    return _SHORTLY if isinstance(error, StoreBusyError) else retry_after(error, now)


def _in_words(seconds: int) -> tuple[str, int]:
    """The name of the words that say how long to wait, and their number: rounded up, to hours from two on."""
    minutes = ceil(seconds / 60)
    return ("wait_hours", ceil(minutes / 60)) if minutes >= 120 else ("wait_minutes", minutes)
