"""Read calls. A missing thing is told apart from a missing app only once the app was granted."""

from collections.abc import Sequence

from slotline.domain.booking.call_lists import CallPage, CallQuery
from slotline.domain.booking.calls import Call, TimelineEvent
from slotline.domain.shared.errors import AppNotFound, NotFound
from slotline.ports.booking import CallFile, Calls


def read_call(calls: Calls, app_id: str, call_id: str) -> tuple[Call, Sequence[TimelineEvent]]:
    """The call with its timeline. Raises AppNotFound or NotFound."""
    found = calls.get(app_id, call_id)
    if found is None:
        _check_app(calls, app_id)
        raise NotFound("There is no such call in this app.")
    return found


def read_call_file(calls: Calls, app_id: str, call_id: str) -> CallFile:
    """All that is kept of a call. Raises NotFound and StoreBusyError."""
    found = calls.file(app_id, call_id)
    if found is None:
        raise NotFound("There is no such call in this app.")
    return found


def find_calls(calls: Calls, query: CallQuery) -> CallPage:
    """One page. Raises AppNotFound."""
    page = calls.find(query)
    if not page.calls:
        _check_app(calls, query.app_id)
    return page


def _check_app(calls: Calls, app_id: str) -> None:
    if not calls.app_exists(app_id):
        raise AppNotFound("There is no such app.")
