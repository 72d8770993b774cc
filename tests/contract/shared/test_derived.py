"""What is derived from subjects: counters are the sums over all of them, whatever comes again or late."""

import random
from collections import Counter as Sums
from collections.abc import Sequence
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.ports.shared import Counter, Derived, StoreBusyError
from slotline.store.shared.derived import ROWS_AT_ONCE
from tests.contract.conftest import KINDS, Backend, backend_of
from tests.support.properties import tried

PARTITION = "APP#a#CALLS"


def counted(name: str, row: str = "TOTAL") -> Counter:
    return Counter(PARTITION, row, name)


def derived(subject: str, version: int, *counters: Counter, rows: Sequence[str] = (), says: str = "") -> Derived:
    found = [{"pk": f"APP#a#WORD#{word}", "sk": subject, "says": says} for word in rows]
    return Derived(subject=subject, version=version, counters=frozenset(counters), rows=found)


def gone(subject: str, version: int) -> Derived:
    return Derived(subject=subject, version=version, is_gone=True)


def totals(backend: Backend) -> dict[str, int]:
    return dict(backend.derivations.counts(PARTITION, "TOTAL"))


class TestCounters:
    def test_nobody_is_counted_at_first(self, backend: Backend) -> None:
        assert totals(backend) == {}

    def test_a_counter_is_how_many_subjects_name_it(self, backend: Backend) -> None:
        names = ["waiting", "waiting", "done"]
        backend.derivations.apply([derived(f"S#{n}", 1, counted(name)) for n, name in enumerate(names)])
        assert totals(backend) == {"waiting": 2, "done": 1}

    def test_a_subject_leaves_the_counters_that_it_no_longer_names(self, backend: Backend) -> None:
        backend.derivations.apply([derived("S#1", 1, counted("waiting"))])
        backend.derivations.apply([derived("S#1", 2, counted("done"))])
        assert totals(backend) == {"done": 1}

    def test_a_change_that_comes_again_is_counted_once(self, backend: Backend) -> None:
        for _ in range(3):
            backend.derivations.apply([derived("S#1", 1, counted("waiting"))])
        assert totals(backend) == {"waiting": 1}

    def test_a_change_that_comes_after_a_newer_one_changes_nothing(self, backend: Backend) -> None:
        backend.derivations.apply([derived("S#1", 2, counted("done"))])
        backend.derivations.apply([derived("S#1", 1, counted("waiting"))])
        assert totals(backend) == {"done": 1}

    def test_the_newest_change_of_a_batch_is_the_one_that_counts(self, backend: Backend) -> None:
        changes = [derived("S#1", version, counted(f"v{version}")) for version in (2, 3, 1)]
        backend.derivations.apply(changes)
        assert totals(backend) == {"v3": 1}

    def test_a_subject_that_is_gone_is_counted_nowhere_and_does_not_come_back(self, backend: Backend) -> None:
        last = derived("S#1", 2, counted("done"), rows=["ada"])
        backend.derivations.apply([last])
        backend.derivations.apply([gone("S#1", 2)])
        backend.derivations.apply([last])
        assert totals(backend) == {}

    def test_rows_are_summed_from_the_first_to_the_last_and_apart_from_other_partitions(self, backend: Backend) -> None:
        days = [f"DAY#2027-05-0{day}" for day in range(1, 6)]
        changes = [derived(f"S#{day}", 1, counted("waiting", day)) for day in days]
        elsewhere = Counter("APP#b#CALLS", days[2], "waiting")
        backend.derivations.apply([*changes, derived("S#else", 1, elsewhere)])
        assert backend.derivations.counts(PARTITION, days[1], days[3]) == {"waiting": 3}
        assert backend.derivations.counts(PARTITION, days[2]) == {"waiting": 1}

    def test_a_busy_store_says_so(self, backend: Backend) -> None:
        with backend.throttled(), pytest.raises(StoreBusyError):
            backend.derivations.apply([derived("S#1", 1, counted("waiting"))])
        with backend.throttled(), pytest.raises(StoreBusyError):
            totals(backend)
        assert totals(backend) == {}


@pytest.mark.parametrize("size", [99, 250])
def test_more_subjects_than_a_transaction_holds_are_all_counted(backend: Backend, size: int) -> None:
    backend.derivations.apply(
        [derived(f"S#{n}", 1, counted("waiting"), counted("waiting", f"DAY#{n % 7}")) for n in range(size)]
    )
    assert totals(backend) == {"waiting": size}


Interleaving = list[tuple[int, int, bool]]


@pytest.mark.parametrize("kind", KINDS)
@given(
    histories=st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=4), min_size=1, max_size=5),
    seed=st.integers(0, 2**32),
)
@tried(60)
def test_however_changes_are_repeated_and_reordered_counters_are_the_sum_of_the_newest(
    kind: str, histories: list[list[str]], seed: int
) -> None:
    drawn = random.Random(seed)
    changes = [
        derived(f"S#{subject}", version, counted(name), rows=[name])
        for subject, names in enumerate(histories)
        for version, name in enumerate(names, 1)
    ]
    sent = changes + drawn.choices(changes, k=len(changes))
    drawn.shuffle(sent)
    with backend_of(kind) as backend:
        while sent:
            size = drawn.randint(1, 6)
            batch, sent = sent[:size], sent[size:]
            backend.derivations.apply(batch)
            if drawn.random() < 0.3:
                backend.derivations.apply(batch)
        assert totals(backend) == Sums(names[-1] for names in histories)


def rows_of(backend: Backend) -> dict[str, str]:
    """The search rows that are there, by their word, with what each says."""
    if hasattr(backend.derivations, "rows"):
        return {str(pk).rsplit("#", 1)[1]: row["says"] for (pk, _), row in backend.derivations.rows.items()}
    answer = backend.derivations.client.scan(TableName="SchedulingTable")
    found = [row for row in answer["Items"] if "#WORD#" in row["pk"]["S"]]
    return {row["pk"]["S"].rsplit("#", 1)[1]: row["says"]["S"] for row in found}


class TestRows:
    def test_a_subject_has_the_rows_of_its_newest_version_and_no_others(self, backend: Backend) -> None:
        backend.derivations.apply([derived("S#1", 1, rows=["ada", "byron"])])
        backend.derivations.apply([derived("S#1", 2, rows=["ada", "king"])])
        assert set(rows_of(backend)) == {"ada", "king"}

    def test_a_row_that_says_something_else_is_written_again(self, backend: Backend) -> None:
        backend.derivations.apply([derived("S#1", 1, rows=["ada"], says="once")])
        backend.derivations.apply([derived("S#1", 2, rows=["ada"], says="now")])
        assert rows_of(backend) == {"ada": "now"}

    def test_rows_go_with_their_subject(self, backend: Backend) -> None:
        backend.derivations.apply([derived("S#1", 1, rows=["ada"])])
        backend.derivations.apply([gone("S#1", 1)])
        assert rows_of(backend) == {}

    @pytest.mark.parametrize("many", [ROWS_AT_ONCE, 2 * ROWS_AT_ONCE + 1])
    def test_more_rows_than_a_transaction_holds_are_put_and_taken_away(self, backend: Backend, many: int) -> None:
        words = [f"word{n}" for n in range(many)]
        backend.derivations.apply([derived("S#1", 1, counted("one"), rows=words)])
        assert set(rows_of(backend)) == set(words)
        backend.derivations.apply([derived("S#1", 2, counted("two"), rows=["other"])])
        assert (set(rows_of(backend)), totals(backend)) == ({"other"}, {"two": 1})


class TestMending:
    """A walk has read the subjects; here they have no rows of their own, so all of them are gone."""

    KEY: ClassVar = {"pk": "S#1", "sk": "CALL"}

    def test_a_subject_that_was_deleted_and_is_still_counted_is_mended_once(self, backend: Backend) -> None:
        backend.derivations.apply([derived("S#1", 3, counted("waiting"), rows=["ada"])])
        assert backend.derivations.mend([(self.KEY, gone("S#1", 0))]) == 1
        assert (totals(backend), rows_of(backend)) == ({}, {})
        assert backend.derivations.mend([(self.KEY, gone("S#1", 0))]) == 0

    def test_a_subject_of_which_nothing_is_known_and_which_is_gone_is_right(self, backend: Backend) -> None:
        assert backend.derivations.mend([(self.KEY, gone("S#1", 0))]) == 0
