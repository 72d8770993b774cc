"""The form for who is coming: read, checked by the rules of the API, and shown again with what was typed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from slotline.domain.booking.answers import AnswerRules, answers_of_booking
from slotline.domain.booking.apps import Preset, Verification
from slotline.domain.booking.calls import Guest
from slotline.domain.booking.prefills import Prefill, answers_on_page
from slotline.domain.booking.questions import Question, QuestionType
from slotline.domain.booking.texts import text_in
from slotline.domain.shared.emails import to_mailbox
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.names import check_name, check_prose
from slotline.domain.shared.phones import Screen, check_may_be_reached, country_code_of, to_e164
from slotline.domain_names import to_ascii
from slotline.pages.countries import CODES, Internationally, region_beside
from slotline.pages.fields import Field, Option
from slotline.words.catalogue import Catalogue

Values = Mapping[str, Sequence[str]]
"""What was typed, by the name of the field."""

QUESTION = "q."
"""In front of a question's key: no question's field is taken for one of ours."""
LONGEST_NAME, LONGEST_NOTES = 200, 4_000
_CONTACT = ("name", "email", "country", "phone", "notes")
_ANSWER = "answers."
_NAME = {"autocomplete": "name", "maxlength": str(LONGEST_NAME)}


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestForm:
    """The form of one service, in the reader's language, with what was typed and what is wrong with it."""

    preset: Preset
    language: str
    texts: Catalogue
    screen: Screen
    internationally: Internationally
    home: str | None
    """The region that the guest's zone is of."""
    prefill: Prefill
    values: Values
    errors: Mapping[str, str] = field(default_factory=dict)
    """By the field's name."""

    @property
    def rules(self) -> AnswerRules:
        """What answers are checked against."""
        return AnswerRules(
            questions=self.preset.questions,
            to_ascii=to_ascii,
            screen=self.screen,
            language=self.language,
            fallback=self.preset.language,
        )

    @property
    def shown_questions(self) -> Sequence[Question]:
        """Those that the guest answers; the link answers the others."""
        return [question for question in self.preset.questions if not question.hidden]

    def value(self, name: str) -> str:
        """What was typed into a field of one line."""
        return (self.values.get(name) or [""])[-1].strip()

    @property
    def phone(self) -> str:
        """The number that is booked with: as it was typed, or if it has no country code, of the country beside it."""
        typed, region = self.value("phone"), self.value("country")
        if not typed or region not in CODES or not _refuses(to_e164, typed):
            return typed
        return self.internationally(typed, region) or typed

    @property
    def region(self) -> str | None:
        """The country beside the number: the one that was chosen, else that of a number that is there already."""
        if "country" in self.values:
            return self.value("country")
        typed = self.value("phone")
        return region_beside(None if _refuses(to_e164, typed) else country_code_of(to_e164(typed)), self.home)

    def with_errors(self, errors: Mapping[str, str]) -> "GuestForm":
        """The same with these errors beside those that it has."""
        return replace(self, errors={**self.errors, **errors})

    def checked(self) -> "GuestForm":
        """The same, with an error for each field that cannot be taken as it is."""
        return self.with_errors(dict([*self._contact_errors(), *self._answer_errors()]))

    def answers(self) -> dict[str, object]:
        """The answers as a booking asks for them: the guest's, and those of the link to hidden questions."""
        posted = [
            (name.removeprefix(QUESTION), value)
            for name, values in self.values.items()
            if name.startswith(QUESTION)
            for value in values
        ]
        return answers_on_page(posted, self.prefill, self.rules)

    def guest(self, timezone: str) -> Guest:
        """Whom the call is with, once the form was checked."""
        email = self.value("email")
        return Guest.reachable(
            name=self.value("name"),
            email=to_mailbox(email, to_ascii) if email else None,
            phone=self.phone or None,
            timezone=timezone,
            language=self.language,
            intake_notes=self.value("notes") or None,
        )

    def fields(self) -> Sequence[Field]:
        """All fields, in the order in which they are asked."""
        say, needs = self.texts.text, self.preset.verification
        contact = [
            self._field(
                "name", "name", required=True, attributes={"autocomplete": "name", "maxlength": str(LONGEST_NAME)}
            ),
            self._field(
                "email",
                "email",
                kind="email",
                required=needs is Verification.EMAIL,
                is_one_of=needs is Verification.NONE,
                attributes={"autocomplete": "email", "maxlength": "254"},
            ),
            self._field(
                "phone",
                "phone",
                kind="phone",
                options=self._countries(),
                required=needs is Verification.SMS,
                help=say("form", "phone_help"),
                attributes={"autocomplete": "tel", "maxlength": "40"},
            ),
        ]
        notes = self._field("notes", "notes", kind="area", attributes={"maxlength": str(LONGEST_NOTES)})
        return [*contact, *(self._question(one) for one in self.shown_questions), notes]

    def typed(self) -> Sequence[tuple[str, str]]:
        """Everything that was typed, for hidden fields of a step in between."""
        names = [*_CONTACT, *(QUESTION + question.key for question in self.shown_questions)]
        return [(name, value) for name in names for value in self.values.get(name, ())]

    def _field(self, name: str, label: str, **more: object) -> Field:
        return Field(
            name=name,
            label=self.texts.text("form", label),
            value=self.value(name),
            error=self.errors.get(name),
            **more,  # type: ignore[arg-type]  # those of Field
        )

    def _countries(self) -> Sequence[Option]:
        region = self.region
        none = Option(value="", label="+", is_chosen=region not in CODES)
        return [
            none,
            *(
                Option(value=one, label=f"{one} +{code}", is_chosen=one == region)
                for one, code in sorted(CODES.items())
            ),
        ]

    def _question(self, question: Question) -> Field:
        name = QUESTION + question.key
        chosen = self.values.get(name, ())
        kind, attributes = _KINDS[question.type]
        options = [Option(value=one, label=one, is_chosen=one in chosen) for one in question.options]
        if question.type is QuestionType.YES_NO:
            options = [
                Option(value=one, label=self.texts.text("form", one), is_chosen=one in chosen) for one in ("yes", "no")
            ]
        return Field(
            name=name,
            label=text_in(question.label, self.language, self.preset.language),
            kind=kind,
            value=self.value(name),
            error=self.errors.get(name),
            help=text_in(question.help, self.language, self.preset.language) if question.help else None,
            required=question.required,
            is_question=True,
            options=options,
            attributes=attributes,
        )

    def _contact_errors(self) -> Iterator[tuple[str, str]]:
        found = {
            "name": self._name_error(),
            "email": self._email_error(),
            "phone": self._phone_error(),
            "notes": self._notes_error(),
        }
        yield from ((name, self._error(error)) for name, error in found.items() if error)

    def _name_error(self) -> str | None:
        name = self.value("name")
        if not name:
            return "name_missing"
        return "name" if len(name) > LONGEST_NAME or _refuses(check_name, name) else None

    def _email_error(self) -> str | None:
        email, needs = self.value("email"), self.preset.verification
        if email:
            return "email" if _refuses(lambda text: to_mailbox(text, to_ascii), email) else None
        if needs is Verification.EMAIL:
            return "email_missing"
        return "contact_missing" if needs is Verification.NONE and not self.value("phone") else None

    def _phone_error(self) -> str | None:
        phone = self.phone
        if phone:
            return "phone" if _refuses(self._check_phone, phone) else None
        return "phone_missing" if self.preset.verification is Verification.SMS else None

    def _notes_error(self) -> str | None:
        notes = self.value("notes")
        return "notes" if notes and (len(notes) > LONGEST_NOTES or _refuses(check_prose, notes)) else None

    def _check_phone(self, text: str) -> None:
        check_may_be_reached(to_e164(text), self.screen, "phone")

    def _answer_errors(self) -> Iterator[tuple[str, str]]:
        try:
            answers_of_booking(self.answers(), self.rules, by_guest=True, on_page=True)
        except InvalidRequest as error:
            for detail in error.details:
                key = (detail.field or "").removeprefix(_ANSWER)
                question = next((one for one in self.shown_questions if one.key == key), None)
                if question:
                    name = "answer_missing" if detail.code == "required" else f"answer_{question.type}"
                    yield QUESTION + key, self._error(name)
                else:  # of a hidden one, or all of them together: nothing that the guest could mend in one field
                    yield "notes", self._error("answers")

    def _error(self, name: str) -> str:
        return self.texts.text("error", name)


def values_of(prefill: Prefill, preset: Preset) -> Values:
    """What the form begins with: what the link said."""
    contact = {name: [value] for name in ("name", "email", "phone") if (value := getattr(prefill, name))}
    answers = {
        QUESTION + question.key: _as_texts(prefill.answers[question.key])
        for question in preset.questions
        if not question.hidden and question.key in prefill.answers
    }
    return {**contact, **answers}


def _as_texts(answer: object) -> list[str]:
    if isinstance(answer, bool):
        return ["yes" if answer else "no"]
    return [str(one) for one in answer] if isinstance(answer, list) else [str(answer)]


def _refuses(check: Callable[[str], object], text: str) -> bool:
    try:
        check(text)
    except InvalidRequest:
        return True
    return False


_KINDS: Mapping[QuestionType, tuple[str, Mapping[str, str]]] = {
    QuestionType.SHORT_TEXT: ("text", {"maxlength": "200"}),
    QuestionType.LONG_TEXT: ("area", {"maxlength": "4000"}),
    QuestionType.NUMBER: ("text", {"inputmode": "decimal", "maxlength": "40"}),
    QuestionType.DATE: ("date", {}),
    QuestionType.YES_NO: ("radio", {}),
    QuestionType.SINGLE_CHOICE: ("radio", {}),
    QuestionType.MULTI_CHOICE: ("checkbox", {}),
    QuestionType.PHONE: ("tel", {"maxlength": "40"}),
    QuestionType.EMAIL: ("email", {"maxlength": "254"}),
    QuestionType.URL: ("url", {"maxlength": "2000"}),
}
"""How each type of question is asked: the macro, and attributes of its element."""
