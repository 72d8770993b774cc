"""What a link says of a guest: what is taken, what is left out, and that no link breaks the page."""

import random
from urllib.parse import parse_qsl, urlencode

import pytest

from slotline.domain.booking.answers import AnswerRules, answers_of_booking
from slotline.domain.booking.prefills import (
    TAKEN,
    Prefill,
    SaidByLink,
    answers_on_page,
    prefill_from,
    prefill_of,
)
from slotline.domain.booking.questions import Question, QuestionType
from slotline.domain.booking.text_answers import said_in_text
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain_names import to_ascii


def question(key: str, kind: QuestionType = QuestionType.SHORT_TEXT, **more: object) -> Question:
    return Question(key=key, label=key, type=kind, **more)  # type: ignore[arg-type] # a test's question has any fields


QUESTIONS = (
    question("reason"),
    question("story", QuestionType.LONG_TEXT),
    question("age", QuestionType.NUMBER),
    question("born", QuestionType.DATE),
    question("first", QuestionType.YES_NO),
    question("plan", QuestionType.SINGLE_CHOICE, options=("Basic", "Pro")),
    question("topics", QuestionType.MULTI_CHOICE, options=("Sales", "Support")),
    question("desk", QuestionType.PHONE),
    question("billing", QuestionType.EMAIL),
    question("site", QuestionType.URL),
    question("campaign", hidden=True),
)


def rules(*questions: Question) -> AnswerRules:
    return AnswerRules(
        questions=questions or QUESTIONS, to_ascii=to_ascii, screen=lambda _: None, language="en", fallback="en"
    )


def said_by(query: str, *questions: Question) -> Prefill:
    return prefill_of(parse_qsl(query, keep_blank_values=True), rules(*questions))


def test_a_link_says_who_the_guest_is_and_where():
    assert said_by("name=Jane+Doe&email=jane@example.com&phone=%2B1+202+555+0100&tz=America/Bogota&lang=es") == Prefill(
        name="Jane Doe",
        email="jane@example.com",
        phone="+1 202 555 0100",
        timezone="America/Bogota",
        language="es",
    )


def test_answers_are_kept_as_their_questions_have_them():
    query = (
        "reason=Back+pain&story=one%0D%0Atwo&age=30&born=2001-02-03&first=yes&plan=Pro&topics=Sales&topics=Support"
        "&desk=%2B44+20+7946+0960&billing=pay@example.com&site=https://example.com/&campaign=spring"
    )
    assert said_by(query).answers == {
        "reason": "Back pain",
        "story": "one\ntwo",
        "age": 30,
        "born": "2001-02-03",
        "first": True,
        "plan": "Pro",
        "topics": ["Sales", "Support"],
        "desk": "+44 20 7946 0960",
        "billing": "pay@example.com",
        "site": "https://example.com/",
        "campaign": "spring",
    }


@pytest.mark.parametrize(
    "query",
    [
        "age=thirty",
        "age=1e3",
        "age=" + "9" * 5_000,
        "born=2001-02-30",
        "first=perhaps",
        "plan=Gold",
        "topics=Sales&topics=Gold",
        "topics=Sales&topics=Sales",
        "desk=12",
        "billing=nobody",
        "site=javascript:0",
        "reason=" + "x" * 201,
        "reason=a%00b",
        "reason=a%0Ab",
        "story=" + "x" * 4_001,
        "reason=",
        "reason=+++",
    ],
)
def test_what_its_question_would_refuse_is_left_out(query: str):
    assert said_by(query) == Prefill()


@pytest.mark.parametrize(
    "query",
    [
        "",
        "utm_source=letter&utm_campaign=spring&fbclid=1&Name=Jane&NAME=Jane",
        "name=" + "x" * 201,
        "email=" + "x" * 255,
        "phone=" + "1" * 41,
        "tz=" + "x" * 65,
        "lang=" + "x" * 36,
        "externalId=" + "x" * 201,
        "name=Jane%0D%0ABcc:+all",
        "name=Jane%00",
        "name=%E2%80%AEJane",
        "name=%E2%80%8B",
        "name=%20",
        "metadata=x&metadata[]=x&metadata[a=x&metadata[a]=&metadata[a]=" + "x" * 201,
        f"metadata[{'k' * 201}]=x",
        "metadata[a%0Ab]=x&metadata[a]=x%00",
    ],
)
def test_what_is_unknown_too_long_or_no_line_of_text_is_left_out_and_the_page_works(query: str):
    assert said_by(query) == Prefill()


def test_a_fault_in_one_parameter_leaves_the_others():
    assert said_by("name=Jane&age=thirty&plan=Pro&metadata[a]=b&metadata[c]=%00") == Prefill(
        name="Jane", answers={"plan": "Pro"}, metadata={"a": "b"}
    )


def test_of_a_parameter_that_comes_several_times_the_last_counts_that_can_be_taken():
    assert said_by("name=Jane&name=John&name=%00&plan=Basic&plan=Pro&metadata[a]=1&metadata[a]=2") == Prefill(
        name="John", answers={"plan": "Pro"}, metadata={"a": "2"}
    )


def test_a_booking_takes_ten_keys_of_metadata_from_a_link():
    pairs = [(f"metadata[{number}{'k' * 198}]", f"{number}{'v' * 199}") for number in range(10, 21)]
    found = said_by(urlencode(pairs))
    assert list(found.metadata.items()) == [(name[9:-1], value[:200]) for name, value in pairs[:10] if len(value) < 201]


def test_metadata_of_two_hundred_characters_a_key_and_a_value_is_taken():
    assert said_by(urlencode([(f"metadata[{'k' * 200}]", "é" * 200)])).metadata == {"k" * 200: "é" * 200}


def test_a_question_whose_key_has_a_meaning_of_its_own_is_not_prefilled():
    asked = [question(key) for key in sorted(TAKEN)]
    found = prefill_of([(key, "value") for key in TAKEN], rules(*asked))
    assert found.answers == {}
    assert "widgetKey" in TAKEN, "the key must not end in an answer"


def test_a_prefill_is_read_as_it_was_written_and_an_empty_one_is_no_text():
    whole = said_by(
        "name=J%C3%BCrgen&email=a@b.example&phone=1&tz=UTC&lang=de&externalId=crm-7&metadata[a]=b&topics=Sales&age=1.5"
    )
    assert prefill_from(whole.text) == whole
    assert whole.external_id == "crm-7"
    assert (Prefill().text, prefill_from("")) == ("", Prefill())


def test_a_prefill_from_a_later_release_is_read_as_far_as_it_is_known():
    assert prefill_from('{"name":"Jane","shoe_size":42}') == Prefill(name="Jane")


def test_a_prefill_gets_shorter_by_its_longest_part_until_the_contact_alone_is_left():
    whole = Prefill(name="x" * 200, answers={"a": "x" * 3, "b": "x" * 9}, metadata={"a": "x" * 6})
    shorter = list(whole.ever_shorter())
    assert shorter[0] == whole
    assert [(sorted(one.answers), sorted(one.metadata)) for one in shorter] == [
        (["a", "b"], ["a"]),
        (["a"], ["a"]),
        (["a"], []),
        ([], []),
    ]
    assert all(one.name == whole.name for one in shorter)


def test_hidden_questions_are_answered_by_the_link_alone_and_others_by_the_form():
    prefill = said_by("campaign=spring&reason=Back+pain&plan=Pro")
    posted = [("reason", "Knee"), ("campaign", "forged"), ("plan", ""), ("other", "1"), ("topics", "Sales")]
    assert answers_on_page(posted, prefill, rules()) == {
        "campaign": "spring",
        "reason": "Knee",
        "topics": ["Sales"],
    }


def test_a_hidden_answer_that_its_question_takes_no_longer_is_left_out():
    prefill = Prefill(answers={"campaign": "spring", "gone": "x"})
    asked = question("campaign", QuestionType.SINGLE_CHOICE, options=("autumn",), hidden=True)
    assert answers_on_page([], prefill, rules(asked)) == {}


def test_what_a_form_says_wrongly_is_refused_by_the_rules_for_answers():
    answers = answers_on_page([("age", "thirty"), ("first", "perhaps"), ("plan", "Gold")], Prefill(), rules())
    assert answers == {"age": "thirty", "plan": "Gold", "first": "perhaps"}
    with pytest.raises(InvalidRequest) as refused:
        answers_of_booking(answers, rules(), by_guest=True)
    assert [detail.field for detail in refused.value.details] == ["answers.age", "answers.first", "answers.plan"]


@pytest.mark.parametrize(
    ("kind", "texts", "said"),
    [
        (QuestionType.NUMBER, ["12.50"], 12.5),
        (QuestionType.NUMBER, [" -3 "], -3),
        (QuestionType.NUMBER, ["12,5"], "12,5"),
        (QuestionType.YES_NO, ["no", "yes"], True),
        (QuestionType.YES_NO, ["FALSE"], False),
        (QuestionType.YES_NO, [], None),
        (QuestionType.SHORT_TEXT, [""], None),
        (QuestionType.LONG_TEXT, ["a\r\nb\rc"], "a\nb\nc"),
        (QuestionType.MULTI_CHOICE, ["", "Sales"], ["Sales"]),
        (QuestionType.MULTI_CHOICE, [""], None),
    ],
)
def test_a_text_says_an_answer_of_its_questions_type(kind: QuestionType, texts: list[str], said: object):
    assert said_in_text(question("q", kind, options=("Sales",)), texts) == said


def test_an_option_is_chosen_as_it_is_spelled_with_its_spaces():
    spaced = question("q", QuestionType.SINGLE_CHOICE, options=(" Pro ",))
    assert said_in_text(spaced, [" Pro "]) == " Pro "


def test_no_link_breaks_the_page():
    chosen = random.Random(17)
    names = [*TAKEN, *(one.key for one in QUESTIONS), "metadata[a]", "metadata[", "x"]
    letters = "aé漢🎈\x00\n\u202e%&=[]\"'<>\ud800 0123456789-+."
    for _ in range(500):
        pairs = [
            (chosen.choice(names), "".join(chosen.choices(letters, k=chosen.choice((0, 1, 9, 300)))))
            for _ in range(chosen.randrange(12))
        ]
        found = prefill_of(pairs, rules())
        assert prefill_from(found.text) == found


@pytest.mark.parametrize(
    ("said", "metadata"),
    [
        (SaidByLink(), None),
        (SaidByLink(external_id="crm-7"), {"said_by_link": {"external_id": "crm-7"}}),
        (
            SaidByLink(external_id="crm-7", metadata={"externalId": "x"}),
            {"said_by_link": {"external_id": "crm-7", "metadata": {"externalId": "x"}}},
        ),
    ],
)
def test_metadata_says_what_only_the_link_said(said: SaidByLink, metadata: object):
    assert said.as_metadata == metadata
