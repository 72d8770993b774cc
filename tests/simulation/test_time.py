"""Days in which everything that was to happen later happens, whatever dies on the way.

People book, move, correct, cancel and join calls, hold slots and ask for messages; a world that loses, doubles, delays
and breaks (`tests.support.worlds.clockwork`) acts on the rows as they come due. What each call's history promises
(`tests.support.oracles.promises`) is compared with what went out and with what became of the calls. Each seed is one
world, the same on every run. SIMULATED_TIME and SIMULATED_TIME_SLOW say how many worlds of each nature the quick and
the slow run live through, and SIMULATION_SEED where their numbers begin.
"""

import os
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from slotline.domain.booking.apps import AgentMessage
from slotline.domain.shared.working_hours import Window
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import APP_ID, an_agent, an_app
from tests.support.memory.timing import all_due
from tests.support.oracles.moments import check, moment_of
from tests.support.oracles.promises import Promise, Version, promise_asked_for, promises_of
from tests.support.worlds.clockwork import MINUTE, SECOND, Clockwork, Nature, Sent
from tests.support.worlds.people import AGENTS, People

QUICK = int(os.environ.get("SIMULATED_TIME", "1"))
SLOW = int(os.environ.get("SIMULATED_TIME_SLOW", "100"))
FIRST = int(os.environ.get("SIMULATION_SEED", "1"))
HOUR = timedelta(hours=1)
VISITS = 30
BUSY_HOURS = 26
"""For so long people ask for things, at most a day and a bit ahead."""
LISTED = {
    "invitation": ["email", "sms"],
    "reminder_24h": ["email"],
    "reminder_1h": ["email", "whatsapp"],
    "reminder_15m": ["genesys", "sms"],
    "cancellation": ["email"],
}
ADDRESSES = {agent_id: f"{agent_id}@acme.example" for agent_id in AGENTS}
STORM = {
    "faults": 0.06,
    "planners_faults": 0.06,
    "rivals": 0.06,
    "busy": 0.15,
    "lost_changes": 0.1,
    "lost_schedules": 0.1,
    "doubles": 0.1,
    "lag": 5,
    "schedules_late": 60,
    "refusals": 0.01,
}
NATURES = {
    "calm": Nature(),
    "planners die": Nature(planners_faults=0.1),
    "only the sweep wakes": Nature(lost_changes=1.0),
    "storm": Nature(**STORM),
    "the store is out for an hour": Nature(**STORM, store_is_out=True),
    "functions are out for an hour": Nature(**STORM, functions_are_out=True),
}
LATEST = {
    "calm": timedelta(),
    "planners die": 2 * MINUTE,
    "only the sweep wakes": 4 * MINUTE,
    "storm": 3 * HOUR,
    "the store is out for an hour": 4 * HOUR,
    "functions are out for an hour": 26 * HOUR,
}
"""How late anything may be. In a storm a wake-up may fail five times over, and wait for the sweep to look again."""


@dataclass
class Days:
    """One world, the people in it, and what is known of its history."""

    seed: int
    nature: str
    histories: defaultdict[str, list[Version]] = field(default_factory=lambda: defaultdict(list))
    asked: dict[str, tuple[Any, int]] = field(default_factory=dict)
    """Messages that somebody asked for, by id, and after which write."""
    held: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world = Clockwork(self.seed, NATURES[self.nature])
        self.random, self.store, self.clock = self.world.random, self.world.store, self.world.clock
        self.dispatch = self.random.choice([None, 5])
        self.store.apps[APP_ID] = an_app(
            reminders=LISTED,
            agent_messages=tuple(AgentMessage),
            genesys_dispatch_minutes=self.dispatch,
            no_show_grace_minutes=self.random.choice([1, 15, 40]),
        )
        always = tuple(Window(weekday=day, start="00:00", end="24:00", zone="UTC") for day in range(7))
        for agent_id in AGENTS:
            self.store.agents[APP_ID, agent_id] = an_agent(agent_id, working_hours=always, email=ADDRESSES[agent_id])
        self.people = People(self.world)
        self.world.on_change, self.world.rival = self._note, self.people.interfere
        self._seen: dict[tuple[str, str], Any] = {}

    def live(self) -> None:
        """Everything that people do, and then until nothing waits any more."""
        self.world.sweep_every_minute(self.random.randrange(60))
        self.world.pass_until(NOW + 3 * MINUTE)
        begins = NOW + self.random.randint(1, 20) * HOUR
        self.world.outage = (begins, begins + HOUR)
        for _ in range(VISITS):
            self.world.at(NOW + self.random.randint(180, BUSY_HOURS * 3600) * SECOND, self.people.visit)
        self.world.pass_until(NOW + 30 * HOUR)
        self.world.calm = True
        for _ in range(100):
            self.world.pass_until(self.clock.now() + HOUR)
            if not all_due(self.store):
                break

    def _note(self, sequence: int) -> None:
        now, booked = self.clock.now(), False
        for place, call in self.store.calls.items():
            if self._seen.get(place) is not call:
                self._seen[place] = call
                booked = True
                self.histories[call.id].append(Version.of(call, sequence, now))
        for (_, call_id, reminder_id), reminder in self.store.reminders.items():
            if reminder.kind.value == "reminder_custom" and reminder_id not in self.asked:
                self.asked[reminder_id] = (reminder, sequence)
                assert reminder.call_id == call_id
        moment = moment_of(self.store, APP_ID)
        check(moment)
        there = {hold_id: hold.expires_at for hold_id, hold in moment.all_holds.items()}
        for hold_id in self.held.keys() - there.keys():
            assert booked or self.held[hold_id] <= now, f"hold {hold_id} ended before its time"
        self.held = there

    def judge(self) -> list[timedelta]:
        """Every promise and every call; how late each message was."""
        assert all_due(self.store) == [], "something waits for ever"
        assert (self.held, self.store.holds) == ({}, {}), "a hold survived its end"
        if self.nature == "calm":
            assert set(self.world.schedules.values()) <= {1}, "a minute has more than one schedule"
        for call_id in self.histories:
            self._judge_life(call_id)
        promises = [promise for call_id in self.histories for promise in self._promises(call_id)]
        kept = defaultdict[Promise, list[Sent]](list)
        for sent in self.world.sent:
            kept[self._promise_of(sent, promises)].append(sent)
        return [late for promise in promises if (late := self._judge_promise(promise, kept[promise])) is not None]

    def _promises(self, call_id: str) -> list[Promise]:
        history = self.histories[call_id]
        asked = [
            promise_asked_for(reminder, history, since)
            for reminder, since in self.asked.values()
            if reminder.call_id == call_id
        ]
        return [*promises_of(call_id, history, LISTED, self.dispatch, ADDRESSES), *asked]

    def _promise_of(self, sent: Sent, promises: list[Promise]) -> Promise:
        """I8: whatever goes out was owed when it was claimed, or became so while its sender looked."""
        message = sent.message
        about = (message.call_id, message.kind.value, message.channel.value, message.scheduled_at)
        owed = [
            one
            for one in promises
            if one.to_agent == (message.agent_id is not None)
            and about == (one.call_id, one.kind, one.channel, one.scheduled_at)
            and self._reaches(one, sent)
            and one.due <= sent.at < one.of_use_until
            and one.since <= sent.sequence
            and self._was_true(one, sent)
        ]
        assert owed, f"I8: nobody owed {message} at {sent.at}: {self.histories[message.call_id]}"
        return owed[-1]

    def _reaches(self, promise: Promise, sent: Sent) -> bool:
        """Whom it was promised to, or the guest as they could be reached by then."""
        if sent.message.recipient == promise.recipient:
            return True
        changed = promise.until is not None and promise.until.sequence <= sent.sequence
        return changed and sent.message.recipient == self._seen_by(sent)[-1].address(promise.channel)

    def _was_true(self, promise: Promise, sent: Sent) -> bool:
        """Of the call when the message was claimed, or by the time it went out."""
        if promise.reminder_id is None:
            return promise.until is None or promise.until.sequence > sent.claimed
        # What was asked for is true again of a call that is moved away and back.
        is_it = promise.reminder_id == sent.message.id.split(".")[1]
        return is_it and any(
            not one.is_final and one.scheduled_at == promise.scheduled_at for one in self._seen_by(sent)
        )

    def _seen_by(self, sent: Sent) -> list[Version]:
        """The call as it was from the claim of a message until it went out."""
        until_then = [one for one in self.histories[sent.message.call_id] if one.sequence <= sent.sequence]
        before = [one for one in until_then if one.sequence <= sent.claimed]
        return until_then[len(before) - 1 :]

    def _judge_promise(self, promise: Promise, kept: list[Sent]) -> timedelta | None:
        """I6: at least once; and once only, where the sender lived to tell."""
        # Claimed for an older promise, and sent as the call was a moment later: not this one's.
        own = [sent for sent in kept if sent.claimed >= promise.since]
        assert sum(sent.ended for sent in own) <= 1, f"{promise} was kept more than once: {own}"
        for sent in own:
            if sent.ended and (promise.until is None or promise.until.at > sent.at):
                told = self._told(promise, "reminder_sent")
                assert sent.at in [event.created_at for event in told], f"{sent} is on no timeline"
        latest = LATEST[self.nature]
        if not kept:
            true_for = (promise.until.at if promise.until else promise.of_use_until) - promise.due
            was_invited = any(
                (one.message.call_id, one.message.kind.value, one.message.recipient)
                == (promise.call_id, "invitation", promise.recipient)
                for one in self.world.sent
                if promise.until is None or one.at <= promise.until.at
            )
            is_moot = promise.takes_back and not was_invited
            might_be = is_moot or true_for <= latest or self._was_given_up(promise)
            assert might_be, f"I6: {promise} was not kept: {self._state(promise)}"
            return None
        late = kept[0].at - promise.due
        assert late <= latest, f"{promise} was kept {late} late"
        return late

    def _told(self, promise: Promise, event_type: str) -> list[Any]:
        return [
            event
            for event in self.store.events[APP_ID, promise.call_id]
            if event.event_type.value == event_type
            and (event.payload["kind"], event.payload["channel"]) == (promise.kind, promise.channel)
        ]

    def _was_given_up(self, promise: Promise) -> bool:
        """Somebody tried, and the timeline says why it was in vain."""
        if not NATURES[self.nature].faults:
            return False
        failed = [event for event in self._told(promise, "reminder_failed") if event.created_at >= promise.due]
        for event in failed:
            reason = event.payload["reason"]
            assert reason in ("too_late", "refused", "channel_unavailable", "given_up"), event
        late = [event for event in failed if event.payload["reason"] == "too_late"]
        assert all(event.created_at >= promise.of_use_until for event in late if len(failed) == 1), failed
        return bool(failed)

    def _judge_life(self, call_id: str) -> None:
        history = self.histories[call_id]
        assert history[-1].is_final, f"{call_id} is still {history[-1].status}"
        by_time = {event.revision for event in self._events(call_id) if event.actor.type.value == "system"}
        for number, version in enumerate(history[:-1]):
            step, after = version.step_at(), history[number + 1]
            if step is None:
                assert _lasting(version) == _lasting(after), f"{call_id} was changed after its end"
                continue
            assert after.at <= step + LATEST[self.nature], f"{call_id} outlived {step} until {after.at}"
            if number + 2 in by_time and _lasting(version) != _lasting(after):
                self._judge_step(version, after)

    def _judge_step(self, version: Version, after: Version) -> None:
        """What time did was right, and not too early."""
        step = version.step_at()
        assert step is not None
        assert step <= after.at, f"too early: {version} to {after}"
        if version.status == "started":
            assert after.status == "completed"
        elif version.waits_in_pool and after.is_open:
            assert not after.waits_in_pool
        else:
            assert after.status == "no_show"
            assert after.at >= version.scheduled_at + version.grace * MINUTE

    def _events(self, call_id: str) -> list[Any]:
        return list(self.store.events[APP_ID, call_id])

    def _state(self, promise: Promise) -> str:
        rows = [one for (_, call_id, _), one in self.store.reminders.items() if call_id == promise.call_id]
        return "\n".join(map(str, [*rows, *self.histories[promise.call_id]]))


def _lasting(version: Version) -> tuple[str, bool]:
    return version.status, version.waits_in_pool


def live_through(nature: str, worlds: int) -> Counter[str]:
    """So many worlds of this nature, and what they came to."""
    total: Counter[str] = Counter()
    for seed in range(FIRST, FIRST + worlds):
        days = Days(seed, nature)
        try:
            days.live()
            late = days.judge()
        except BaseException as error:
            error.add_note(f"seed {seed} of {nature!r}")
            raise
        total.update(messages=len(days.world.sent), calls=len(days.histories), put_aside=len(days.world.put_aside))
        total["writes"] += days.world.sequence
        total["kept"] += len(late)
        total["latest_seconds"] = max(total["latest_seconds"], *(int(each.total_seconds()) for each in late), 0)
    return total


@pytest.mark.parametrize("nature", ["calm", "storm"])
def test_everything_that_is_due_is_done_and_nothing_else(nature: str) -> None:
    total = live_through(nature, QUICK)
    assert total["kept"] > QUICK, "the worlds were not empty"


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("nature", NATURES)
def test_everything_that_is_due_is_done_in_many_worlds(nature: str) -> None:
    total = live_through(nature, SLOW)
    print(  # noqa: T201 - shown by pytest -s
        f"\n{nature}, {SLOW} worlds: {total['calls']} calls, {total['messages']} messages sent,"
        f" {total['kept']} promises kept, the latest by {total['latest_seconds']} s, {total['put_aside']} put aside"
    )
