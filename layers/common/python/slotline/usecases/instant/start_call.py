"""Start a call at once: its room is there when the links are handed out."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from slotline.domain.access.rate_limits import no_rate_limit
from slotline.domain.access.websites import Website
from slotline.domain.booking.apps import App, Preset
from slotline.domain.booking.services import ruled_by
from slotline.domain.instant.rooms import InstantCallRequest, VideoCall, new_instant_call
from slotline.domain.shared.errors import NotFound
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.ports.apps import Presets
from slotline.ports.instant import Rooms
from slotline.ports.shared import AlreadyWritten, Ids
from slotline.usecases.shared.once import Once


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The call. `replayed`: an earlier request with the same key made it; this one had no effect.

    `secret` opens it; None where the call was made before there were such secrets.
    """

    call: VideoCall
    secret: str | None = field(repr=False)
    replayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StartInstantCall:
    """Starts an instant call."""

    rooms: Rooms
    presets: Presets
    once: Once
    ids: Ids
    new_secret: Callable[[], str]

    def __call__(self, request: InstantCallRequest, website: Website, key: IdempotencyKey | None) -> Started:
        """Make the call, or find the one that this key made. Raises InvalidRequest for a preset that is not there.

        A receipt holds the call's id, and its secret for the day for which a repeat is answered; the call itself keeps
        the secret's hash alone. The rest is read again for a repeat, so that it is kept in one place.
        """
        call_id, secret = self.ids.new(), self.new_secret()
        made: list[VideoCall] = []

        def act(now: datetime) -> Mapping[str, object]:
            preset = self._preset(request.preset_id, website.app)
            call = new_instant_call(
                request,
                preset,
                app_id=website.app.app_id,
                call_id=call_id,
                secret=secret,
                created_by=website.principal,
                now=now,
            )
            result = {"call_id": call_id, "call_secret": secret}
            with suppress(AlreadyWritten):  # an earlier try got through and its answer was lost: the call stands
                self.rooms.open(call, Receipt(key=key, result=result, answered_at=now) if key else None)
            made.append(call)
            return result

        answered = self.once(key, no_rate_limit, act)
        if made and not answered.replayed:
            return Started(call=made[-1], secret=secret, replayed=False)
        first = self.rooms.find(str(answered.result["call_id"]))
        if first is None:
            raise NotFound("The call that this Idempotency-Key made is gone.")
        kept = answered.result.get("call_secret")
        return Started(call=first, secret=str(kept) if kept else None, replayed=first.id != call_id)

    def _preset(self, preset_id: str | None, app: App) -> Preset:
        if preset_id is None or preset_id == app.preset.preset_id:
            return app.preset
        present, named = self.presets.named(app.app_id, preset_id)
        return ruled_by(present, preset_id, named).preset
