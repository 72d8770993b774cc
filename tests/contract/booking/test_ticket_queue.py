"""The ticket queue: one number after the other, and nobody waits for one that does not come."""

from datetime import timedelta

import pytest

from tests.contract.conftest import Backend
from tests.support.builders.bookings import APP_ID, OTHER_APP_ID

SECOND = timedelta(seconds=1)


class Desk:
    """The lines of the backend, at its present. A turn lasts two seconds, a call one."""

    def __init__(self, backend: Backend) -> None:
        self.lines, self.clock = backend.ticket_queue, backend.clock

    def draw(self, app_id: str = APP_ID, name: str = "turn") -> int:
        return self.lines.draw(app_id, name, self.clock.now())

    def ahead(self, number: int, app_id: str = APP_ID, name: str = "turn") -> int:
        now = self.clock.now()
        return self.lines.ahead(app_id, name, number, now, now + 2 * SECOND)

    def leave(self, number: int) -> None:
        self.lines.leave(APP_ID, "turn", number, self.clock.now() + SECOND)


@pytest.fixture
def desk(backend: Backend) -> Desk:
    return Desk(backend)


def test_numbers_are_drawn_one_behind_the_other(desk: Desk) -> None:
    assert [desk.draw() for _ in range(3)] == [1, 2, 3]


def test_the_first_is_at_the_head_and_the_others_know_how_many_are_before_them(desk: Desk) -> None:
    numbers = [desk.draw() for _ in range(3)]
    assert [desk.ahead(number) for number in numbers] == [0, 1, 2]


def test_who_is_at_the_head_stays_there_as_long_as_they_say_so(desk: Desk) -> None:
    first, second = desk.draw(), desk.draw()
    for _ in range(3):
        assert (desk.ahead(first), desk.ahead(second)) == (0, 1)
        desk.clock.instant += SECOND


def test_when_one_leaves_it_is_the_next_one_s_turn(desk: Desk) -> None:
    first, second, third = (desk.draw() for _ in range(3))
    desk.ahead(first)
    desk.leave(first)
    assert (desk.ahead(third), desk.ahead(second)) == (1, 0)


def test_a_turn_that_ran_out_is_passed_over(desk: Desk) -> None:
    first, second = desk.draw(), desk.draw()
    desk.ahead(first)
    desk.clock.instant += 2 * SECOND
    assert desk.ahead(second) == 0


def test_a_number_that_is_called_and_does_not_come_is_passed_over(desk: Desk) -> None:
    first, _gave_up, third = (desk.draw() for _ in range(3))
    desk.ahead(first)
    desk.leave(first)
    assert desk.ahead(third) == 1
    desk.clock.instant += SECOND
    assert desk.ahead(third) == 0


def test_who_was_passed_over_may_go_and_keeps_nobody_from_the_head(desk: Desk) -> None:
    slow, quick, third = (desk.draw() for _ in range(3))
    desk.ahead(slow)
    desk.clock.instant += 2 * SECOND
    desk.ahead(quick)
    assert desk.ahead(slow) == 0
    desk.leave(slow)
    assert (desk.ahead(quick), desk.ahead(third)) == (0, 1)


def test_many_who_gave_up_cost_one_wait_not_one_each(desk: Desk) -> None:
    for _ in range(20):
        desk.draw()
    last = desk.draw()
    desk.clock.instant += SECOND
    assert desk.ahead(last) == 0


def test_every_app_and_every_name_has_its_own(desk: Desk) -> None:
    desk.ahead(desk.draw())
    assert desk.draw(app_id=OTHER_APP_ID) == 1
    assert desk.ahead(desk.draw(name="another"), name="another") == 0
