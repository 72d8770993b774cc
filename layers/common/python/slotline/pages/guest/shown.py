"""What every step of the guest's page shows of the call, and what all of them need to show it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from slotline.domain.booking.guest_links import PATH
from slotline.domain.booking.guest_rights import GuestsLook
from slotline.pages.booked import Booked
from slotline.pages.kit import Asked, Redirect
from slotline.pages.languages import language_or_none
from slotline.pages.rendering import Look
from slotline.pages.zones import zone_or_none
from slotline.words.catalogue import PAGES, Catalogue, catalogue_for, languages
from slotline.words.dates import zone_or_utc


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Addresses of one guest's page: the link is all that they need. What was chosen stays: zone and language, and a
    month and a day of the times to move the call to."""

    token: str
    tz: str | None = None
    lang: str | None = None
    month: str | None = None
    day: str | None = None

    @classmethod
    def of(cls, asked: Asked) -> "Way":
        """The addresses beside the one that was asked for."""
        found = zone_or_none(asked.said("tz"))
        lang = language_or_none(asked.said("lang"))
        return cls(token=asked.part("token"), tz=found.key if found else None, lang=lang)

    def to(self, step: str = "", /, **chosen: str | date | None) -> str:
        """The address of a step; of the page itself without one."""
        query = {"month": self.month, "day": self.day, "tz": self.tz, "lang": self.lang, **chosen}
        said = {name: str(value) for name, value in query.items() if value is not None}
        path = f"{PATH}{quote(self.token, safe='')}{f'/{step}' if step else ''}"
        return f"{path}?{urlencode(said)}" if said else path

    @property
    def page(self) -> str:
        """The address of the page itself, of which no month and no day is shown."""
        return self.to(month=None, day=None)

    def back(self, done: str | None = None) -> Redirect:
        """To the page itself, which then says what was done."""
        return Redirect(self.to(month=None, day=None, done=done))

    def said(self, *names: str) -> dict[str, str]:
        """What was chosen, for the hidden fields of a form that is sent by GET."""
        return {name: value for name in names if (value := getattr(self, name)) is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A step of the page: whose call it is, how it looks, in which zone its times are, and where its links go."""

    look_at: GuestsLook
    language: str
    zone: ZoneInfo
    way: Way
    now: datetime

    @classmethod
    def of(cls, asked: Asked, look_at: GuestsLook, now: datetime) -> "Setting":
        """The setting of a request: in the zone and the language of the guest, unless the address names others."""
        guest, preset, way = look_at.call.guest, look_at.app.preset, Way.of(asked)
        return cls(
            look_at=look_at,
            language=asked.language(preset.language, known=guest.language),
            zone=zone_or_utc(way.tz or guest.timezone or look_at.call.app_timezone),
            way=way,
            now=now,
        )

    @property
    def look(self) -> Look:
        """With the service's colour. No site shows a guest's page in a frame."""
        return Look.of(self.language, self.look_at.app.preset.branding_color)

    @property
    def booked(self) -> Booked:
        """The call in the reader's words."""
        return Booked.of(self.look_at, self.zone, self.language)

    @property
    def asks_for_zone(self) -> bool:
        """Whether nobody has said the guest's zone: then their device does."""
        return self.way.tz is None and self.look_at.call.guest.timezone is None

    @property
    def texts(self) -> Catalogue:
        """What pages say."""
        return catalogue_for(self.language, PAGES)

    @property
    def words(self) -> Catalogue:
        """What messages say: their dates are the pages' too."""
        return catalogue_for(self.language)

    def context(self, step: str = "", ways: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """What the templates of all steps are given. `step`: this one, which is shown again in another language."""
        return {
            "booked": self.booked,
            "is_off": False,
            "zone": self.zone.key,
            "asks_for_zone": self.asks_for_zone,
            "ways_to_languages": {tag: self.way.to(step, lang=tag) for tag in sorted(languages(PAGES))},
            "ways": {"page": self.way.page, "zone": None, **(ways or {})},
            **more,
        }
