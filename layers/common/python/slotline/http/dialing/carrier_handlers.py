"""A carrier's request on its way through a handler: read, found to be signed, answered; and what is said if not."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from slotline import observability
from slotline.domain.shared.errors import DomainError, Unauthorized, Unavailable
from slotline.http.dialing import carrier_callbacks
from slotline.http.dialing.carrier_callbacks import Answer, Callback
from slotline.ports.dialing import CarrierRefused
from slotline.ports.shared import Clock, StoreBusyError

Event = Mapping[str, Any]
IsSigned = Callable[[str, str, tuple[str, str, int], str, Sequence[tuple[str, str]], str], bool]
"""Whether the carrier signed these fields for the attempt's address: on this host and path, with this query behind."""


def answer_carrier(
    event: Event, path: str, is_signed: IsSigned, act: Callable[[Callback], Answer], clock: Clock
) -> Answer:
    """Answer one event. Nothing of an unsigned one is acted on, or even looked for."""
    try:
        answer = act(_signed(event, path, is_signed))
    except DomainError as error:
        answer = carrier_callbacks.refused(error, clock.now())
    except (StoreBusyError, CarrierRefused) as error:
        observability.log_failure("a carrier's report could not be taken", error)
        answer = carrier_callbacks.refused(Unavailable("The service is busy. Try again in a moment."), clock.now())
    except Exception as error:  # noqa: BLE001 - the last resort: recorded, and answered without a word about us
        observability.log_unexpected(error, route=event.get("routeKey"))
        answer = carrier_callbacks.failed(clock.now())
    observability.logger.info("answered", route=event.get("routeKey"), status=answer["statusCode"])
    observability.flush()
    return answer


def _signed(event: Event, path: str, is_signed: IsSigned) -> Callback:
    callback = carrier_callbacks.read(event)
    if not is_signed(callback.host, path, callback.place, callback.query, callback.fields, callback.signature):
        raise Unauthorized("The request is not signed by the carrier.")
    return callback
