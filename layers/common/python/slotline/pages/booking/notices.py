"""Something that happened to a booking on its way, above the form or the month."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from slotline.domain.shared.instants import format_instant
from slotline.words.catalogue import Catalogue
from slotline.words.dates import day_of, time_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that happened, above the form or the month. `name`: of its words; `others`: times to take instead."""

    name: str
    moment: datetime | None = None
    others: Sequence[datetime] = ()

    @property
    def status(self) -> HTTPStatus:
        """Of the page that says it."""
        return _STATUSES.get(self.name, HTTPStatus.TOO_MANY_REQUESTS)

    @property
    def offers_others(self) -> bool:
        """Whether it is the time that stands against the booking."""
        return self.name in _STATUSES

    def with_others(self, others: Sequence[datetime]) -> "Notice":
        """The same with the nearest times that are free."""
        return replace(self, name=self.name if others or self.name != "taken" else "taken_no_others", others=others)


_STATUSES = {
    "booked_already": HTTPStatus.CONFLICT,
    "taken": HTTPStatus.CONFLICT,
    "taken_no_others": HTTPStatus.CONFLICT,
    "too_late": HTTPStatus.BAD_REQUEST,
}


def shown_notice(notice: Notice | None, zone: ZoneInfo, words: Catalogue) -> Mapping[str, Any] | None:
    """What a template shows of it."""
    if notice is None:
        return None
    moment = notice.moment.astimezone(zone) if notice.moment else None
    return {
        "name": notice.name,
        "day": day_of(words, moment) if moment else "",
        "time": time_of(words, moment) if moment else "",
        "others": [_other(start, start.astimezone(zone), words) for start in notice.others],
    }


def _other(start: datetime, local: datetime, words: Catalogue) -> Mapping[str, str]:
    return {"start": format_instant(start), "day": day_of(words, local), "time": time_of(words, local)}
