"""Book on the booking page: a hold that is over, or of another time, is in nobody's way if the time is free."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from slotline.domain.booking.requests import BookingRequest
from slotline.domain.shared.errors import InvalidRequest, StaleHold
from slotline.domain.shared.idempotency import IdempotencyKey
from slotline.ports.shared import RateLimitCheck
from slotline.usecases.booking.book_call import BookCall, Booked


@dataclass(frozen=True, slots=True, kw_only=True)
class BookOnPage:
    """Books with the hold of the visit, or else without."""

    book: Callable[[], BookCall]

    def __call__(
        self, request: BookingRequest, key: IdempotencyKey, check_rate: RateLimitCheck, *, chose_agent: bool
    ) -> Booked:
        """Book it, or raise what stands against it. `chose_agent`: the guest did, and not the service for the hold."""
        try:
            return self.book()(request, key, check_rate)
        except (StaleHold, InvalidRequest) as error:
            if request.hold_id is None or not (isinstance(error, StaleHold) or _is_of_hold(error)):
                raise
        agent_id = request.assigned_agent_id if chose_agent else None
        return self.book()(replace(request, hold_id=None, assigned_agent_id=agent_id), key, check_rate)


def _is_of_hold(error: InvalidRequest) -> bool:
    return bool(error.details) and error.details[0].field == "holdId"
