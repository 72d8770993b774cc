"""What a call's own history promises: which message to whom and when, and what time makes of the call.

An oracle. It reads what became of calls, and knows nothing of plans, rows, queues or schedules; it shares no rule with
the code that it judges.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

_FINAL = ("completed", "cancelled", "no_show")
_LEAD_MINUTES = {"reminder_24h": 24 * 60, "reminder_1h": 60, "reminder_15m": 15}


@dataclass(frozen=True)
class Version:
    """A call as it was from one write on: `sequence` counts the writes of the whole world."""

    sequence: int
    at: datetime
    status: str
    scheduled_at: datetime
    minutes: int
    after: int
    grace: int
    phone: str | None
    email: str | None
    waits_in_pool: bool
    agent_id: str | None

    @classmethod
    def of(cls, call: Any, sequence: int, at: datetime) -> "Version":
        """As the row says."""
        return cls(
            sequence=sequence,
            at=at,
            status=call.status.value,
            scheduled_at=call.scheduled_at,
            minutes=call.duration_minutes,
            after=call.buffer_after_minutes,
            grace=call.no_show_grace_minutes,
            phone=call.guest.phone_e164,
            email=call.guest.email,
            waits_in_pool=call.assigned_agent_id is None and call.held_agent_id is not None,
            agent_id=call.assigned_agent_id,
        )

    @property
    def is_open(self) -> bool:
        """Somebody may still join."""
        return self.status != "started" and self.status not in _FINAL

    @property
    def is_final(self) -> bool:
        """Nothing becomes of it any more."""
        return self.status in _FINAL

    def address(self, channel: str) -> str | None:
        """How the channel reaches the guest."""
        if channel == "email":
            return self.email
        return self.phone or self.email if channel == "genesys" else self.phone

    def said(self, channel: str) -> tuple[object, ...]:
        """What an invitation over the channel says of it, and to whom, beside its status."""
        more = {"email": (self.minutes, self.agent_id), "genesys": (self.minutes,)}
        return (self.scheduled_at, self.address(channel), *more.get(channel, ()))

    def said_to_agent(self) -> tuple[object, ...]:
        """What an agent's mail says of it, beside its status."""
        return (self.scheduled_at, self.minutes, self.phone, self.email)

    def has_another_standing(self, other: "Version") -> bool:
        """By its status. That a call began, and that its start is undone, is no word to whoever is in it."""
        return other.is_final or (self.is_open and other.is_open and self.status != other.status)

    def step_at(self) -> datetime | None:
        """When time makes something of it, if nobody does before."""
        if self.is_final:
            return None
        if self.status == "started":
            ends = self.scheduled_at + timedelta(minutes=self.minutes + self.after)
        elif self.waits_in_pool:
            ends = self.scheduled_at - timedelta(minutes=15)
        else:
            ends = self.scheduled_at + timedelta(minutes=self.grace)
        return max(ends, self.at)


@dataclass(frozen=True)
class Promise:
    """A message that is owed from `since` on, at `due`, until the write `until` made it untrue; None: nothing did."""

    call_id: str
    kind: str
    channel: str
    recipient: str
    scheduled_at: datetime
    due: datetime
    since: int
    until: Version | None
    of_use_until: datetime
    reminder_id: str | None = None
    """Of what somebody asked for; the others follow from what the call is."""
    to_agent: bool = False
    takes_back: bool = False
    """Whether it is owed only to who was invited: their address is not the guest's any more."""


def promises_of(
    call_id: str,
    history: Sequence[Version],
    listed: Mapping[str, Sequence[str]],
    dispatch: int | None,
    agents: Mapping[str, str],
) -> list[Promise]:
    """Everything that a call's history promises over the channels that are listed, and to agents by their addresses."""
    found = [
        *_invitations(call_id, history, listed),
        *_cancellations(call_id, history, listed),
        *_withdrawals(call_id, history, listed),
        *_to_agents(call_id, history, agents),
    ]
    for kind, lead in _LEAD_MINUTES.items():
        for channel in listed.get(kind, ()):
            minutes = dispatch if channel == "genesys" and dispatch else lead
            found += _reminders(call_id, history, kind, channel, timedelta(minutes=minutes))
    return found


def promise_asked_for(reminder: Any, history: Sequence[Version], since: int) -> Promise:
    """What somebody asked for by that write: true until the call is moved or over."""
    asked = [version for version in history if version.sequence <= since][-1]
    later = (version for version in history if version.sequence > since)
    until = next((one for one in later if one.is_final or one.scheduled_at != asked.scheduled_at), None)
    return Promise(
        call_id=reminder.call_id,
        kind=reminder.kind.value,
        channel=reminder.channel.value,
        recipient=reminder.recipient,
        scheduled_at=asked.scheduled_at,
        due=reminder.fire_at,
        since=since,
        until=until,
        of_use_until=reminder.fire_at + timedelta(days=1),
        reminder_id=reminder.id,
    )


def _invitations(call_id: str, history: Sequence[Version], listed: Mapping[str, Sequence[str]]) -> list[Promise]:
    """Whenever something else is true of what it says, and to every address that a call gets."""
    found = []
    for channel in listed.get("invitation", ()):
        links = _links(history) if channel != "genesys" else [0] * len(history)

        def is_other(one: int, other: int, channel: str = channel, links: Sequence[int] = links) -> bool:
            return links[one] != links[other] or _is_said_otherwise(history[one], history[other], channel)

        for number, version in enumerate(history):
            is_new = number == 0 or (not history[number - 1].is_final and is_other(number - 1, number))
            if version.address(channel) and not version.is_final and is_new:
                later = (history[one] for one in range(number + 1, len(history)) if is_other(number, one))
                found.append(_at_once(call_id, "invitation", channel, version, next(later, None)))
    return found


def _links(history: Sequence[Version]) -> list[int]:
    """The guest's link of each version: another one as soon as a way to the guest is corrected or taken away."""
    links = [0]
    for before, after in pairwise(history):
        ways = ((before.phone, after.phone), (before.email, after.email))
        links.append(links[-1] + any(was is not None and was != is_now for was, is_now in ways))
    return links


def _withdrawals(call_id: str, history: Sequence[Version], listed: Mapping[str, Sequence[str]]) -> list[Promise]:
    """To every address that a correction left behind, at the time that it knows; until it is the guest's again."""
    found = []
    for number, version in enumerate(history[1:], start=1):
        before = history[number - 1]
        if (
            before.email
            and before.email != version.email
            and not before.is_final
            and "email" in listed.get("invitation", ())
        ):
            until = next((one for one in history[number + 1 :] if one.email == before.email), None)
            owed = _at_once(call_id, "cancellation", "email", version, until)
            found.append(
                replace(owed, recipient=before.email, scheduled_at=before.scheduled_at, takes_back=True),
            )
    return found


def _to_agents(call_id: str, history: Sequence[Version], agents: Mapping[str, str]) -> list[Promise]:
    """To who gets the call, to who had it, and to who has it as soon as something else is true of what they know."""
    found = []
    for number, version in enumerate(history):
        before, later = (history[number - 1] if number else None), history[number + 1 :]
        had, has = (before.agent_id if before else None), version.agent_id
        if (before and before.is_final) or (version.is_final and version.status != "cancelled"):
            continue
        if version.status == "cancelled":
            if has:
                owed = _at_once(call_id, "cancellation", "email", version, None)
                found.append(replace(owed, recipient=agents[has], to_agent=True))
            continue
        if had and before and had != has:
            again = next((one for one in later if one.agent_id == had), None)
            owed = _at_once(call_id, "cancellation", "email", version, again)
            found.append(
                replace(owed, recipient=agents[had], to_agent=True, scheduled_at=before.scheduled_at, takes_back=True),
            )
        is_other = before is not None and _agent_reads_other(before, version)
        if has and (had != has or is_other):
            until = next((one for one in later if one.agent_id != has or _agent_reads_other(version, one)), None)
            owed = _at_once(call_id, "invitation", "email", version, until)
            found.append(replace(owed, recipient=agents[has], to_agent=True))
    return found


def _agent_reads_other(one: Version, other: Version) -> bool:
    return one.has_another_standing(other) or one.said_to_agent() != other.said_to_agent()


def _is_said_otherwise(one: Version, other: Version, channel: str) -> bool:
    return one.has_another_standing(other) or one.said(channel) != other.said(channel)


def _cancellations(call_id: str, history: Sequence[Version], listed: Mapping[str, Sequence[str]]) -> list[Promise]:
    cancelled = next((version for version in history if version.status == "cancelled"), None)
    if cancelled is None:
        return []
    channels = [channel for channel in listed.get("cancellation", ()) if cancelled.address(channel)]
    return [_at_once(call_id, "cancellation", channel, cancelled, None) for channel in channels]


def _reminders(call_id: str, history: Sequence[Version], kind: str, channel: str, lead: timedelta) -> list[Promise]:
    """One for every while in which the call had one time, one address, and nobody in it."""
    found = []
    for number, version in enumerate(history):
        begins = number == 0 or _is_other(history[number - 1], version, channel)
        due = version.scheduled_at - lead
        if begins and version.is_open and version.address(channel) and due > version.at:
            until = _until(version, history[number + 1 :], channel)
            at_once = _at_once(call_id, kind, channel, version, until)
            found.append(replace(at_once, due=due, of_use_until=version.scheduled_at))
    return found


def _at_once(call_id: str, kind: str, channel: str, version: Version, until: Version | None) -> Promise:
    """What is owed from this version on, and of use for a day."""
    return Promise(
        call_id=call_id,
        kind=kind,
        channel=channel,
        recipient=version.address(channel) or "",
        scheduled_at=version.scheduled_at,
        due=version.at,
        since=version.sequence,
        until=until,
        of_use_until=version.at + timedelta(days=1),
    )


def _until(version: Version, later: Sequence[Version], channel: str) -> Version | None:
    return next((one for one in later if _is_other(version, one, channel)), None)


def _differ(one: Version, other: Version, channel: str) -> bool:
    return one.scheduled_at != other.scheduled_at or one.address(channel) != other.address(channel)


def _is_other(one: Version, other: Version, channel: str) -> bool:
    """True where what was said of the one is not true of the other."""
    return one.is_open != other.is_open or _differ(one, other, channel)
