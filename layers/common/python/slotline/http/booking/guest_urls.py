"""Links in a call that is shown: for whoever may change the call anyway, and for nobody else.

Who has the guest's link acts as the guest, and who has the host's is the host: they are more than a look at the call.
They are made for each answer: no row, no idempotency record and no webhook holds them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from slotline import observability
from slotline.domain.access.scopes import Scope
from slotline.domain.booking.calls import Call
from slotline.domain.booking.role_tokens import host_url
from slotline.http.core.caller import Caller
from slotline.ports.booking import GuestLinkKeys
from slotline.ports.shared import Clock, StoreBusyError


@dataclass(frozen=True, slots=True, kw_only=True)
class CallUrls:
    """The links of one call."""

    guest: str | None = field(default=None, repr=False)
    host: str | None = field(default=None, repr=False)


NO_URLS = CallUrls()


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestUrls:
    """Links as answers have them."""

    keys: GuestLinkKeys
    clock: Clock

    def shown_to(self, caller: Caller, rooms_at: str) -> Callable[[Call], CallUrls]:
        """What gives each call its links: none for a caller who may not write, and none while the keys cannot be read.

        What was booked or changed stands by then, so an answer without the links is better than no answer.
        """
        if Scope.SCHEDULING_WRITE not in caller.scopes and caller.visitor is None:
            return _none
        try:
            keys = self.keys()
        except StoreBusyError as error:
            observability.log_failure("an answer goes without the links into a call", error)
            return _none

        def links(call: Call) -> CallUrls:
            now = self.clock.now()
            host = None if caller.visitor or call.is_final else host_url(keys, call, rooms_at, now)
            return CallUrls(guest=keys.url_of(call, rooms_at, now), host=host)

        return links


def _none(_call: Call) -> CallUrls:
    return NO_URLS
