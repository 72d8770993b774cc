"""What a row of docs/performance.md says: ours beside its peer, now and before, and the goal that it is held to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Row:
    """One comparison. `now`, `before` and `peer` are medians of one interleaved run, in `unit`.

    `most` or `least` is the goal for the ratio of ours to the peer's. `why_not`: why a figure is missing.
    """

    what: str
    unit: str = "ms"
    now: float | None = None
    before: float | None = None
    beside: str
    peer: float | None = None
    most: float | None = None
    least: float | None = None
    why_not: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours, as a multiple of the peer's."""
        return _over(self.now, self.peer)

    @property
    def ratio_before(self) -> float | None:
        """The earlier commit's, as a multiple of the peer's."""
        return _over(self.before, self.peer)

    @property
    def meets_its_goal(self) -> bool | None:
        """None: there is no goal, or nothing to hold against it."""
        if self.ratio is None or (self.most is None and self.least is None):
            return None
        return (self.most is None or self.ratio <= self.most) and (self.least is None or self.ratio >= self.least)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of the page, which one run writes as a whole. `name` is that of its marks."""

    name: str
    lines: Sequence[str]


def row_of(medians: Mapping[str, float], *, what: str, ours: str = "ours", peer: str, **more: object) -> Row:
    """The row of an interleaved run, whose sides are called `ours`, `before`, and as the peer is."""
    if peer not in medians:
        more.setdefault("why_not", f"{peer} is not installed here")
    return Row(
        what=what,
        now=medians.get(ours),
        before=medians.get("before"),
        peer=medians.get(peer),
        **more,  # type: ignore[arg-type] # fields of the row
    )


def _over(one: float | None, other: float | None) -> float | None:
    return one / other if one is not None and other else None
