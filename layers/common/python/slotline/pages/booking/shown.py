"""What every step of the booking page shows of its service, and what all of them need to show it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from slotline.domain.booking.apps import App, AssignmentMode, Preset, Verification
from slotline.domain.booking.prefills import Prefill
from slotline.domain.booking.texts import text_in
from slotline.domain.shared.names import one_line
from slotline.pages.booking.notices import Notice, shown_notice
from slotline.pages.booking.ways import Way
from slotline.pages.kit import Asked
from slotline.pages.languages import language_or_none
from slotline.pages.rendering import Look
from slotline.pages.zones import zone_or_none
from slotline.words.catalogue import PAGES, Catalogue, catalogue_for, languages
from slotline.words.dates import zone_of, zone_or_utc


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A preset as its page names it, in the reader's language."""

    title: str
    description: str | None
    organization: str
    minutes: int

    @classmethod
    def of(cls, app: App, preset: Preset, language: str) -> "Service":
        """The service that a preset is."""
        title = preset.title or preset.name
        about = preset.description
        return cls(
            title=one_line(text_in(title, language, preset.language)),
            description=text_in(about, language, preset.language) if about else None,
            organization=one_line(preset.branding_name or app.name),
            minutes=preset.duration_minutes,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A step of a service's page: whose it is, how it looks, in which zone its times are, and where its links go."""

    app: App
    preset: Preset
    language: str
    zone: ZoneInfo
    way: Way
    now: datetime

    @classmethod
    def of(cls, asked: Asked, app: App, preset: Preset, way: Way, now: datetime, prefill: Prefill) -> "Setting":
        """The setting of a request. `prefill`: what the first link said of the guest."""
        chosen = asked.language(prefill.language, preset.language)
        named = asked.said("tz") or prefill.timezone
        found = zone_or_none(named)
        return cls(
            app=app,
            preset=preset,
            language=chosen,
            zone=found or zone_or_utc(app.timezone),
            way=way.change(lang=language_or_none(asked.said("lang")), tz=found.key if found else None),
            now=now,
        )

    def of_service(self, preset: Preset, service: str, page_pass: str) -> "Setting":
        """The same guest's, of another service."""
        way = replace(self.way, service=service, page_pass=page_pass, agent=None)
        return replace(self, preset=preset, way=way)

    @property
    def finds_agent(self) -> bool:
        """Whether the service finds the agent, so that guests choose none."""
        return self.preset.assignment_mode is AssignmentMode.ANY_AVAILABLE

    @property
    def needs_code(self) -> bool:
        """Whether guests prove their address by a code."""
        return self.preset.verification is not Verification.NONE

    @property
    def look(self) -> Look:
        """With the service's colour, framed where its preset allows it."""
        return Look.of(self.language, self.preset.branding_color, self.preset.allowed_embed_origins)

    @property
    def service(self) -> Service:
        """The service in the reader's language."""
        return Service.of(self.app, self.preset, self.language)

    @property
    def texts(self) -> Catalogue:
        """What pages say."""
        return catalogue_for(self.language, PAGES)

    @property
    def words(self) -> Catalogue:
        """What messages say: their dates are the pages' too."""
        return catalogue_for(self.language)

    def zone_text(self, at: datetime) -> str:
        """The zone as it is at a moment."""
        return zone_of(self.words, at.astimezone(self.zone))

    def shown_notice(self, notice: Notice | None) -> Mapping[str, Any] | None:
        """What a template shows of something that happened."""
        return shown_notice(notice, self.zone, self.words)

    def context(self, at: datetime | None = None, **more: Any) -> dict[str, Any]:
        """What the templates of all steps are given."""
        return {
            "service": self.service,
            "zone": self.zone.key,
            "zone_text": self.zone_text(at or self.now),
            "ways_to_languages": {tag: self.way.change(lang=tag).to() for tag in sorted(languages(PAGES))},
            "agent_name": None,
            "when": None,
            **more,
        }
