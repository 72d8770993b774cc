"""What calls stand on: use cases and numbers, their lists and their forms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any, TypeVar

from slotline.domain.dialing.numbers import FASTEST, MOST_LINES, CarrierName, Number
from slotline.domain.dialing.use_cases import LONGEST_CALL_MINUTES, AmdBehavior, UseCase
from slotline.domain.shared.errors import DomainError, Forbidden, InvalidRequest
from slotline.domain.shared.names import check_prose
from slotline.domain.shared.paging import Listed
from slotline.pages.dialing.shown import LONGEST_NAME, Setting, is_whole, name_typed, out_of_range, said_by, too_long
from slotline.pages.fields import Field, Option
from slotline.pages.once import ONCE_FIELD
from slotline.pages.refusals import SAID
from slotline.pages.rendering import Page
from slotline.pages.signed import SignedIn
from slotline.pages.zones import zones_by_place

PAGE = 50
USE_CASES, NUMBERS = "use_cases", "numbers"
SINCE = "since"
"""The field of a form that says which revision its page showed."""
MESSAGE = "message"
"""The parameter of a use case that has what is said."""
_LONGEST_MESSAGE = 4_000
_LANGUAGES = ("en-US", "en-GB", "es-ES", "es-MX", "es-CO", "pt-BR", "fr-FR", "de-DE", "it-IT")

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form says, as values of a setting."""

    signed: SignedIn

    def use_case(self, before: UseCase) -> Mapping[str, Any]:
        """The attributes of a use case. Raises InvalidRequest."""
        name, message = self._line("name"), self._prose("message", _LONGEST_MESSAGE)
        if not name:
            raise InvalidRequest.of_field("name", self._word("required"), SAID)
        kept = {name: value for name, value in before.params.items() if name != MESSAGE or not isinstance(value, str)}
        values: dict[str, Any] = {
            "name": name,
            "language": self._field("language"),
            "timezone": self._field("timezone"),
            "work_start": self._field("work_start") or None,
            "work_end": self._end("work_end") or None,
            "callee_start": self._field("callee_start") or before.callee_start,
            "callee_end": self._end("callee_end") or before.callee_end,
            "max_duration_mins": self._whole("max_duration_mins", 1, LONGEST_CALL_MINUTES),
            "transfer_number": self._field("transfer_number") or None,
            "amd": bool(self._field("amd")),
            "amd_behavior": self._one_of(AmdBehavior, "amd_behavior", before.amd_behavior),
            "params": {**kept, MESSAGE: message} if message else kept,
            "hidden": bool(self._field("hidden")),
        }
        shown, left = before.machine_tag(before.language), self._prose("machine_message", _LONGEST_MESSAGE)
        others = {tag: text for tag, text in before.amd_messages.items() if tag != shown}
        return {**values, "amd_messages": {**before.amd_messages, values["language"]: left} if left else others}

    @property
    def since(self) -> int | None:
        """The revision that the form's page showed."""
        said = self._field(SINCE)
        return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else None

    def number(self) -> Mapping[str, Any]:
        """The attributes of a number that can be changed. Raises InvalidRequest."""
        return {
            "name": self._line("name") or None,
            "calls_per_second": self._whole("calls_per_second", 1, FASTEST),
            "lines": self._whole("lines", 1, MOST_LINES),
        }

    def new_number(self) -> Number:
        """A number to be added. Raises InvalidRequest."""
        return Number(
            id="",
            organization_id=self.signed.app.organization_id,
            phone_number=self._field("phone_number"),
            carrier=self._one_of(CarrierName, "carrier", CarrierName.TWILIO),
            **self.number(),
        )

    def _field(self, name: str) -> str:
        return self.signed.asked.field(name)

    def _end(self, name: str) -> str:
        """The end of a day's window: browsers have no 24:00, so midnight at the end is that."""
        typed = self._field(name)
        return "24:00" if typed == "00:00" else typed

    def _line(self, name: str) -> str:
        return name_typed(Setting(self.signed).words, name, self._field(name))

    def _prose(self, name: str, longest: int) -> str:
        typed = self._field(name)
        if len(typed) > longest:
            raise too_long(Setting(self.signed).words, name, longest)
        try:
            check_prose(typed)
        except InvalidRequest as error:
            raise InvalidRequest.of_field(name, error.message, error.details[0].code) from error
        return typed

    def _whole(self, name: str, least: int, most: int) -> int:
        typed = self._field(name)
        if not is_whole(typed) or not least <= int(typed) <= most:
            raise out_of_range(Setting(self.signed).words, name, least, most)
        return int(typed)

    def _one_of(self, kind: type[Choice], name: str, otherwise: Choice) -> Choice:
        typed = self._field(name)
        try:
            return kind(typed) if typed else otherwise
        except ValueError:
            raise InvalidRequest.of_field(name, self._word("no_choice"), SAID) from None

    def _word(self, name: str) -> str:
        return Setting(self.signed).words.text("dialing", "settings", name)


def new_use_case(signed: SignedIn) -> UseCase:
    """A use case as its form begins: the app's own zone, and else what the product begins with."""
    return UseCase(id="", organization_id=signed.app.organization_id, name="", timezone=signed.app.timezone)


def use_cases_page(signed: SignedIn, found: Listed[UseCase], now: datetime) -> Page:
    """A page of the use cases."""
    setting = Setting(signed)
    rows = [
        {
            "id": one.id,
            "name": one.name,
            "facts": [one.language, one.timezone],
            "hidden": one.hidden,
            "updated": setting.at(one.updated_at),
            "way": setting.to("use-cases", one.id),
        }
        for one in found.rows
    ]
    return _list_page(setting, "use-cases", USE_CASES, rows, found.next, now)


def numbers_page(signed: SignedIn, found: Listed[Number], now: datetime) -> Page:
    """A page of the numbers."""
    setting = Setting(signed)
    words = setting.words.words["dialing"]["settings"]
    rows = [
        {
            "id": one.id,
            "name": one.name or one.phone_number,
            "phone": one.phone_number,
            "facts": [words["carriers"][one.carrier.value], words["pace"].format(a=one.calls_per_second, b=one.lines)],
            "hidden": False,
            "updated": setting.at(one.updated_at),
            "way": setting.to("numbers", one.id),
        }
        for one in found.rows
    ]
    return _list_page(setting, "numbers", NUMBERS, rows, found.next, now)


def use_case_page(signed: SignedIn, use_case: UseCase, once: str, error: DomainError | None = None) -> Page:
    """The form of a use case, new or old. `once`: an id for it; `error`: why what was typed cannot be kept."""
    setting = Setting(signed)
    form = _Form(setting, error)
    machine = use_case.machine_tag(use_case.language)
    message = use_case.params.get(MESSAGE)
    fields = [
        form.field("name", use_case.name, required=True, attributes={"maxlength": str(LONGEST_NAME)}),
        form.field("message", message if isinstance(message, str) else "", "area"),
        form.choice("language", use_case.language, [(tag, tag) for tag in _with(_LANGUAGES, use_case.language)]),
        form.field("transfer_number", use_case.transfer_number or "", "tel"),
        form.field("max_duration_mins", str(use_case.max_duration_mins), "number", required=True),
    ]
    zones = _with(zones_by_place(), use_case.timezone)
    hours = [
        form.choice("timezone", use_case.timezone, [(zone, zone) for zone in zones]),
        form.time("work_start", use_case.work_start),
        form.time("work_end", use_case.work_end),
        form.time("callee_start", use_case.callee_start),
        form.time("callee_end", use_case.callee_end),
    ]
    machines = [
        form.tick("amd", is_ticked=use_case.amd),
        form.choice(
            "amd_behavior",
            use_case.amd_behavior.value,
            [(one.value, form.words["behaviors"][one.name.lower()]) for one in AmdBehavior],
        ),
        form.field("machine_message", use_case.amd_messages.get(machine, "") if machine else "", "area"),
    ]
    other = [form.tick("hidden", is_ticked=use_case.hidden)]
    groups = [("what", fields), ("hours", hours), ("machines", machines), ("other", other)]
    found = (use_case.id, use_case.name, use_case.revision)
    return _form_page(setting, "use-cases", USE_CASES, found, groups, once, error)


def number_page(signed: SignedIn, number: Number | None, once: str, error: DomainError | None = None) -> Page:
    """The form of a number; None: of a new one. `once` and `error`: as of a use case."""
    setting = Setting(signed)
    form = _Form(setting, error)
    carriers = [(one.value, form.words["carriers"][one.value]) for one in CarrierName]
    fields = []
    if number is None:
        fields += [
            form.field("phone_number", "", "tel", required=True),
            form.choice("carrier", CarrierName.TWILIO.value, carriers),
        ]
    fields += [
        form.field("name", (number.name if number else None) or ""),
        form.field("calls_per_second", str(number.calls_per_second if number else 1), "number", required=True),
        form.field("lines", str(number.lines if number else 10), "number", required=True),
    ]
    found = (number.id, number.phone_number, number.revision) if number else ("", "", 0)
    return _form_page(setting, "numbers", NUMBERS, found, [("what", fields)], once, error)


class _Form:
    """Fields with what was typed, or else with what is kept, and with what is wrong."""

    def __init__(self, setting: Setting, error: DomainError | None) -> None:
        self._asked = setting.signed.asked
        self.words: Mapping[str, Any] = setting.words.words["dialing"]["settings"]
        said = _said_by(error, setting) if error else []
        self._errors = {one["field"]: one["message"] for one in said}

    def field(self, name: str, kept: str, kind: str = "text", **more: Any) -> Field:
        """A field of one line, or of several."""
        return Field(
            name=name,
            label=self.words["fields"][name],
            kind=kind,
            value=self._value(name, kept),
            help=self.words["help"].get(name),
            error=self._errors.get(name),
            **more,
        )

    def choice(self, name: str, kept: str, values: Sequence[tuple[str, str]]) -> Field:
        """One of several."""
        chosen = self._value(name, kept)
        options = [Option(value=value, label=label, is_chosen=value == chosen) for value, label in values]
        return self.field(name, kept, "select", options=options, is_one_of=True)

    def time(self, name: str, kept: str | None) -> Field:
        """A time of the day, which browsers take from 00:00 to 23:59."""
        field = self.field(name, "00:00" if kept == "24:00" else kept or "", "time", attributes={"min": "00:00"})
        return replace(field, is_one_of=True) if kept is not None else field

    def tick(self, name: str, *, is_ticked: bool) -> Field:
        """Yes or no."""
        ticked = bool(self._asked.field(name)) if self._asked.form else is_ticked
        return Field(name=name, label=self.words["fields"][name], kind="flag", value="yes" if ticked else "")

    def _value(self, name: str, kept: str) -> str:
        return self._asked.field(name) if name in self._asked.form else kept


def _list_page(
    setting: Setting, path: str, section: str, rows: Sequence[Mapping[str, Any]], following: str | None, now: datetime
) -> Page:
    after = setting.signed.asked.query("after")
    return setting.signed.page(
        "dialing_settings.html",
        section,
        {
            "what": section,
            "rows": rows,
            "clock": setting.clock(now),
            "done": setting.done(),
            "ways": {
                "new": setting.to(path, "new"),
                "first": setting.to(path) if after else None,
                "next": setting.to(path, after=following) if following else None,
            },
        },
    )


def _form_page(
    setting: Setting,
    path: str,
    section: str,
    found: tuple[str, str, int],
    groups: Sequence[tuple[str, Sequence[Field]]],
    once: str,
    error: DomainError | None,
) -> Page:
    """`found`: the id, the title and the revision of what the form is about; no id: it is new."""
    setting_id, title, revision = found
    known = {field.name for _, fields in groups for field in fields}
    faults = _said_by(error, setting) if error else []
    return setting.signed.page(
        "dialing_setting.html",
        section,
        {
            "what": section,
            "id": setting_id,
            "name": title,
            "groups": groups,
            "errors": [one for one in faults if one["field"] not in known],
            "is_refused": bool(faults),
            "own": (SINCE, revision) if setting_id else (ONCE_FIELD, once),
            "ways": {
                "save": setting.to(path, setting_id or "new"),
                "remove": setting.to(path, setting_id, "remove") if setting_id else None,
                "list": setting.to(path),
            },
        },
        scripts=("dialogs.js",),
        status=_status_of(error),
    )


def _said_by(error: DomainError, setting: Setting) -> Sequence[Mapping[str, Any]]:
    return said_by(error, setting.words, setting.words.words["dialing"]["settings"]["refusals"])


def _status_of(error: DomainError | None) -> HTTPStatus:
    if error is None:
        return HTTPStatus.OK
    return HTTPStatus.BAD_REQUEST if isinstance(error, InvalidRequest | Forbidden) else HTTPStatus.CONFLICT


def _with(values: Sequence[str], kept: str) -> Sequence[str]:
    return values if kept in values else [kept, *values]
