"""Plots: ticks that people count by, columns that stand on one another, and colours that can be read."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from slotline.domain.shared.colours import contrast
from slotline.pages import plots
from slotline.pages.plots import Bar, Named, Series, bars, columns, labelled, line, ticks_of

STATIC = Path(plots.__file__).parent / "static"
NAMED = Named(id="plot", title="Calls <a day>", description="Seven & more")


@pytest.mark.parametrize(
    ("most", "ticks"),
    [(0, (0, 1)), (1, (0, 1)), (3, (0, 1, 2, 3)), (10, (0, 5, 10)), (11, (0, 5, 10, 15)), (1234, (0, 500, 1000, 1500))],
)
def test_ticks_are_round_and_reach_the_most(most: int, ticks: tuple[int, ...]) -> None:
    assert tuple(ticks_of(most)) == ticks


def test_ticks_are_few_and_whole_whatever_the_most() -> None:
    for most in range(1, 3000):
        ticks = ticks_of(most)
        assert ticks[-1] >= most > ticks[-2]
        assert len(ticks) <= 6
        assert all(tick == int(tick) for tick in ticks)


def test_the_last_day_has_its_name_and_names_keep_their_distance() -> None:
    for places in range(1, 92):
        named = list(labelled(places))
        assert named[-1] == places - 1
        assert len(named) <= 7
        assert len({after - before for before, after in pairwise(named)}) <= 1


def test_the_parts_of_a_column_stand_on_one_another() -> None:
    drawn = columns(NAMED, ["1", "2"], [Series("a", [3, 0], 1), Series("b", [1, 2], 2)], str)
    parts = [
        (float(y), float(height)) for y, height in re.findall(r'<rect [^>]*y="([\d.]+)"[^>]*height="([\d.]+)"', drawn)
    ]
    (low, low_height), (high, high_height), _ = parts
    assert high + high_height == pytest.approx(low)
    assert low_height == pytest.approx(3 * high_height, abs=0.1)


def test_a_day_without_a_figure_breaks_the_line() -> None:
    drawn = line(NAMED, list("1234"), Series("rate", [0.5, None, 0.5, 0.25]), str, most=1)
    assert (drawn.count("<circle"), drawn.count('class="plot-line"')) == (3, 1)


def test_others_words_are_escaped_and_styles_are_classes_alone() -> None:
    drawn = bars(NAMED, [Bar("<script>", "1", [(1, 1)]), Bar("x" * 80, "0", [(0, 1)])])
    assert "<script>" not in drawn
    assert '<title id="plot-title">Calls &lt;a day&gt;</title>' in drawn
    assert "style=" not in drawn
    assert "x" * 37 not in drawn


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_words_and_colours_of_plots_can_be_told_from_the_paper(scheme: int) -> None:
    css = (STATIC / "base.css").read_text() + (STATIC / "dashboard.css").read_text()
    tokens = {
        name: pair.split(",")[scheme].strip() for name, pair in re.findall(r"--([\w-]+): light-dark\(([^)]*)\)", css)
    }
    paper = _rgb(tokens["paper"])
    assert all(contrast(_rgb(tokens[name]), paper) >= 4.5 for name in ("ink", "ink-soft"))
    assert all(contrast(_rgb(tokens[f"plot-{number}"]), paper) >= 3 for number in range(1, plots.SERIES + 1))


def _rgb(colour: str) -> tuple[int, int, int]:
    digits = colour.removeprefix("#")
    whole = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    return int(whole[:2], 16), int(whole[2:4], 16), int(whole[4:], 16)
