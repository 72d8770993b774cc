"""Recordings are kept as they were said to be, and their files are what was put."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from slotline.domain.instant.recordings import LEAST_PART, Recording, RecordingState
from slotline.domain.shared.due import Due, DueKind
from slotline.ids import new_id
from slotline.ports.shared import AlreadyWritten, RaceLost
from slotline.store.dynamodb import keys
from tests.contract.conftest import Backend, backend_of
from tests.support import patient
from tests.support.builders.apps import NOW
from tests.support.builders.rooms import a_recording

WHOLE = b"x" * LEAST_PART


class TestWhatIsKnown:
    def test_they_are_listed_in_their_order(self, backend: Backend) -> None:
        recordings = [a_recording(number=number) for number in (2, 10, 1)]
        for recording in (*recordings, a_recording(call_id="another")):
            backend.recordings.add(recording)
        assert [one.number for one in backend.recordings.of("room-1")] == [1, 2, 10]
        assert backend.recordings.of("nobody") == []
        assert backend.recordings.find("room-1", 3) is None

    def test_a_number_is_taken_once(self, backend: Backend) -> None:
        backend.recordings.add(a_recording())
        with pytest.raises(AlreadyWritten):
            backend.recordings.add(a_recording(upload_id="another"))
        assert backend.recordings.find("room-1", 1) == a_recording()

    def test_what_its_page_says_is_kept_until_it_is_complete(self, backend: Backend) -> None:
        backend.recordings.add(a_recording())
        said = a_recording().heard(NOW + timedelta(seconds=9), timedelta(milliseconds=8_640), 9, (2, 5))
        backend.recordings.heard(said)
        assert backend.recordings.find("room-1", 1) == said
        assert list(backend.recordings.of("room-1")) == [said]
        done = said.completed(7, NOW + timedelta(seconds=10))
        backend.recordings.keep(said, done)
        backend.recordings.heard(said)
        assert backend.recordings.find("room-1", 1) == done
        assert list(backend.recordings.of("room-1")) == [done]

    def test_it_is_completed_once(self, backend: Backend) -> None:
        backend.recordings.add(a_recording())
        backend.recordings.keep(a_recording(), a_recording().completed(7, NOW))
        with pytest.raises(RaceLost):
            backend.recordings.keep(a_recording(), a_recording().completed(9, NOW))

    def test_it_is_due_when_its_days_are_over_and_once(self, backend: Backend) -> None:
        backend.recordings.add(a_recording())
        done = a_recording().completed(7, NOW)
        backend.recordings.keep(a_recording(), done)
        due = Due(kind=DueKind.RECORDING, **keys.recording("room-1", 1), at=NOW + timedelta(days=30))
        assert backend.recordings.due(due) == done
        assert backend.recordings.due(replace(due, at=NOW)) is None
        backend.recordings.keep(done, done.deleted())
        assert backend.recordings.due(due) is None
        assert backend.recordings.find("room-1", 1) == done.deleted()

    def test_of_an_empty_one_whatever_there_may_be_goes_as_well(self, backend: Backend) -> None:
        backend.recordings.add(a_recording())
        empty = a_recording().completed(0, NOW)
        backend.recordings.keep(a_recording(), empty)
        assert empty.state is RecordingState.EMPTY
        assert empty.deleted_at
        key = keys.recording("room-1", 1)
        assert backend.recordings.due(Due(kind=DueKind.RECORDING, **key, at=empty.deleted_at)) == empty


@pytest.fixture(params=["direct", "memory"])
def files(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Where files are: those that a browser can put to, by HTTP or in memory."""
    with backend_of(request.param) as backend:
        yield backend.recording_files


def put(files: Any, url: str, content: bytes) -> None:
    """As a browser does."""
    if url.startswith("http"):
        answer = patient.put(url, content=content)
        assert answer.status_code == 200, answer.text
    else:
        files.put(url, content)


def begun(files: Any) -> Recording:
    draft = a_recording(upload_id="", call_id=new_id())
    return replace(draft, upload_id=files.begin(draft))


class TestFiles:
    def test_parts_become_one_file_and_again_the_same(self, files: Any) -> None:
        recording = begun(files)
        for part, content in ((1, WHOLE), (2, b"the rest")):
            put(files, files.part_url(recording, part, len(content)), content)
        for _ in range(2):
            assert files.complete(recording) == LEAST_PART + 8

    def test_a_part_that_is_put_again_is_the_part(self, files: Any) -> None:
        recording = begun(files)
        for content in (b"first", b"again"):
            put(files, files.part_url(recording, 1, 5), content)
        assert files.complete(recording) == 5

    def test_the_tail_behind_the_last_part_is_the_last(self, files: Any) -> None:
        recording = begun(files)
        put(files, files.tail_url(recording, 0, 8), b"old tail")
        put(files, files.part_url(recording, 1, LEAST_PART), WHOLE)
        put(files, files.tail_url(recording, 1, 4), b"tail")
        assert files.complete(recording) == LEAST_PART + 4

    def test_a_tail_alone_is_a_file(self, files: Any) -> None:
        recording = begun(files)
        put(files, files.tail_url(recording, 0, 4), b"tail")
        assert files.complete(recording) == 4

    def test_of_nothing_there_is_no_file(self, files: Any) -> None:
        recording = begun(files)
        for _ in range(2):
            assert files.complete(recording) == 0

    def test_parts_that_make_no_file_make_none(self, files: Any) -> None:
        recording = begun(files)
        for part in (1, 2):
            put(files, files.part_url(recording, part, 4), b"less")
        assert files.complete(recording) == 0

    def test_what_is_deleted_is_gone_and_may_be_deleted_again(self, files: Any) -> None:
        recording = begun(files)
        put(files, files.part_url(recording, 1, 4), b"rest")
        files.complete(recording)
        for _ in range(2):
            files.delete(recording)
        assert files.complete(recording) == 0

    def test_a_downloads_address_ends_soon_and_names_the_file(self) -> None:
        with backend_of("direct") as backend:
            url = backend.recording_files.download_url(a_recording())
        said = parse_qs(urlsplit(url).query)
        assert said["X-Amz-Expires"] == ["300"]
        assert said["response-content-disposition"] == ['attachment; filename="room-1-001-guest.mp4"']
