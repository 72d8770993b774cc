"""What an agent does with calls: their own, and those of the pool that they may claim. Nobody else's are there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from slotline.domain.booking.apps import Agent, App
from slotline.domain.booking.calls import Actor, AssignmentMethod, Call, Outcome
from slotline.domain.booking.eligibility import Terms, is_eligible
from slotline.domain.booking.requests import CallUpdate
from slotline.domain.shared.errors import NotFound
from slotline.domain.shared.idempotency import IdempotencyKey
from slotline.domain.shared.phones import Screen
from slotline.ports.access import Users
from slotline.ports.apps import Agents
from slotline.ports.booking import Bookings, CallFile, Calls
from slotline.ports.shared import Clock
from slotline.usecases.booking.as_seen import AsSeen, OfAgent
from slotline.usecases.booking.call_changes import (
    CancelCall,
    ClaimCall,
    CompleteCall,
    ConfirmCall,
    MissCall,
    ReopenCall,
    StartCall,
    UpdateCall,
)
from slotline.usecases.booking.change_call import Change, ChangeCall, Decide


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCall:
    """A call as its agent sees it. `app` has the rules that it was booked under; `agents` are all of the app.

    Of a call of the pool that nobody has claimed, its guest's details are left out until somebody does.
    """

    app: App
    file: CallFile
    agents: Sequence[Agent]
    users: dict[str, str]
    """Names of the accounts that acted, by id."""
    now: datetime

    @property
    def call(self) -> Call:
        """As it is."""
        return self.file.call


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOwnCall:
    """Reads a call for its agent, with whoever its timeline speaks of: four requests."""

    calls: Calls
    bookings: Bookings
    agents: Agents
    users: Users
    clock: Clock

    def __call__(self, app_id: str, agent_id: str, call_id: str) -> OwnCall:
        """The call. Raises NotFound for one that is another agent's, or none's to claim for this one."""
        seen, file = self.bookings.read_for_change(app_id, call_id, None), self.calls.file(app_id, call_id)
        _, agents = self.agents.all(app_id)
        if seen.app is None or file is None or not _is_there(file.call, seen.app, agents, agent_id):
            raise _no_such_call()
        if file.call.is_in_pool:
            file = replace(file, call=_unclaimed(file.call), events=(), messages=())
        people = [event.actor.id for event in file.events if event.actor.role and event.actor.id]
        users = {user.user_id: user.name for user in self.users.several(people)}
        return OwnCall(app=seen.app, file=file, agents=agents, users=users, now=self.clock.now())


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What an agent asks to be changed. `seen`: the call as their page showed it (`domain.booking.seen_calls`);
    `key`: of the form, which has one effect however often it is sent."""

    app_id: str
    agent_id: str
    call_id: str
    seen: str
    actor: Actor
    key: IdempotencyKey


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOwnCall:
    """Changes calls for their agents: by the rules of the API, and only what is theirs.

    Every method raises NotFound for another agent's call, Conflict if the call is not as it was seen any more, and the
    facts of the change itself.
    """

    change_call: ChangeCall
    bookings: Bookings
    calls: Calls
    screen: Screen

    def move(self, order: Order, start: datetime) -> Call:
        """To another time."""
        return self._update(order, CallUpdate(scheduled_at=start))

    def hand_over(self, order: Order, agent_id: str, reason: str | None) -> Call:
        """To another agent, who must be eligible."""
        return self._update(order, CallUpdate(assigned_agent_id=agent_id, reason=reason))

    def edit_notes(self, order: Order, notes: str | None) -> Call:
        """What is noted of the guest."""
        return self._update(order, CallUpdate(guest={"intake_notes": notes}))

    def cancel(self, order: Order, reason: str | None) -> Call:
        """With a reason or without."""
        return self._change(order, CancelCall(reason=reason))

    def confirm(self, order: Order) -> Call:
        """For the guest."""
        return self._change(order, ConfirmCall())

    def start(self, order: Order) -> Call:
        """Somebody joined."""
        return self._change(order, StartCall())

    def reopen(self, order: Order, reason: str) -> Call:
        """Undo a start."""
        return self._change(order, ReopenCall(calls=self.calls, reason=reason))

    def complete(self, order: Order, outcome: Outcome | None, note: str | None) -> Call:
        """It took place, and came to this."""
        return self._change(order, CompleteCall(outcome=outcome, note=note))

    def miss(self, order: Order, reason: str | None) -> Call:
        """Nobody came."""
        return self._change(order, MissCall(reason=reason))

    def claim(self, order: Order) -> Call:
        """Take a call of the pool."""
        return self._run(order, _OfPool(ClaimCall(bookings=self.bookings, agent_id=order.agent_id)))

    def _update(self, order: Order, update: CallUpdate) -> Call:
        return self._change(
            order, UpdateCall(bookings=self.bookings, update=update, screen=self.screen, may_pass_over=False)
        )

    def _change(self, order: Order, decide: Decide) -> Call:
        return self._run(order, OfAgent(order.agent_id, AsSeen(order.seen, decide)))

    def _run(self, order: Order, decide: Decide) -> Call:
        changed = self.change_call(order.app_id, order.call_id, decide, order.actor, order.key, _uncounted)
        return changed.call


@dataclass(frozen=True, slots=True)
class _OfPool:
    """The claim of a call of the pool; any other is not there for whoever would claim it."""

    decide: Decide

    def __call__(self, call: Call, app: App, now: datetime) -> Change | None:
        if call.assignment_method is not AssignmentMethod.POOL:
            raise _no_such_call()
        return self.decide(call, app, now)


def _is_there(call: Call, app: App, agents: Sequence[Agent], agent_id: str) -> bool:
    if call.assigned_agent_id == agent_id:
        return True
    agent = next((one for one in agents if one.agent_id == agent_id), None)
    return call.is_in_pool and agent is not None and is_eligible(agent, Terms.of_call(call, app.preset))


def _unclaimed(call: Call) -> Call:
    """What an agent is told of a call before it is theirs: when, of which service, and with whom."""
    guest = replace(call.guest, phone=None, phone_e164=None, email=None, intake_notes=None)
    return replace(call, guest=guest, answers={}, metadata=None, external_id=None)


def _no_such_call() -> NotFound:
    return NotFound("There is no such call in this app.")


def _uncounted() -> None:
    """People are not counted as clients are: their sessions are bounded."""
