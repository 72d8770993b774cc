"""What a scheduled call makes of what happens in its room."""

from dataclasses import replace
from datetime import datetime

from slotline.domain.booking.apps import App
from slotline.domain.booking.calls import Actor, ActorType, Call, CallStatus
from slotline.domain.booking.rooms import Side
from slotline.domain.booking.timeline import room_was_ended, room_was_joined, room_was_left
from slotline.domain.instant.rooms import VideoCall
from slotline.domain.instant.seats import Happened, Happening
from slotline.usecases.booking.call_changes import StartCall, complete
from slotline.usecases.booking.change_call import SYSTEM, Change, Decide


def actor_of(call: VideoCall, happened: Happened) -> Actor:
    """Who did it: whoever sits on that side. What both did, nobody did alone."""
    if happened.side is Side.GUEST:
        return Actor(type=ActorType.GUEST)
    if happened.side is Side.HOST:
        return Actor(type=ActorType.AGENT, id=call.booked.assigned_agent_id if call.booked else None)
    return SYSTEM


def decide_on(happened: Happened) -> Decide:
    """The change of the call that this makes."""
    return _DECISIONS[happened.what](happened)


def _joined(happened: Happened) -> Decide:
    def decide(call: Call, app: App, now: datetime) -> Change:  # noqa: ARG001 - every decision takes these
        return Change(call=call, event_drafts=[room_was_joined(_side(happened), happened.at)])

    return decide


def _together(_happened: Happened) -> Decide:
    return StartCall()


def _left(happened: Happened) -> Decide:
    def decide(call: Call, app: App, now: datetime) -> Change:  # noqa: ARG001 - every decision takes these
        return Change(call=call, event_drafts=[room_was_left(_side(happened), happened.at, happened.talked)])

    return decide


def _ended(happened: Happened) -> Decide:
    def decide(call: Call, app: App, now: datetime) -> Change:  # noqa: ARG001 - every decision takes these
        told = room_was_ended(happened.at, happened.talked)
        if call.status is not CallStatus.STARTED:
            return Change(call=call, event_drafts=[told])
        change = complete(call)
        return replace(change, event_drafts=[told, *change.event_drafts])

    return decide


def _side(happened: Happened) -> str:
    return happened.side.value if happened.side else ""


_DECISIONS = {
    Happening.JOINED: _joined,
    Happening.TOGETHER: _together,
    Happening.LEFT: _left,
    Happening.ENDED: _ended,
}
