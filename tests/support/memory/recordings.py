"""Recordings of calls and their files, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from slotline.domain.instant.recordings import LEAST_PART, Recording, RecordingState
from slotline.domain.shared.due import Due
from slotline.ports.shared import AlreadyWritten, RaceLost
from tests.support.memory.faults import Faults
from tests.support.memory.store import MemoryStore


@dataclass
class MemoryRecordings:
    """`Recordings` on a store in memory."""

    store: MemoryStore

    def add(self, recording: Recording) -> None:
        """Under one lock."""
        with self.store.writing():
            if (recording.call_id, recording.number) in self.store.recordings:
                raise AlreadyWritten
            self.store.recordings[recording.call_id, recording.number] = recording

    def of(self, call_id: str) -> Sequence[Recording]:
        """One instant of the whole store."""
        with self.store.reading():
            return [one for (of, _), one in sorted(self.store.recordings.items()) if of == call_id]

    def find(self, call_id: str, number: int) -> Recording | None:
        """One instant of the whole store."""
        with self.store.reading():
            return self.store.recordings.get((call_id, number))

    def heard(self, recording: Recording) -> None:
        """Under one lock. What is complete stays as it is."""
        with self.store.writing():
            there = self.store.recordings[recording.call_id, recording.number]
            if there.is_open:
                self.store.recordings[recording.call_id, recording.number] = recording

    def keep(self, before: Recording, after: Recording) -> None:
        """Under one lock."""
        with self.store.writing():
            if self.store.recordings[before.call_id, before.number].state is not before.state:
                raise RaceLost
            self.store.recordings[before.call_id, before.number] = after

    def due(self, due: Due) -> Recording | None:
        """One instant of the whole store."""
        with self.store.reading():
            call_id, number = due.pk.removeprefix("ROOM#"), int(due.sk.removeprefix("RECORDING#"))
            found = self.store.recordings.get((call_id, number))
            kept = (RecordingState.COMPLETE, RecordingState.EMPTY)
            is_due = found is not None and found.state in kept and found.deleted_at == due.at
            return found if is_due else None


@dataclass
class MemoryRecordingFiles:
    """`RecordingFiles` as a bucket has them: parts, tails and files by their names."""

    parts: dict[str, dict[int, bytes]] = field(default_factory=dict)
    tails: dict[tuple[str, int], bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)

    def origin(self) -> str:
        """Of nobody."""
        return "https://recordings.example.com"

    def begin(self, recording: Recording) -> str:
        """Its own path is the id."""
        with self.faults.around(self.faults.commits):
            self.parts[recording.path] = {}
            return recording.path

    def part_url(self, recording: Recording, part: int, size: int) -> str:
        """For `put`."""
        return f"part {part} {size} {recording.path}"

    def tail_url(self, recording: Recording, after: int, size: int) -> str:
        """For `put`."""
        return f"tail {after} {size} {recording.path}"

    def put(self, url: str, content: bytes) -> None:
        """As a browser does with an address."""
        kind, number, size, path = url.split(" ", 3)
        assert len(content) == int(size)
        if kind == "tail":
            self.tails[path, int(number)] = content
        else:
            self.parts[path][int(number)] = content

    def complete(self, recording: Recording) -> int:
        """As S3 does it: a part that is not the last one has 5 MiB at least."""
        with self.faults.around(self.faults.commits):
            return self._complete(recording)

    def _complete(self, recording: Recording) -> int:
        parts = self.parts.pop(recording.path, None)
        if parts is not None:
            whole = [parts[number] for number in range(1, len(parts) + 1) if number in parts]
            tail = self.tails.get((recording.path, len(whole)))
            whole += [tail] if tail is not None else []
            if any(len(part) < LEAST_PART for part in whole[:-1]):
                return 0
            if whole:
                self.files[recording.path] = b"".join(whole)
        return len(self.files.get(recording.path, b""))

    def download_url(self, recording: Recording) -> str:
        """Its path."""
        return f"https://recordings.example.com/{recording.path}"

    def delete(self, recording: Recording) -> None:
        """Again: nothing."""
        with self.faults.around(self.faults.commits):
            self.files.pop(recording.path, None)
