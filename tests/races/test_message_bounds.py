"""Many ask at the same instant for messages to one recipient: as many go through as the preset allows, never one more.

RACE_ROUNDS_SLOW says how many rounds there are, each with a recipient of its own.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from local.process import RunningSystem
from slotline.domain.booking.apps import Preset
from slotline.domain.messages.bounds import Bound, Counted, count_message, counted_in
from slotline.domain.shared.errors import MessageLimitReached
from slotline.ports.shared import RaceLost, StoreBusyError
from slotline.store.messages.reminders import DynamoReminders
from tests.races.conftest import ROUNDS
from tests.support.builders.apps import NOW, SetClock
from tests.support.builders.bookings import a_call, a_reminder
from tests.support.worlds.api import own_app, target_of

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(3600)]
CONTENDERS = 16
PRESET = Preset(preset_id="preset-1", name="Test", reminders_per_app_per_hour=1_000)


def ask(reminders: DynamoReminders, windows: Sequence[Counted], message_id: str) -> bool:
    """Insist until the message is let through or refused, as the use case does; every clock shows the same time."""
    app_id, call_id = windows[0].app_id, windows[0].of
    while True:
        try:
            counts = count_message(reminders.asked_for(windows), PRESET, message_id, NOW)
            reminders.add([replace(a_reminder(a_call(id=call_id, app_id=app_id)), id=message_id)], None, counts)
        except (RaceLost, StoreBusyError):
            continue
        except MessageLimitReached:
            return False
        return True


def test_of_all_who_ask_at_once_as_many_are_let_through_as_the_bound_says(system: RunningSystem) -> None:
    place = own_app(system)
    tables = system.tables
    reminders = DynamoReminders(
        target_of(system).client("dynamodb"), tables["scheduling"], tables["access"], SetClock()
    )
    started = time.perf_counter()
    for number in range(ROUNDS):
        windows = counted_in(place.app_id, f"call-{number}", f"p{number}@example.com")[:2]
        together = Barrier(CONTENDERS)

        def at_once(
            contender: int, number: int = number, windows: Sequence[Counted] = windows, together: Barrier = together
        ) -> bool:
            together.wait()
            return ask(reminders, windows, f"message-{number}-{contender}")

        with ThreadPoolExecutor(CONTENDERS) as threads:
            let_through = sum(threads.map(at_once, range(CONTENDERS)))
        assert let_through == PRESET.reminders_per_recipient_per_hour
        call, recipient = reminders.asked_for(windows)
        assert (call.counted.bound, recipient.counted.bound) == (Bound.CALL, Bound.RECIPIENT)
        assert (len(call.asked), len(recipient.asked)) == (let_through, let_through)
    figures = f"{ROUNDS} rounds of {CONTENDERS}, {time.perf_counter() - started:.1f} s"
    print(f"\nmessages to one recipient: {figures}")  # noqa: T201 - shown by pytest -s
