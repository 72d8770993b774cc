"""Tell the guests of calls that their agent has blocked the time."""

from contextlib import suppress
from dataclasses import dataclass

from slotline.domain.booking.blocks import Affects
from slotline.domain.booking.planned_messages import conflict_notices
from slotline.ports.booking import Bookings
from slotline.ports.messages import Reminders
from slotline.ports.shared import AlreadyWritten
from slotline.usecases.shared.once import Once


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyGuests:
    """Sends the guests of affected calls a conflict notice."""

    bookings: Bookings
    reminders: Reminders
    once: Once

    def __call__(self, app_id: str, affects: Affects, window_id: str) -> None:
        """A conflict notice for every call, over the channels that the preset lists; again: nothing new.

        Raises Unavailable where the store is busy too long.
        """
        for affected in affects.calls:
            self.once.retry(lambda call_id=affected.id: self._notify(app_id, call_id, window_id))  # type: ignore[misc]

    def _notify(self, app_id: str, call_id: str, window_id: str) -> None:
        seen = self.bookings.read_for_change(app_id, call_id, None)
        if seen.app is None or seen.call is None:
            return
        notices = conflict_notices(seen.call, seen.app.preset, window_id, self.once.clock.now())
        if notices:
            with suppress(AlreadyWritten):
                self.reminders.add(notices, None)
