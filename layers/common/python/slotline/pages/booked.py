"""A call that is booked, as its guest reads of it: on the guest's page, and where the booking page says it is done.

`templates/booking_facts.html` shows it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from slotline.domain.booking.calls import BookingSource
from slotline.domain.booking.guest_rights import GuestsLook
from slotline.domain.booking.texts import text_in
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.names import one_line
from slotline.pages.calendars import Entry
from slotline.words.catalogue import PAGES, catalogue_for, fill
from slotline.words.dates import date_of, time_of, zone_of, zone_or_utc


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """When a call is, by the clocks of one zone: its day, its first and last minute, and the zone's name."""

    day: str
    begin: str
    end: str
    zone: str

    @classmethod
    def of(cls, look: GuestsLook, zone: ZoneInfo, language: str) -> "Clock":
        """The call's time there."""
        words, start = catalogue_for(language), look.call.scheduled_at.astimezone(zone)
        end = (look.call.scheduled_at + timedelta(minutes=look.call.duration_minutes)).astimezone(zone)
        return cls(
            day=date_of(words, start), begin=time_of(words, start), end=time_of(words, end), zone=zone_of(words, start)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """What the guest is shown of a call."""

    title: str
    description: str | None
    organization: str
    start: datetime
    minutes: int
    clock: Clock
    """In the zone that the page is read in."""
    elsewhere: Clock | None
    """In the organization's zone, if its clocks show another time then."""
    agent_name: str | None

    @classmethod
    def of(cls, look: GuestsLook, zone: ZoneInfo, language: str) -> "Booked":
        """The call in the reader's zone and language."""
        call, preset, app_zone = look.call, look.app.preset, zone_or_utc(look.call.app_timezone)
        organization = one_line(look.app.shown_name)
        offsets = {call.scheduled_at.astimezone(one).utcoffset() for one in (zone, app_zone)}
        about = preset.description
        return cls(
            title=_title(look, organization, language),
            description=text_in(about, language, preset.language) if about else None,
            organization=organization,
            start=call.scheduled_at,
            minutes=call.duration_minutes,
            clock=Clock.of(look, zone, language),
            elsewhere=Clock.of(look, app_zone, language) if len(offsets) > 1 else None,
            agent_name=one_line(look.agent_name) if look.agent_name else None,
        )

    @property
    def span(self) -> str:
        """Its beginning and end, as a `time` element says them."""
        return f"{format_instant(self.start)}/{format_instant(self.start + timedelta(minutes=self.minutes))}"

    def entry(self, join_url: str) -> Entry:
        """For calendars on the web."""
        return Entry(title=self.title, start=self.start, minutes=self.minutes, join_url=join_url)


def _title(look: GuestsLook, organization: str, language: str) -> str:
    """What the guest booked. A service without a title has its preset's name on the booking page, and nowhere else."""
    preset = look.app.preset
    chosen_by_name = look.call.booking_source is BookingSource.PUBLIC_BOOKING
    title = preset.title or (preset.name if chosen_by_name else None)
    if title is None:
        return fill(catalogue_for(language, PAGES).text("booked", "title"), {"organization": organization})
    return one_line(text_in(title, language, preset.language))
