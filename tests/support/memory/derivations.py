"""What is derived from subjects, in memory: with the outcomes of the real adapter."""

import threading
from collections import Counter as Sums
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from slotline.ports.shared import Counter, Derived
from tests.support.memory.faults import Faults


@dataclass
class MemoryDerivations:
    """`Derivations`: the newest version of each subject, and sums that are kept beside it."""

    faults: Faults = field(default_factory=Faults)
    newest: dict[str, Derived] = field(default_factory=dict)
    sums: Sums[Counter] = field(default_factory=Sums)
    rows: dict[tuple[object, object], Mapping[str, object]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def apply(self, changes: Sequence[Derived]) -> None:
        """All of them, under one lock."""
        with self.faults.around(self.faults.commits), self._lock:
            for change in changes:
                self._apply(change)

    def mend(self, subjects: Sequence[tuple[Mapping[str, str], Derived]]) -> int:
        """Each as it follows from its subject, which nobody has changed since."""
        with self.faults.around(self.faults.commits), self._lock:
            mended = sum(not self._says(derived) for _, derived in subjects)
            for _, derived in subjects:
                self._replace(derived)
            return mended

    def counts(self, partition: str, first: str, last: str | None = None) -> Mapping[str, int]:
        """The sums of a row, or of several."""
        found: Sums[str] = Sums()
        with self.faults.around(self.faults.reads), self._lock:
            for counter, amount in self.sums.items():
                if counter.partition == partition and first <= counter.row <= (last or first):
                    found[counter.name] += amount
        return +found

    def _apply(self, change: Derived) -> None:
        before = self.newest.get(change.subject)
        if before is not None and (before.version, before.is_gone) >= (change.version, change.is_gone):
            return
        self._replace(change)

    def _says(self, derived: Derived) -> bool:
        before = self.newest.get(derived.subject)
        if before is None or derived.is_gone:
            return derived.is_gone and (before is None or before.is_gone)
        return before == replace(derived, version=before.version)

    def _replace(self, change: Derived) -> None:
        before = self.newest.get(change.subject)
        self.newest[change.subject] = change
        if before is not None:
            self.sums.subtract(before.counters)
            for row in before.rows:
                del self.rows[row["pk"], row["sk"]]
        self.sums.update(change.counters)
        self.rows |= {(row["pk"], row["sk"]): row for row in change.rows}
