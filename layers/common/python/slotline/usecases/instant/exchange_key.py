"""A host's link in the form that websites get carries their widget key: exchange it for a token of this call alone."""

from collections.abc import Callable
from dataclasses import dataclass

from slotline.domain.access.websites import Website
from slotline.domain.booking.role_tokens import token_of
from slotline.domain.booking.rooms import Side
from slotline.domain.instant.doors import INSTANT_LASTS
from slotline.domain.instant.rooms import VideoCall
from slotline.domain.shared.errors import Unauthorized
from slotline.ports.booking import GuestLinkKeys
from slotline.ports.shared import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeKey:
    """Makes hosts of those who show their website's key."""

    admit: Callable[[str, str], Website]
    keys: GuestLinkKeys
    clock: Clock

    def __call__(self, call: VideoCall, app_id: str, widget_key: str) -> str:
        """The host's token, good as long as the call can be. Raises Unauthorized for a key that is none, or another
        app's; also where links carry tokens, and for a booking: whoever reads the website's key is no host there."""
        website = self.admit(app_id, widget_key)
        if website.app.app_id != call.app_id or call.join_tokens or call.booked:
            raise Unauthorized("This key opens no call of this app.")
        ends_at = call.created_at + INSTANT_LASTS
        return token_of(self.keys(), call.id, Side.HOST, ends_at=ends_at, now=self.clock.now())
