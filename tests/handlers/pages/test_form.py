"""The form: what it begins with, what it asks, and what it says of what cannot be taken."""

from typing import Any

import pytest

from slotline.words.catalogue import PAGES, catalogue_for
from tests.handlers.pages.conftest import EMAIL, NAME, PHONE, Guest, Office, Reply, at

QUESTIONS: list[dict[str, Any]] = [
    {"key": "short", "label": "A word", "type": "short_text"},
    {"key": "long", "label": "A story", "type": "long_text"},
    {"key": "count", "label": "How many", "type": "number"},
    {"key": "born", "label": "Born", "type": "date"},
    {"key": "member", "label": "Member", "type": "yes_no"},
    {"key": "size", "label": "Size", "type": "single_choice", "options": ["S", "M & L", '"XL"']},
    {"key": "colours", "label": "Colours", "type": "multi_choice", "options": ["red", "green", "blue"]},
    {"key": "other_phone", "label": "Other phone", "type": "phone"},
    {"key": "other_email", "label": "Other e-mail", "type": "email"},
    {"key": "site", "label": "Site", "type": "url"},
]
RIGHT: list[tuple[str, Any, Any]] = [
    ("short", "a word", "a word"),
    ("long", "one\r\ntwo", "one\ntwo"),
    ("count", "12.5", 12.5),
    ("count", "-3", -3),
    ("born", "1990-02-28", "1990-02-28"),
    ("member", "yes", True),
    ("member", "no", False),
    ("size", "M & L", "M & L"),
    ("size", '"XL"', '"XL"'),
    ("colours", ["red", "blue"], ["red", "blue"]),
    ("other_phone", "+44 20 7946 0960", "+442079460960"),
    ("other_email", "joe@example.com", "joe@example.com"),
    ("site", "https://example.com/a?b=c", "https://example.com/a?b=c"),
]
WRONG = [
    ("short", "x" * 201, "Enter at most 200 characters, in one line"),
    ("long", "x" * 4_001, "Enter at most 4,000 characters"),
    ("count", "many", "Enter a number such as 12 or 12.5"),
    ("count", "NaN", "Enter a number such as 12 or 12.5"),
    ("count", "1e400", "Enter a number such as 12 or 12.5"),
    ("count", "9" * 40, "Enter a number such as 12 or 12.5"),
    ("born", "1990-02-30", "Enter a date"),
    ("member", "perhaps", "Choose yes or no"),
    ("size", "XXL", "Choose one of these"),
    ("colours", ["red", "black"], "Choose from these"),
    ("other_phone", "12345", "Enter a phone number with its country code"),
    ("other_email", "nobody", "Enter an e-mail address such as jane@example.com"),
    ("site", "javascript:alert(1)", "Enter a web address such as https://example.com"),
]
FAULTS = [
    ({"name": ""}, "name", "name_missing"),
    ({"name": "x" * 201}, "name", "name"),
    ({"name": "Jane\u202eenaJ"}, "name", "name"),
    ({"name": "\u200b\u2060"}, "name", "name"),
    ({"email": ""}, "email", "contact_missing"),
    ({"email": "jane"}, "email", "email"),
    ({"email": "jane@" + "x" * 300 + ".com"}, "email", "email"),
    ({"phone": "300 555 0100 x"}, "phone", "phone"),
    ({"phone": "911"}, "phone", "phone"),
    ({"phone": "+1 900 555 0100"}, "phone", "phone"),
    ({"notes": "x" * 4_001}, "notes", "notes"),
    ({"notes": "a\x00b"}, "notes", "notes"),
]


def errors(reply: Reply) -> dict[str, str]:
    """By the field's id, what is said beside it."""
    found = {}
    for part in reply.body.split('class="error" id="')[1:]:
        element, _, rest = part.partition('-error">')
        found[element] = rest.partition("<")[0]
    return found


class TestShown:
    def test_the_form_shows_what_will_be_booked_and_asks_who_is_coming(self, guest: Guest) -> None:
        form = guest.at_form()
        for text in ("First visit", "Monday, May 4", "10:00 AM", "10:30 AM", "Agent-1", "UTC", "Who is coming?"):
            assert text in form.text
        assert [one.name for one in form.form.controls if one.kind not in ("hidden", "button")] == [
            "name",
            "email",
            "country",
            "phone",
            "notes",
            "website",
        ]

    def test_the_form_begins_with_what_the_link_says(self, guest: Guest, office: Office) -> None:
        office.set_service(questions=QUESTIONS)
        form = guest.at_form(
            name=NAME, email=EMAIL, phone=PHONE, short="a word", member="true", colours="green", born="1990-02-28"
        ).form
        assert [form.value(name) for name in ("name", "email", "phone")] == [NAME, EMAIL, PHONE]
        assert [form.value(f"q.{key}") for key in ("short", "member", "colours", "born", "size")] == [
            "a word",
            "yes",
            "green",
            "1990-02-28",
            None,
        ]

    def test_a_hidden_question_is_not_shown_and_the_links_answer_arrives(self, guest: Guest, office: Office) -> None:
        office.set_service(questions=[{"key": "campaign", "label": "From", "type": "short_text", "hidden": True}])
        form = guest.at_form(campaign="spring")
        assert "spring" not in form.body
        assert "From" not in form.text
        guest.book(form, q__campaign="autumn", campaign="autumn")
        assert office.call()["call"]["answers"] == {"campaign": "spring"}

    def test_a_hidden_question_that_is_required_keeps_nobody_from_booking(self, guest: Guest, office: Office) -> None:
        hidden = {"key": "campaign", "label": "From", "type": "short_text", "hidden": True, "required": True}
        office.set_service(questions=[hidden])
        assert guest.book(guest.at_form()).status == 200
        assert len(office.calls()) == 1

    def test_a_service_that_finds_the_agent_does_not_name_the_one_whose_time_is_kept(
        self, guest: Guest, office: Office
    ) -> None:
        office.set_service(assignmentMode="any_available")
        assert "Agent-" not in guest.at_form().text

    @pytest.mark.parametrize("agent", ["agent-1", "agent-9"])
    def test_the_name_of_an_agent_whom_guests_may_not_choose_is_told_to_none(
        self, guest: Guest, office: Office, agent: str
    ) -> None:
        form = guest.at_form()
        office.set_service(agentIds=["agent-2"])
        reply = guest.get(form.url.replace("agent=agent-1", f"agent={agent}"))
        assert reply.status == 200
        assert "Agent-1" not in reply.text

    def test_the_form_speaks_the_guests_language_and_asks_in_the_one_that_the_question_has(
        self, guest: Guest, office: Office
    ) -> None:
        texts = {"en": "Why?", "es": "¿Por qué?"}
        office.set_service(questions=[{"key": "why", "label": texts, "type": "short_text", "help": texts}])
        spanish, arabic = guest.at_form(lang="es"), guest.at_form("11:00", lang="ar")
        assert "¿Quién viene?" in spanish.text
        assert "¿Por qué?" in spanish.text
        assert (arabic.page.direction, "Why?" in arabic.text) == ("rtl", True)
        assert spanish.form.control("phone").attributes["dir"] == "ltr"

    @pytest.mark.parametrize("start", ["", "soon", "2026-05-04T10:00", "%00", "%ff", "9" * 4_000])
    def test_a_form_for_no_time_is_refused(self, guest: Guest, start: str) -> None:
        address = guest.at_form().url.partition("?")[0]
        assert guest.get(f"{address}?start={start}").status == 400


class TestFaults:
    @pytest.mark.parametrize("language", ["en", "es", "ar"])
    @pytest.mark.parametrize(("typed", "field", "name"), FAULTS, ids=lambda said: str(said)[:30])
    def test_each_field_says_what_is_wrong_with_it_in_the_readers_words(
        self, guest: Guest, office: Office, language: str, typed: dict[str, str], field: str, name: str
    ) -> None:
        reply = guest.book(guest.at_form(lang=language), **typed)
        assert reply.status == 400
        assert errors(reply) == {f"f-{field}": catalogue_for(language, PAGES).text("error", name)}
        assert reply.form.control(field).attributes["aria-invalid"] == "true"
        assert f"#f-{field}" in reply.page.links
        assert office.calls() == []

    @pytest.mark.parametrize(("key", "said", "kept"), RIGHT, ids=lambda said: str(said)[:20])
    def test_a_right_answer_of_each_type_arrives(
        self, guest: Guest, office: Office, key: str, said: Any, kept: Any
    ) -> None:
        office.set_service(questions=QUESTIONS)
        done = guest.book(guest.at_form(), **{f"q__{key}": said})
        assert done.status == 200, done.text
        assert office.call()["call"]["answers"] == {key: kept}

    @pytest.mark.parametrize(("key", "said", "says"), WRONG, ids=lambda said: str(said)[:20])
    def test_a_wrong_answer_of_each_type_is_named_with_its_question_and_stays_as_it_was_typed(
        self, guest: Guest, office: Office, key: str, said: Any, says: str
    ) -> None:
        office.set_service(questions=QUESTIONS)
        reply = guest.book(guest.at_form(), **{f"q__{key}": said})
        assert reply.status == 400
        assert errors(reply).keys() == {f"f-q-{key}"}
        assert errors(reply)[f"f-q-{key}"].startswith(says)
        label = next(one["label"] for one in QUESTIONS if one["key"] == key)
        assert f"{label} \u2013" in reply.text
        if not isinstance(said, list) and key not in ("member", "size"):
            assert reply.form.value(f"q.{key}") == said
        assert office.calls() == []

    @pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: str(question["type"]))
    def test_an_answer_that_is_required_is_asked_for(
        self, guest: Guest, office: Office, question: dict[str, Any]
    ) -> None:
        office.set_service(questions=[{**question, "required": True}])
        reply = guest.book(guest.at_form())
        assert errors(reply) == {f"f-q-{question['key']}": "Answer this question"}

    def test_everything_that_is_wrong_is_said_at_once_and_all_that_was_typed_stays(
        self, guest: Guest, office: Office
    ) -> None:
        office.set_service(questions=QUESTIONS)
        typed = {"name": "", "email": "jane", "phone": "1", "notes": "keep\nthis", "q__count": "many"}
        reply = guest.book(guest.at_form(), **typed, q__size="S", q__colours=["red", "blue"])
        assert "4 things are missing or wrong" in reply.text
        assert errors(reply).keys() == {"f-name", "f-email", "f-phone", "f-q-count"}
        sent = reply.form.fields
        for pair in (("email", "jane"), ("phone", "1"), ("notes", "keep\nthis"), ("q.count", "many"), ("q.size", "S")):
            assert pair in sent
        assert [value for name, value in sent if name == "q.colours"] == ["red", "blue"]
        assert "Kept for you" in reply.text
        assert guest.press(reply.form, ("action", "book"), name=NAME, email=EMAIL, phone="", q__count="3").status == 200
        assert office.call()["call"]["guest_intake_notes"] == "keep\nthis"

    def test_answers_that_are_too_long_all_together_are_said_to_be(self, guest: Guest, office: Office) -> None:
        asked = [{"key": f"long{number}", "label": "A story", "type": "long_text"} for number in range(6)]
        office.set_service(questions=asked)
        reply = guest.book(guest.at_form(), **{f"q__long{number}": "x" * 4_000 for number in range(6)})
        assert (reply.status, errors(reply)) == (400, {"f-notes": "The answers are too long all together: shorten one"})

    @pytest.mark.parametrize("typed", [{"email": EMAIL, "phone": ""}, {"email": "", "phone": PHONE}])
    def test_an_address_or_a_number_is_enough(self, guest: Guest, office: Office, typed: dict[str, str]) -> None:
        assert guest.book(guest.at_form(), **typed).status == 200
        call = office.call()["call"]
        assert (call["guest_email"], call["guest_phone"]) == (typed["email"] or None, typed["phone"] or None)

    def test_what_was_typed_comes_back_letter_by_letter_and_is_never_markup(self, guest: Guest, office: Office) -> None:
        office.set_service(questions=QUESTIONS)
        hostile = "\"><script>alert(1)</script>'&amp;{{7*7}} é 👩‍👧 \\"
        reply = guest.book(
            guest.at_form(), name=hostile, email=hostile, phone=hostile, notes=f"\n{hostile}", q__long=hostile
        )
        for name in ("name", "email", "phone", "q.long"):
            assert reply.form.value(name) == hostile
        assert reply.form.value("notes").strip() == hostile
        assert "alert(1)</script>" not in reply.body
        assert "{{7*7}}" in reply.text or "{{7*7}}" in reply.body

    def test_a_program_that_fills_in_what_nobody_sees_books_nothing(self, guest: Guest, office: Office) -> None:
        form = guest.at_form()
        reply = guest.book(form, website="https://example.com")
        assert (reply.status, office.calls()) == (400, [])
        trap = form.form.control("website").attributes
        assert (trap["tabindex"], trap["autocomplete"]) == ("-1", "off")
        assert guest.book(form).status == 200

    @pytest.mark.parametrize("left_out", ["once", "start"])
    def test_a_form_that_is_none_of_ours_is_refused(self, guest: Guest, office: Office, left_out: str) -> None:
        form = guest.at_form().form
        fields = [pair for pair in form.filled({"name": NAME, "email": EMAIL}) if pair[0] != left_out]
        assert guest.post(form.action, fields).status == 400
        assert office.calls() == []

    def test_of_a_field_that_comes_several_times_the_last_counts(self, guest: Guest, office: Office) -> None:
        form = guest.at_form().form
        fields = [("start", at("09:00")), ("name", "Somebody"), *form.filled({"name": NAME, "email": EMAIL})]
        assert guest.follow(guest.post(form.action, fields)).status == 200
        assert office.call()["call"]["guest_name"] == NAME
