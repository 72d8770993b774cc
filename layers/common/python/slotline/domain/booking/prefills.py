"""What the link to the booking page says of its guest: the form begins with it.

    ?name=&email=&phone=&tz=&lang=&externalId=&metadata[key]=&<key of a question>=

Anybody can write a link and every guest can alter theirs, so nothing of it is believed: contact and answers pass the
same rules as what a guest types, and a booking says of the rest that the link said it (`SaidByLink`).

A link never breaks the page. What is not known is left out, as links carry parameters of others (`utm_source`); so is
what is too long, holds control characters, or is no answer that its question takes.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from slotline.domain.booking.answers import AnswerRules, Answers, answers_of_booking
from slotline.domain.booking.questions import Question
from slotline.domain.booking.text_answers import said_in_text
from slotline.domain.shared.emails import LONGEST as LONGEST_EMAIL
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.names import check_name
from slotline.domain.shared.plain_json import compact

Pairs = Sequence[tuple[str, str]]
"""Parameters of a query, in their order, as often as they are there."""

MOST_METADATA = 10
LONGEST_METADATA = 200
"""Characters of a key, and of a value."""
LONGEST_EXTERNAL_ID = 200
_CONTACT = {"name": ("name", 200), "email": ("email", LONGEST_EMAIL), "phone": ("phone", 40)}
_READER = {"tz": ("timezone", 64), "lang": ("language", 35)}
_LINES = {**_CONTACT, **_READER, "externalId": ("external_id", LONGEST_EXTERNAL_ID)}
"""Parameters that are one line of text: the field of `Prefill`, and how many characters it may have."""
TAKEN = frozenset({*_LINES, "widgetKey", "agentId", "agent", "month", "day", "start", "hold", "booking", "action"})
"""Parameters with a meaning of their own: a question with one of these keys is not prefilled."""
_METADATA = re.compile(r"metadata\[(.+)\]", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidByLink:
    """What a link says of the booking itself. Nobody proves it."""

    external_id: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def as_metadata(self) -> Mapping[str, object] | None:
        """A call's metadata, with the mark by which a reader sees that none of it is proven; None if nothing was said.

        The external id is here, too: a call's `external_id` alone would not tell where it came from.
        """
        said: dict[str, object] = {"external_id": self.external_id} if self.external_id else {}
        if self.metadata:
            said["metadata"] = dict(self.metadata)
        return {"said_by_link": said} if said else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefill:
    """What a form begins with: texts as the link says them. `answers`: by question, as the API would be sent them."""

    name: str = ""
    email: str = ""
    phone: str = ""
    timezone: str = ""
    language: str = ""
    external_id: str = ""
    answers: Answers = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def by_link(self) -> SaidByLink:
        """What a booking takes over from the link as it is."""
        return SaidByLink(external_id=self.external_id or None, metadata=self.metadata)

    @property
    def text(self) -> str:
        """As compact JSON; empty if nothing is said."""
        said = {name: value for name in self.__slots__ if (value := getattr(self, name))}
        return compact(said) if said else ""

    def ever_shorter(self) -> Iterator["Prefill"]:
        """This one, and then each time without the longest answer or value of the metadata that is left."""
        found = self
        yield found
        while found.answers or found.metadata:
            sizes = {(part, key): len(compact(said)) for part in _PARTS for key, said in getattr(found, part).items()}
            part, longest = max(sizes, key=sizes.__getitem__)
            rest = {key: said for key, said in getattr(found, part).items() if key != longest}
            found = replace(found, answers=rest) if part == "answers" else replace(found, metadata=rest)
            yield found


_PARTS = ("answers", "metadata")


def prefill_of(query: Iterable[tuple[str, str]], rules: AnswerRules) -> Prefill:
    """What a link with these parameters says. Of one that comes several times the last counts that can be taken."""
    pairs = [(name, value.strip()) for name, value in query if value.strip()]
    lines: dict[str, str] = {}
    for name, value in pairs:
        if name in _LINES:
            to, longest = _LINES[name]
            if _is_name(value, longest):
                lines[to] = value
    answers = {one.key: said for one in rules.questions if (said := _answer(one, pairs, rules)) is not None}
    return Prefill(answers=answers, metadata=_metadata(pairs), **lines)


def prefill_from(text: str) -> Prefill:
    """The prefill again that `Prefill.text` wrote."""
    said = json.loads(text) if text else {}
    return Prefill(**{name: said[name] for name in Prefill.__slots__ if name in said})


def answers_on_page(posted: Iterable[tuple[str, str]], prefill: Prefill, rules: AnswerRules) -> dict[str, object]:
    """The answers that a booking on the page asks for.

    Those to questions that the guest sees are the form's, to be checked like all others. Those to hidden questions are
    the link's, whatever the form says; what a hidden question would not take by now is left out, because no guest could
    correct it.
    """
    fields = list(posted)
    answers: dict[str, object] = {}
    for question in rules.questions:
        if not question.hidden:
            said = said_in_text(question, [value for name, value in fields if name == question.key])
            if said is not None:
                answers[question.key] = said
        elif question.key in prefill.answers and _takes(question, said := prefill.answers[question.key], rules):
            answers[question.key] = said
    return answers


def _answer(question: Question, pairs: Pairs, rules: AnswerRules) -> object:
    if question.key in TAKEN:
        return None
    said = said_in_text(question, [value for name, value in pairs if name == question.key])
    return said if said is not None and _takes(question, said, rules) else None


def _takes(question: Question, said: object, rules: AnswerRules) -> bool:
    try:
        answers_of_booking({question.key: said}, replace(rules, questions=(question,)), by_guest=False)
    except InvalidRequest:
        return False
    return True


def _metadata(pairs: Pairs) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        key = named[1] if (named := _METADATA.fullmatch(name)) else ""
        if key and _is_name(key, LONGEST_METADATA) and _is_name(value, LONGEST_METADATA):
            found[key] = value
    return dict(list(found.items())[:MOST_METADATA])


def _is_name(text: str, longest: int) -> bool:
    """Whether it is one line that can be seen, and not too long: what the API takes for a name."""
    if len(text) > longest:
        return False
    try:
        check_name(text)
        text.encode()
    except (InvalidRequest, UnicodeEncodeError):
        return False
    return True
