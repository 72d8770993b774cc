"""A section of a service as a form: shown, checked by the rules of the API, and saved without undoing what others did.

A form says of which revision it was made. What differs from that revision is what its reader has changed; only if
somebody else has changed the same meanwhile, they are told, and what they typed is still there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from slotline.domain.booking.apps import Agent, Preset, PresetOfApp
from slotline.domain.booking.reminders import Channel, ReminderKind
from slotline.domain.shared.colours import palette_of
from slotline.domain.shared.errors import Conflict, DomainError
from slotline.pages.console.service_fields import MOST_LIMITS, SECTIONS, Kind, Spec, Values, languages_of
from slotline.pages.faults import Faults
from slotline.pages.fields import Field, Option
from slotline.pages.kit import Redirect
from slotline.pages.rendering import BRAND, Page
from slotline.pages.signed import SignedIn
from slotline.ports.apps import Presets
from slotline.usecases.booking.keep_presets import CHANGED_MEANWHILE
from slotline.words.catalogue import Catalogue

SECTION = "services"
TABS = ("overview", *SECTIONS, "questions", "share")
_EMPTY_LIMITS = 1
_LIGHT, _DARK = "#ffffff", "#171b22"
"""The grounds of pages: `--paper` of the stylesheet."""
Check = Callable[[Mapping[str, object]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A field of a service that is several elements: a text in its languages, limits, channels, a colour."""

    spec: Spec
    label: str
    help: str | None
    error: str | None
    parts: Sequence[Any]

    @property
    def id(self) -> str:
        """Of its element, for the list of errors."""
        return f"f-{self.spec.name}"

    @property
    def name(self) -> str:
        """The field's."""
        return self.spec.name

    @property
    def kind(self) -> str:
        """The macro that shows it."""
        return self.spec.kind.value


def section_page(
    signed: SignedIn,
    found: PresetOfApp,
    section: str,
    agents: Sequence[Agent],
    values: Values | None = None,
    faults: Faults | None = None,
    theirs: Mapping[str, str] | None = None,
) -> Page:
    """GET …/services/{preset_id}/{section}. `values`: what was typed; `theirs`: what somebody else has made of it."""
    preset = found.preset
    said = values if values is not None else values_of(preset, section)
    fields = fields_of(signed, preset, said, agents, faults, SECTIONS[section])
    context = {
        **frame(signed, found, section),
        "name": section,
        "fields": fields,
        "errors": faults.listed(fields) if faults else [],
        "theirs": theirs or {},
        "revision": preset.revision,
        "done": "saved" if signed.asked.query("done") == "saved" else None,
    }
    status = HTTPStatus.OK if not faults else HTTPStatus.CONFLICT if theirs else HTTPStatus.BAD_REQUEST
    return signed.page("console_service_section.html", SECTION, context, status=status)


def change_section(
    signed: SignedIn,
    found: PresetOfApp,
    section: str,
    agents: Sequence[Agent],
    presets: Presets,
    check: Check,
    change: Callable[..., PresetOfApp],
) -> Page | Redirect:
    """POST …/services/{preset_id}/{section}."""
    preset, typed = found.preset, signed.asked.form
    since = loaded_revision(signed, preset)
    was = preset if since == preset.revision else presets.at_revision(signed.app.app_id, preset.preset_id, since)[1]
    changed = changes_in(SECTIONS[section], typed, was or preset)
    faults = faults_for(signed)
    for spec in SECTIONS[section]:
        if changed.get(spec.api_name) == "":  # the API would take it for not sent
            faults = faults.with_said(spec.name, "missing")
    if faults:
        return section_page(signed, found, section, agents, typed, faults)
    try:
        if changed:
            change(signed.app.app_id, preset.preset_id, check(changed), signed.author, since=since)
    except Conflict as error:
        clashing = [detail.field or "" for detail in error.details if detail.code == CHANGED_MEANWHILE]
        if not clashing:
            return section_page(signed, found, section, agents, typed, faults.of(error))
        mine = [spec for spec in SECTIONS[section] if spec.api_name in changed]
        return _clash(signed, presets, section, agents, mine, clashing)
    except DomainError as error:
        return section_page(signed, found, section, agents, typed, faults.of(error))
    return Redirect(f"{way_of(signed, preset)}/{section}?done=saved")


def fields_of(
    signed: SignedIn,
    preset: Preset,
    values: Values,
    agents: Sequence[Agent],
    faults: Faults | None,
    specs: Sequence[Spec],
) -> "list[Field | Group]":
    """The fields of a form, with what it says and what is wrong with it."""
    return _Fields(signed, preset, values, agents, faults).of(specs)


def changes_in(specs: Sequence[Spec], typed: Values, was: Preset) -> dict[str, object]:
    """What of these fields the form says otherwise than the preset did, as the API takes it."""
    language = (typed.get("language") or [was.language])[-1].strip() or was.language
    found = {}
    for spec in specs:
        said, before = spec.to_json(typed, language), spec.to_json(spec.values(was), was.language)
        if spec.kind in _BOXES:
            said = _in_order_of(before, said)
        if said != before:
            found[spec.api_name] = said
    return found


def _in_order_of(before: Any, ticked: Any) -> Any:
    """What is ticked, in the order that it had: boxes stand in an order of their own, which says nothing."""
    if isinstance(ticked, Mapping):
        return {kind: _in_order_of(before.get(kind, ()), channels) for kind, channels in ticked.items()}
    return [*(one for one in before if one in ticked), *(one for one in ticked if one not in before)]


def values_of(preset: Preset, section: str) -> Values:
    """A section as its form says it."""
    return {name: said for spec in SECTIONS[section] for name, said in spec.values(preset).items()}


def loaded_revision(signed: SignedIn, preset: Preset) -> int:
    """The revision that a form was made of."""
    text = signed.asked.field("revision")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else preset.revision


def faults_for(signed: SignedIn) -> Faults:
    """What may be wrong with a service's form."""
    specs = [spec for section in SECTIONS.values() for spec in section]
    names = {spec.api_name: spec.name for spec in specs}
    return Faults(
        words=signed.texts,
        bounds={spec.name: spec.bounds for spec in specs if spec.kind is Kind.NUMBER},
        of_code={"slug_exists": "slug"},
        place=lambda name: names.get(first := name.partition(".")[0], first),
    )


def frame(signed: SignedIn, found: PresetOfApp, chosen: str) -> dict[str, Any]:
    """What all pages of a service begin with."""
    words, way = signed.texts, way_of(signed, found.preset)
    return {
        "service": found.preset,
        "active": found.active,
        "way": way,
        "back": way_to(signed),
        "tabs": [
            {
                "label": words.text("services_console", "tabs", name),
                "way": way if name == "overview" else f"{way}/{name}",
                "is_chosen": name == chosen,
            }
            for name in TABS
        ],
    }


def way_to(signed: SignedIn) -> str:
    """The address of the list."""
    return f"/console/{signed.app.app_id}/services"


def way_of(signed: SignedIn, preset: Preset) -> str:
    """The address of a service's page."""
    return f"{way_to(signed)}/{preset.preset_id}"


def _clash(
    signed: SignedIn,
    presets: Presets,
    section: str,
    agents: Sequence[Agent],
    mine: Sequence[Spec],
    clashing: Sequence[str],
) -> Page:
    """The form as the service is now, with what was typed into the fields that its reader has changed.

    Sent again, it takes the place of what somebody else has made of the same fields, which is told.
    """
    app, kept = presets.find(signed.app.app_id, signed.asked.part("preset_id"))
    if kept is None or app is None:
        raise Conflict("Somebody else has removed the service meanwhile.")
    now, active = kept.preset, app.preset.preset_id == kept.preset.preset_id
    theirs = {name: _in_words(getattr(now, name)) for name in clashing}
    faults = faults_for(signed)
    for name in clashing:
        faults = faults.with_said(name, CHANGED_MEANWHILE)
    kept_values = {name: said for name, said in values_of(now, section).items() if not _is_of(name, mine)}
    typed = {name: said for name, said in signed.asked.form.items() if _is_of(name, mine)}
    found = PresetOfApp(preset=now, active=active)
    return section_page(signed, found, section, agents, {**kept_values, **typed}, faults, theirs)


def _is_of(element: str, specs: Sequence[Spec]) -> bool:
    """Whether an element of the form is one of these fields, or a part of one."""
    first = "customer_limits" if element.startswith("limit.") else element.partition(".")[0]
    return any(spec.name == first for spec in specs)


def _in_words(value: object) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_in_words(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_in_words, value))
    return "" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class _Fields:
    """The fields of a form, with what it says and what is wrong with it."""

    signed: SignedIn
    preset: Preset
    values: Values
    agents: Sequence[Agent]
    faults: Faults | None

    def of(self, specs: Sequence[Spec]) -> list[Field | Group]:
        """Each in its kind."""
        return [self._group(spec) if spec.kind in _GROUPS else self._field(spec) for spec in specs]

    def _field(self, spec: Spec) -> Field:
        kind, attributes = _CONTROLS[spec.kind], dict(spec.attributes)
        if spec.kind is Kind.NUMBER:
            attributes |= {"min": str(spec.bounds[0]), "max": str(spec.bounds[1]), "inputmode": "numeric"}
        return Field(
            name=spec.name,
            label=self._label(spec),
            kind=kind,
            value=self._one(spec.name),
            help=self._help(spec),
            error=self._error(spec),
            required=spec.required,
            is_one_of=spec.kind in (Kind.CHOICES, Kind.AGENTS, Kind.TAGS),
            options=self._options(spec),
            attributes=attributes,
        )

    def _group(self, spec: Spec) -> Group:
        parts: Sequence[Any]
        if spec.kind is Kind.CHANNELS:
            parts = self._channels(spec)
        elif spec.kind is Kind.LIMITS:
            parts = self._limits(spec)
        elif spec.kind is Kind.COLOUR:
            parts = [self._field_of_colour(spec), _sample(self._one(spec.name), self.signed.texts)]
        else:
            parts = self._texts(spec)
        return Group(spec=spec, label=self._label(spec), help=self._help(spec), error=self._error(spec), parts=parts)

    def _texts(self, spec: Spec) -> list[Field]:
        kind = "area" if spec.kind is Kind.PROSES else "text"
        most = "4000" if spec.kind is Kind.PROSES else "200"
        return [
            Field(
                name=f"{spec.name}.{tag}",
                label=language_name(self.signed.texts, tag),
                kind=kind,
                value=self._one(f"{spec.name}.{tag}"),
                attributes={"maxlength": most, "lang": tag},
            )
            for tag in languages_of(spec.name, self.values, self.preset.language)
        ]

    def _channels(self, spec: Spec) -> list[dict[str, Any]]:
        return [
            {
                "name": f"{spec.name}.{kind}",
                "label": self.signed.texts.text("services_console", "kinds", kind.value),
                "channels": [
                    {
                        "value": channel.value,
                        "label": self.signed.texts.text("services_console", "channels", channel.value),
                        "is_chosen": channel.value in self.values.get(f"{spec.name}.{kind}", ()),
                    }
                    for channel in Channel
                ],
            }
            for kind in ReminderKind
        ]

    def _limits(self, spec: Spec) -> list[dict[str, Any]]:
        most, per = self.values.get("limit.most", ()), self.values.get("limit.per", ())
        rows = [(one, other) for one, other in zip(most, per, strict=False) if one.strip()]
        rows += [("", "day")] * (_EMPTY_LIMITS if len(rows) < MOST_LIMITS else 0)
        texts = self.signed.texts
        return [
            {
                "most": one,
                "periods": [
                    Option(value=name, label=texts.text("services_console", "per", name), is_chosen=name == other)
                    for name in spec.options
                ],
            }
            for one, other in rows
        ]

    def _field_of_colour(self, spec: Spec) -> Field:
        return Field(name=spec.name, label=self._label(spec), value=self._one(spec.name), attributes=spec.attributes)

    def _options(self, spec: Spec) -> list[Option]:
        chosen = self.values.get(spec.name, ())
        if spec.kind is Kind.AGENTS:
            gone = [one for one in chosen if one not in {agent.agent_id for agent in self.agents}]
            there = [(agent.agent_id, agent.name) for agent in sorted(self.agents, key=lambda one: one.name.casefold())]
            options = [*there, *((one, one) for one in gone)]
        else:
            texts = self.signed.texts
            options = [(one, texts.text("services_console", "options", spec.name, one)) for one in spec.options]
        return [Option(value=value, label=label, is_chosen=value in chosen) for value, label in options]

    def _one(self, name: str) -> str:
        return (self.values.get(name) or [""])[-1].strip()

    def _label(self, spec: Spec) -> str:
        return self.signed.texts.text("services_console", "fields", spec.name)

    def _help(self, spec: Spec) -> str | None:
        texts = self.signed.texts.words["services_console"]["help"]
        return str(texts[spec.name]) if spec.name in texts else None

    def _error(self, spec: Spec) -> str | None:
        return self.faults.found.get(spec.name) if self.faults else None


def language_name(words: Catalogue, tag: str) -> str:
    """What a language is called; one that has no name here by its tag."""
    names = words.words["services_console"]["languages"]
    return str(names.get(tag, tag))


def _sample(colour: str, words: Catalogue) -> str | None:
    """A picture of a button and a link as pages show them in a colour, light and dark. None for what is no colour."""
    try:
        palette = palette_of(colour or BRAND)
    except ValueError:
        return None
    button, link = (escape(words.text("services_console", name)) for name in ("sample", "sample_link"))
    picture = "".join(
        f'<rect x="{x}" width="160" height="96" fill="{ground}"/>'
        f'<rect x="{x + 16}" y="14" width="128" height="36" rx="9" fill="{palette.brand}"/>'
        f'<text x="{x + 80}" y="37" font-weight="600" fill="{palette.on_brand}">{button}</text>'
        f'<text x="{x + 80}" y="76" text-decoration="underline" fill="{ink}">{link}</text>'
        for x, ground, ink in ((0, _LIGHT, palette.ink[0]), (160, _DARK, palette.ink[1]))
    )
    style = 'font-family="system-ui, sans-serif" font-size="14" text-anchor="middle"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 96" {style}>{picture}</svg>'
    return f"data:image/svg+xml,{quote(svg)}"


_GROUPS = frozenset({Kind.TEXTS, Kind.PROSES, Kind.CHANNELS, Kind.LIMITS, Kind.COLOUR})
_BOXES = frozenset({Kind.CHOICES, Kind.AGENTS, Kind.CHANNELS})
_CONTROLS = {
    Kind.LINE: "text",
    Kind.FLAG: "flag",
    Kind.NUMBER: "number",
    Kind.CHOICE: "radio",
    Kind.CHOICES: "checkbox",
    Kind.AGENTS: "checkbox",
    Kind.TAGS: "text",
    Kind.LINES: "area",
}
"""The macro that shows a field of one element."""
