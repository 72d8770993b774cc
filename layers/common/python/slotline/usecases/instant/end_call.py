"""End a call: nobody joins it any more. Ending it again changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from slotline.domain.access.rate_limits import no_rate_limit
from slotline.domain.instant.rooms import MayOpen, VideoCall
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.ports.instant import Rooms
from slotline.usecases.instant.read_call import read_video_call
from slotline.usecases.shared.once import Once


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The call as it is now. `replayed`: an earlier request with the same key ended it."""

    call: VideoCall
    replayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EndVideoCall:
    """Ends an instant call."""

    rooms: Rooms
    once: Once

    def __call__(self, call_id: str, may_open: MayOpen, key: IdempotencyKey | None, by: str) -> Ended:
        """End it. `by`: as `VideoCall.ended_by` has it. Raises NotFound, and Conflict for a scheduled call."""
        seen: list[VideoCall] = []

        def act(now: datetime) -> Mapping[str, object]:
            call = read_video_call(self.rooms, call_id, may_open)
            ended = call.end(now, by)
            result = {"call_id": call_id}
            if ended is not call:
                self.rooms.end(ended, Receipt(key=key, result=result, answered_at=now) if key else None)
            seen.append(ended)
            return result

        answered = self.once(key, no_rate_limit, act)
        call = read_video_call(self.rooms, call_id, may_open) if answered.replayed else seen[-1]
        return Ended(call=call, replayed=answered.replayed)
