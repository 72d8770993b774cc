"""POST /api/v1/dial/carriers/twilio/status/…: a carrier says how an attempt goes on."""

from slotline.carriers.callbacks import STATUS
from slotline.carriers.twilio_words import report_of_fields
from slotline.domain.shared.errors import NotFound
from slotline.http.dialing.carrier_callbacks import Answer, Callback, taken
from slotline.http.dialing.carrier_handlers import Event, answer_carrier
from slotline.wiring import common
from slotline.wiring.dialing import attempts, carriers


def _take(callback: Callback) -> Answer:
    report = report_of_fields(callback.said)
    if report is not None and attempts.record_attempt().report(*callback.place, report) is None:
        raise NotFound("There is no such attempt.")
    return taken()


def handler(event: Event, context: object) -> Answer:
    """Answer one payload 2.0 event."""
    common.begin(context)
    return answer_carrier(event, STATUS, carriers.is_from_twilio, _take, common.clock())
