"""What a change of zone rules does to a call: the wall time that was promised against the one that clocks show."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from slotline.domain.booking.apps import OnZoneChange
from slotline.domain.booking.call_json import call_from_json, call_to_json
from slotline.domain.booking.calls import Call, CallStatus
from slotline.domain.booking.promises import PromisedTime, ZoneChange, ZoneOutcome, zone_change_from_json
from slotline.domain.booking.zone_changes import (
    finds,
    is_newer,
    kept_finding,
    kept_promise,
    promised_now,
    reason_of,
    start_by_promise,
    wall_time,
)
from slotline.domain.shared.errors import Forbidden, InvalidRequest, SlotTaken
from slotline.domain.shared.intervals import Interval
from slotline.domain.shared.working_hours import Window
from tests.support.builders.bookings import JANE, a_call, an_app

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
NINE_BY_FORMER_RULES = datetime(2027, 1, 12, 17, 0, tzinfo=UTC)
"""In Vancouver, where it is ten o'clock then: British Columbia stays on summer time."""
NOBODY: frozenset[str] = frozenset()


def in_vancouver(app_time: str | None = "2027-01-12T09:00", **changes: Any) -> Call:
    """A call that was promised for nine."""
    values: dict[str, Any] = {
        "scheduled_at": NINE_BY_FORMER_RULES,
        "app_timezone": "America/Vancouver",
        "promised": PromisedTime(app_time=app_time, guest_time=None, zone_data="2025b") if app_time else None,
    }
    return replace(a_call(), **{**values, **changes})


def test_a_call_whose_clocks_show_another_time_is_found() -> None:
    assert wall_time(NINE_BY_FORMER_RULES, "America/Vancouver") == "2027-01-12T10:00"
    assert finds(in_vancouver(), "2026f", NOBODY, NOW) is ZoneOutcome.TOLD


def test_a_call_whose_clocks_show_what_was_promised_is_not_found_whatever_release_promised_it() -> None:
    assert finds(in_vancouver("2027-01-12T10:00"), "2026f", NOBODY, NOW) is None
    london = in_vancouver("2027-01-12T17:00", app_timezone="Europe/London")
    assert finds(london, "2026f", frozenset({"America/Vancouver"}), NOW) is None


def test_the_guests_zone_alone_is_reason_enough_to_be_found_and_none_to_move() -> None:
    promised = PromisedTime(app_time="2027-01-12T17:00", guest_time="2027-01-12T09:00", zone_data="2025b")
    guest = replace(JANE, timezone="America/Vancouver")
    call = in_vancouver(app_timezone="Europe/London", guest=guest, promised=promised)
    assert finds(call, "2026f", NOBODY, NOW) is ZoneOutcome.TOLD
    assert start_by_promise(call, an_app(on_zone_change=OnZoneChange.KEEP_WALL_TIME).preset) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"status": CallStatus.CANCELLED},
        {"status": CallStatus.STARTED},
        {"status": CallStatus.COMPLETED},
        {"status": CallStatus.NO_SHOW},
        {"scheduled_at": NOW},
    ],
)
def test_what_is_no_longer_waited_for_is_left_alone(changes: dict[str, Any]) -> None:
    assert finds(in_vancouver(**changes), "2026f", NOBODY, NOW) is None
    assert finds(in_vancouver(None, **changes), "2026f", frozenset({"America/Vancouver"}), NOW) is None


def test_older_rules_undo_nothing_that_newer_ones_promised() -> None:
    newer = PromisedTime(app_time="2027-01-12T11:00", guest_time=None, zone_data="2027a")
    assert finds(in_vancouver(promised=newer), "2026f", NOBODY, NOW) is None
    assert is_newer("2026f", "2026e")
    assert is_newer("2027a", "2026z")
    assert is_newer("2026aa", "2026z")
    assert not is_newer("2026f", "2026f")
    assert is_newer("2026f", "main"), "a name that is no release is older than every one"
    assert not is_newer("main", "2026f")


def test_without_a_promise_only_a_zone_that_changed_is_told_apart() -> None:
    assert finds(in_vancouver(None), "2026f", NOBODY, NOW) is None
    assert finds(in_vancouver(None), "2026f", frozenset({"America/Vancouver"}), NOW) is ZoneOutcome.NOT_KNOWN
    guest = in_vancouver(None, app_timezone="UTC", guest=replace(JANE, timezone="America/Havana"))
    assert finds(guest, "2026f", frozenset({"America/Havana"}), NOW) is ZoneOutcome.NOT_KNOWN


def test_the_promised_wall_time_is_found_again_an_hour_earlier() -> None:
    preset = an_app(on_zone_change=OnZoneChange.KEEP_WALL_TIME).preset
    assert start_by_promise(in_vancouver(), preset) == datetime(2027, 1, 12, 16, 0, tzinfo=UTC)
    assert start_by_promise(in_vancouver(), an_app().preset) is None
    assert start_by_promise(in_vancouver(None), preset) is None, "nobody kept what was promised"


def test_a_promised_time_that_clocks_now_jump_over_moves_nothing_and_says_so() -> None:
    call = in_vancouver("2027-03-14T02:30", app_timezone="America/New_York")
    with pytest.raises(InvalidRequest) as refused:
        start_by_promise(call, an_app(on_zone_change=OnZoneChange.KEEP_WALL_TIME).preset)
    assert refused.value.details[0].code == "wall_time_gap"


def test_a_promised_time_that_comes_twice_now_means_the_first() -> None:
    call = in_vancouver("2026-11-01T01:30", app_timezone="America/New_York")
    start = start_by_promise(call, an_app(on_zone_change=OnZoneChange.KEEP_WALL_TIME).preset)
    assert start == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_a_call_at_the_second_of_two_equal_wall_times_is_where_it_was_promised() -> None:
    second = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    call = in_vancouver("2026-11-01T01:30", app_timezone="America/New_York", scheduled_at=second)
    assert start_by_promise(call, an_app(on_zone_change=OnZoneChange.KEEP_WALL_TIME).preset) is None


def test_a_move_promises_again() -> None:
    before = in_vancouver()
    after = replace(before, scheduled_at=datetime(2027, 1, 13, 17, 0, tzinfo=UTC))
    assert kept_promise(before, after, "2026f") == promised_now(after, "2026f")


def test_a_change_that_brings_its_own_promise_keeps_that_one() -> None:
    before = in_vancouver()
    own = PromisedTime(app_time="2027-01-13T08:00", guest_time=None, zone_data="2027a")
    after = replace(before, scheduled_at=datetime(2027, 1, 13, 17, 0, tzinfo=UTC), promised=own)
    assert kept_promise(before, after, "2026f") == own


def test_another_zone_of_the_guest_leaves_what_the_app_was_promised_to_be_compared() -> None:
    before = in_vancouver()
    after = replace(before, guest=replace(before.guest, timezone="America/Bogota"))
    kept = kept_promise(before, after, "2026f")
    assert kept == PromisedTime(app_time="2027-01-12T09:00", guest_time="2027-01-12T12:00", zone_data="2025b")
    assert finds(replace(after, promised=kept), "2026f", NOBODY, NOW) is ZoneOutcome.TOLD


def test_any_other_change_leaves_the_promise() -> None:
    before = in_vancouver()
    assert kept_promise(before, replace(before, status=CallStatus.CONFIRMED), "2026f") == before.promised
    unknown = in_vancouver(None)
    assert kept_promise(unknown, replace(unknown, status=CallStatus.CONFIRMED), "2026f") is None
    elsewhere = replace(unknown, guest=replace(JANE, timezone="America/Bogota"))
    assert kept_promise(unknown, elsewhere, "2026f") is None


def test_what_a_guest_was_promised_is_not_read_again_while_their_zone_is_the_same() -> None:
    promised = PromisedTime(app_time="2027-01-12T09:00", guest_time="2027-01-12T09:00", zone_data="2025b")
    before = in_vancouver(guest=replace(JANE, timezone="America/Vancouver"), promised=promised)
    after = replace(before, guest=replace(before.guest, name="Joe"))
    assert kept_promise(before, after, "2026f") == promised, "or nobody would find that their clocks have moved"


def test_whoever_moves_a_call_takes_it_off_the_list() -> None:
    promise = promised_now(in_vancouver(), "2026f")
    found = ZoneChange(outcome=ZoneOutcome.NOT_MOVED, before=None, after=promise, found_at=NOW, reason="slot_taken")
    before = in_vancouver(zone_change=found)
    assert kept_finding(before, replace(before, status=CallStatus.CONFIRMED)) == found
    assert kept_finding(before, replace(before, scheduled_at=NOW)) is None
    assert before.has_zone_change
    assert not replace(before, status=CallStatus.CANCELLED).has_zone_change


def test_a_zone_that_the_rules_do_not_know_is_told_in_utc() -> None:
    call = in_vancouver(app_timezone="Mars/Olympus", guest=replace(JANE, timezone="Mars/Olympus"))
    assert promised_now(call, "2026f") == PromisedTime(app_time="2027-01-12T17:00", guest_time=None, zone_data="2026f")


def test_a_row_keeps_the_promise_and_the_finding() -> None:
    promise = PromisedTime(app_time="2027-01-12T09:00", guest_time="2027-01-12T12:00", zone_data="2025b")
    found = ZoneChange(outcome=ZoneOutcome.TOLD, before=promise, after=promise, found_at=NOW)
    call = in_vancouver(promised=promise, zone_change=found)
    assert call_from_json(call_to_json(call)) == call
    assert call_from_json(call_to_json(in_vancouver(None))).promised is None


def test_a_finding_that_does_not_say_what_is_told_now_is_refused() -> None:
    kept = {"outcome": "told", "before": None, "after": None, "found_at": "2026-11-02T12:00:00.000Z"}
    with pytest.raises(ValueError, match="what is told now"):
        zone_change_from_json(kept)


def test_the_reason_for_not_moving_is_the_code_of_what_stood_in_the_way() -> None:
    assert reason_of(SlotTaken("taken")) == "slot_taken"
    assert reason_of(Forbidden("no")) == "conflict", "a refusal without a code"


def test_working_hours_are_those_of_present_rules() -> None:
    window = Window(weekday=1, start="09:00", end="10:00", zone="America/Vancouver")
    (worked,) = window.within(Interval(NINE_BY_FORMER_RULES - timedelta(days=1), NINE_BY_FORMER_RULES))
    assert worked == Interval(NINE_BY_FORMER_RULES - timedelta(hours=1), NINE_BY_FORMER_RULES)
