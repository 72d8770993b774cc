"""Leases: one holder at a time, who may extend, and none for ever."""

from datetime import timedelta

import pytest

from tests.contract.conftest import Backend
from tests.support.bookings import APP_ID, OTHER_APP_ID

SECONDS = timedelta(seconds=1)


class Desk:
    """The leases of one app, at the backend's present."""

    def __init__(self, backend: Backend) -> None:
        self.leases, self.clock = backend.leases, backend.clock

    def take(self, holder: str, app_id: str = APP_ID, name: str = "turn") -> bool:
        now = self.clock.now()
        return self.leases.take(app_id, name, holder, now, now + 2 * SECONDS)


@pytest.fixture
def desk(backend: Backend) -> Desk:
    return Desk(backend)


def test_only_one_holds_it(desk: Desk) -> None:
    assert desk.take("first")
    assert not desk.take("second")


def test_its_holder_may_extend_it(desk: Desk) -> None:
    assert desk.take("first")
    desk.clock.instant += SECONDS
    assert desk.take("first")
    desk.clock.instant += SECONDS
    assert not desk.take("second")


def test_given_back_it_is_the_next_one_s(desk: Desk) -> None:
    desk.take("first")
    desk.leases.give_back(APP_ID, "turn", "first")
    assert desk.take("second")


def test_it_runs_out_by_itself(desk: Desk) -> None:
    desk.take("first")
    desk.clock.instant += 2 * SECONDS
    assert desk.take("second")


def test_nobody_gives_back_what_is_somebody_else_s(desk: Desk) -> None:
    desk.take("first")
    desk.leases.give_back(APP_ID, "turn", "second")
    assert not desk.take("third")


def test_every_app_and_every_name_has_its_own(desk: Desk) -> None:
    assert desk.take("first")
    assert desk.take("second", app_id=OTHER_APP_ID)
    assert desk.take("third", name="another")
