"""Keep an agent undisturbed for a while, and take that back."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from slotline.domain.booking.agent_time import DoNotDisturbWindow
from slotline.domain.booking.blocks import Affects, block, unblock
from slotline.domain.shared.audit import Author
from slotline.domain.shared.errors import NotFound
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.domain.shared.intervals import Interval
from slotline.domain.shared.plain_json import plain
from slotline.ports.apps import Agents, AgentTime
from slotline.ports.shared import AlreadyWritten, Ids, RateLimitCheck
from slotline.usecases.booking.block_time import BlockTime
from slotline.usecases.booking.keep_agents import read_agent
from slotline.usecases.shared.once import Answered, Once

LONGEST_LIST = timedelta(days=731)
HIDDEN = frozenset({"label"})
"""What a window is called may tell why somebody takes no calls."""


def list_windows(
    agents: Agents, agent_time: AgentTime, app_id: str, agent_id: str, start: datetime, end: datetime | None
) -> Sequence[DoNotDisturbWindow]:
    """The windows that reach into the time from `start`, in order. Raises AppNotFound or NotFound."""
    read_agent(agents, app_id, agent_id)
    return agent_time.windows(app_id, agent_id, Interval(start, end or start + LONGEST_LIST))


@dataclass(frozen=True, slots=True, kw_only=True)
class AddDoNotDisturb:
    """Adds a do-not-disturb window."""

    agents: Agents
    agent_time: AgentTime
    ids: Ids
    block_time: BlockTime
    notify_guests: Callable[[str, Affects, str], None]
    """Told of an app, the calls that a window affects, and the window's id."""

    def __call__(
        self,
        app_id: str,
        agent_id: str,
        window: DoNotDisturbWindow,
        author: Author,
        key: IdempotencyKey | None,
        check_rate: RateLimitCheck,
    ) -> Answered:
        """The window, which gets an id, and the calls it affects. Raises AppNotFound, NotFound or InvalidRequest."""
        window, audited = replace(window, id=self.ids.new()), self.block_time.once.audited(author)

        def act(now: datetime) -> Mapping[str, object]:
            app, _ = read_agent(self.agents, app_id, agent_id)
            window.check(now)
            shown = {"window": plain(window)}
            receipt = Receipt(key=key, result=shown, answered_at=now) if key else None
            said = said_of(agent_id, window)
            entry = audited.entry("do_not_disturb.added", window.id, None, said, of=app, hidden=HIDDEN)
            with suppress(AlreadyWritten):  # the id is new: an earlier try of this request got through
                self.agent_time.add_window(app_id, agent_id, window, block(agent_id, [window.claim]), receipt, entry)
            return shown

        def tell(record: Mapping[str, object], affects: Affects) -> None:
            if window.notify:
                self.notify_guests(app_id, affects, _id_of(record))

        return self.block_time(app_id, agent_id, key, check_rate, act, lambda _: (window.claim,), tell)


def said_of(agent_id: str, window: DoNotDisturbWindow) -> Mapping[str, object]:
    """What the audit log says of a window: whose it is, when, and whether guests are to be told."""
    start, end = plain(window.interval.start), plain(window.interval.end)
    return {"agent_id": agent_id, "start": start, "end": end, "label": window.label, "notify": window.notify}


def _id_of(record: Mapping[str, object]) -> str:
    """The window that is kept: a repeat of a request finds another than it would have made."""
    window: Any = record["window"]
    return str(window["id"])


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveDoNotDisturb:
    """Take a window away, and give its time back."""

    agents: Agents
    agent_time: AgentTime
    once: Once

    def __call__(self, app_id: str, agent_id: str, window_id: str, author: Author) -> DoNotDisturbWindow:
        """The window as it was. Raises AppNotFound or NotFound."""
        audited = self.once.audited(author)
        seen: list[DoNotDisturbWindow] = []

        def act() -> DoNotDisturbWindow:
            app, _ = read_agent(self.agents, app_id, agent_id)
            window = self.agent_time.window(app_id, agent_id, window_id)
            if window is None and seen:
                return seen[-1]  # an earlier try got through, or somebody else's
            if window is None:
                raise NotFound("The agent has no such do-not-disturb window.")
            seen.append(window)
            said = said_of(agent_id, window)
            entry = audited.entry("do_not_disturb.removed", window.id, said, None, of=app, hidden=HIDDEN)
            self.agent_time.remove_window(app_id, agent_id, window, unblock(agent_id, [window.claim]), entry)
            return window

        return self.once.retry(act)
