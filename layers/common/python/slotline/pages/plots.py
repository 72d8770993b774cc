"""Plots as SVG that is made on the server: columns a day, a line a day, and bars from left to right.

Places from side to side are shares of the width, and all else is pixels: a plot is as wide as its place, and its words
are of one size on a phone and on a desk. Colours are classes of the stylesheet; each series has a texture of its own
too, so that they are told apart without colour. A plot has a name and says what it shows; its figures are in a table
beside it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10

from markupsafe import Markup

Number = Callable[[float], str]
"""A figure as its reader writes it."""
SERIES = 6
"""Textures there are."""
_LEFT = 9.0
"""The share of the width that the axis' figures have."""
_HEIGHT, _TOP, _BOTTOM = 200, 12, 24
_TICKS = 4
_BAR_ROW, _BAR = 44, 14
_LABELS_AT_MOST = 6
_LONGEST_NAME = 36


@dataclass(frozen=True, slots=True)
class Series:
    """One figure for each place along the axis. None: there is nothing to say there."""

    label: str
    values: Sequence[float | None]
    texture: int = 1
    """From 1 on: which colour and texture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a plot is called, and what it shows in a sentence."""

    id: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of several: its name, the figure at its end, and its parts, each with its texture."""

    label: str
    figure: str
    parts: Sequence[tuple[float, int]]


def ticks_of(most: float, *, whole: bool = True) -> Sequence[float]:
    """From 0 to no less than the most, in steps of 1, 2 or 5 and their tenfolds. `whole`: no fractions."""
    if most <= 0:
        return (0, 1)
    rough = most / _TICKS
    unit = 10.0 ** floor(log10(rough))
    step = next(factor * unit for factor in (1, 2, 5, 10) if factor * unit >= rough * (1 - 1e-9))
    if whole:
        step = max(1, round(step))
    count = ceil(most / step - 1e-9)
    return tuple(round(number * step, 10) for number in range(count + 1))


def labelled(places: int) -> Sequence[int]:
    """Which places along the axis are named: the last one, and others at even steps before it."""
    step = next(step for step in (1, 2, 7, 14, 28, places) if ceil(places / step) <= _LABELS_AT_MOST + (step == 1))
    return range((places - 1) % step, places, step)


def columns(named: Named, labels: Sequence[str], series: Sequence[Series], number: Number) -> Markup:
    """A column for each place, of parts that stand on one another, in the order of the series."""
    sums = [sum(one.values[place] or 0 for one in series) for place in range(len(labels))]
    ticks = ticks_of(max(sums, default=0))

    def drawn() -> Iterator[str]:
        width = (100 - _LEFT) / len(labels)
        for place in range(len(labels)):
            reached = 0.0
            for one in series:
                value = one.values[place] or 0
                if value:
                    top, foot = _y(reached + value, ticks), _y(reached, ticks)
                    yield _rect(_LEFT + width * (place + 0.1), top, width * 0.8, foot - top, one.texture)
                    reached += value

    return _plot(named, [*_axes(labels, ticks, number), *drawn()], _HEIGHT)


def line(named: Named, labels: Sequence[str], series: Series, number: Number, *, most: float | None = None) -> Markup:
    """A point for each place that has a figure, and a line through neighbours. `most`: the axis ends no higher."""
    known = [value for value in series.values if value is not None]
    highest = max(known, default=0)
    ticks = ticks_of(highest if most is None else min(most, highest or most), whole=False)

    def drawn() -> Iterator[str]:
        width = (100 - _LEFT) / len(labels)
        points = [
            (_LEFT + width * (place + 0.5), _y(value, ticks)) if value is not None else None
            for place, value in enumerate(series.values)
        ]
        for before, after in pairwise(points):
            if before and after:
                yield f'<line class="plot-line" x1="{_share(before[0])}" y1="{before[1]:g}" '
                yield f'x2="{_share(after[0])}" y2="{after[1]:g}"/>'
        for point in points:
            if point:
                yield f'<circle class="plot-point" cx="{_share(point[0])}" cy="{point[1]:g}" r="3"/>'

    return _plot(named, [*_axes(labels, ticks, number), *drawn()], _HEIGHT)


def bars(named: Named, rows: Sequence[Bar]) -> Markup:
    """A bar for each row, its name above it and its figure at the end of that line."""
    most = max((sum(value for value, _ in row.parts) for row in rows), default=0) or 1

    def drawn() -> Iterator[str]:
        for place, row in enumerate(rows):
            top = place * _BAR_ROW
            yield f'<text class="plot-name" x="0" y="{top + 14}">{_shortened(row.label)}</text>'
            yield f'<text class="plot-name plot-end" x="100%" y="{top + 14}">{Markup.escape(row.figure)}</text>'
            yield f'<rect class="plot-track" x="0" y="{top + 21}" width="100%" height="{_BAR}"/>'
            reached = 0.0
            for value, texture in row.parts:
                if value:
                    yield _rect(100 * reached / most, top + 21, 100 * value / most, _BAR, texture)
                    reached += value

    return _plot(named, list(drawn()), len(rows) * _BAR_ROW)


def swatch(texture: int) -> Markup:
    """What a series looks like, for a legend."""
    return Markup('<svg class="plot-swatch" width="16" height="16" aria-hidden="true">{}</svg>').format(
        Markup(f'<rect class="plot-{texture}" width="16" height="16" fill="url(#plot-{texture})"/>')  # noqa: S704 - a number
    )


def _plot(named: Named, drawn: Sequence[str], height: int) -> Markup:
    """The SVG. All that is drawn is made here, and words in it are escaped.

    What is drawn is hidden from screen readers, as the parts of any picture: they have the name, the description and
    the table.
    """
    head = Markup('<title id="{0}-title">{1}</title><desc id="{0}-desc">{2}</desc>').format(
        named.id, named.title, named.description
    )
    return Markup(  # noqa: S704 - made here, and escaped
        f'<svg class="plot" role="img" aria-labelledby="{named.id}-title {named.id}-desc" width="100%" '
        f'height="{height}">{head}<g aria-hidden="true">{"".join(drawn)}</g></svg>'
    )


def _axes(labels: Sequence[str], ticks: Sequence[float], number: Number) -> Iterator[str]:
    for tick in ticks:
        y = _y(tick, ticks)
        kind = "plot-grid" if tick else "plot-base"
        yield f'<line class="{kind}" x1="{_LEFT}%" x2="100%" y1="{y:g}" y2="{y:g}"/>'
        yield f'<text class="plot-tick plot-end" x="{_LEFT - 1.5}%" y="{y + 4:g}">{Markup.escape(number(tick))}</text>'
    width = (100 - _LEFT) / max(1, len(labels))
    for place in labelled(len(labels)):
        at = _share(_LEFT + width * (place + 0.5))
        yield f'<text class="plot-tick plot-middle" x="{at}" y="{_HEIGHT - 6}">{Markup.escape(labels[place])}</text>'


def _y(value: float, ticks: Sequence[float]) -> float:
    room = _HEIGHT - _TOP - _BOTTOM
    return round(_TOP + room * (1 - value / ticks[-1]), 2)


def _rect(x: float, y: float, width: float, height: float, texture: int) -> str:
    return (
        f'<rect class="plot-{texture}" x="{_share(x)}" y="{y:g}" width="{_share(width)}" height="{height:g}" '
        f'fill="url(#plot-{texture})"/>'
    )


def _share(value: float) -> str:
    return f"{value:.2f}%"


def _shortened(text: str) -> Markup:
    return Markup.escape(text if len(text) <= _LONGEST_NAME else f"{text[: _LONGEST_NAME - 1]}…")
