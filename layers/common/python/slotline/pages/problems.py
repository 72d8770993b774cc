"""What goes wrong, as a page that says what to do next: in the reader's words, never in the API's."""

from http import HTTPStatus

from slotline.domain.shared.errors import (
    DomainError,
    LimitReached,
    NoPass,
    NotFound,
    PassOver,
    RateLimited,
    Unavailable,
)
from slotline.http.core.problems import problem_of
from slotline.pages.rendering import Look, Page
from slotline.ports.shared import StoreBusyError

_SHORTLY = {"Retry-After": "1"}


class NoService(NotFound):
    """The service of a page is not there, or not public."""

    code = "no_service"


def no_such_service() -> NoService:
    """What is said of every service that cannot be booked here."""
    return NoService("There is no such service.")


def problem_page(error: DomainError | StoreBusyError | None, language: str, look: Look | None = None) -> Page:
    """The page for a refusal; None: the fault is ours."""
    status, name, headers = _kind(error)
    return Page(
        template="problem.html",
        look=look or Look(language=language),
        context={"problem": name, "again": name in _AGAIN},
        status=status,
        headers=headers,
    )


_AGAIN = ("busy", "broken", "too_many")
"""After which the same page may be asked for again."""


def _kind(error: DomainError | StoreBusyError | None) -> tuple[HTTPStatus, str, dict[str, str]]:
    if error is None:
        return HTTPStatus.INTERNAL_SERVER_ERROR, "broken", {}
    if isinstance(error, StoreBusyError | Unavailable):
        return HTTPStatus.SERVICE_UNAVAILABLE, "busy", _SHORTLY
    if isinstance(error, RateLimited):
        return HTTPStatus.TOO_MANY_REQUESTS, "too_many", {"Retry-After": str(error.retry_after_seconds)}
    status = problem_of(error).status
    by_class = {NoPass: "no_pass", PassOver: "pass_over", NoService: "no_service"}
    if (name := by_class.get(type(error))) is not None:
        return status, name, {}
    names = {
        HTTPStatus.BAD_REQUEST: "unreadable",
        HTTPStatus.UNAUTHORIZED: "wrong_key",
        HTTPStatus.FORBIDDEN: "closed",
        HTTPStatus.NOT_FOUND: "nothing_here",
        HTTPStatus.CONFLICT: "conflict",
        HTTPStatus.TOO_MANY_REQUESTS: "limit",
    }
    headers = {"Retry-After": "60"} if isinstance(error, LimitReached) else {}
    return status, names.get(status, "unreadable"), headers
