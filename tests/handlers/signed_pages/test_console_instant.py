"""The console's instant calls: the list, one of them, and its end."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from slotline.domain.access.users import Role
from slotline.domain.booking.rooms import CallSource, RoomKind
from slotline.domain.instant.rooms import VideoCall, VideoCallStatus
from slotline.store.dynamodb import keys
from slotline.wiring.instant.rooms import rooms
from tests.handlers.signed_pages.conftest import OTHER_APP, SignIn
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.apps import NOW
from tests.support.handlers import APP_ID

LIST = f"/console/{APP_ID}/instant"


def an_instant_call(number: int, **changes: Any) -> VideoCall:
    """A call that is there."""
    values: dict[str, Any] = {
        "id": f"01890000-0000-7000-8000-{number:012}",
        "app_id": APP_ID,
        "kind": RoomKind.INSTANT,
        "status": VideoCallStatus.CREATED,
        "source": CallSource.WIDGET_KEY,
        "created_by": "widget-1",
        "created_at": NOW - timedelta(hours=number),
        "preset_id": "preset-1",
        "preview_enabled": True,
        "record_on_start": False,
        "title": f"Talk {number}",
    }
    call = VideoCall(**{**values, **changes})
    rooms().open(call, None)
    return call


def test_the_newest_are_listed_first_and_older_ones_a_page_on(sign_in: SignIn):
    for number in range(52):
        an_instant_call(number)
    an_instant_call(99, app_id=OTHER_APP, title="Of somebody else")
    first = sign_in(Role.SUPERVISOR).get(LIST)
    assert "Talk 49" in first.text
    assert "Talk 50" not in first.text
    (older,) = [link for link in first.page.links if "before=" in link]
    second = sign_in(Role.ADMIN).get(older)
    assert ("Talk 49" in second.text, "Talk 50" in second.text, "Talk 51" in second.text) == (False, True, True)
    assert "somebody else" not in first.text + second.text


def test_a_place_that_no_page_gave_lists_the_newest(sign_in: SignIn):
    an_instant_call(1)
    for query in ("before=x", "until=2026-13-01", "before=9999-99", "before=%00"):
        assert "Talk 1" in sign_in(Role.SUPERVISOR).get(f"{LIST}?{query}").text


@pytest.mark.parametrize(
    ("zone", "day", "shown"),
    [
        ("America/Bogota", "2026-04-30", ["Talk 1", "Talk 2"]),
        ("America/Bogota", "2026-04-29", []),
        ("Pacific/Auckland", "2026-05-01", ["Talk 1", "Talk 2"]),
        ("Pacific/Auckland", "2026-04-30", ["Talk 2"]),
    ],
)
def test_a_day_of_the_list_is_one_of_the_apps_clocks(
    people: TablePorts, sign_in: SignIn, zone: str, day: str, shown: list[str]
):
    app = people.row(keys.app(APP_ID))
    assert app
    people.put(app | {"timezone": zone})
    an_instant_call(1, created_at=datetime(2026, 5, 1, 4, tzinfo=UTC))  # 11 PM of Apr 30 in Bogota, 4 PM in Auckland
    an_instant_call(2, created_at=datetime(2026, 4, 30, 10, tzinfo=UTC))  # 5 AM, and 10 PM of Apr 30
    text = sign_in(Role.SUPERVISOR).get(f"{LIST}?until={day}").text
    assert [talk for talk in ("Talk 1", "Talk 2") if talk in text] == shown


def test_a_supervisor_ends_a_call_and_its_row_says_who_did(sign_in: SignIn):
    call = an_instant_call(1, metadata={"ticket": "T-1"})
    browser = sign_in(Role.SUPERVISOR)
    page = browser.get(f"{LIST}/{call.id}")
    assert all(part in page.text for part in ("Talk 1", "Nobody yet", "ticket", "T-1"))
    (form,) = [form for form in page.page.forms if form.action.endswith("/end")]
    assert "The call has ended." in browser.press(form).text
    assert "The call has ended." in browser.press(form).text, "a second press changes nothing"
    ended = rooms().find(call.id)
    assert ended
    assert browser.key
    assert (ended.status, ended.ended_by) == (VideoCallStatus.ENDED, f"user:{browser.key.user_id}")
    again = browser.get(f"{LIST}/{call.id}")
    assert f"/c/{call.id}" not in again.body, "its link leads nowhere any more"


def test_a_call_of_another_app_is_not_there_and_cannot_be_ended(sign_in: SignIn):
    call = an_instant_call(1, app_id=OTHER_APP)
    browser = sign_in(Role.OWNER)
    assert browser.get(f"{LIST}/{call.id}").status == 404
    assert browser.post(f"{LIST}/{call.id}/end").status == 404
    assert rooms().find(call.id) == call
