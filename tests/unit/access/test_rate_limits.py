"""Three windows of requests at once, and which of them to tell."""

from datetime import UTC, datetime

import pytest

from slotline.domain.access.rate_limits import Window, rate_state, window_end

NOW = datetime(2026, 2, 28, 23, 59, 30, 250_000, tzinfo=UTC)
NOON = datetime(2026, 4, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "now", "end"),
    [
        (Window.MINUTE, NOON, datetime(2026, 4, 22, 12, 1, tzinfo=UTC)),
        (Window.HOUR, NOON, datetime(2026, 4, 22, 13, 0, tzinfo=UTC)),
        (Window.DAY, NOON, datetime(2026, 4, 23, tzinfo=UTC)),
        (Window.MINUTE, NOW, datetime(2026, 3, 1, tzinfo=UTC)),
        (Window.HOUR, NOW, datetime(2026, 3, 1, tzinfo=UTC)),
        (Window.DAY, NOW, datetime(2026, 3, 1, tzinfo=UTC)),
    ],
)
def test_a_window_ends_with_its_calendar_unit(window: Window, now: datetime, end: datetime) -> None:
    assert window_end(window, now) == end


@pytest.mark.parametrize(
    ("limits", "used", "tightest", "remaining"),
    [
        ((60, 1000, 10_000), (1, 1, 1), Window.MINUTE, 59),
        ((60, 1000, 10_000), (1, 990, 5000), Window.HOUR, 10),
        ((60, 1000, 10_000), (1, 500, 9_999), Window.DAY, 1),
        ((60, 60, 60), (60, 60, 60), Window.DAY, 0),
        ((60, 60, 100), (10, 10, 10), Window.HOUR, 50),
        ((60, 1000, 10_000), (70, 70, 70), Window.MINUTE, 0),
        ((60, 60, 10_000), (60, 59, 59), Window.MINUTE, 0),
    ],
)
def test_the_tightest_has_the_least_left_and_of_equals_resets_last(
    limits: tuple[int, ...], used: tuple[int, ...], tightest: Window, remaining: int
) -> None:
    state = rate_state(dict(zip(Window, limits, strict=True)), dict(zip(Window, used, strict=True)), NOON, allowed=True)
    assert (state.window, state.remaining, state.allowed) == (tightest, remaining, True)


def test_who_is_refused_is_told_whole_seconds_that_are_enough() -> None:
    full = dict.fromkeys(Window, 1)
    state = rate_state(full, full, NOW, allowed=False)
    assert (state.retry_after_seconds, state.allowed) == (30, False)
    assert state.retry_after_seconds >= (state.resets_at - NOW).total_seconds()
