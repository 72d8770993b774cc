"""How many rows a list has, by the page that is shown and by what counts the rest."""

import pytest

from slotline.domain.shared.paging import total_of, total_with


def never() -> int:
    raise AssertionError("nobody has to count")


def test_what_is_the_whole_list_counts_itself() -> None:
    assert total_of(3, is_whole=True, count=never) == 3
    assert total_with("abc", is_first=True, is_last=True, count=never) == 3


@pytest.mark.parametrize(("counted", "total"), [(9, 9), (2, 3), (None, None)])
def test_a_list_has_what_was_counted_and_at_least_what_was_seen(counted: int | None, total: int | None) -> None:
    assert total_of(3, is_whole=False, count=lambda: counted) == total


@pytest.mark.parametrize(("is_first", "is_last", "total"), [(True, False, 4), (False, False, 4), (False, True, 3)])
def test_behind_a_page_that_is_not_the_last_there_is_a_row_at_least(is_first: bool, is_last: bool, total: int) -> None:
    assert total_with("abc", is_first=is_first, is_last=is_last, count=lambda: 0) == total
