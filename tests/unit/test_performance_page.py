"""How the table of docs/performance.md is written: ratios, goals, and what could not be measured."""

from pathlib import Path

import pytest

from bench.report import PAGE, comparisons, rounded, write
from bench.results import Part, Row, row_of

BOOKING = {"what": "a booking", "beside": "boto3"}


def line_of(row: Row) -> list[str]:
    *_, line = comparisons([row])
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_row_says_both_ratios_and_whether_the_goal_is_met() -> None:
    row = Row(**BOOKING, before=7.3, now=2.4, peer=4.8, most=0.65)
    assert line_of(row) == [
        *("a booking", "7.30 ms", "2.40 ms", "boto3", "4.80 ms"),
        *("1.52", "0.50", "≤ 0.65", "met"),
    ]


@pytest.mark.parametrize(
    ("goal", "verdict"),
    [
        ({"most": 0.5}, "met"),
        ({"most": 0.49}, "**missed**"),
        ({"least": 0.5}, "met"),
        ({"least": 0.51}, "**missed**"),
        ({}, ""),
    ],
)
def test_a_goal_is_a_bound_that_may_be_reached(goal: dict[str, float], verdict: str) -> None:
    assert line_of(Row(**BOOKING, now=2.0, peer=4.0, **goal))[-1] == verdict


def test_a_peer_that_is_missing_leaves_its_figures_out_and_says_why() -> None:
    row = row_of({"ours": 3.2, "before": 7.0}, what="the same", beside="PostgreSQL", peer="psycopg", most=4.5)
    assert line_of(row) == [
        *("the same", "7.00 ms", "3.20 ms", "PostgreSQL", ""),
        *("", "", "≤ 4.5", "not measured: psycopg is not installed here"),
    ]
    assert row.meets_its_goal is None


def test_a_row_without_any_figure_says_why() -> None:
    assert line_of(Row(**BOOKING, why_not="the build failed"))[-1] == "not measured: the build failed"


def test_a_small_ratio_is_said_as_a_fraction() -> None:
    assert line_of(Row(**BOOKING, now=1.0, peer=30.0))[6] == "1/30"


@pytest.mark.parametrize(
    ("figure", "said"), [(1234.5, "1,234"), (123.45, "123"), (12.345, "12.3"), (1.2345, "1.23"), (0.0, "0.00")]
)
def test_a_figure_has_three_digits(figure: float, said: str) -> None:
    assert rounded(figure) == said


def test_a_run_replaces_its_own_part_of_the_page_and_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("Intro\n<!-- one -->\nold\n<!-- end of one -->\nBetween\n<!-- two -->\nkept\n<!-- end of two -->\n")
    for _ in range(2):
        write([Part(name="one", lines=["new"])], page)
    assert page.read_text() == (
        "Intro\n<!-- one -->\n\nnew\n\n<!-- end of one -->\nBetween\n<!-- two -->\nkept\n<!-- end of two -->\n"
    )


def test_a_page_without_that_part_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("Nothing\n")
    with pytest.raises(ValueError, match="no part one"):
        write([Part(name="one", lines=["new"])], page)
    assert page.read_text() == "Nothing\n"


def test_the_page_has_a_place_for_every_part() -> None:
    text = PAGE.read_text()
    for name in ("comparisons", "growth"):
        assert f"<!-- {name} -->\n" in text
        assert f"<!-- end of {name} -->\n" in text
