"""Campaigns: calls that were asked for together, and what becomes of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from slotline.domain.dialing.calls import DialCall, DialPosition
from slotline.domain.dialing.duplicates import DuplicatePolicy
from slotline.domain.dialing.own_metadata import NO_METADATA, OwnMetadata
from slotline.domain.dialing.retry_rules import RetryRule
from slotline.domain.shared.errors import CampaignIsFinal, Conflict, Detail


class CampaignState(StrEnum):
    """What becomes of a campaign's calls. Nothing leaves Completed and Canceled.

    Creating: not all of its calls are written yet, and none is dialled before they are.
    """

    CREATING = "creating"
    IMPORTING = "importing"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    CANCELED = "canceled"

    @property
    def places_calls(self) -> bool:
        """True where calls that are due are dialled. The first calls of an import need not wait for its last."""
        return self in (CampaignState.IMPORTING, CampaignState.RUNNING)


_MOVES = {
    CampaignState.CREATING: {CampaignState.IMPORTING, CampaignState.RUNNING, CampaignState.CANCELED},
    CampaignState.IMPORTING: {CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.CANCELED},
    CampaignState.RUNNING: {CampaignState.PAUSED, CampaignState.COMPLETED, CampaignState.CANCELED},
    CampaignState.PAUSED: {CampaignState.RUNNING, CampaignState.CANCELED},
    CampaignState.COMPLETED: set[CampaignState](),
    CampaignState.CANCELED: set[CampaignState](),
}
FIRST_WALK_AFTER = timedelta(minutes=1)
"""How soon the first walk looks whether all calls of a running campaign are over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """How far a walk has come. `seen`: how many calls it has left behind; `after`: where it is; `claim_id`: whose."""

    began_at: datetime
    seen: int = 0
    after: DialPosition | None = None
    claim_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Moments that calls have got, an interval apart: the first one and the last one."""

    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumption:
    """How far the walk has come that gives a campaign's calls new moments after a pause.

    `after`: the last call that it has come to; `taken`: the moments that it has given out and may still meet.
    """

    at: datetime
    after: DialPosition | None = None
    taken: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """Calls that were asked for together. `rules` and `max_retries` are those of all its calls.

    `metadata`: what all its calls have of it, beside what their rows say. `duplicates`: what becomes of rows whose
    number an earlier row has. `calls`: how many it was created with; those of its import are counted there. `first_at`
    and `last_at`: between them, both included, lies every call's `scheduled_at`. `due_at`: when a walk through its
    calls goes on, to bring it to its end; `walk`: how far it has come. `resumption`: how far the walk has come that
    goes first after a pause.
    """

    id: str
    organization_id: str
    name: str
    use_case_id: str
    number_id: str
    state: CampaignState
    reason: str | None = None
    """Why it is paused, in a word, if nobody asked for that."""
    staggered_interval_minutes: int = 0
    rules: tuple[RetryRule, ...] = ()
    max_retries: int = 0
    max_duration_mins: int | None = None
    language: str | None = None
    overrides: Mapping[str, str] = field(default_factory=dict)
    """The seed's `assistant_id`, `voice_id`, `model`, `prompt_id`, `agent_id` and `model_id`, where they were given."""
    metadata: OwnMetadata = NO_METADATA
    duplicates: DuplicatePolicy = DuplicatePolicy.KEEP
    calls: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    due_at: datetime | None = None
    walk: Walk | None = None
    resumption: Resumption | None = None
    revision: int = 1
    created_at: datetime
    updated_at: datetime

    @property
    def interval(self) -> timedelta:
        """The time between two calls that have no time of their own."""
        return timedelta(minutes=self.staggered_interval_minutes)

    def covering(self, calls: Sequence[DialCall]) -> "Campaign":
        """The campaign with the times of these calls between its first and its last; itself where they are already."""
        times = [*(at for at in (self.first_at, self.last_at) if at), *(call.scheduled_at for call in calls)]
        covered = replace(self, first_at=min(times, default=None), last_at=max(times, default=None))
        return self if covered == self else replace(covered, revision=self.revision + 1)

    def moved_to(self, state: CampaignState, at: datetime, reason: str | None = None) -> "Campaign":
        """The campaign in that state; itself where it is there already. Raises CampaignIsFinal, or Conflict."""
        if state is self.state:
            return self
        if not _MOVES[self.state]:
            raise CampaignIsFinal(f"The campaign is {self.state}; it does not change any more.")
        if state not in _MOVES[self.state]:
            message = f"A campaign that is {self.state} cannot be {state}."
            raise Conflict(message, [Detail(message, "campaign_state", "state")])
        goes_on = (self.state, state) == (CampaignState.PAUSED, CampaignState.RUNNING)
        return replace(
            self,
            state=state,
            reason=reason,
            due_at=at if goes_on else _walked_from(state, at),
            resumption=Resumption(at=at) if goes_on else None,
            walk=self.walk if _MOVES[state] else None,
            revision=self.revision + 1,
            updated_at=at,
        )

    def walked(self, walk: Walk | None, due_at: datetime | None) -> "Campaign":
        """The campaign with so much of its walk done, which goes on then."""
        return replace(self, walk=walk, due_at=due_at, revision=self.revision + 1)

    def resumed(self, resumption: Resumption | None, due_at: datetime) -> "Campaign":
        """The campaign with so many of its calls going on, which is due again then. None: with all of them."""
        return replace(self, resumption=resumption, due_at=due_at, revision=self.revision + 1)


def _walked_from(state: CampaignState, at: datetime) -> datetime | None:
    """When the calls of a campaign are walked through that has come to this state; None: as long as it stays, never."""
    if state is CampaignState.CANCELED:
        return at
    return at + FIRST_WALK_AFTER if state is CampaignState.RUNNING else None
