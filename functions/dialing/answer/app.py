"""POST /api/v1/dial/carriers/twilio/answer/…: somebody has answered; what the carrier is to say, as TwiML."""

from slotline.carriers.callbacks import ANSWER
from slotline.carriers.twilio_words import report_of_fields
from slotline.carriers.twiml import HANG_UP
from slotline.http.dialing.carrier_callbacks import Answer, Callback, instructed
from slotline.http.dialing.carrier_handlers import Event, answer_carrier
from slotline.wiring import common
from slotline.wiring.dialing import attempts, carriers


def _answer(callback: Callback) -> Answer:
    report = report_of_fields(callback.said)
    if report is None or report.status.is_final:
        return instructed(HANG_UP)
    return instructed(attempts.answer_dial()(*callback.place, report))


def handler(event: Event, context: object) -> Answer:
    """Answer one payload 2.0 event."""
    common.begin(context)
    return answer_carrier(event, ANSWER, carriers.is_from_twilio, _answer, common.clock())
