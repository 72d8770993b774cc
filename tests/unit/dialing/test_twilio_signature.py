"""What Twilio's own library finds signed is found signed here, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from slotline.carriers.twilio_signature import is_signed, signature_of
from tests.support.properties import tried

TOKEN = "12345"
URLS = (
    "https://api.example.com/api/v1/dial/carriers/twilio/status/org/call/1",
    "https://api.example.com:443/status?a=1&b=2",
    "http://localhost:8000/status",
    "https://api.example.com:8443/status",
)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
forms = st.dictionaries(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1), words, max_size=8)


def test_twilios_example_is_signed_as_twilio_says() -> None:
    """https://www.twilio.com/docs/usage/security#validating-signatures-from-twilio"""
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert signature_of(url, list(fields.items()), TOKEN) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


@tried(300)
@given(st.sampled_from(URLS), forms, st.sampled_from([TOKEN, "another"]))
def test_both_say_the_same_of_a_signature(url: str, fields: dict[str, str], signed_with: str) -> None:
    given_signature = RequestValidator(signed_with).compute_signature(url, fields)
    accepted = RequestValidator(TOKEN).validate(url, fields, given_signature)
    assert is_signed(url, list(fields.items()), given_signature, TOKEN) == accepted == (signed_with == TOKEN)


@tried(200)
@given(st.sampled_from(URLS), forms, words, words)
def test_what_was_altered_on_the_way_is_not_signed(url: str, fields: dict[str, str], name: str, value: str) -> None:
    signature = RequestValidator(TOKEN).compute_signature(url, fields)
    altered = {**fields, name: value + "x"}
    said = is_signed(url, list(altered.items()), signature, TOKEN)
    assert said == RequestValidator(TOKEN).validate(url, altered, signature)
    if not name or name in fields:
        assert not said or altered == fields


@pytest.mark.parametrize("signature", ["", "nonsense", "RSOYDt4T1cUTdK1PDd93/VVr8B8", "é", "=" * 500])
def test_what_is_no_signature_is_refused(signature: str) -> None:
    assert not is_signed(URLS[0], [("CallStatus", "busy")], signature, TOKEN)


@pytest.mark.parametrize(("signed", "asked"), [(0, URLS[0]), (1, "https://api.example.com/status?a=1&b=2")])
def test_a_port_that_goes_without_saying_is_left_out_or_said(signed: int, asked: str) -> None:
    signature = RequestValidator(TOKEN).compute_signature(URLS[signed], {"a": "b"})
    assert is_signed(asked, [("a", "b")], signature, TOKEN)
