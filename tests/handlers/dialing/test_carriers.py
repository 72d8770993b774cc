"""Carriers' requests: only what Twilio signed is acted on, once, and whoever answered hears what the use case says."""

import json
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest
from twilio.request_validator import RequestValidator

from slotline.carriers.callbacks import ANSWER, STATUS
from slotline.domain.dialing.attempted_calls import AttemptedCall
from slotline.domain.dialing.attempts import DialAttempt
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.numbers import CarrierName
from slotline.domain.dialing.retry_rules import RetryRule
from slotline.domain.dialing.statuses import DialStatus
from slotline.domain.dialing.use_cases import AmdBehavior
from slotline.ports.dialing import DialWrite
from slotline.wiring.dialing import carriers
from tests.handlers.dialing.conftest import reading_calls
from tests.support.aws.moto_tables import ENVIRONMENT
from tests.support.builders.apps import NOW, SetClock
from tests.support.builders.dialing import a_dial_call, a_number, a_use_case
from tests.support.builders.phones import BARRED
from tests.support.challenges import read_challenge
from tests.support.handlers import load_function
from tests.support.memory.wiring import MemoryPorts

TOKEN = "the-account's-token"
HOST = ENVIRONMENT["API_BASE_URL"]
GATEWAY = "a1b2c3.execute-api.eu-west-1.amazonaws.com"
FORM = {"AccountSid": "AC1", "CallSid": "CA1", "To": "+573005550100", "From": "+12025550100", "CallStatus": "busy"}
RULES = (RetryRule(query="Busy", retry_period=30),)
Fields = list[tuple[str, str]]


class MultiDict(dict[str, list[str]]):
    """A form as Twilio's library takes one from a framework: it knows names that come twice."""

    def getall(self, name: str) -> list[str]:
        return self[name]


def multi(fields: Fields) -> MultiDict:
    found = defaultdict(list)
    for name, value in fields:
        found[name].append(value)
    return MultiDict(found)


def path_of(kind: str, call_id: str = "call", attempt: object = 1) -> str:
    return f"{kind}/org/{call_id}/{attempt}"


def sent(path: str, fields: Fields, signature: str | None, query: str = "") -> dict[str, Any]:
    """A request as API Gateway hands it on; the answer."""
    organization_id, call_id, attempt = path.rsplit("/", 3)[1:]
    event = {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {} if signature is None else {"x-twilio-signature": signature},
        "requestContext": {"domainName": GATEWAY},
        "pathParameters": {"organizationId": organization_id, "callId": call_id, "attempt": attempt},
        "body": urlencode(fields),
        "isBase64Encoded": False,
    }
    folder = "dialing/answer" if path.startswith(ANSWER) else "dialing/carrier_status"
    answer: dict[str, Any] = load_function(folder).handler(event, None)
    return answer


def said(path: str, **changes: str) -> dict[str, Any]:
    """A request as Twilio makes and signs it; the answer."""
    fields = {**FORM, **changes}
    return sent(path, list(fields.items()), RequestValidator(TOKEN).compute_signature(HOST + path, fields))


def test_without_an_address_of_its_own_a_deployment_is_reported_to_at_its_gateways(
    dialed: "Dialed", monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("API_BASE_URL", "")
    carriers.settings.cache_clear()
    dialed.starts()
    path = path_of(STATUS)
    for host, status in ((HOST, 401), (f"https://{GATEWAY}", 204)):
        signature = RequestValidator(TOKEN).compute_signature(host + path, FORM)
        assert sent(path, list(FORM.items()), signature)["statusCode"] == status
    assert dialed.call.status is DialStatus.BUSY


class Dialed:
    """A call whose first attempt is under way."""

    def __init__(self, ports: MemoryPorts) -> None:
        self._ports, self._calls = ports, ports.dials
        ports.numbers.add(a_number(), None)

    def starts(self, *, called_off: bool = False, use_case: dict[str, Any] | None = None, **call: Any) -> None:
        said = {"callee_start": "00:00", "callee_end": "24:00", **(use_case or {})}
        self._ports.use_cases.add(a_use_case(**said), None)
        new = a_dial_call(**{"due_at": NOW, "rules": RULES, "max_retries": 3, **call})
        self._calls.add([new])
        claimed = AttemptedCall.claimed(new, CarrierName.TWILIO, "claim", NOW)
        after = replace(claimed.call, is_called_off=called_off)
        self._calls.write(DialWrite(call=after, replaces=new.revision, claims=claimed.attempt))

    @property
    def call(self) -> DialCall:
        return self._found()[0]

    @property
    def attempts(self) -> list[DialAttempt]:
        return self._found()[1]

    def _found(self) -> tuple[DialCall, list[DialAttempt]]:
        found = self._calls.get("org", "call")
        assert found
        return found[0], list(found[1])


@pytest.fixture
def dialed(ports: MemoryPorts, clock: SetClock) -> Dialed:
    clock.instant = NOW + timedelta(seconds=20)
    content = json.dumps({"account_sid": "AC1", "auth_token": TOKEN})
    ports.secrets.kept[ENVIRONMENT["TWILIO_SECRET_ID"]] = content
    return Dialed(ports)


AS_SIGNED: Fields = [*FORM.items(), ("SipHeader", "é 日本 & <x>"), ("Empty", "")]
URL = HOST + path_of(STATUS)
REQUESTS: dict[str, tuple[str, Fields, Fields]] = {
    # What happened on the way: the URL that was signed, the fields that were, and those that came.
    "as it was signed": (URL, AS_SIGNED, AS_SIGNED),
    "in another order": (URL, AS_SIGNED, AS_SIGNED[::-1]),
    "signed with its port": (URL.replace(".com", ".com:443"), AS_SIGNED, AS_SIGNED),
    "signed with another port": (URL.replace(".com", ".com:8443"), AS_SIGNED, AS_SIGNED),
    "signed for another host": (URL.replace("api.", "api2."), AS_SIGNED, AS_SIGNED),
    "signed without TLS": (URL.replace("https:", "http:"), AS_SIGNED, AS_SIGNED),
    "signed for another attempt": (HOST + path_of(STATUS, attempt=2), AS_SIGNED, AS_SIGNED),
    "signed for another call": (HOST + path_of(STATUS, "other"), AS_SIGNED, AS_SIGNED),
    "signed for the other address": (HOST + path_of(ANSWER), AS_SIGNED, AS_SIGNED),
    "signed with a query": (URL + "?a=1", AS_SIGNED, AS_SIGNED),
    "a value changed": (URL, AS_SIGNED, [*AS_SIGNED[:4], ("CallStatus", "completed"), *AS_SIGNED[5:]]),
    "a value in another case": (URL, AS_SIGNED, [*AS_SIGNED[:4], ("CallStatus", "Busy"), *AS_SIGNED[5:]]),
    "an accent decomposed": (URL, AS_SIGNED, [*AS_SIGNED[:5], ("SipHeader", "e\u0301 日本 & <x>"), ("Empty", "")]),
    "a field added": (URL, AS_SIGNED, [*AS_SIGNED, ("AnsweredBy", "human")]),
    "an empty field added": (URL, AS_SIGNED, [*AS_SIGNED, ("X", "")]),
    "a field left out": (URL, AS_SIGNED, AS_SIGNED[1:]),
    "an empty field left out": (URL, AS_SIGNED, AS_SIGNED[:-1]),
    "a name in another case": (URL, AS_SIGNED, [("accountsid", "AC1"), *AS_SIGNED[1:]]),
    "a border between name and value moved": (URL, [*AS_SIGNED, ("ab", "c")], [*AS_SIGNED, ("a", "bc")]),
    "a field twice": (URL, AS_SIGNED, [*AS_SIGNED, AS_SIGNED[0]]),
    "a field with a second value": (URL, AS_SIGNED, [*AS_SIGNED, ("CallStatus", "ringing")]),
    "signed with two values, sent in another order": (
        URL,
        [*AS_SIGNED, ("Tag", "b"), ("Tag", "a")],
        [("Tag", "a"), *AS_SIGNED, ("Tag", "b")],
    ),
}
ACCEPTED = {
    "as it was signed",
    "in another order",
    "signed with its port",
    "a border between name and value moved",  # what is signed has no borders: it is Twilio's own rule
    "a field twice",
    "signed with two values, sent in another order",
}


@pytest.mark.parametrize("name", REQUESTS)
def test_what_twilios_own_library_accepts_is_accepted_and_nothing_else(dialed: Dialed, name: str):
    dialed.starts()
    signed_url, signed, came = REQUESTS[name]
    signature = RequestValidator(TOKEN).compute_signature(signed_url, multi(signed))
    by_twilio = RequestValidator(TOKEN).validate(URL, multi(came), signature)
    answer = sent(path_of(STATUS), came, signature)
    assert (answer["statusCode"] == 204) == by_twilio == (name in ACCEPTED)
    if not by_twilio:
        assert answer["statusCode"] == 401
        assert (dialed.call.status, dialed.attempts[0].status) == (DialStatus.QUEUED, DialStatus.QUEUED)
        assert json.loads(answer["body"])["error"]["type"] == "unauthorized"


@pytest.mark.parametrize("query", ["a=1", "CallStatus=completed", "bodySHA256=0"])
def test_a_query_behind_the_address_is_part_of_what_is_signed(dialed: Dialed, query: str):
    dialed.starts()
    path, fields = path_of(STATUS), list(FORM.items())
    for signed_url in (HOST + path, f"{HOST}{path}?{query}"):
        signature = RequestValidator(TOKEN).compute_signature(signed_url, FORM)
        by_twilio = RequestValidator(TOKEN).validate(f"{HOST}{path}?{query}", FORM, signature)
        assert (sent(path, fields, signature, query)["statusCode"] == 204) == by_twilio == (signed_url != HOST + path)


@pytest.mark.parametrize("kind", [STATUS, ANSWER])
@pytest.mark.parametrize("signature", [None, "", "nonsense", "é", "a" * 5000])
def test_without_a_signature_nothing_happens_and_nothing_is_told(dialed: Dialed, kind: str, signature: str | None):
    dialed.starts(use_case={"params": {"message": "Hello"}})
    for path in (path_of(kind), path_of(kind, "nobody")):
        answer = sent(path, list(FORM.items()), signature)
        assert answer["statusCode"] == 401, "also where there is no such call: nobody learns which there are"
        (detail,) = json.loads(answer["body"])["error"]["details"]
        assert detail["challenge"] == read_challenge(answer["headers"]["WWW-Authenticate"])
        assert "Hello" not in answer["body"]
    assert dialed.call.status is DialStatus.QUEUED


@pytest.mark.parametrize("kind", [STATUS, ANSWER])
@pytest.mark.parametrize("account", ["AC2", "", "ac1"])
def test_a_report_of_another_account_is_refused_though_it_is_signed(dialed: Dialed, kind: str, account: str):
    """An account below ours, or one that shares its token, places no calls of ours."""
    dialed.starts(use_case={"params": {"message": "Hello"}})
    answer = said(path_of(kind), AccountSid=account, CallStatus="in-progress")
    assert answer["statusCode"] == 401
    assert dialed.call.status is DialStatus.QUEUED


@pytest.mark.parametrize("kind", [STATUS, ANSWER])
def test_a_report_of_another_call_is_nothing_to_an_attempt_that_has_its_own(dialed: Dialed, kind: str):
    dialed.starts(use_case={"params": {"message": "Hello"}})
    assert said(path_of(STATUS), CallStatus="ringing")["statusCode"] == 204
    answer = said(path_of(kind), CallSid="CA2", CallStatus="in-progress")
    assert (answer["statusCode"], "Hello" in answer["body"]) == (404, False)
    assert dialed.attempts[0].carrier_call_id == "CA1"
    assert dialed.call.status is DialStatus.RINGING
    assert said(path_of(STATUS), CallStatus="busy")["statusCode"] == 204
    assert dialed.attempts[0].status is DialStatus.BUSY


def test_the_first_report_may_name_the_call_before_its_order_was_answered(dialed: Dialed):
    dialed.starts()
    assert dialed.attempts[0].carrier_call_id is None
    assert said(path_of(STATUS), CallSid="CA9", CallStatus="ringing")["statusCode"] == 204
    assert dialed.attempts[0].carrier_call_id == "CA9"


def test_a_report_that_names_no_call_changes_nothing(dialed: Dialed):
    dialed.starts(use_case={"params": {"message": "Hello"}})
    assert said(path_of(STATUS), CallSid="", CallStatus="busy")["statusCode"] == 204
    assert "Hello" not in said(path_of(ANSWER), CallSid="", CallStatus="in-progress")["body"]
    assert dialed.call.status is DialStatus.QUEUED


@pytest.mark.parametrize("kind", [STATUS, ANSWER])
def test_anothers_token_signs_nothing(dialed: Dialed, kind: str):
    dialed.starts()
    signature = RequestValidator("another").compute_signature(HOST + path_of(kind), FORM)
    assert sent(path_of(kind), list(FORM.items()), signature)["statusCode"] == 401


def test_a_report_that_comes_twice_counts_once(dialed: Dialed):
    dialed.starts()
    for _ in range(3):
        assert said(path_of(STATUS))["statusCode"] == 204
    first = dialed.call
    assert (first.status, first.attempts, first.due_at) == (
        DialStatus.BUSY,
        1,
        NOW + timedelta(minutes=30, seconds=20),
    )
    assert first.revision == 3, "created, claimed, and one report"


@pytest.mark.parametrize("order", list(permutations(["initiated", "ringing", "in-progress", "completed"])))
def test_in_whatever_order_reports_come_the_call_ends_as_it_ended(dialed: Dialed, order: tuple[str, ...]):
    dialed.starts()
    for status in (*order, order[0]):
        assert said(path_of(STATUS), CallStatus=status)["statusCode"] == 204
    call = dialed.call
    assert (call.status, call.due_at, dialed.attempts[0].status) == (DialStatus.COMPLETED, None, DialStatus.COMPLETED)


def test_what_ended_first_stays(dialed: Dialed):
    dialed.starts()
    for status in ("busy", "completed", "ringing", "no-answer"):
        assert said(path_of(STATUS), CallStatus=status)["statusCode"] == 204
    assert (dialed.call.status, dialed.attempts[0].status) == (DialStatus.BUSY, DialStatus.BUSY)


@pytest.mark.parametrize("kind", [STATUS, ANSWER])
@pytest.mark.parametrize(
    ("call_id", "attempt"), [("nobody", 1), ("call", 2), ("call", 0), ("call", "x"), ("call", "²"), ("call", "99999")]
)
def test_an_attempt_that_there_is_not_is_not_found(dialed: Dialed, kind: str, call_id: str, attempt: object):
    dialed.starts()
    answer = said(path_of(kind, call_id, attempt), CallStatus="in-progress")
    assert answer["statusCode"] == 404
    assert dialed.call.status is DialStatus.QUEUED


def test_a_word_of_twilios_that_is_new_changes_nothing(dialed: Dialed):
    dialed.starts()
    assert said(path_of(STATUS), CallStatus="levitating")["statusCode"] == 204
    assert dialed.call.status is DialStatus.QUEUED


def told(call: Dialed, answered_by: str | None = "human") -> ET.Element:
    """What whoever answers hears, as a document."""
    del call
    changes = {"AnsweredBy": answered_by} if answered_by else {}
    answer = said(path_of(ANSWER), CallStatus="in-progress", **changes)
    assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (200, "text/xml; charset=utf-8")
    return ET.fromstring(answer["body"])


@pytest.mark.parametrize("name", ["Ana", "<Hangup/>", '"&]]>', "日本", "\u202eabc", "\x00\x08"])
def test_whatever_a_row_holds_is_said_and_never_done(dialed: Dialed, name: str):
    dialed.starts(use_case={"params": {"message": "Hello {name}."}}, params={"name": name}, language="es-CO")
    document = told(dialed)
    assert [one.tag for one in document] == ["Say", "Hangup"]
    spoken = "".join(letter for letter in name if letter.isprintable() or letter == "\u202e")
    assert (document[0].text, document[0].get("language")) == (f"Hello {spoken}.", "es-CO")
    assert dialed.call.status is DialStatus.IN_PROGRESS


def test_each_use_case_says_its_own_and_puts_through(dialed: Dialed):
    dialed.starts(use_case={"params": {"message": "One moment."}, "transfer_number": "+15005550007"})
    document = told(dialed)
    assert [(one.tag, one.text) for one in document] == [("Say", "One moment."), ("Dial", "+15005550007")]
    assert dialed.call.status is DialStatus.TRANSFERRED


@pytest.mark.parametrize("number", [*BARRED, "+1 900 555 0000"])
def test_nobody_is_put_through_to_a_number_that_was_kept_before_it_was_barred(dialed: Dialed, number: str):
    dialed.starts(use_case={"params": {"message": "One moment."}, "transfer_number": number})
    assert [one.tag for one in told(dialed)] == ["Say", "Hangup"]
    assert dialed.call.status is DialStatus.IN_PROGRESS


def test_somebody_is_put_through_to_the_number_as_it_is_compared(dialed: Dialed):
    dialed.starts(use_case={"transfer_number": "+44 (0) 20 7946 0960"})
    assert [(one.tag, one.text) for one in told(dialed)][-1] == ("Dial", "+442079460960")


MESSAGES = {"en-US": "Call {name} back.", "es-CO": "Llámenos."}


@pytest.mark.parametrize(
    ("behavior", "language", "heard", "status", "ends"),
    [
        (AmdBehavior.HANGUP, None, [], DialStatus.AMD_TERMINATED, DialStatus.AMD_TERMINATED),
        (AmdBehavior.CONTINUE, None, ["Hello Ana."], DialStatus.IN_PROGRESS, DialStatus.COMPLETED),
        (AmdBehavior.LEAVE_MESSAGE, None, ["Call Ana back."], DialStatus.IN_PROGRESS, DialStatus.COMPLETED),
        (AmdBehavior.LEAVE_MESSAGE, "es-CO", ["Llámenos."], DialStatus.IN_PROGRESS, DialStatus.COMPLETED),
        (AmdBehavior.LEAVE_MESSAGE, "fr-FR", ["Call Ana back."], DialStatus.IN_PROGRESS, DialStatus.COMPLETED),
    ],
)
def test_a_machine_is_treated_as_the_use_case_says(
    dialed: Dialed,
    behavior: AmdBehavior,
    language: str | None,
    heard: list[str],
    status: DialStatus,
    ends: DialStatus,
):
    use_case = {"amd": True, "amd_behavior": behavior, "amd_messages": MESSAGES, "params": {"message": "Hello {name}."}}
    dialed.starts(use_case=use_case, params={"name": "Ana"}, language=language)
    for _ in range(2):
        document = told(dialed, "machine_end_beep")
        assert [one.text for one in document if one.tag == "Say"] == heard
        assert document[-1].tag == "Hangup"
        assert dialed.call.status is status
    assert said(path_of(STATUS), CallStatus="completed", AnsweredBy="machine_end_beep")["statusCode"] == 204
    assert (dialed.call.status, dialed.call.last_outcome) == (ends, ends)


def test_where_machines_are_not_detected_whatever_answers_hears_the_message(dialed: Dialed):
    dialed.starts(use_case={"amd_messages": MESSAGES, "params": {"message": "Hello."}})
    assert [one.text for one in told(dialed, None) if one.tag == "Say"] == ["Hello."]


def test_a_call_that_was_called_off_while_it_rang_says_nothing_more(dialed: Dialed):
    dialed.starts(use_case={"params": {"message": "Hello"}}, called_off=True)
    assert [one.tag for one in told(dialed)] == ["Hangup"]


FAILING = ["join(',', [status]) == 'x'", "reverse(status) == 'ysub'", "nope(status)", "((("]
"""What an earlier release may have stored, and nobody would take today."""


@pytest.mark.parametrize("query", FAILING)
def test_a_rule_that_fails_at_work_leaves_the_outcome_and_says_so_on_the_attempt(dialed: Dialed, query: str):
    dialed.starts(rules=(RetryRule(query=query, retry_period=30),))
    assert said(path_of(STATUS))["statusCode"] == 204
    assert (dialed.call.status, dialed.call.reason, dialed.call.due_at) == (DialStatus.BUSY, "rule_failed", None)
    shown = reading_calls(organization_id="org")("/api/v1/calls/call").json["data"]
    assert [(one["status"], one["reason"]) for one in shown["attempts"]] == [("Busy", "rule_failed")]


@pytest.mark.parametrize(
    ("query", "amount", "is_retried"),
    [
        ("params.amount > `100`", "250", False),
        ("params.amount > `100`", 250, True),
        ("to_number(params.amount) > `100`", "250", True),
        ("ceil(to_number(params.amount)) > `100`", "1e999", False),
        ("ceil(to_number(params.amount)) > `100`", "nan", False),
        ("contains('gold,silver', params.amount)", 250, False),
        ("attempt < params.amount", "3", False),
        ("params.amount > `100` || status == 'busy'", "250", True),
    ],
)
def test_a_comparison_that_does_not_fit_does_not_hold_and_loses_no_outcome(
    dialed: Dialed, query: str, amount: object, is_retried: bool
):
    dialed.starts(rules=(RetryRule(query=query, retry_period=30),), params={"amount": amount})
    assert said(path_of(STATUS))["statusCode"] == 204
    assert dialed.attempts[0].status is DialStatus.BUSY
    assert (dialed.call.due_at is not None, dialed.attempts[0].reason) == (is_retried, None)


def test_a_zone_that_is_gone_from_the_catalogue_leaves_the_outcome(dialed: Dialed):
    dialed.starts(zones=("Atlantis/Poseidonis",))
    assert said(path_of(STATUS))["statusCode"] == 204
    assert (dialed.attempts[0].status, dialed.attempts[0].reason) == (DialStatus.BUSY, "rule_failed")


def test_while_the_token_cannot_be_read_the_carrier_is_asked_to_come_again(dialed: Dialed, ports: MemoryPorts):
    dialed.starts()
    ports.secrets.kept[ENVIRONMENT["TWILIO_SECRET_ID"]] = "{}"
    assert said(path_of(STATUS))["statusCode"] == 503
    assert dialed.call.status is DialStatus.QUEUED


@pytest.mark.parametrize("body", ["a=%zz%ff", "&".join(f"a{n}=1" for n in range(300)), "a=" + "x" * 40_000])
def test_what_is_no_form_of_a_carrier_is_refused(dialed: Dialed, body: str):
    dialed.starts()
    path = path_of(STATUS)
    place = {"organizationId": "org", "callId": "call", "attempt": "1"}
    asked = {"rawPath": path, "headers": {}, "pathParameters": place, "requestContext": {"domainName": GATEWAY}}
    event = {**asked, "body": body}
    assert load_function("dialing/carrier_status").handler(event, None)["statusCode"] in (400, 401, 413)
