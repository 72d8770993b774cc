"""What somebody who was called hears, in TwiML (https://www.twilio.com/docs/voice/twiml)."""

import re
from xml.sax.saxutils import escape, quoteattr

from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.carrier_orders import Heard
from slotline.domain.dialing.placeholders import defaults_of, filled, machine_message, message_of
from slotline.domain.dialing.spoken_length import LARGEST_WORDS, bytes_of
from slotline.domain.dialing.use_cases import UseCase

_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

HANG_UP = "<Response><Hangup/></Response>"


class TooLongToSay(Exception):
    """The carrier would not take it. It was bounded when the call was planned: its use case has changed since."""


def answer_to(call: DialCall, use_case: UseCase, heard: Heard) -> str:
    """The message of the use case, in the call's language, then whoever the call is put through to.

    A machine's message is spoken by a voice of the language that it is written in.
    """
    if heard is Heard.NOTHING or call.is_called_off:
        return HANG_UP
    language = call.language or use_case.language
    if heard is Heard.MACHINE_MESSAGE:
        left, written_in = machine_message(use_case, language)
        return _said(left, written_in, call, use_case)
    return _said(message_of(use_case), language, call, use_case, transfer_to=use_case.transfer_number)


def _said(message: str, language: str, call: DialCall, use_case: UseCase, transfer_to: str | None = None) -> str:
    words = filled(message, call.params, defaults_of(use_case))
    says = f"<Say language={_quoted(language)}>{_text(words)}</Say>" if words.strip() else ""
    then = f"<Dial>{_text(transfer_to)}</Dial>" if transfer_to else "<Hangup/>"
    twiml = f"<Response>{says}{then}</Response>"
    if bytes_of(words) > LARGEST_WORDS:
        raise TooLongToSay
    return twiml


def _text(words: str) -> str:
    """As text of XML 1.0, without what no document may hold (https://www.w3.org/TR/xml/#charsets)."""
    return escape(_NOT_IN_XML.sub("", words))


def _quoted(words: str) -> str:
    """The same as the value of an attribute, in quotes."""
    return quoteattr(_NOT_IN_XML.sub("", words))
