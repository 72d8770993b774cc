"""What can be set of a service, by section: each field's kind, bounds and choices, and how a form says its value.

The rules themselves are the API's; a test holds these bounds and choices to them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from slotline.domain.booking.apps import AgentMessage, AssignmentMode, OnZoneChange, Period, Preset, Verification
from slotline.domain.booking.reminders import Channel, ReminderKind
from slotline.domain.shared.plain_json import plain

Values = Mapping[str, Sequence[str]]
"""What a form says, by the name of its element."""
PAGE_LANGUAGES = ("en", "es", "ar")
"""Those that the pages speak: texts of others are kept, and shown beside them."""
MOST_LIMITS = 10


class Kind(StrEnum):
    """How a field is shown and read."""

    LINE = "line"
    TEXTS = "texts"
    """A line for each language."""
    PROSES = "proses"
    """The same of several lines."""
    FLAG = "flag"
    NUMBER = "number"
    CHOICE = "choice"
    CHOICES = "choices"
    AGENTS = "agents"
    TAGS = "tags"
    LINES = "lines"
    COLOUR = "colour"
    LIMITS = "limits"
    CHANNELS = "channels"
    """Which kinds of messages go over which channels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """One field of a preset, under its name in the core."""

    name: str
    kind: Kind
    bounds: tuple[int, int] = (0, 0)
    options: Sequence[str] = ()
    required: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def api_name(self) -> str:
        """Its name in requests."""
        first, *rest = self.name.split("_")
        return first + "".join(part.title() for part in rest)

    def values(self, preset: Preset) -> Values:
        """The field as its form says it."""
        value = plain(getattr(preset, self.name))
        if self.kind in (Kind.TEXTS, Kind.PROSES):
            return text_values(self.name, value, preset.language)
        if self.kind is Kind.CHANNELS:
            return {f"{self.name}.{kind}": [str(one) for one in channels] for kind, channels in value.items()}
        if self.kind is Kind.LIMITS:
            return {
                "limit.most": [str(one["max_bookings"]) for one in value],
                "limit.per": [one["per"] for one in value],
            }
        if self.kind is Kind.FLAG:
            return {self.name: ["yes"] if value else []}
        if self.kind in (Kind.CHOICES, Kind.AGENTS):
            return {self.name: value}
        if self.kind in (Kind.TAGS, Kind.LINES):
            return {self.name: [(", " if self.kind is Kind.TAGS else "\n").join(value)]}
        return {self.name: ["" if value is None else str(value)]}

    def to_json(self, values: Values, language: str) -> Any:
        """What a form says, as the API takes it. `language`: of the service."""
        if self.kind in (Kind.TEXTS, Kind.PROSES):
            return _one_or_each(self.name, values, language)
        if self.kind is Kind.CHANNELS:
            found = {kind.value: list(values.get(f"{self.name}.{kind}", ())) for kind in ReminderKind}
            return {kind: channels for kind, channels in found.items() if channels}
        if self.kind is Kind.LIMITS:
            pairs = zip(values.get("limit.most", ()), values.get("limit.per", ()), strict=False)
            return [{"maxBookings": whole_number(most), "per": per} for most, per in pairs if most.strip()]
        if self.kind in (Kind.CHOICES, Kind.AGENTS):
            return [one for one in values.get(self.name, ()) if one]
        said = (values.get(self.name) or [""])[-1].strip()
        if self.kind is Kind.FLAG:
            return said == "yes"
        if self.kind in (Kind.TAGS, Kind.LINES):
            parts = said.split(",") if self.kind is Kind.TAGS else said.split()
            return [one for part in parts if (one := part.strip())]
        if self.kind is Kind.NUMBER:
            return whole_number(said)
        return said or ("" if self.required else None)


def whole_number(text: str) -> int | str | None:
    """The number; what is none as it is, for the rules to refuse."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text or None


def _number(name: str, least: int, most: int, *, required: bool = True) -> Spec:
    return Spec(name=name, kind=Kind.NUMBER, bounds=(least, most), required=required)


def _flag(name: str) -> Spec:
    return Spec(name=name, kind=Kind.FLAG)


def _line(name: str, most: int = 200, **more: Any) -> Spec:
    return Spec(name=name, kind=Kind.LINE, attributes={"maxlength": str(most)}, **more)


def _choice(name: str, options: type[StrEnum], kind: Kind = Kind.CHOICE) -> Spec:
    return Spec(name=name, kind=kind, options=[one.value for one in options], required=kind is Kind.CHOICE)


SECTIONS: Mapping[str, Sequence[Spec]] = {
    "texts": (
        _line("name", required=True),
        Spec(name="title", kind=Kind.TEXTS),
        Spec(name="description", kind=Kind.PROSES),
        _line("slug", 63),
        _line("language", 35, required=True),
        _flag("public"),
    ),
    "time": (
        _flag("scheduling_enabled"),
        _number("duration_minutes", 5, 480),
        _number("buffer_before_minutes", 0, 240),
        _number("buffer_after_minutes", 0, 240),
        _number("minimum_notice_minutes", 0, 43_200),
        _number("horizon_days", 1, 730),
        _number("no_show_grace_minutes", 1, 240),
        _choice("on_zone_change", OnZoneChange),
    ),
    "assignment": (
        _choice("assignment_mode", AssignmentMode),
        Spec(name="agent_ids", kind=Kind.AGENTS),
        Spec(name="required_tags", kind=Kind.TAGS),
    ),
    "rules": (
        _flag("require_confirmation"),
        _flag("guest_can_reschedule"),
        _flag("guest_can_cancel"),
        _choice("verification", Verification),
        Spec(name="customer_limits", kind=Kind.LIMITS, options=[one.value for one in Period]),
        _flag("cancelled_bookings_count"),
    ),
    "messages": (
        Spec(name="reminders", kind=Kind.CHANNELS, options=[one.value for one in Channel]),
        _choice("agent_messages", AgentMessage, Kind.CHOICES),
        _line("reply_to", 254),
        _number("genesys_dispatch_minutes", 1, 1_440, required=False),
        Spec(name="genesys_origins", kind=Kind.LINES),
        _number("reminders_per_call_per_day", 1, 100),
        _number("reminders_per_recipient_per_hour", 1, 100),
        _number("reminders_per_app_per_hour", 1, 1_000),
        _flag("allow_foreign_recipients"),
    ),
    "look": (
        _line("branding_name"),
        Spec(name="branding_color", kind=Kind.COLOUR, attributes={"maxlength": "7", "placeholder": "#1A73E8"}),
        Spec(name="allowed_embed_origins", kind=Kind.LINES),
    ),
    "instant": (
        _line("host_name"),
        _line("guest_name"),
        _flag("preview_enabled"),
        _flag("join_tokens"),
        _flag("record_on_start"),
        _number("recording_days", 1, 3650),
    ),
}
"""In the order in which they are shown."""


def languages_of(name: str, values: Values, language: str) -> Sequence[str]:
    """The languages of a text in a form: the service's, those of the pages, and all others that it is written in."""
    written = (key.removeprefix(f"{name}.") for key in values if key.startswith(f"{name}."))
    return list(dict.fromkeys([language, *PAGE_LANGUAGES, *written]))


def text_values(name: str, value: Any, language: str) -> Values:
    """A text for everybody is that of the service's own language: readers of others get it, too."""
    if value is None:
        return {}
    texts = {language: value} if isinstance(value, str) else value
    return {f"{name}.{tag}": [text] for tag, text in texts.items()}


def _one_or_each(name: str, values: Values, language: str) -> Any:
    """The text of each language that has one; of the service's own alone, one for everybody."""
    tags = languages_of(name, values, language)
    texts = {tag: text for tag in tags if (text := (values.get(f"{name}.{tag}") or [""])[-1].strip())}
    if not texts:
        return None
    return texts[language] if texts.keys() == {language} else texts
