"""What is told about a call: planned with it, planned anew with every change, judged once more when it fires."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from slotline.domain.booking.apps import AgentMessage, Preset
from slotline.domain.booking.calls import FINAL, Call, CallStatus, Guest
from slotline.domain.booking.planned_messages import conflict_notices, plan, remembered, replan
from slotline.domain.booking.reminders import (
    LEADS,
    Channel,
    News,
    Reminder,
    ReminderKind,
    ReminderPlan,
    ReminderStatus,
)
from slotline.domain.messages.sending import (
    MOST_ATTEMPTS,
    WORTH_SENDING_FOR,
    Verdict,
    next_attempt,
    recipient_of,
    verdict,
)
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import TOMORROW, a_call, a_reminder, minutes
from tests.support.builders.planned_messages import EVERYTHING, LATER, PHONE, Row, a_preset, a_reachable_call

INSTANT = timedelta(microseconds=1)


def rows(reminders: Iterable[Reminder]) -> set[Row]:
    """Which are planned, and when."""
    return {(one.id, one.fire_at) for one in reminders}


def ids(reminders: Iterable[Reminder]) -> list[str]:
    """Which are planned."""
    return sorted(one.id for one in reminders)


class TestPlan:
    """The messages of a new call."""

    def test_what_the_preset_does_not_list_makes_no_row(self) -> None:
        assert plan(a_reachable_call(), a_preset({}), NOW) == ()
        listed = {"reminder_1h": ["sms"], "invitation": ["email"], "reminder_24h": []}
        assert ids(plan(a_reachable_call(), a_preset(listed), NOW)) == ["invitation.email", "reminder_1h.sms"]

    def test_an_invitation_goes_at_once_and_each_reminder_its_lead_before_the_start(self) -> None:
        preset = a_preset({kind: ["email"] for kind in EVERYTHING})
        assert rows(plan(a_reachable_call(), preset, NOW)) == {
            ("invitation.email", NOW),
            ("reminder_24h.email", LATER - timedelta(hours=24)),
            ("reminder_1h.email", LATER - timedelta(hours=1)),
            ("reminder_15m.email", LATER - timedelta(minutes=15)),
        }

    def test_a_message_is_due_when_it_fires_and_knows_the_start_it_was_planned_for(self) -> None:
        call = a_reachable_call()
        for reminder in plan(call, a_preset(), NOW):
            assert (reminder.due_at, reminder.scheduled_at, reminder.created_at) == (reminder.fire_at, LATER, NOW)
            assert (reminder.call_id, reminder.app_id) == (call.id, call.app_id)
            assert (reminder.status, reminder.attempts, reminder.recipient) == (ReminderStatus.PLANNED, 0, None)
            assert reminder.news is None

    @pytest.mark.parametrize(
        ("before_start", "kinds"),
        [
            (timedelta(hours=24) + INSTANT, ["reminder_15m", "reminder_1h", "reminder_24h"]),
            (timedelta(hours=24), ["reminder_15m", "reminder_1h"]),
            (timedelta(hours=1), ["reminder_15m"]),
            (timedelta(minutes=15), []),
        ],
    )
    def test_a_kind_whose_moment_has_passed_is_not_sent(self, before_start: timedelta, kinds: list[str]) -> None:
        listed = {kind.value: ["email"] for kind in LEADS}
        found = plan(a_reachable_call(), a_preset(listed), LATER - before_start)
        assert ids(found) == [f"{kind}.email" for kind in kinds]

    @pytest.mark.parametrize(
        ("guest", "channels"),
        [
            ({"phone": None, "phone_e164": None}, ["email", "genesys"]),
            ({"email": None}, ["genesys", "sms", "whatsapp"]),
            ({}, ["email", "genesys", "sms", "whatsapp"]),
        ],
    )
    def test_a_channel_that_does_not_reach_the_guest_makes_no_row(
        self, guest: dict[str, Any], channels: list[str]
    ) -> None:
        found = plan(a_reachable_call(**guest), a_preset({"invitation": EVERYTHING["invitation"]}), NOW)
        assert [one.channel.value for one in sorted(found, key=lambda one: one.channel)] == channels

    def test_genesys_is_told_when_its_dispatch_wants_to_know(self) -> None:
        listed = {"reminder_15m": ["genesys", "sms"]}
        found = plan(a_reachable_call(), a_preset(listed, genesys_dispatch_minutes=5), NOW)
        assert rows(found) == {("reminder_15m.genesys", LATER - minutes(5)), ("reminder_15m.sms", LATER - minutes(15))}
        alike = plan(a_reachable_call(), a_preset(listed), NOW)
        assert {one.fire_at for one in alike} == {LATER - minutes(15)}


class TestReplan:
    """What a change makes of a call's messages."""

    def changed(self, before: Call, now: datetime = NOW, preset: Preset | None = None, **changes: Any) -> ReminderPlan:
        """What this change of a call makes of the messages that were planned with it."""
        rules = preset or a_preset({kind: ["email"] for kind in EVERYTHING})
        planned = remembered((), plan(before, rules, before.created_at))
        known = replace(before, reminder_ids=planned)
        return replan(known, replace(known, **changes), rules, now)

    def lets_go(self, gone: Reminder, address: str, at: datetime = NOW) -> None:
        """A message to an address that is left behind: the call is cancelled, as that address knew it."""
        assert (gone.kind, gone.channel, gone.recipient) == (ReminderKind.CANCELLATION, Channel.EMAIL, address)
        assert (gone.fire_at, gone.due_at, gone.scheduled_at) == (at, at, LATER)
        assert gone.withdrawal is not None
        assert (gone.withdrawal.guest_name, gone.withdrawal.duration_minutes) == ("Jane Doe", 30)

    def test_a_move_plans_everything_anew_and_invites_again(self) -> None:
        moved_to = LATER + timedelta(hours=5)
        found = self.changed(a_reachable_call(), scheduled_at=moved_to)
        assert rows(found.put) == {
            ("invitation.email", NOW),
            ("reminder_24h.email", moved_to - timedelta(hours=24)),
            ("reminder_1h.email", moved_to - timedelta(hours=1)),
            ("reminder_15m.email", moved_to - timedelta(minutes=15)),
        }
        assert {one.id: one.news for one in found.put if one.news} == {"invitation.email": News.MOVED}
        assert found.drop == ()

    def test_a_move_to_soon_drops_what_it_does_not_plan_anew(self) -> None:
        found = self.changed(a_reachable_call(), scheduled_at=NOW + minutes(30))
        assert ids(found.put) == ["invitation.email", "reminder_15m.email"]
        assert found.drop == ("reminder_1h.email", "reminder_24h.email")

    def test_a_call_that_began_drops_its_reminders_and_not_its_invitation(self) -> None:
        """Whoever starts it may be alone, and by mistake: the guest still needs the link."""
        found = self.changed(a_reachable_call(), status=CallStatus.STARTED)
        assert found == ReminderPlan(drop=("reminder_15m.email", "reminder_1h.email", "reminder_24h.email"))

    @pytest.mark.parametrize("status", sorted(FINAL - {CallStatus.CANCELLED}))
    def test_a_call_that_is_over_drops_what_was_planned(self, status: CallStatus) -> None:
        found = self.changed(a_reachable_call(), status=status)
        assert found == ReminderPlan(
            drop=("invitation.email", "reminder_15m.email", "reminder_1h.email", "reminder_24h.email")
        )

    def test_a_cancelled_call_drops_what_was_planned_and_says_so_at_once(self) -> None:
        found = self.changed(a_reachable_call(), now=NOW + minutes(7), status=CallStatus.CANCELLED)
        assert rows(found.put) == {("cancellation.email", NOW + minutes(7))}
        assert len(found.drop) == 4

    def test_a_call_cancelled_after_it_began_says_so_too(self) -> None:
        found = self.changed(a_reachable_call(status=CallStatus.STARTED), status=CallStatus.CANCELLED)
        assert ids(found.put) == ["cancellation.email"]

    def test_what_happens_after_the_end_plans_nothing(self) -> None:
        over = a_reachable_call(status=CallStatus.CANCELLED)
        assert self.changed(over, cancellation_reason="corrected") == ReminderPlan()

    @pytest.mark.parametrize(
        ("change", "news", "channels"),
        [
            ({"assigned_agent_id": "agent-2"}, News.CHANGED, ["email"]),
            ({"assigned_agent_id": None}, News.CHANGED, ["email"]),
            ({"duration_minutes": 45}, News.CHANGED, ["email", "genesys"]),
            ({"status": CallStatus.CONFIRMED}, News.CONFIRMED, ["email", "genesys", "sms", "whatsapp"]),
            ({"guest": {"name": "Joe"}}, News.CHANGED, ["email", "genesys", "whatsapp"]),
            ({"guest": {"timezone": "Asia/Kathmandu"}}, News.CHANGED, ["email", "genesys", "sms", "whatsapp"]),
            (
                {"status": CallStatus.CONFIRMED, "duration_minutes": 45},
                News.CONFIRMED,
                ["email", "genesys", "sms", "whatsapp"],
            ),
        ],
    )
    def test_an_invitation_is_sent_again_over_each_channel_on_which_it_said_something_else(
        self, change: dict[str, Any], news: News, channels: list[str]
    ) -> None:
        before = a_reachable_call()
        if "guest" in change:
            change = {"guest": replace(before.guest, **change["guest"])}
        found = self.changed(before, preset=a_preset(), **change)
        assert sorted((one.id, one.news) for one in found.put) == [(f"invitation.{name}", news) for name in channels]
        assert rows(found.put) == {(one.id, NOW) for one in found.put}
        assert not any(one.recipient or one.withdrawal for one in found.put)
        assert found.drop == ()

    @pytest.mark.parametrize(
        "change",
        [
            {"guest": {"intake_notes": "a step-free entrance, please"}},
            {"guest": {"language": "es"}},
            {"answers": {"size": "XL"}},
            {"metadata": {"deal": 7}},
            {"buffer_after_minutes": 15},
            {"held_agent_id": "agent-2"},
        ],
    )
    def test_what_no_invitation_says_leaves_the_messages_alone(self, change: dict[str, Any]) -> None:
        before = a_reachable_call()
        if "guest" in change:
            change = {"guest": replace(before.guest, **change["guest"])}
        assert self.changed(before, preset=a_preset(agent_messages=tuple(AgentMessage)), **change) == ReminderPlan()

    def test_a_start_that_was_a_mistake_plans_the_reminders_that_it_dropped(self) -> None:
        started = a_reachable_call(status=CallStatus.STARTED)
        found = self.changed(started, now=LATER - minutes(30), status=CallStatus.SCHEDULED)
        assert rows(found.put) == {("reminder_15m.email", LATER - minutes(15))}

    def test_the_same_number_written_otherwise_is_no_new_way_to_be_reached(self) -> None:
        before = a_reachable_call()
        spaced = replace(before.guest, phone="+57 300 555 0100")
        assert self.changed(before, preset=a_preset(), guest=spaced) == ReminderPlan()

    def test_a_new_address_is_told_everything_and_the_others_nothing(self) -> None:
        before = a_reachable_call()
        found = self.changed(before, preset=a_preset(), guest=replace(before.guest, email="joe@example.com"))
        *planned, gone = found.put
        assert ids(planned) == ["invitation.email", "reminder_15m.email", "reminder_1h.email", "reminder_24h.email"]
        assert not any(one.recipient or one.withdrawal for one in planned)
        self.lets_go(gone, "jane@example.com")
        assert not any(one.news for one in found.put)
        assert found.drop == ()

    def test_an_address_that_is_gone_is_told_nothing_more_but_that_it_is(self) -> None:
        before = a_reachable_call()
        found = self.changed(before, guest=replace(before.guest, email=None))
        (gone,) = found.put
        self.lets_go(gone, "jane@example.com")
        assert found.drop == ("invitation.email", "reminder_15m.email", "reminder_1h.email", "reminder_24h.email")

    def test_a_new_number_reaches_three_channels_of_which_genesys_knew_the_address(self) -> None:
        before = a_reachable_call(phone=None, phone_e164=None)
        guest = replace(before.guest, phone=PHONE, phone_e164=PHONE)
        found = self.changed(before, preset=a_preset({"invitation": EVERYTHING["invitation"]}), guest=guest)
        assert ids(found.put) == ["invitation.genesys", "invitation.sms", "invitation.whatsapp"]

    def test_a_new_address_late_is_not_reminded_of_what_has_passed(self) -> None:
        before = a_reachable_call()
        found = self.changed(before, now=LATER - minutes(30), guest=replace(before.guest, email="joe@example.com"))
        *planned, gone = found.put
        assert rows(planned) == {("invitation.email", LATER - minutes(30)), ("reminder_15m.email", LATER - minutes(15))}
        self.lets_go(gone, "jane@example.com", at=LATER - minutes(30))
        assert found.drop == ("reminder_1h.email", "reminder_24h.email")

    def test_a_new_address_of_a_call_that_began_is_invited_and_the_former_one_lets_it_go(self) -> None:
        before = a_reachable_call(status=CallStatus.STARTED)
        found = self.changed(before, guest=replace(before.guest, email="joe@example.com"))
        invited, gone = found.put
        assert (invited.id, invited.recipient, invited.news, invited.fire_at) == ("invitation.email", None, None, NOW)
        self.lets_go(gone, "jane@example.com")
        assert found.drop == ()

    def test_what_changes_after_a_call_began_is_told_as_ever(self) -> None:
        started = a_reachable_call(status=CallStatus.STARTED)
        found = self.changed(started, duration_minutes=45, assigned_agent_id="agent-2")
        assert {one.id: one.news for one in found.put} == {"invitation.email": News.CHANGED}

    def test_a_new_number_of_a_moved_call_is_not_told_of_a_time_that_it_never_knew(self) -> None:
        before = a_reachable_call()
        guest = replace(before.guest, phone="+573005550199", phone_e164="+573005550199")
        listed = {"invitation": EVERYTHING["invitation"]}
        found = self.changed(before, preset=a_preset(listed), guest=guest, scheduled_at=LATER + minutes(60))
        news = {one.channel: one.news for one in found.put}
        assert news == {
            Channel.EMAIL: News.MOVED,
            Channel.GENESYS: None,
            Channel.SMS: None,
            Channel.WHATSAPP: None,
        }

    def test_what_an_older_preset_listed_is_dropped_by_a_move(self) -> None:
        before = replace(a_reachable_call(), reminder_ids=("reminder_1h.sms", "reminder_1h.email"))
        found = replan(before, replace(before, scheduled_at=TOMORROW), a_preset({"reminder_1h": ["email"]}), NOW)
        assert (ids(found.put), found.drop) == (["reminder_1h.email"], ("reminder_1h.sms",))

    def test_ids_are_remembered_once_in_the_order_of_their_planning(self) -> None:
        more = [a_reminder(id="b"), a_reminder(id="c")]
        assert remembered(("a", "b"), more) == ("a", "b", "c")


class TestConflictNotices:
    """Word to a guest that their agent will not be there."""

    def notices(self, call: Call, window_id: str = "window-1") -> tuple[Reminder, ...]:
        return conflict_notices(call, a_preset({"conflict_notice": ["email", "sms"]}), window_id, NOW)

    def test_the_guest_is_told_at_once_over_every_channel_that_is_listed_and_reaches_them(self) -> None:
        both = self.notices(a_reachable_call())
        assert [(one.channel, one.kind, one.fire_at, one.due_at) for one in both] == [
            (Channel.EMAIL, ReminderKind.CONFLICT_NOTICE, NOW, NOW),
            (Channel.SMS, ReminderKind.CONFLICT_NOTICE, NOW, NOW),
        ]
        unreachable = a_call(guest=Guest(name="Jane", email="jane@example.com"))
        assert [one.channel for one in self.notices(unreachable)] == [Channel.EMAIL]

    def test_it_is_one_message_for_each_block_whoever_asks_again(self) -> None:
        call = a_reachable_call()
        assert ids(self.notices(call)) == ["conflict_notice.email.window-1", "conflict_notice.sms.window-1"]
        assert self.notices(call) == self.notices(call)
        assert not {*ids(self.notices(call))} & {*ids(self.notices(call, "window-2"))}
        assert not any(one.is_requested for one in self.notices(call)), "nobody waits for word of what became of it"

    @pytest.mark.parametrize("status", sorted(FINAL))
    def test_nobody_is_told_about_a_call_that_is_over(self, status: CallStatus) -> None:
        assert self.notices(a_reachable_call(status=status)) == ()


class TestVerdict:
    """Whether a message is still true when its moment has come, and still of use."""

    OPEN = (CallStatus.SCHEDULED, CallStatus.PENDING_CONFIRMATION, CallStatus.CONFIRMED)

    @pytest.mark.parametrize("kind", [kind for kind in ReminderKind if kind is not ReminderKind.CANCELLATION])
    def test_what_is_true_of_an_open_call_is_sent(self, kind: ReminderKind) -> None:
        for status in self.OPEN:
            call = a_call(status=status)
            reminder = a_reminder(call, kind=kind)
            assert verdict(reminder, call, reminder.fire_at) is Verdict.SEND

    @pytest.mark.parametrize("kind", list(ReminderKind))
    @pytest.mark.parametrize("status", list(CallStatus))
    def test_only_a_cancellation_is_told_of_a_call_that_is_over_and_only_of_a_cancelled_one(
        self, kind: ReminderKind, status: CallStatus
    ) -> None:
        call = a_call(status=status)
        sent = verdict(a_reminder(call, kind=kind), call, NOW) is Verdict.SEND
        if kind is ReminderKind.CANCELLATION:
            assert sent == (status is CallStatus.CANCELLED)
        elif kind in LEADS:
            assert sent == (status in self.OPEN)
        else:
            assert sent == (status in self.OPEN or status is CallStatus.STARTED)

    @pytest.mark.parametrize("kind", [kind for kind in ReminderKind if kind is not ReminderKind.CANCELLATION])
    def test_what_was_planned_for_another_time_is_dropped(self, kind: ReminderKind) -> None:
        call = a_call()
        moved = replace(call, scheduled_at=call.scheduled_at + minutes(1))
        assert verdict(a_reminder(call, kind=kind), moved, NOW) is Verdict.DROP

    def test_what_reaches_nobody_any_more_is_dropped(self) -> None:
        call = a_reachable_call(email=None)
        assert verdict(a_reminder(call), call, NOW) is Verdict.DROP
        assert verdict(a_reminder(call, recipient="joe@example.com"), call, NOW) is Verdict.SEND

    @pytest.mark.parametrize("kind", sorted(LEADS))
    def test_a_reminder_is_of_use_until_the_start(self, kind: ReminderKind) -> None:
        call = a_call()
        reminder = a_reminder(call, kind=kind)
        assert verdict(reminder, call, call.scheduled_at - INSTANT) is Verdict.SEND
        assert verdict(reminder, call, call.scheduled_at) is Verdict.TOO_LATE

    @pytest.mark.parametrize("kind", sorted(set(ReminderKind) - LEADS.keys()))
    def test_what_was_to_go_at_once_is_of_use_for_a_day(self, kind: ReminderKind) -> None:
        status = CallStatus.CANCELLED if kind is ReminderKind.CANCELLATION else CallStatus.SCHEDULED
        call = a_call(status=status)
        reminder = a_reminder(call, kind=kind, fire_at=NOW)
        assert verdict(reminder, call, NOW + WORTH_SENDING_FOR - INSTANT) is Verdict.SEND
        assert verdict(reminder, call, NOW + WORTH_SENDING_FOR) is Verdict.TOO_LATE

    def test_the_guest_gets_it_as_they_can_be_reached_now_unless_it_names_somebody(self) -> None:
        call = a_reachable_call()
        told = {channel: recipient_of(a_reminder(call, channel=channel), call) for channel in Channel}
        assert told == {
            Channel.EMAIL: "jane@example.com",
            Channel.SMS: PHONE,
            Channel.WHATSAPP: PHONE,
            Channel.GENESYS: PHONE,
        }
        nameless = a_call()
        assert recipient_of(a_reminder(nameless, channel=Channel.GENESYS), nameless) == "jane@example.com"
        assert recipient_of(a_reminder(call, recipient="joe@example.com"), call) == "joe@example.com"


def test_a_channel_that_is_busy_is_asked_again_later_and_later_and_at_last_no_more() -> None:
    waits = [next_attempt(a_reminder(attempts=number), NOW) for number in range(1, MOST_ATTEMPTS)]
    seconds = [int((at - NOW).total_seconds()) for at in waits if at is not None]
    assert seconds == sorted(set(seconds))
    assert (len(seconds), seconds[0], seconds[-1]) == (MOST_ATTEMPTS - 1, 10, 1200)
    assert next_attempt(a_reminder(attempts=MOST_ATTEMPTS), NOW) is None
    assert next_attempt(a_reminder(attempts=MOST_ATTEMPTS + 5), NOW) is None
