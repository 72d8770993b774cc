"""Tables on narrow screens: each row is a card there, and its cells say themselves what they are."""

import re
from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

_OPENED = re.compile(r"<(tr|td|th)(?=[\s>])")


def as_cards(rows: Markup, columns: Sequence[Mapping[str, object]]) -> Markup:
    """Rows of a table as a template has written them, each cell with its column's label as `data-label`.

    They have their roles too: a browser forgets what a cell is once it is laid out as a part of a card. What others
    wrote is escaped in them, so every tag is the template's.
    """
    place = 0

    def opened(tag: re.Match[str]) -> str:
        nonlocal place
        if tag[1] == "tr":
            place = 0
            return '<tr role="row"'
        label = escape(columns[place]["label"]) if place < len(columns) else ""
        place += 1
        return f'<{tag[1]} role="{"rowheader" if tag[1] == "th" else "cell"}" data-label="{label}"'

    return Markup(_OPENED.sub(opened, rows))  # noqa: S704 - the template's own, and labels that are escaped
