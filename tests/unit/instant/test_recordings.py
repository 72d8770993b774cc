"""Recordings: nothing before both have agreed, and no part is lost that was brought."""

from dataclasses import replace
from datetime import timedelta

import pytest

from slotline.domain.booking.rooms import Side
from slotline.domain.instant.recordings import LEAST_PART, MOST_FILES, Progress, Recording, RecordingState, container_of
from slotline.domain.instant.rooms import VideoCallStatus
from slotline.domain.instant.seats import RecordingWish, SeatLost
from slotline.domain.instant.visits import Leaving
from slotline.domain.shared.due import Due, DueKind
from slotline.domain.shared.errors import Conflict, Forbidden, InvalidRequest, NotFound
from slotline.store.dynamodb import keys
from tests.support.worlds.parlour import Parlour, Visitor

HOST, GUEST = Side.HOST, Side.GUEST
ON, OFF, PAUSED = RecordingWish.ON, RecordingWish.OFF, RecordingWish.PAUSED
WHOLE = b"x" * LEAST_PART


@pytest.fixture
def parlour() -> Parlour:
    return Parlour(recording_days=10)


def both(parlour: Parlour, **call: object) -> tuple[str, Visitor, Visitor]:
    call_id = parlour.instant(**call)
    return call_id, parlour.enter(call_id, HOST), parlour.enter(call_id, GUEST)


def agreed(parlour: Parlour) -> tuple[str, Visitor, Visitor]:
    """A call that both want recorded."""
    call_id, host, guest = both(parlour)
    parlour.sync(call_id, host, wish=ON)
    parlour.sync(call_id, guest, agrees=True)
    return call_id, host, guest


def started(parlour: Parlour) -> tuple[str, Visitor, Recording]:
    call_id, _, guest = agreed(parlour)
    return call_id, guest, parlour.record(call_id, guest.page, "mp4")


def said(number: int = 1, seconds: int = 1, **more: object) -> Progress:
    return Progress(**{"number": number, "recorded": timedelta(seconds=seconds), "pieces": seconds, **more})


def may_record(parlour: Parlour, call_id: str) -> bool:
    return parlour.seatings.read(call_id).may_record(parlour.clock.now())


class TestAgreeing:
    def test_nobody_is_recorded_who_was_not_asked(self, parlour: Parlour):
        call_id, host, guest = both(parlour)
        for one in (host, guest):
            with pytest.raises(Conflict, match="not everybody has agreed"):
                parlour.record(call_id, one.page, "mp4")

    def test_a_guest_who_refused_is_asked_again_when_the_host_wants_it_again(self, parlour: Parlour):
        call_id, host, guest = both(parlour)
        parlour.sync(call_id, host, wish=ON)
        parlour.sync(call_id, guest, agrees=False)
        parlour.sync(call_id, host, wish=PAUSED)
        seats = parlour.sync(call_id, host, wish=ON).seats
        assert seats.guest
        assert seats.guest.agrees is False, "a pause asks nobody"
        parlour.sync(call_id, host, wish=OFF)
        seats = parlour.sync(call_id, host, wish=ON).seats
        assert seats.guest
        assert seats.guest.agrees is None

    def test_whoever_wants_it_has_agreed_and_the_other_side_has_to(self, parlour: Parlour):
        call_id, host, guest = both(parlour)
        parlour.sync(call_id, host, wish=ON)
        assert not may_record(parlour, call_id)
        parlour.sync(call_id, guest, agrees=True)
        assert may_record(parlour, call_id)

    def test_where_the_call_was_started_so_both_have_to_agree(self, parlour: Parlour):
        call_id, host, guest = both(parlour, record_on_start=True)
        for one in (host, guest):
            assert not may_record(parlour, call_id)
            parlour.sync(call_id, one, agrees=True)
        assert may_record(parlour, call_id)

    def test_a_guest_can_refuse_and_cannot_ask(self, parlour: Parlour):
        call_id, host, guest = both(parlour)
        with pytest.raises(Forbidden):
            parlour.sync(call_id, guest, wish=ON)
        parlour.sync(call_id, host, wish=ON)
        parlour.sync(call_id, guest, agrees=False)
        assert not may_record(parlour, call_id)

    def test_a_pause_and_an_end_stop_it(self, parlour: Parlour):
        call_id, host, _ = agreed(parlour)
        for wish in (PAUSED, OFF):
            parlour.sync(call_id, host, wish=wish)
            assert not may_record(parlour, call_id)
        parlour.sync(call_id, host, wish=ON)
        assert may_record(parlour, call_id)

    def test_a_reload_agrees_to_nothing_else_and_a_replacement_is_asked_anew(self, parlour: Parlour):
        call_id, host, guest = agreed(parlour)
        parlour.enter(call_id, GUEST, guest.secret)
        assert may_record(parlour, call_id)
        waiting = parlour.enter(call_id, GUEST)
        parlour.admit(call_id, host)
        parlour.enter(call_id, GUEST, waiting.secret)
        assert not may_record(parlour, call_id)

    def test_whoever_is_alone_is_not_recorded(self, parlour: Parlour):
        call_id, _, guest = agreed(parlour)
        parlour.leave(call_id, guest)
        assert not may_record(parlour, call_id)


class TestAFile:
    def test_its_parts_and_its_rest_become_one_file(self, parlour: Parlour):
        call_id, guest, recording = started(parlour)
        for number, content in ((1, WHOLE), (2, b"the rest")):
            parlour.files.put(parlour.bring.part(call_id, guest.page, said(), number, len(content)), content)
        done = parlour.complete.of_page(call_id, guest.page, said(seconds=60))
        assert (done.state, done.size, done.recorded) == (RecordingState.COMPLETE, LEAST_PART + 8, timedelta(minutes=1))
        assert parlour.files.files[recording.path] == WHOLE + b"the rest"

    def test_of_a_page_that_dies_the_tail_is_the_last_part(self, parlour: Parlour):
        call_id, guest, recording = started(parlour)
        for after, content in ((0, b"old tail"),):
            parlour.files.put(parlour.bring.tail(call_id, guest.page, said(), after, len(content)), content)
        parlour.files.put(parlour.bring.part(call_id, guest.page, said(), 1, LEAST_PART), WHOLE)
        parlour.files.put(parlour.bring.tail(call_id, guest.page, said(seconds=30), 1, 4), b"tail")
        parlour.look_in(call_id)
        done = parlour.recordings.of(call_id)[0]
        assert (done.state, done.recorded) == (RecordingState.COMPLETE, timedelta(seconds=30))
        assert parlour.files.files[recording.path] == WHOLE + b"tail"

    def test_nothing_came_of_it(self, parlour: Parlour):
        call_id, guest, _ = started(parlour)
        assert parlour.complete.of_page(call_id, guest.page, said()).state is RecordingState.EMPTY

    def test_to_complete_it_again_changes_nothing_and_takes_no_more(self, parlour: Parlour):
        call_id, guest, _ = started(parlour)
        parlour.files.put(parlour.bring.part(call_id, guest.page, said(), 1, 4), b"rest")
        first = parlour.complete.of_page(call_id, guest.page, said(seconds=5))
        parlour.clock.advance(seconds=30)
        assert parlour.complete.of_page(call_id, guest.page, said(seconds=50)) == first
        with pytest.raises(Conflict, match="complete"):
            parlour.bring.part(call_id, guest.page, said(), 2, 4)

    def test_pieces_that_are_lost_are_known(self, parlour: Parlour):
        call_id, guest, _ = started(parlour)
        parlour.bring.part(call_id, guest.page, said(gaps=(3, 2)), 1, 4)
        parlour.bring.part(call_id, guest.page, said(gaps=(7,)), 1, 4)
        assert parlour.recordings.of(call_id)[0].gaps == (2, 3, 7)

    def test_each_start_is_a_file_of_its_own_in_order(self, parlour: Parlour):
        call_id, host, guest = agreed(parlour)
        made = [parlour.record(call_id, one.page, "webm") for one in (host, guest, host)]
        assert [one.name for one in made] == ["001-host.webm", "002-guest.webm", "003-host.webm"]

    def test_a_start_that_is_told_again_after_a_lost_answer_is_the_same_file(self, parlour: Parlour):
        call_id, host, guest = agreed(parlour)
        first = parlour.record(call_id, host.page, "webm", "start-1")
        assert parlour.record(call_id, host.page, "webm", "start-1") == first
        assert parlour.record(call_id, guest.page, "webm", "start-1").number == 2, "the other side's is another one"
        assert parlour.record(call_id, host.page, "webm", "start-2").number == 3

    def test_a_pause_of_any_length_ends_no_file(self, parlour: Parlour):
        call_id, host, guest = agreed(parlour)
        parlour.record(call_id, guest.page, "mp4")
        parlour.files.put(parlour.bring.part(call_id, guest.page, said(), 1, LEAST_PART), WHOLE)
        parlour.sync(call_id, host, wish=PAUSED)
        for _ in range(13):
            parlour.clock.advance(seconds=10)
            for one in (host, guest):
                parlour.sync(call_id, one)
        parlour.look_in(call_id)
        assert parlour.recordings.of(call_id)[0].is_open
        parlour.sync(call_id, host, wish=ON)
        parlour.bring.part(call_id, guest.page, said(), 2, 4)

    def test_nothing_is_begun_in_a_call_that_was_ended_outside_its_room(self, parlour: Parlour):
        call_id, host, _ = agreed(parlour)
        there = parlour.rooms.find(call_id)
        assert there
        parlour.rooms.end(replace(there, status=VideoCallStatus.ENDED, ended_at=parlour.clock.now()), None)
        with pytest.raises(Conflict):
            parlour.record(call_id, host.page, "mp4")

    def test_there_are_not_endlessly_many(self, parlour: Parlour):
        call_id, host, _ = agreed(parlour)
        first = parlour.record(call_id, host.page, "mp4")
        for number in range(2, MOST_FILES + 1):
            parlour.recordings.add(replace(first, number=number))
        with pytest.raises(Conflict, match="200 recordings"):
            parlour.record(call_id, host.page, "mp4")

    @pytest.mark.parametrize(("number", "size"), [(0, 1), (1_001, 1), (1, 0), (1, 64 * 1024 * 1024 + 1)])
    def test_a_part_has_a_number_and_a_size(self, parlour: Parlour, number: int, size: int):
        call_id, guest, _ = started(parlour)
        with pytest.raises(InvalidRequest):
            parlour.bring.part(call_id, guest.page, said(), number, size)

    def test_the_other_sides_is_nobodys_to_bring_or_to_end(self, parlour: Parlour):
        call_id, host, guest = agreed(parlour)
        parlour.record(call_id, guest.page, "mp4")
        for act in (
            lambda: parlour.bring.part(call_id, host.page, said(), 1, 1),
            lambda: parlour.complete.of_page(call_id, host.page, said()),
        ):
            with pytest.raises(NotFound):
                act()

    def test_what_was_recorded_is_brought_also_once_somebody_else_has_the_seat_or_the_call_is_over(
        self, parlour: Parlour
    ):
        call_id, host, guest = agreed(parlour)
        parlour.record(call_id, guest.page, "mp4")
        waiting = parlour.enter(call_id, GUEST)
        parlour.admit(call_id, host)
        other = parlour.enter(call_id, GUEST, waiting.secret)
        parlour.leave(call_id, host, Leaving.END)
        parlour.files.put(parlour.bring.part(call_id, guest.page, said(), 1, 4), b"rest")
        with pytest.raises(NotFound):
            parlour.bring.part(call_id, other.page, said(), 1, 4)
        assert parlour.complete.of_page(call_id, guest.page, said()).state is RecordingState.COMPLETE

    def test_whoever_has_no_seat_any_more_begins_no_file(self, parlour: Parlour):
        call_id, _, guest = agreed(parlour)
        parlour.enter(call_id, GUEST, guest.secret)
        with pytest.raises(SeatLost):
            parlour.record(call_id, guest.page, "mp4")

    def test_after_the_call_was_ended_it_is_completed_all_the_same(self, parlour: Parlour):
        call_id, guest, _ = started(parlour)
        parlour.files.put(parlour.bring.tail(call_id, guest.page, said(), 0, 4), b"tail")
        parlour.leave(call_id, parlour.enter(call_id, HOST, "secret-1"), Leaving.END)
        parlour.look_in(call_id)
        assert parlour.recordings.of(call_id)[0].state is RecordingState.COMPLETE

    def test_it_goes_once_its_days_are_over(self, parlour: Parlour):
        call_id, guest, recording = started(parlour)
        parlour.files.put(parlour.bring.part(call_id, guest.page, said(), 1, 4), b"rest")
        done = parlour.complete.of_page(call_id, guest.page, said())
        assert done.deleted_at == parlour.clock.now() + timedelta(days=10)
        due = Due(kind=DueKind.RECORDING, **keys.recording(call_id, 1), at=done.deleted_at)
        assert parlour.delete(due) == done.deleted()
        assert recording.path not in parlour.files.files
        assert parlour.delete(due) is None


@pytest.mark.parametrize(
    ("said", "container"),
    [
        ("video/mp4;codecs=avc1.42E01E,opus", "mp4"),
        ("video/webm;codecs=vp9,opus", "webm"),
        ("audio/webm", "webm"),
        ("Audio/MP4; codecs=opus", "mp4"),
    ],
)
def test_the_container_is_what_the_recorder_says(said: str, container: str):
    assert container_of(said) == container


@pytest.mark.parametrize("said", ["", "video", "text/html", "video/x-matroska;codecs=avc1"])
def test_nobody_brings_anything_else(said: str):
    with pytest.raises(InvalidRequest):
        container_of(said)
