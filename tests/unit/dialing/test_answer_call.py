"""Somebody has answered: what they hear, and that the attempt is recorded whatever becomes of the words."""

from typing import Any

import pytest

from slotline.domain.dialing.attempted_calls import AttemptedCall
from slotline.domain.dialing.carrier_orders import Report
from slotline.domain.dialing.numbers import CarrierName
from slotline.domain.dialing.retry_rules import RetryRule
from slotline.domain.dialing.statuses import DialStatus
from slotline.domain.dialing.use_cases import UseCase
from slotline.ports.dialing import DialWrite
from slotline.usecases.dialing.answer_call import AnswerDial
from slotline.usecases.dialing.keep_pace import KeepPace
from slotline.usecases.dialing.record_attempt import RecordAttempt
from tests.support.builders.apps import NOW, SetClock
from tests.support.builders.dialing import a_dial_call, a_use_case
from tests.support.memory.dials import MemoryDials, MemoryPaces, MemoryUseCases
from tests.support.memory.running import RecordedBackoff

PLACE = ("org", "call", 1)
RULES = (RetryRule(query="Busy, No answer", retry_period=30),)


class Unreadable(MemoryUseCases):
    """Use cases whose rows say what nobody can read."""

    def get(self, organization_id: str, use_case_id: str) -> UseCase | None:
        raise ValueError(organization_id, use_case_id)


class Desk:
    """A call whose first attempt rings, and who records what becomes of it."""

    def __init__(self, use_cases: MemoryUseCases | None = None) -> None:
        self.calls, clock = MemoryDials(), SetClock()
        self.use_cases = use_cases or MemoryUseCases()
        self.record = RecordAttempt(
            calls=self.calls,
            use_cases=self.use_cases,
            keep_pace=KeepPace(paces=MemoryPaces(), clock=clock, backoff=RecordedBackoff()),
            matches=lambda *_: False,
            clock=clock,
            backoff=RecordedBackoff(),
        )
        call = a_dial_call(due_at=NOW, rules=RULES, max_retries=3)
        self.calls.add([call])
        claimed = AttemptedCall.claimed(call, CarrierName.TWILIO, "claim", NOW)
        self.calls.write(DialWrite(call=claimed.call, replaces=call.revision, claims=claimed.attempt))

    def answers(self, words: Any) -> str:
        answer = AnswerDial(
            calls=self.calls,
            use_cases=self.use_cases,
            record_attempt=self.record,
            screen=lambda _: None,
            words=words,
            silence="silence",
        )
        return answer(*PLACE, Report(status=DialStatus.IN_PROGRESS))

    @property
    def attempt(self) -> tuple[DialStatus, str | None]:
        found = self.calls.attempt(*PLACE)
        assert found
        return found.status, found.reason


def a_desk() -> Desk:
    use_cases = MemoryUseCases()
    use_cases.kept["org", "use-case"] = a_use_case()
    return Desk(use_cases)


@pytest.mark.parametrize("error", [KeyError, ValueError, RecursionError, MemoryError])
def test_words_that_cannot_be_made_end_the_call_and_leave_the_attempt_recorded(error: type[Exception]) -> None:
    def raises(*_: object) -> str:
        raise error

    desk = a_desk()
    for _ in range(2):
        assert desk.answers(raises) == "silence"
        assert desk.attempt == (DialStatus.IN_PROGRESS, "words_failed")
    desk.record.report(*PLACE, Report(status=DialStatus.COMPLETED))
    assert desk.attempt == (DialStatus.COMPLETED, "words_failed")


def test_whoever_answers_hears_the_words() -> None:
    desk = a_desk()
    assert desk.answers(lambda *_: "Hello") == "Hello"
    assert desk.attempt == (DialStatus.IN_PROGRESS, None)


def test_a_use_case_that_nobody_can_read_leaves_the_outcome() -> None:
    desk = Desk(Unreadable())
    after = desk.record.report(*PLACE, Report(status=DialStatus.BUSY))
    assert after is not None
    assert (desk.attempt[0], after.call.status, after.call.due_at) == (DialStatus.BUSY, DialStatus.BUSY, None)
