"""Attempts at calls: placing them, and taking what their carriers say."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import ParamSpec, TypeVar

from slotline import observability
from slotline.clock import SleepingWaits
from slotline.conditions.asking import matches
from slotline.domain.dialing.carrier_orders import Order, Report
from slotline.domain.dialing.numbers import CarrierName
from slotline.ports.dialing import Carrier, CarrierRefused
from slotline.store.dialing.attempt_facts import DynamoAttemptFacts
from slotline.store.dialing.paces import DynamoPaces
from slotline.usecases.dialing.answer_call import AnswerDial
from slotline.usecases.dialing.keep_pace import KeepPace
from slotline.usecases.dialing.look_up_attempt import LookUpAttempt
from slotline.usecases.dialing.place_call import PlaceCall
from slotline.usecases.dialing.record_attempt import RecordAttempt
from slotline.wiring import common
from slotline.wiring.dialing.calls import campaigns, dial_calls
from slotline.wiring.dialing.carriers import carrier
from slotline.wiring.dialing.settings import use_cases
from slotline.wiring.shared import phones

Given = ParamSpec("Given")
Result = TypeVar("Result")


def _logged(message: str, act: Callable[Given, Result]) -> Callable[Given, Result]:
    """The same, with a line in the log if it fails: its caller goes on, and the operator still learns of it."""

    def logged(*given: Given.args, **named: Given.kwargs) -> Result:
        try:
            return act(*given, **named)
        except Exception as error:
            observability.log_failure(message, error)
            raise

    return logged


@dataclass(frozen=True, slots=True)
class _Counted:
    """A carrier, with a metric of how often it is asked for a call and refuses.

    The status of a call does not tell: one that its carrier may take later is scheduled, as one that waits for its
    number's pace is.
    """

    asked: Carrier

    def dial(self, order: Order) -> str:
        """Place it. Raises CarrierRefused or CarrierUnknownError."""
        refused = 0
        try:
            return self.asked.dial(order)
        except CarrierRefused:
            refused = 1
            raise
        finally:
            observability.count({"DialsAsked": 1, "DialsRefused": refused})

    def look_up(self, order: Order, carrier_call_id: str | None, claimed_at: datetime) -> Report | None:
        """What became of it. Raises CarrierUnknownError."""
        return self.asked.look_up(order, carrier_call_id, claimed_at)

    def hang_up(self, carrier_call_id: str) -> None:
        """End it. Raises CarrierRefused or CarrierUnknownError."""
        self.asked.hang_up(carrier_call_id)


def _counted(name: CarrierName) -> Carrier | None:
    found = carrier(name)
    return _Counted(found) if found else None


_matches = _logged("a retry rule failed", matches)


@cache
def _keep_pace() -> KeepPace:
    paces = DynamoPaces(common.dynamodb(), common.settings().access_table)
    return KeepPace(paces=paces, clock=common.clock(), backoff=common.backoff())


@cache
def record_attempt() -> RecordAttempt:
    """What became of attempts, and what carriers report of them."""
    return RecordAttempt(
        calls=dial_calls(),
        use_cases=use_cases(),
        keep_pace=_keep_pace(),
        matches=_matches,
        clock=common.clock(),
        backoff=common.backoff(),
    )


@cache
def place_call() -> PlaceCall:
    """Calls that are due: dialled, or looked up at their carrier."""
    settings = common.settings()
    facts = DynamoAttemptFacts(common.dynamodb(), settings.dialing_table, settings.access_table)
    look_up_attempt = LookUpAttempt(facts=facts, carriers=carrier, record_attempt=record_attempt())
    return PlaceCall(
        calls=dial_calls(),
        facts=facts,
        campaigns=campaigns(),
        carriers=_counted,
        keep_pace=_keep_pace(),
        record_attempt=record_attempt(),
        look_up_attempt=look_up_attempt,
        matches=_matches,
        screen=phones.refusal_of,
        clock=common.clock(),
        ids=common.ids(),
        waits=SleepingWaits(common.clock()),
    )


@cache
def answer_dial() -> AnswerDial:
    """What whoever answers is told. Only this needs the words, and they bring XML's tools."""
    from slotline.carriers.twiml import HANG_UP, answer_to

    return AnswerDial(
        calls=dial_calls(),
        use_cases=use_cases(),
        record_attempt=record_attempt(),
        screen=phones.refusal_of,
        words=_logged("the words for a call could not be made", answer_to),
        silence=HANG_UP,
    )
