"""Errors as websites get them: `{"ok": false, "error"}` in JSON that is not stored, and readable from any origin."""

import json

from slotline.domain.shared.errors import DomainError
from slotline.http.core import problems
from slotline.http.core.challenges import Challenge

_WEBSITES = "/api/calls"


def is_for_websites(path: str) -> bool:
    """Whether a path is where websites call."""
    return path == _WEBSITES or path.startswith(f"{_WEBSITES}/")


def website_error(error: DomainError, challenge: Challenge | None = None) -> str:
    """The body that tells a website about this error, and how to prove who it is."""
    details = problems.shown_details(error, challenge)
    return _body(problems.problem_of(error), error.message, details, max(error.total, len(details)))


def website_server_error() -> str:
    """The body where the fault is ours: it tells nothing about us."""
    return _body(problems.SERVER_ERROR, problems.OUR_FAULT, [], 0)


def _body(problem: problems.Problem, message: str, details: list[dict[str, object]], total: int) -> str:
    error = {"type": problem.type, "message": message, "details": details, "total_details": total}
    return json.dumps({"ok": False, "error": error})
