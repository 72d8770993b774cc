"""The console's list of scheduled calls: what the address asks for, page by page, refreshing by itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlencode

from slotline.domain.access.permissions import Permission
from slotline.domain.booking.apps import Agent
from slotline.domain.booking.calls import BookingSource, CallStatus
from slotline.pages.calls.shown import CallWords
from slotline.pages.console.calls_asked import CallsAsked, Column, Pairs, When
from slotline.pages.rendering import Page
from slotline.pages.signed import SignedIn
from slotline.ports.apps import Agents, Presets
from slotline.ports.booking import Calls
from slotline.ports.shared import Clock
from slotline.usecases.booking.read_calls import find_calls
from slotline.words.catalogue import Catalogue
from slotline.words.dates import zone_of

CHOSEN = "chosen"
"""The form that acts on the rows that are chosen."""
_VIEWS: Sequence[tuple[str, CallsAsked]] = (
    ("to_confirm", CallsAsked(statuses=(CallStatus.PENDING_CONFIRMATION,))),
    ("missed_yesterday", CallsAsked(when=When.YESTERDAY, statuses=(CallStatus.NO_SHOW,))),
    ("cancelled_this_week", CallsAsked(when=When.THIS_WEEK, statuses=(CallStatus.CANCELLED,))),
)
"""Views that everybody has, by the name of their words."""


def base_of(signed: SignedIn) -> str:
    """The address of the list."""
    return f"/console/{quote(signed.app.app_id, safe='')}/calls"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsPages:
    """The list, on the ports that it reads from."""

    calls: Callable[[], Calls]
    agents: Callable[[], Agents]
    presets: Callable[[], Presets]
    clock: Clock

    def list(self, signed: SignedIn) -> Page:
        """GET /console/{app_id}/calls."""
        asked, now = CallsAsked.of(signed.asked.pairs), self.clock.now()
        app, zone = signed.app, signed.zone
        # A search may read megabytes to count what it finds: whoever looks on keeps what was counted at first.
        query = asked.to_query(app.app_id, zone, now, is_counted=not (signed.asked.is_refresh and asked.search))
        found = find_calls(self.calls(), query)
        is_whole = query.after is None and found.next is None
        _, agents = self.agents().all(app.app_id)
        words = CallWords.of(signed, now, agents, self.presets().all(app.app_id)[1])
        base = base_of(signed)
        before = asked.turned_back()
        return signed.page(
            "console_calls.html",
            "calls",
            {
                "base": base,
                "asked": asked,
                "rows": [words.row(call, f"{base}/{quote(call.id, safe='')}") for call in found.calls],
                "columns": asked.columns,
                "total": len(found.calls) if is_whole else found.total,
                "is_counted": is_whole or query.with_total,
                "zone": zone_of(words.dates, now.astimezone(zone)),
                "stretches": _stretches(asked, base, words.texts),
                "picks": _picks(asked, agents, words.texts),
                "views": [(name, _to(base, view.pairs)) for name, view in _VIEWS],
                "here": _to(base, asked.pairs),
                "way_before": _to(base, before.pairs) if before else None,
                "way_after": _to(base, asked.turned_to(found.next).pairs) if found.next else None,
                "filter_query": urlencode(asked.filters),
                "news": words.texts.words["bookings"]["news"],
                "chosen": CHOSEN,
                "may_change": signed.may(Permission.CHANGE_CALLS),
                "may_export": signed.may(Permission.EXPORT_CALLS),
            },
            files=("views.js",),
            live="console_calls_rows.html",
        )


def _to(base: str, pairs: Pairs) -> str:
    return f"{base}?{urlencode(pairs)}" if pairs else base


def _stretches(asked: CallsAsked, base: str, texts: Catalogue) -> Sequence[Mapping[str, Any]]:
    """Links to stretches of time, with the same filters."""
    has_days = bool(asked.first or asked.last)
    return [
        {
            "label": texts.text("bookings", "when", when.value),
            "way": _to(base, asked.of_stretch(when).pairs),
            "is_chosen": when is asked.when and not has_days,
        }
        for when in When
    ]


def _picks(asked: CallsAsked, agents: Sequence[Agent], texts: Catalogue) -> Sequence[Mapping[str, Any]]:
    """What can be chosen of each kind, several at a time; and whatever the address names beside that."""
    statuses = [one for one in CallStatus if one is not CallStatus.RESCHEDULED or one in asked.statuses]
    return [
        _pick("agent", texts, [(one.agent_id, one.name) for one in _by_name(agents)], asked.agents),
        _pick("status", texts, _named(statuses, texts, ("calls", "status")), [one.value for one in asked.statuses]),
        _pick("source", texts, _named(BookingSource, texts, ("calls", "source")), [one.value for one in asked.sources]),
        _pick("col", texts, _named(Column, texts, ("bookings", "column")), [one.value for one in asked.columns]),
    ]


def _by_name(agents: Sequence[Agent]) -> Sequence[Agent]:
    return sorted(agents, key=lambda one: (not one.active, one.name.casefold()))


def _named(
    kinds: "Sequence[StrEnum] | type[StrEnum]", texts: Catalogue, table: tuple[str, str]
) -> Sequence[tuple[str, str]]:
    return [(one.value, texts.text(*table, one.value)) for one in kinds]


def _pick(name: str, texts: Catalogue, options: Sequence[tuple[str, str]], chosen: Sequence[str]) -> Mapping[str, Any]:
    known = {value for value, _ in options}
    options = [*options, *((one, one) for one in chosen if one not in known)]  # such as an agent who is gone
    labels = [label for value, label in options if value in chosen]
    every = name == "col" or not labels
    return {
        "name": name,
        "label": texts.text("bookings", "pick", name),
        "said": None if every else ", ".join(labels),
        "options": [{"value": value, "label": label, "is_chosen": value in chosen} for value, label in options],
    }
