"""Times on signed pages: in the reader's words, on the clocks of one zone, with their year where it is not this one."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from slotline.words.catalogue import MESSAGES, Catalogue, catalogue_for, fill
from slotline.words.dates import date_of, day_of, time_of, zone_of, zone_or_utc


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """How instants are written for one reader."""

    words: Catalogue
    zone: tzinfo
    now: datetime

    @classmethod
    def of(cls, language: str, zone: str, now: datetime) -> "Moments":
        """For a reader of this language, on the clocks of this zone."""
        return cls(words=catalogue_for(language, MESSAGES), zone=zone_or_utc(zone), now=now)

    @property
    def zone_name(self) -> str:
        """`Bogota time, UTC-5`: said once, above the times."""
        return zone_of(self.words, self.now.astimezone(self.zone))

    def moment(self, at: datetime) -> str:
        """`Thu Dec 3, 10:00 AM`; of another year `Thursday, December 3, 2025, 10:00 AM`."""
        local = at.astimezone(self.zone)
        if local.year != self.now.astimezone(self.zone).year:
            return f"{date_of(self.words, local.date())}, {time_of(self.words, local)}"
        dates = self.words.words["dates"]
        values = {
            "weekday": dates["weekdays_short"][local.weekday()],
            "month": dates["months_short"][local.month - 1],
            "day": str(local.day),
            "time": time_of(self.words, local),
            "place": "",
        }
        return fill(dates["short"], values).strip()

    def day(self, day: date) -> str:
        """`Thursday, December 3`, with the year if it is another one."""
        is_this_year = day.year == self.now.astimezone(self.zone).year
        return day_of(self.words, day) if is_this_year else date_of(self.words, day)


def length(words: Catalogue, taken: timedelta) -> str:
    """`2 h 5 min`; less than a minute is told as one."""
    minutes = max(1, round(taken.total_seconds() / 60))
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} {words.text('units', 'hour')}"] if hours else []
    if rest or not hours:
        parts.append(f"{rest} {words.text('units', 'minute')}")
    return " ".join(parts)
