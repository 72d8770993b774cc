"""The dashboard of an app: which period somebody asks for, and the page that shows what was counted in it."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from slotline.domain.booking.rollups import LONGEST_PERIOD, Period
from slotline.pages.console.figures import Figures
from slotline.pages.signed import Answer, SignedIn
from slotline.usecases.booking.read_dashboard import ReadDashboard

SECTION = "dashboard"
CHOICES = (7, 28, 90)
"""Days up to today."""
_USUAL = 28


@dataclass(frozen=True)
class DashboardPage:
    """The dashboard as somebody asks for it."""

    signed: SignedIn
    read: ReadDashboard
    now: datetime

    def shown(self) -> Answer:
        """GET."""
        period, is_cut = self._period
        app = self.signed.app
        figures = Figures(self.signed, self.read(app.app_id, app.organization_id, period))
        here = f"/console/{app.app_id}"
        chosen = self._chosen_days
        return self.signed.page(
            "console_dashboard.html",
            SECTION,
            {
                "here": here,
                "choices": [
                    {
                        "label": figures.say("days", count=days),
                        "way": f"{here}?days={days}",
                        "is_chosen": days == chosen,
                    }
                    for days in CHOICES
                ],
                "first": period.first.isoformat(),
                "last": period.last.isoformat(),
                "span": figures.span(period),
                "length": period.length,
                "longest": LONGEST_PERIOD if is_cut else None,
                "since": figures.since,
                "is_whole": figures.dashboard.rollups.is_whole,
                "tiles": figures.tiles(),
                "panels": figures.panels(),
            },
        )

    @property
    def _chosen_days(self) -> int | None:
        """How many days up to today; None if the address says dates."""
        if self._dates:
            return None
        said = self.signed.asked.query("days") or ""
        return int(said) if said in {str(days) for days in CHOICES} else _USUAL

    @cached_property
    def _dates(self) -> tuple[date, date] | None:
        first, last = self.signed.asked.day_of("from"), self.signed.asked.day_of("to")
        return (min(first, last), max(first, last)) if first and last else None

    @property
    def _period(self) -> tuple[Period, bool]:
        """The period, and whether a longer one was asked for."""
        if self._dates is None:
            return Period.ending(self.now.date(), self._chosen_days or _USUAL), False
        asked = Period(*self._dates)
        is_cut = asked.length > LONGEST_PERIOD
        return Period.ending(asked.last, LONGEST_PERIOD) if is_cut else asked, is_cut
