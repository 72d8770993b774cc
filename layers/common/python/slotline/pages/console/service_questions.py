"""A service's questions, edited where they stand: each is a form of its own, which needs no script.

A question is found by its key, so an order or another question that somebody else changes meanwhile stays as it is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from slotline.domain.booking.apps import Preset, PresetOfApp
from slotline.domain.booking.prefills import Prefill
from slotline.domain.booking.questions import MOST_QUESTIONS, Question, QuestionType, question_from_json
from slotline.domain.booking.texts import text_in
from slotline.domain.shared.errors import Conflict, Detail, DomainError
from slotline.domain.shared.plain_json import plain
from slotline.pages.booking.guest_form import GuestForm
from slotline.pages.console.service_fields import Kind, Spec, Values, languages_of, text_values
from slotline.pages.console.service_forms import SECTION, frame, language_name, loaded_revision, way_of
from slotline.pages.faults import Faults
from slotline.pages.fields import Field, Option
from slotline.pages.kit import Redirect
from slotline.pages.rendering import HTMX, Page
from slotline.pages.signed import SignedIn
from slotline.ports.apps import Presets
from slotline.usecases.booking.keep_presets import CHANGED_MEANWHILE, read_preset
from slotline.words.catalogue import PAGES, Catalogue, catalogue_for, spoken

_LABEL = Spec(name="label", kind=Kind.TEXTS)
_HELP = Spec(name="help", kind=Kind.PROSES)
_TRIES = 3
NEW = ""
"""The key of the question that is not there yet."""
Change = Callable[[Sequence[Mapping[str, Any]]], Sequence[Mapping[str, Any]]]
Check = Callable[[Mapping[str, object]], Mapping[str, Any]]


def questions_page(
    signed: SignedIn,
    found: PresetOfApp,
    *,
    typed_at: str | None = None,
    faults: Faults | None = None,
    previewed: Preset | None = None,
) -> Page:
    """GET …/services/{preset_id}/questions. `typed_at`: the key of the question whose form was sent and is wrong;
    `previewed`: the service as it would be, if that is not how it is."""
    preset = found.preset
    forms = [
        _form(signed, preset, question, number, faults if question.key == typed_at else None)
        for number, question in enumerate(preset.questions)
    ]
    new = _form(signed, preset, None, MOST_QUESTIONS, faults if typed_at == NEW else None)
    wrong = next((form for form in [*forms, new] if form["is_open"] and faults), None)
    open_key = signed.asked.query("open")
    context = {
        **frame(signed, found, "questions"),
        "forms": [{**form, "is_open": form["is_open"] or form["key"] == open_key} for form in forms],
        "new": new if len(forms) < MOST_QUESTIONS else None,
        "revision": preset.revision,
        "errors": faults.listed(wrong["fields"] if wrong else []) if faults else [],
        "preview": _preview(previewed or preset, signed),
        "done": done if (done := signed.asked.query("done")) in {"saved", "added", "removed", "moved"} else None,
    }
    status = HTTPStatus.BAD_REQUEST if faults else HTTPStatus.OK
    return signed.page("console_service_questions.html", SECTION, context, files=(HTMX,), status=status)


def change_questions(
    signed: SignedIn, presets: Presets, check: Check, change: Callable[..., PresetOfApp]
) -> Page | Redirect:
    """POST …/services/{preset_id}/questions: add or change one, move it, or take it away."""
    app_id, preset_id = signed.asked.part("app_id"), signed.asked.part("preset_id")
    action, key = signed.asked.field("action") or "save", signed.asked.field("at")
    found = read_preset(presets, app_id, preset_id)
    if action == "preview":
        return questions_page(signed, found, previewed=_previewed(signed, found.preset, key))
    for left in reversed(range(_TRIES)):
        found = read_preset(presets, app_id, preset_id)
        try:
            questions = _changed(signed, presets, found.preset, action, key)
            values = check({"questions": questions})
            change(app_id, preset_id, values, signed.author, since=found.preset.revision)
            break
        except Conflict as error:
            if _is_race(error) and left:  # somebody else was faster by a moment: the same is done with what there is
                continue
            return questions_page(signed, found, typed_at=key, faults=_faults(signed, found.preset, key, error))
        except DomainError as error:
            return questions_page(signed, found, typed_at=key, faults=_faults(signed, found.preset, key, error))
    way = f"{way_of(signed, found.preset)}/questions"
    if action in ("up", "down"):
        return Redirect(f"{way}?done=moved#q-{key}")
    if action == "remove":
        return Redirect(f"{way}?done=removed")
    return Redirect(f"{way}?done={'saved' if key else 'added'}#q-{signed.asked.field('key')}")


def _previewed(signed: SignedIn, preset: Preset, key: str) -> Preset:
    """The service with a question as somebody is typing it: what is not there yet is not missed."""
    typed = _typed_json(signed.asked.form, preset)
    if typed["type"] not in {kind.value for kind in QuestionType} or not typed["label"]:
        return preset
    question = question_from_json({**typed, "key": typed["key"] or "new"})
    kept = [question if one.key == key else one for one in preset.questions]
    return replace(preset, questions=tuple(kept if key else [*kept, question]))


def _changed(signed: SignedIn, presets: Presets, preset: Preset, action: str, key: str) -> Sequence[Mapping[str, Any]]:
    """All questions as they are to be, as the API takes them. Raises Conflict: somebody else has changed this one."""
    questions = list(preset.questions)
    place = next((number for number, one in enumerate(questions) if one.key == key), None)
    if action == "remove":
        return [_to_json(one) for one in questions if one.key != key]
    if key and place is None:
        raise _changed_meanwhile()
    if action in ("up", "down") and place is not None:
        other = place + (1 if action == "down" else -1)
        if 0 <= other < len(questions):
            questions[place], questions[other] = questions[other], questions[place]
        return [_to_json(one) for one in questions]
    typed = _typed_json(signed.asked.form, preset)
    if place is None:
        return [*(_to_json(one) for one in questions), typed]
    _check_unchanged(signed, presets, preset, questions[place])
    return [typed if number == place else _to_json(one) for number, one in enumerate(questions)]


def _check_unchanged(signed: SignedIn, presets: Presets, preset: Preset, now: Question) -> None:
    """Raises Conflict if somebody else has changed the question since its form was made."""
    since = loaded_revision(signed, preset)
    if since == preset.revision:
        return
    _, was = presets.at_revision(signed.app.app_id, preset.preset_id, since)
    before = next((one for one in was.questions if one.key == now.key), None) if was else None
    if before != now:
        raise _changed_meanwhile()


def _changed_meanwhile() -> Conflict:
    message = "has been changed by somebody else meanwhile"
    return Conflict("Somebody else has changed this question meanwhile.", [Detail(message, CHANGED_MEANWHILE, "at")])


def _is_race(error: Conflict) -> bool:
    return any(detail.code == CHANGED_MEANWHILE and detail.field == "questions" for detail in error.details)


def _typed_json(typed: Values, preset: Preset) -> Mapping[str, Any]:
    """A question's form, as the API takes it."""

    def one(name: str) -> str:
        return (typed.get(name) or [""])[-1].strip()

    options = [line for part in one("options").split("\n") if (line := part.strip())]
    return {
        "key": one("key"),
        "label": _LABEL.to_json(typed, preset.language) or "",
        "type": one("type"),
        "required": one("required") == "yes",
        "hidden": one("hidden") == "yes",
        "help": _HELP.to_json(typed, preset.language),
        "options": options,
    }


def _to_json(question: Question) -> Mapping[str, Any]:
    return dict(plain(question))


def _faults(signed: SignedIn, preset: Preset, key: str, error: DomainError) -> Faults:
    """What is wrong, by the fields of the question's form. Of another question nothing can be: it was there before."""
    place = next((number for number, one in enumerate(preset.questions) if one.key == key), len(preset.questions))
    own = f"questions.{place}."

    def field_of(name: str) -> str:
        if not name.startswith(own):
            return "at"
        first = name.removeprefix(own).partition(".")[0]
        return f"{first}.{preset.language}" if first in ("label", "help") else first

    return Faults(words=signed.texts, place=field_of).of(error)


def _form(
    signed: SignedIn, preset: Preset, question: Question | None, number: int, faults: Faults | None
) -> dict[str, Any]:
    """One question's form. `faults`: it was sent, and is shown as it was typed."""
    values = signed.asked.form if faults else _values_of(question, preset)
    fields = _fields(signed, preset, values, number)
    own = {f"{name}.{preset.language}" for name in ("label", "help")}
    others = [one for one in fields if "." in one.name and one.name not in own]
    key = question.key if question else NEW
    return {
        "key": key,
        "id": f"q-{key}" if key else "new",
        "number": number,
        "question": question,
        "label": text_in(question.label, signed.language, preset.language) if question else "",
        "fields": [replace(one, error=faults.found.get(one.name)) for one in fields] if faults else fields,
        "is_open": faults is not None,
        "others": {one.name for one in others},
        "is_in_others": any(one.value for one in others),
        "fault": faults.found.get("at") if faults else None,
    }


def _fields(signed: SignedIn, preset: Preset, values: Values, number: int) -> list[Field]:
    """The fields of one question: the label and the help in the service's language, what it is, and other languages."""
    form = _QuestionForm(words=signed.texts, language=preset.language, values=values, number=number)
    types = [
        Option(
            value=kind.value,
            label=form.words.text("questions", "types", kind.value),
            is_chosen=kind.value == form.value("type"),
        )
        for kind in QuestionType
    ]
    label, labels = form.in_languages("label", "text", 200)
    help_text, help_texts = form.in_languages("help", "area", 4000)
    return [
        label,
        form.field("type", "select", options=types, required=True),
        form.field("options", "area"),
        help_text,
        form.field("key", required=True, attributes={"maxlength": "64", "spellcheck": "false", "autocomplete": "off"}),
        form.field("required", "flag"),
        form.field("hidden", "flag"),
        *(one for pair in zip(labels, help_texts, strict=False) for one in pair),
        *labels[len(help_texts) :],
        *help_texts[len(labels) :],
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _QuestionForm:
    """The form of a question. `language`: the service's, in which a question must have a label."""

    words: Catalogue
    language: str
    values: Values
    number: int

    def value(self, name: str) -> str:
        return (self.values.get(name) or [""])[-1].strip()

    def field(self, name: str, kind: str = "text", **more: Any) -> Field:
        return Field(
            form=f"{self.number}-",
            name=name,
            label=self.words.text("questions", name),
            kind=kind,
            value=self.value(name),
            help=self.words.words["questions"]["helps"].get(name),
            **more,
        )

    def in_languages(self, name: str, kind: str, most: int) -> tuple[Field, list[Field]]:
        """A text's field in the service's language, and its fields in others. `most`: characters."""
        label = self.words.text("questions", name)
        first, *others = [
            Field(
                form=f"{self.number}-",
                name=f"{name}.{tag}",
                label=f"{label} ({language_name(self.words, tag)})",
                kind=kind,
                value=self.value(f"{name}.{tag}"),
                required=name == "label" and tag == self.language,
                attributes={"maxlength": str(most), "lang": tag},
            )
            for tag in languages_of(name, self.values, self.language)
        ]
        return first, others


def _values_of(question: Question | None, preset: Preset) -> Values:
    """A question as its form says it; a new one is a line of text."""
    if question is None:
        return {"type": [QuestionType.SHORT_TEXT.value]}
    flags = {name: ["yes"] for name in ("required", "hidden") if getattr(question, name)}
    return {
        "key": [question.key],
        "type": [question.type.value],
        "options": ["\n".join(question.options)],
        **text_values("label", question.label, preset.language),
        **text_values("help", question.help, preset.language),
        **flags,
    }


def _preview(preset: Preset, signed: SignedIn) -> Mapping[str, Any]:
    """The booking page's form, as guests in the service's own language see it."""
    language = spoken(preset.language, PAGES) or signed.language
    form = GuestForm(
        preset=preset,
        language=language,
        texts=catalogue_for(language, PAGES),
        screen=lambda _number: None,
        internationally=lambda _text, _region: None,
        home=None,
        prefill=Prefill(),
        values={},
    )
    hidden = [text_in(one.label, language, preset.language) for one in preset.questions if one.hidden]
    return {"fields": form.fields(), "language": language, "hidden": hidden}
