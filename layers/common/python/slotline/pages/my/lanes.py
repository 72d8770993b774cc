"""Where things of a day are that share time: beside each other, in as few lanes as there is need for."""

from collections.abc import Sequence

from slotline.domain.booking.week_sheets import Stretch


def lanes_of(stretches: Sequence[Stretch]) -> Sequence[tuple[int, int]]:
    """For each stretch its lane, from 0, and how many lanes there are where it is. They come in order of their starts.

    Those that share time, directly or by others between them, are laid out together.
    """
    placed: list[tuple[int, int]] = []
    group: list[int] = []
    ends: list[int] = []
    for stretch in stretches:
        if ends and stretch.start >= max(ends):
            placed += [(lane, len(ends)) for lane in group]
            group, ends = [], []
        free = next((lane for lane, end in enumerate(ends) if end <= stretch.start), None)
        if free is None:
            ends.append(stretch.end)
            group.append(len(ends) - 1)
        else:
            ends[free] = stretch.end
            group.append(free)
    return [*placed, *((lane, len(ends)) for lane in group)]
