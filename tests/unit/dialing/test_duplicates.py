"""The same number in several rows: dialled each time, once, or not at all, and always told."""

import tracemalloc
from collections.abc import Sequence

import pytest

from slotline.domain.dialing.campaign_requests import planned
from slotline.domain.dialing.duplicates import MOST_LISTED, DuplicatePolicy, Duplicates, MetNumbers, RowPlace
from slotline.domain.dialing.planning import PlannedCall, Planner
from slotline.domain.dialing.rows import Refusals, Row, Source
from tests.support.builders.apps import NOW
from tests.support.builders.dialing import a_use_case

A, B, C = "+12025550140", "+12025550141", "+12025550142"


def rows_of(*numbers: str, source: Source = Source.CALLS) -> Sequence[Row]:
    return [Row(source=source, number=n, cells={"phone_number": number}) for n, number in enumerate(numbers, start=1)]


def plan(rows: Sequence[Row], policy: DuplicatePolicy, met: MetNumbers | None = None):
    """The calls, the refusals, and what came more than once."""
    use_case = a_use_case(callee_start="00:00", callee_end="24:00")
    planner = Planner(use_case, now=NOW, zones_of=lambda _: (), staggered_interval_minutes=5)
    met, refusals = met or MetNumbers(policy), Refusals()
    return list(planned(rows, planner, lambda _: None, refusals, met)), refusals, met.duplicates


def minutes(calls: Sequence[PlannedCall]) -> list[tuple[str, float]]:
    return [(call.request.e164, (call.at - NOW).total_seconds() / 60) for call in calls]


def told(found: Duplicates) -> list[tuple[str, list[int]]]:
    return [(one.e164, [place.row for place in one.rows]) for one in found.listed]


def test_kept_duplicates_are_dialled_in_their_turns_and_told() -> None:
    calls, refusals, found = plan(rows_of(A, B, A, A), DuplicatePolicy.KEEP)
    assert minutes(calls) == [(A, 0), (B, 5), (A, 10), (A, 15)]
    assert (told(found), found.total, refusals.rows) == ([(A, [1, 3, 4])], 1, 0)
    assert found.listed[0].times == 3


def test_of_skipped_duplicates_the_first_is_dialled_and_the_others_take_no_turn() -> None:
    calls, refusals, found = plan(rows_of(A, A, B, A, C, B), DuplicatePolicy.SKIP)
    assert minutes(calls) == [(A, 0), (B, 5), (C, 10)]
    assert (told(found), found.total, refusals.rows) == ([(A, [1, 2, 4]), (B, [3, 6])], 2, 0)


def test_refused_duplicates_are_bad_rows_that_name_the_first_row() -> None:
    calls, refusals, found = plan(rows_of(A, B, A), DuplicatePolicy.REFUSE)
    assert minutes(calls) == [(A, 0), (B, 5)]
    (fault,) = refusals.details
    assert (fault.field, fault.code, fault.extra["row"]) == ("phone_number", "duplicate", 3)
    assert "row 1 of calls" in fault.message
    assert A not in fault.message
    assert told(found) == [(A, [1, 3])]


@pytest.mark.parametrize("written", ["+1 (202) 555-0140", "+1.202.555.0140", "+12025550140"])
def test_numbers_are_the_same_however_they_are_written(written: str) -> None:
    calls, _, _ = plan(rows_of(A, written), DuplicatePolicy.SKIP)
    assert len(calls) == 1


def test_a_bad_row_leaves_its_number_to_the_next_row_that_has_it() -> None:
    first, second = rows_of(A, A)
    bad = Row(source=first.source, number=1, cells={**first.cells, "scheduled_date": "2020-01-01"})
    calls, refusals, found = plan([bad, second], DuplicatePolicy.SKIP)
    assert ([call.request.row.number for call in calls], refusals.rows, found.total) == ([2], 1, 0)


def test_rows_of_the_request_and_of_its_table_are_told_apart() -> None:
    rows = [*rows_of(A), *rows_of(B, A, source=Source.CSV)]
    _, _, found = plan(rows, DuplicatePolicy.KEEP)
    assert found.listed[0].rows == (RowPlace(source=Source.CALLS, row=1), RowPlace(source=Source.CSV, row=2))


def test_the_first_are_listed_and_all_are_counted() -> None:
    numbers = [f"+1202555{n:04d}" for n in range(MOST_LISTED + 30)]
    _, _, found = plan(rows_of(*numbers, *numbers, *[numbers[0]] * 100), DuplicatePolicy.KEEP)
    assert (len(found.listed), found.total) == (MOST_LISTED, MOST_LISTED + 30)
    assert (found.listed[0].times, len(found.listed[0].rows)) == (102, MOST_LISTED)


def test_a_row_that_is_met_again_is_no_duplicate_of_itself() -> None:
    met = MetNumbers(DuplicatePolicy.KEEP)
    (row,) = rows_of(A)
    for _ in range(2):
        plan([row], DuplicatePolicy.KEEP, met)
    assert met.duplicates == Duplicates()


def test_a_million_numbers_take_little_memory() -> None:
    tracemalloc.start()
    try:
        met = MetNumbers(
            DuplicatePolicy.KEEP,
            ((f"+1{n:010d}", RowPlace(source=Source.CSV, row=n + 2)) for n in range(100_000)),
        )
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert met.duplicates.total == 0
    assert held < 20_000_000, "a tenth of a million, in bytes"
