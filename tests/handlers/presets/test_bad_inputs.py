"""Presets that do not fit: each is refused with the field that is wrong, and changes nothing."""

import pytest

from tests.handlers.presets.conftest import path, reading, writing
from tests.support.builders.provisioned import FIRST_PRESET, SECOND_PRESET

pytestmark = pytest.mark.usefixtures("app")

WRONG = [
    ("an unknown field", {"colour": "red"}, "colour", "extra_forbidden"),
    ("an id", {"presetId": SECOND_PRESET}, "presetId", "extra_forbidden"),
    ("whether it is active", {"active": True}, "active", "extra_forbidden"),
    ("a name of null", {"name": None}, "name", "string_type"),
    ("four minutes", {"durationMinutes": 4}, "durationMinutes", "greater_than_equal"),
    ("481 minutes", {"durationMinutes": 481}, "durationMinutes", "less_than_equal"),
    ("minutes of null", {"durationMinutes": None}, "durationMinutes", "int_type"),
    ("a buffer of 241", {"bufferAfterMinutes": 241}, "bufferAfterMinutes", "less_than_equal"),
    ("a buffer below none", {"bufferBeforeMinutes": -1}, "bufferBeforeMinutes", "greater_than_equal"),
    ("no horizon", {"horizonDays": 0}, "horizonDays", "greater_than_equal"),
    ("a horizon of 731", {"horizonDays": 731}, "horizonDays", "less_than_equal"),
    ("a notice of 43201", {"minimumNoticeMinutes": 43_201}, "minimumNoticeMinutes", "less_than_equal"),
    ("no grace", {"noShowGraceMinutes": 0}, "noShowGraceMinutes", "greater_than_equal"),
    ("a grace of 241", {"noShowGraceMinutes": 241}, "noShowGraceMinutes", "less_than_equal"),
    ("another mode", {"assignmentMode": "random"}, "assignmentMode", "enum"),
    ("a flag as text", {"guestCanCancel": "true"}, "guestCanCancel", "bool_type"),
    (
        "a limit of none",
        {"customerLimits": [{"maxBookings": 0, "per": "day"}]},
        "customerLimits.0.maxBookings",
        "greater_than_equal",
    ),
    (
        "a limit of 10001",
        {"customerLimits": [{"maxBookings": 10_001, "per": "day"}]},
        "customerLimits.0.maxBookings",
        "less_than_equal",
    ),
    ("a limit per year", {"customerLimits": [{"maxBookings": 1, "per": "year"}]}, "customerLimits.0.per", "enum"),
    ("eleven limits", {"customerLimits": [{"maxBookings": 1, "per": "day"}] * 11}, "customerLimits", "too_long"),
    (
        "a limit in snake case",
        {"customerLimits": [{"max_bookings": 1, "per": "day"}]},
        "customerLimits.0.max_bookings",
        "extra_forbidden",
    ),
    ("another kind of reminder", {"reminders": {"reminder_2h": ["sms"]}}, "reminders.reminder_2h", "enum"),
    ("another channel", {"reminders": {"invitation": ["fax"]}}, "reminders.invitation.0", "enum"),
    ("a channel twice", {"reminders": {"invitation": ["sms", "sms"]}}, "reminders.invitation", "repeated"),
    ("a dispatch at the start", {"genesysDispatchMinutes": 0}, "genesysDispatchMinutes", "greater_than_equal"),
    ("a dispatch of 1441", {"genesysDispatchMinutes": 1_441}, "genesysDispatchMinutes", "less_than_equal"),
    ("a dispatch as text", {"genesysDispatchMinutes": "5"}, "genesysDispatchMinutes", "int_type"),
    ("a grace of null", {"noShowGraceMinutes": None}, "noShowGraceMinutes", "int_type"),
    ("reminders of null", {"reminders": None}, "reminders", "dict_type"),
    ("one channel, not in a list", {"reminders": {"invitation": "sms"}}, "reminders.invitation", "list_type"),
    ("a language by its name", {"language": "Spanish"}, "language", "string_pattern_mismatch"),
    ("a language of null", {"language": None}, "language", "string_type"),
    ("a language with an underscore", {"language": "es_CO"}, "language", "string_pattern_mismatch"),
    ("a blank language", {"language": " "}, "language", "string_pattern_mismatch"),
    ("a language with a line break", {"language": "es\n"}, "language", "string_pattern_mismatch"),
    ("an origin that is not Genesys's", {"genesysOrigins": ["https://example.com"]}, "genesysOrigins.0", "origin"),
    (
        "one that only ends like Genesys's",
        {"genesysOrigins": ["https://apps.mypurecloud.com.example.com"]},
        "genesysOrigins.0",
        "origin",
    ),
    (
        "one that only looks like Genesys's",
        {"genesysOrigins": ["https://evilpure.cloud"]},
        "genesysOrigins.0",
        "origin",
    ),
    ("an origin with a path", {"allowedEmbedOrigins": ["https://example.com/x"]}, "allowedEmbedOrigins.0", "origin"),
    (
        "an origin with two slashes",
        {"allowedEmbedOrigins": ["https://example.com//"]},
        "allowedEmbedOrigins.0",
        "origin",
    ),
    (
        "the same by its port",
        {"allowedEmbedOrigins": ["https://a.com", "https://A.com:443/"]},
        "allowedEmbedOrigins",
        "repeated",
    ),
    (
        "letters of a language",
        {"allowedEmbedOrigins": ["https://b\u00fccher.example"]},
        "allowedEmbedOrigins.0",
        "origin",
    ),
    ("an origin without TLS", {"allowedEmbedOrigins": ["http://example.com"]}, "allowedEmbedOrigins.0", "origin"),
    ("a wildcard", {"allowedEmbedOrigins": ["https://*.example.com"]}, "allowedEmbedOrigins.0", "origin"),
    ("any origin", {"allowedEmbedOrigins": ["*"]}, "allowedEmbedOrigins.0", "origin"),
    ("more of a policy", {"allowedEmbedOrigins": ["https://a.com; script-src *"]}, "allowedEmbedOrigins.0", "origin"),
    ("a port beyond", {"allowedEmbedOrigins": ["https://a.com:65536"]}, "allowedEmbedOrigins.0", "origin"),
    ("a line break", {"allowedEmbedOrigins": ["https://a.com\n"]}, "allowedEmbedOrigins.0", "origin"),
    ("an origin twice", {"allowedEmbedOrigins": ["https://a.com", "https://A.com"]}, "allowedEmbedOrigins", "repeated"),
    ("a colour by name", {"brandingColor": "red"}, "brandingColor", "string_pattern_mismatch"),
    ("a colour with a line break", {"brandingColor": "#000000\n"}, "brandingColor", "string_pattern_mismatch"),
    ("a blank branding", {"brandingName": " "}, "brandingName", "blank"),
    ("an answer to nowhere", {"replyTo": "desk"}, "replyTo", "email"),
    ("an answer to two", {"replyTo": "a@acme.example,b@acme.example"}, "replyTo", "email"),
    ("an answer to an address with a break", {"replyTo": "a@acme.example\nBcc: b"}, "replyTo", "email"),
    ("no message a call", {"remindersPerCallPerDay": 0}, "remindersPerCallPerDay", "greater_than_equal"),
]


def test_a_bad_request_names_the_field():
    """One table through one app: nothing in it may change a thing."""
    before = reading()(path()).json["data"]
    for name, body, field, code in WRONG:
        for method, where in (("PATCH", path(FIRST_PRESET)), ("POST", path())):
            sent = {"name": "Sales"} | body if method == "POST" else body
            reply = writing(method)(where, sent)
            assert reply.status == 400, (name, method, reply.text)
            details = reply.error["details"]
            assert (field, code) in {(detail.get("field"), detail["code"]) for detail in details}, (name, details)
    assert writing("PATCH")(path(FIRST_PRESET), {}).error["details"][0]["code"] == "nothing_to_change"
    assert writing("POST")(path(), {"durationMinutes": 30}).error["details"][0] == {
        "field": "name",
        "message": "is required",
        "code": "missing",
    }
    assert reading()(path()).json["data"] == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"slug": "Sales"}, "slug"),
        ({"slug": "-sales"}, "slug"),
        ({"slug": "01890000-0000-7000-8000-000000000001"}, "slug"),
        ({"title": "two\nlines"}, "title"),
        ({"title": {}}, "title"),
        ({"title": {"english": "Sales"}}, "title"),
        ({"title": {"en": ""}}, "title"),
        ({"title": 7}, "title"),
        ({"description": {"en": "x" * 4_001}}, "description"),
        ({"requiredTags": ["a,b"]}, "requiredTags.0"),
        ({"requiredTags": ["a", "a"]}, "requiredTags"),
        ({"requiredTags": [str(number) for number in range(21)]}, "requiredTags"),
        ({"agentIds": ["agent-1", "agent-1"]}, "agentIds"),
        ({"questions": [{"key": "2nd", "label": "How many?", "type": "number"}]}, "questions.0.key"),
        ({"questions": [{"key": "team size", "label": "How many?", "type": "number"}]}, "questions.0.key"),
        ({"questions": [{"key": key, "label": "?", "type": "date"} for key in ("a", "b", "A")]}, "questions.2.key"),
        ({"questions": [{"key": "a", "label": "?", "type": "date", "options": ["x"]}]}, "questions.0.options"),
        ({"questions": [{"key": "a", "label": "?", "type": "multi_choice"}]}, "questions.0.options"),
        ({"questions": [{"key": "a", "label": "two\nlines", "type": "date"}]}, "questions.0.label"),
        ({"questions": [{"key": "size", "label": "How many?", "type": "integer"}]}, "questions.0.type"),
        ({"questions": [{"key": f"q{n}", "label": "?", "type": "date"} for n in range(21)]}, "questions"),
        ({"verification": "post"}, "verification"),
        ({"agentMessages": ["assigned", "assigned"]}, "agentMessages"),
        ({"onZoneChange": "keep"}, "onZoneChange"),
    ],
)
def test_a_value_that_does_not_fit_is_named(changes, field):
    reply = writing("PATCH")(path(FIRST_PRESET), changes)
    assert reply.status == 400
    assert [detail["field"] for detail in reply.error["details"]] == [field]
