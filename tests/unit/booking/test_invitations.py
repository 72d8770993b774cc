"""What an invitation says, what makes it another, and the number that a calendar knows the newest by."""

from dataclasses import replace
from typing import Any

import pytest

from slotline.domain.booking.calls import Call, CallStatus, Guest
from slotline.domain.booking.invitations import (
    SAID_OVER,
    SAID_TO_AGENT,
    Fact,
    left_address,
    news_of,
    next_sequence,
    sequence_of,
    what_changed,
)
from slotline.domain.booking.promises import PromisedTime
from slotline.domain.booking.reminders import Channel, News
from tests.support.builders.bookings import TOMORROW, a_call, minutes

PENDING, CONFIRMED = CallStatus.PENDING_CONFIRMATION, CallStatus.CONFIRMED


def guest(call: Call, **changes: Any) -> Guest:
    return replace(call.guest, **changes)


def promised(app_time: str, guest_time: str | None = None, zone_data: str = "2025.2") -> PromisedTime:
    return PromisedTime(app_time=app_time, guest_time=guest_time, zone_data=zone_data)


class TestFacts:
    """What differs between a call and itself after a change."""

    @pytest.mark.parametrize(
        ("change", "facts"),
        [
            ({"scheduled_at": TOMORROW + minutes(30)}, {Fact.START}),
            ({"duration_minutes": 45}, {Fact.LENGTH}),
            ({"status": CONFIRMED}, {Fact.STATUS}),
            ({"status": CallStatus.CANCELLED}, {Fact.STATUS}),
            ({"assigned_agent_id": "agent-2"}, {Fact.AGENT}),
            ({"assigned_agent_id": None, "held_agent_id": "agent-1"}, {Fact.AGENT}),
            ({"held_agent_id": "agent-2"}, set()),
            ({"buffer_before_minutes": 10}, set()),
            ({"answers": {"size": "XL"}}, set()),
            ({"external_id": "crm-7", "metadata": {"a": 1}}, set()),
            ({"status": CallStatus.STARTED}, set()),
            ({"status": CallStatus.NO_SHOW}, set()),
            ({"status": CallStatus.COMPLETED}, set()),
            ({"contact_epoch": 1}, {Fact.LINK}),
        ],
    )
    def test_a_change_of_the_call_is_these_facts(self, change: dict[str, Any], facts: set[Fact]) -> None:
        before = a_call()
        assert what_changed(before, replace(before, **change)) == facts

    @pytest.mark.parametrize(
        ("change", "facts"),
        [
            ({"name": "Joe"}, {Fact.NAME}),
            ({"email": "joe@example.com"}, {Fact.CONTACT}),
            ({"phone": "+57 300 555 0100", "phone_e164": "+573005550100"}, {Fact.CONTACT}),
            ({"timezone": "America/Bogota"}, {Fact.WALL_TIME}),
            ({"timezone": "UTC"}, set()),
            ({"language": "es"}, set()),
            ({"intake_notes": "two of us"}, set()),
        ],
    )
    def test_a_change_of_the_guest_is_these(self, change: dict[str, Any], facts: set[Fact]) -> None:
        before = a_call()
        assert what_changed(before, replace(before, guest=guest(before, **change))) == facts

    def test_a_start_that_was_undone_is_no_fact_whatever_the_call_was(self) -> None:
        for status in (CallStatus.SCHEDULED, PENDING, CONFIRMED):
            started = a_call(status=CallStatus.STARTED)
            assert what_changed(started, replace(started, status=status)) == set()

    @pytest.mark.parametrize(
        ("before", "after", "is_another"),
        [
            (promised("2027-03-14T09:00"), promised("2027-03-14T08:00", zone_data="2026.6"), True),
            (promised("2027-03-14T09:00"), promised("2027-03-14T09:00", zone_data="2026.6"), False),
            (promised("09:00", "14:00"), promised("09:00", "13:00"), True),
            (promised("09:00", "14:00"), promised("08:00", "14:00"), False),
            (None, promised("2027-03-14T09:00"), False),
            (promised("2027-03-14T09:00"), None, False),
        ],
    )
    def test_rules_of_a_zone_that_changed_make_the_hour_that_its_reader_reads_another(
        self, before: PromisedTime | None, after: PromisedTime | None, *, is_another: bool
    ) -> None:
        """The instant stays. A call of which nobody noted the hour has none to compare with."""
        call = a_call(promised=before)
        changed = what_changed(call, replace(call, promised=after))
        assert changed == ({Fact.WALL_TIME} if is_another else set())
        assert all((Fact.WALL_TIME in SAID_OVER[channel]) for channel in Channel)

    def test_notes_and_answers_are_in_nobodys_reasons(self) -> None:
        assert set().union(*SAID_OVER.values(), SAID_TO_AGENT) == set(Fact)

    @pytest.mark.parametrize(
        ("facts", "status", "news"),
        [
            ({Fact.START, Fact.STATUS, Fact.NAME}, CONFIRMED, News.MOVED),
            ({Fact.STATUS, Fact.NAME}, CONFIRMED, News.CONFIRMED),
            ({Fact.NAME}, CONFIRMED, News.CHANGED),
            ({Fact.LENGTH}, PENDING, News.CHANGED),
        ],
    )
    def test_the_weightiest_is_told_first(self, facts: set[Fact], status: CallStatus, news: News) -> None:
        assert news_of(frozenset(facts), a_call(status=status)) is news


class TestSequence:
    """SEQUENCE of the call's calendar entries."""

    def test_a_new_call_begins_at_nought(self) -> None:
        assert sequence_of(a_call()) == 0

    def test_it_rises_by_one_with_each_change_of_what_is_said_and_with_no_other(self) -> None:
        call = a_call(calendar_sequence=4)
        assert next_sequence(call, replace(call, duration_minutes=45, assigned_agent_id="agent-2")) == 5
        assert next_sequence(call, replace(call, guest=guest(call, intake_notes="two of us"))) == 4
        assert next_sequence(call, call) == 4

    def test_a_corrected_address_takes_two_one_to_let_go_and_one_to_invite(self) -> None:
        call = a_call(calendar_sequence=4)
        for email in ("joe@example.com", None):
            assert next_sequence(call, replace(call, guest=guest(call, email=email))) == 6
        assert next_sequence(call, replace(call, guest=guest(call, email="Jane@EXAMPLE.com"))) == 5

    @pytest.mark.parametrize("revision", [1, 7])
    def test_after_a_release_that_mailed_the_revision_it_goes_on_above_that(self, revision: int) -> None:
        call = a_call(calendar_sequence=None, revision=revision)
        assert sequence_of(call) == revision
        assert next_sequence(call, replace(call, duration_minutes=45)) == revision + 1
        assert next_sequence(call, call) is None, "unchanged: still not known"

    def test_a_release_that_drops_the_number_is_never_below_it(self) -> None:
        """It puts whole rows, without what it does not know; each mail and each change is a revision."""
        call = a_call()
        for _ in range(5):
            changed = replace(call, duration_minutes=call.duration_minutes + 5)
            call = replace(changed, revision=call.revision + 1, calendar_sequence=next_sequence(call, changed))
        dropped = replace(call, calendar_sequence=None)
        assert sequence_of(dropped) >= sequence_of(call)
        assert (next_sequence(dropped, replace(dropped, duration_minutes=5)) or 0) > sequence_of(call)


@pytest.mark.parametrize(
    ("old", "new", "left"),
    [
        ("jane@example.com", "joe@example.com", "jane@example.com"),
        ("jane@example.com", None, "jane@example.com"),
        ("jane@example.com", "JANE@example.com", None),
        (None, "joe@example.com", None),
        ("jane@example.com", "jane@example.com", None),
    ],
)
def test_an_address_is_left_behind_by_another_mailbox(old: str | None, new: str | None, left: str | None) -> None:
    before = a_call(email=old)
    assert left_address(before, replace(before, guest=guest(before, email=new))) == left
