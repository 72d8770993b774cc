"""The guest's link in a call that is shown: for whoever may change the call anyway, and for nobody else.

Who has the link acts as the guest, so it is more than a look at the call. It is made for each answer: no row, no
idempotency record and no webhook holds it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from slotline import observability
from slotline.domain.access.scopes import Scope
from slotline.domain.booking.calls import Call
from slotline.http.core.caller import Caller
from slotline.ports.booking import GuestLinkKeys
from slotline.ports.shared import Clock, StoreBusyError


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestUrls:
    """Links as answers have them."""

    keys: GuestLinkKeys
    clock: Clock

    def shown_to(self, caller: Caller, rooms_at: str) -> Callable[[Call], str | None]:
        """What gives each call its link: none for a caller who may not write, and none while the keys cannot be read.

        What was booked or changed stands by then, so an answer without the link is better than no answer.
        """
        if Scope.SCHEDULING_WRITE not in caller.scopes and caller.visitor is None:
            return _none
        try:
            keys = self.keys()
        except StoreBusyError as error:
            observability.log_failure("an answer goes without the guest's link", error)
            return _none
        return lambda call: keys.url_of(call, rooms_at, self.clock.now())


def _none(_call: Call) -> None:
    """No link."""
