"""Booking a call, on a store in memory: who wins, who loses, who is answered again."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from slotline.domain.booking.apps import CustomerLimit, Period
from slotline.domain.booking.calls import BookingSource, CallStatus, Guest
from slotline.domain.booking.prefills import SaidByLink
from slotline.domain.booking.questions import Question, QuestionType
from slotline.domain.shared.errors import (
    AppNotFound,
    CustomerLimitReached,
    Forbidden,
    IdempotencyMismatch,
    InvalidRequest,
    RateLimited,
    SlotTaken,
    Unavailable,
)
from slotline.ports.booking import Bookings, BookingWrite
from slotline.telephony.numbering import refusal_of
from slotline.usecases.booking.book_call import BookCall, Booked
from slotline.usecases.shared.retrying import MAX_TRIES
from tests.support.builders.apps import SetClock
from tests.support.builders.bookings import (
    AGENT,
    APP_ID,
    TOMORROW,
    a_call,
    a_key,
    a_request,
    an_agent,
    an_app,
    minutes,
    write_call,
)
from tests.support.builders.phones import BARRED
from tests.support.memory.faults import Fault
from tests.support.memory.running import NumberedIds, RecordedBackoff
from tests.support.memory.store import MemoryStore
from tests.support.memory.ticket_queue import MemoryTicketQueue
from tests.support.worlds.house import ALWAYS


def open_gate() -> None:
    """Everybody is let in."""


@dataclass
class Desk:
    """The use case and all it uses."""

    clock: SetClock = field(default_factory=SetClock)
    backoff: RecordedBackoff = field(default_factory=RecordedBackoff)
    ids: NumberedIds = field(default_factory=NumberedIds)
    store: MemoryStore = field(init=False)

    def __post_init__(self) -> None:
        self.store = MemoryStore(self.clock)
        self.store.apps[APP_ID] = an_app()
        self.store.agents[APP_ID, AGENT] = an_agent()

    def book(
        self, key: Any = None, check_rate: Callable[[], None] = open_gate, store: Bookings | None = None, **request: Any
    ) -> Booked:
        book = BookCall(
            screen=refusal_of,
            bookings=store or self.store,
            clock=self.clock,
            ids=self.ids,
            backoff=self.backoff,
            ticket_queue=MemoryTicketQueue(),
        )
        return book(a_request(**request), key, check_rate)


class Overtaken:
    """A store in which somebody else commits first, for the first `times` commits."""

    def __init__(self, store: MemoryStore, times: int, **call: Any) -> None:
        self._store, self._left, self._call = store, times, call

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, write: BookingWrite) -> None:
        if self._left:
            self._left -= 1
            start = TOMORROW + minutes(30 + 2 * self._left)
            write_call(self._store, a_call(duration_minutes=1, **{"scheduled_at": start, **self._call}))
        self._store.commit(write)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_free_slot_is_booked_at_the_first_try(desk: Desk) -> None:
    booked = desk.book()
    assert (booked.tries, booked.replayed, desk.backoff.pauses) == (1, False, [])
    assert desk.store.get(APP_ID, booked.call.id)
    assert booked.call.status is CallStatus.SCHEDULED


def test_a_guest_answers_what_is_required_and_others_need_not(desk: Desk) -> None:
    question = Question(key="company", label="Your company", type=QuestionType.SHORT_TEXT, required=True)
    desk.store.apps[APP_ID] = an_app(questions=(question,))
    desk.store.agents[APP_ID, AGENT] = an_agent(working_hours=ALWAYS)
    with pytest.raises(InvalidRequest, match=r"answers\.company: “Your company” is required"):
        desk.book(source=BookingSource.PUBLIC_BOOKING)
    assert desk.store.committed == []
    answers = {"company": "Acme"}
    assert desk.book(source=BookingSource.PUBLIC_BOOKING, answers=answers).call.answers == answers
    for number, source in enumerate((BookingSource.API, BookingSource.ADMIN, BookingSource.AGENT), start=1):
        start = TOMORROW + minutes(60 * number)
        assert desk.book(source=source, scheduled_at=start).call.answers == {}
        with pytest.raises(InvalidRequest, match="must be text"):
            desk.book(source=source, scheduled_at=start, answers={"company": 5})


def test_a_booking_on_our_page_carries_what_its_link_says_and_says_that_the_link_said_it(desk: Desk) -> None:
    desk.store.agents[APP_ID, AGENT] = an_agent(working_hours=ALWAYS)
    said = SaidByLink(external_id="deal-4711", metadata={"pipeline": "Q3"})
    call = desk.book(source=BookingSource.PUBLIC_BOOKING, said_by_link=said).call
    marked = {"said_by_link": {"external_id": "deal-4711", "metadata": {"pipeline": "Q3"}}}
    assert (call.external_id, call.metadata) == ("deal-4711", marked)
    created = desk.store.committed[0].events[0]
    assert (created.payload["external_id"], created.payload["metadata"]) == ("deal-4711", marked)


def test_a_booking_on_our_page_by_a_link_that_says_nothing_has_no_metadata(desk: Desk) -> None:
    desk.store.agents[APP_ID, AGENT] = an_agent(working_hours=ALWAYS)
    call = desk.book(source=BookingSource.PUBLIC_BOOKING, said_by_link=SaidByLink()).call
    assert (call.external_id, call.metadata) == (None, None)


def test_a_hidden_question_needs_no_answer_on_our_page_and_needs_one_from_a_website_of_its_own(desk: Desk) -> None:
    campaign = Question(key="campaign", label="From", type=QuestionType.SHORT_TEXT, required=True, hidden=True)
    company = Question(key="company", label="Your company", type=QuestionType.SHORT_TEXT, required=True)
    desk.store.apps[APP_ID] = an_app(questions=(campaign, company))
    desk.store.agents[APP_ID, AGENT] = an_agent(working_hours=ALWAYS)
    by_page = {"source": BookingSource.PUBLIC_BOOKING, "said_by_link": SaidByLink()}
    with pytest.raises(InvalidRequest) as refused:
        desk.book(**by_page)
    assert [detail.field for detail in refused.value.details] == ["answers.company"]
    answers = {"company": "Acme"}
    with pytest.raises(InvalidRequest) as refused:
        desk.book(source=BookingSource.PUBLIC_BOOKING, answers=answers)
    assert [detail.field for detail in refused.value.details] == ["answers.campaign"]
    assert desk.book(**by_page, answers=answers).call.answers == answers


@pytest.mark.parametrize("number", BARRED)
def test_nobody_books_with_a_number_that_nobody_dials_or_texts(desk: Desk, number: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        desk.book(guest=Guest.reachable(name="Jane", phone=number, email="jane@example.com"))
    (detail,) = refused.value.details
    assert (detail.field, detail.code) == ("guestPhone", BARRED[number])
    assert desk.store.committed == []


def test_a_taken_slot_is_refused_at_once_and_nothing_is_written(desk: Desk) -> None:
    desk.book()
    with pytest.raises(SlotTaken):
        desk.book()
    assert desk.backoff.pauses == []
    assert len(desk.store.committed) == 1


def test_who_loses_a_race_to_a_neighbour_decides_again_and_wins(desk: Desk) -> None:
    booked = desk.book(store=Overtaken(desk.store, 2))
    assert (booked.tries, desk.backoff.pauses) == (3, [1, 2])


def test_who_loses_a_race_for_the_slot_itself_is_told_so(desk: Desk) -> None:
    with pytest.raises(SlotTaken):
        desk.book(store=Overtaken(desk.store, 1, scheduled_at=TOMORROW))
    assert desk.backoff.pauses == [1]


def test_who_loses_every_try_is_told_to_come_back_never_that_the_slot_is_taken(desk: Desk) -> None:
    with pytest.raises(Unavailable):
        desk.book(store=Overtaken(desk.store, MAX_TRIES))
    assert desk.backoff.pauses == list(range(1, MAX_TRIES + 1))
    assert len(desk.store.committed) == MAX_TRIES, "only the others' calls"


def test_who_has_no_time_for_another_try_is_told_to_come_back(desk: Desk) -> None:
    desk.backoff.fits = 2
    with pytest.raises(Unavailable) as gave_up:
        desk.book(store=Overtaken(desk.store, MAX_TRIES))
    assert desk.backoff.pauses == [1, 2, 3]
    assert gave_up.value.retry_after_seconds >= 1


@pytest.mark.parametrize("effect", ["reads", "commits"])
def test_a_busy_store_is_tried_again(desk: Desk, effect: str) -> None:
    getattr(desk.store.faults, effect).extend([Fault.BUSY] * 3)
    assert desk.book().tries == 4
    assert len(desk.store.calls) == 1


@pytest.mark.parametrize("effect", ["reads", "commits"])
def test_a_store_busy_throughout_is_unavailable_and_nothing_is_written(desk: Desk, effect: str) -> None:
    getattr(desk.store.faults, effect).extend([Fault.BUSY] * 20)
    with pytest.raises(Unavailable) as refused:
        desk.book(key=a_key())
    assert refused.value.retry_after_seconds >= 1
    assert desk.store.calls == {}
    assert desk.store.receipts == {}


LOST: list[dict[str, Any]] = [{}, {"assigned_agent_id": None}]


@pytest.mark.parametrize("request_", LOST, ids=["an agent's", "unassigned"])
@pytest.mark.parametrize("key", [None, a_key()], ids=["no key", "a key"])
def test_a_lost_answer_is_one_booking_as_it_was_written(desk: Desk, request_: dict[str, Any], key: Any) -> None:
    desk.store.faults.commits.append(Fault.LOST_ANSWER)
    booked = desk.book(key=key, **request_)
    assert list(desk.store.calls.values()) == [booked.call]
    assert not booked.replayed


@pytest.mark.parametrize("request_", LOST, ids=["an agent's", "unassigned"])
def test_a_lost_answer_does_not_count_against_the_customer(desk: Desk, request_: dict[str, Any]) -> None:
    """The booking that got through fills the customer's window: the second try must not be refused for it."""
    desk.store.apps[APP_ID] = an_app(customer_limits=(CustomerLimit(max_bookings=1, per=Period.DAY),))
    desk.store.faults.commits.append(Fault.LOST_ANSWER)
    booked = desk.book(**request_)
    assert list(desk.store.calls.values()) == [booked.call]
    with pytest.raises(CustomerLimitReached):
        desk.book(scheduled_at=TOMORROW + minutes(60))


def test_a_preset_changed_between_two_tries_does_not_change_what_was_written(desk: Desk) -> None:
    class Changing(Overtaken):
        def commit(self, write: BookingWrite) -> None:
            desk.store.apps[APP_ID] = an_app(duration_minutes=45)
            desk.store.commit(write)

    desk.store.faults.commits.append(Fault.LOST_ANSWER)
    booked = desk.book(store=Changing(desk.store, 0), assigned_agent_id=None)
    assert booked.call.duration_minutes == 30
    assert list(desk.store.calls.values()) == [booked.call]


class TestTheGate:
    def test_it_refuses_before_anything_is_written(self, desk: Desk) -> None:
        def shut() -> None:
            raise RateLimited("too often", retry_after_seconds=1)

        with pytest.raises(RateLimited):
            desk.book(check_rate=shut)
        assert desk.store.committed == []

    def test_it_is_asked_after_the_reading(self, desk: Desk) -> None:
        looked: list[int] = []
        desk.book(check_rate=lambda: looked.append(len(desk.store.was_read)))
        assert looked == [1]


class TestOneEffectPerKey:
    def test_the_first_answer_comes_again(self, desk: Desk) -> None:
        first = desk.book(key=a_key())
        desk.clock.advance(hours=1)
        again = desk.book(key=a_key())
        assert (again.call, again.answered_at, again.replayed) == (first.call, first.answered_at, True)
        assert len(desk.store.committed) == 1

    def test_it_comes_again_though_the_call_has_changed_since_and_the_app_is_gone(self, desk: Desk) -> None:
        first = desk.book(key=a_key())
        desk.store.apps.clear()
        assert desk.book(key=a_key()).call == first.call

    def test_another_body_is_a_mismatch(self, desk: Desk) -> None:
        desk.book(key=a_key())
        with pytest.raises(IdempotencyMismatch):
            desk.book(key=a_key(fingerprint="body-2"), scheduled_at=TOMORROW + minutes(60))
        assert len(desk.store.committed) == 1

    def test_of_two_at_once_both_get_the_one_answer(self, desk: Desk) -> None:
        twin = Desk(clock=desk.clock, ids=desk.ids)
        twin.store = desk.store

        class First(Overtaken):
            def commit(self, write: BookingWrite) -> None:
                if not desk.store.committed:
                    self.winner = twin.book(key=a_key())
                desk.store.commit(write)

        racing = First(desk.store, 0)
        booked = desk.book(key=a_key(), store=racing)
        assert booked.call == racing.winner.call
        assert (booked.replayed, racing.winner.replayed) == (True, False)

    def test_a_refusal_keeps_no_answer(self, desk: Desk) -> None:
        desk.book()
        with pytest.raises(SlotTaken):
            desk.book(key=a_key())
        assert desk.store.receipts == {}


REFUSALS: list[tuple[str, dict[str, Any], type[Exception]]] = [
    ("no such app", {"app_id": "nowhere"}, AppNotFound),
    ("no such agent", {"assigned_agent_id": "nobody"}, InvalidRequest),
    ("a start that is past", {"scheduled_at": TOMORROW - minutes(60 * 48)}, InvalidRequest),
]


@pytest.mark.parametrize(("request_", "error"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
def test_what_the_rules_refuse_is_refused_at_once(desk: Desk, request_: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        desk.book(**request_)
    assert (desk.store.committed, desk.backoff.pauses) == ([], [])


def test_an_agent_who_left_is_no_agent(desk: Desk) -> None:
    desk.store.agents[APP_ID, AGENT] = an_agent(active=False)
    with pytest.raises(InvalidRequest):
        desk.book()


def test_scheduling_switched_off_is_forbidden(desk: Desk) -> None:
    desk.store.apps[APP_ID] = an_app(scheduling_enabled=False)
    with pytest.raises(Forbidden):
        desk.book()


def test_a_month_is_listed_with_its_first_call_alone(desk: Desk) -> None:
    desk.book()
    desk.book(scheduled_at=TOMORROW + minutes(60))
    assert [write.list_month for write in desk.store.committed] == [True, False]


def test_the_reading_reaches_as_far_as_the_preset_could_make_it(desk: Desk) -> None:
    desk.store.apps[APP_ID] = an_app(duration_minutes=480, buffer_before_minutes=240, buffer_after_minutes=240)
    desk.book(scheduled_at=TOMORROW.replace(hour=22))
    assert len(desk.store.committed[0].days) == 2


def test_of_many_threads_that_want_one_slot_one_gets_it(desk: Desk) -> None:
    def attempt(_: int) -> bool:
        mine = Desk(clock=desk.clock, ids=NumberedIds(made=1000 * _))
        mine.store = desk.store
        try:
            mine.book()
        except SlotTaken:
            return False
        return True

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(attempt, range(1, 65))) == 1
