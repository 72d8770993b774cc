"""The answer of POST dial/scheduled has the documented shape, to the last field of a use case that says everything."""

import re
from typing import Any

from tests.handlers.dialing.conftest import Dialer, writing
from tests.handlers.dialing.test_schedule import DOCUMENTED

DOCUMENTED_CALL: dict[str, Any] = {
    "id": "<string>",
    "organization_id": "<string>",
    "metadata": {
        "call_sid": "<string>",
        "from": "+1234567890",
        "to": "+1234567890",
        "recording_sid": "<string>",
        "tags": ["<string>"],
        "custom": {"clientId": "123", "orderId": "456"},
    },
    "use_case": {
        "id": "<string>",
        "organization_id": "<string>",
        "name": "Kate",
        "transfer_number": "<string>",
        "extract_with_ai": [
            {"name": "<string>", "description": "<string>", "type": "string", "example": "<string>", "required": True}
        ],
        "classification_tags": [{"name": "<string>", "description": "<string>"}],
        "language": "en-US",
        "detailed_work_hours": {},
        "work_start": "<string>",
        "work_end": "<string>",
        "timezone": "<string>",
        "generic_after_hours_message": "<string>",
        "enable_detailed_work_hours": True,
        "keywords": ["<string>"],
        "hooks": [{"url": "<string>", "headers": [{"key": "<string>", "value": "<string>"}]}],
        "params": {},
        "amd": True,
        "amd_behavior": "Hangup",
        "amd_messages": {},
        "sample_labels": [{"name": "<string>", "color": "slate"}],
        "hidden": True,
        "evaluation_models": ["<string>"],
        "max_duration_mins": 123,
        "recorded_message_inbound": True,
        "recorded_message_outbound": True,
        "show_original_caller_id": True,
        "disable_end_call_after_n_reminders": True,
        "model": "<string>",
    },
    "params": {},
    "created": "2024-01-01T01:01:01Z",
}
EVERYTHING: dict[str, Any] = {
    "name": "Kate",
    "transfer_number": "+12025550101",
    "extract_with_ai": [{"name": "budget", "description": "In dollars", "example": "100", "required": True}],
    "classification_tags": [{"name": "warm", "description": "Wants to hear more"}],
    "detailed_work_hours": {"monday": [{"start": "09:00", "end": "17:00"}]},
    "work_start": "09:00",
    "work_end": "17:00",
    "timezone": "America/New_York",
    "generic_after_hours_message": "We are closed.",
    "enable_detailed_work_hours": True,
    "keywords": ["Acme"],
    "hooks": [{"url": "https://example.com/hook", "headers": [{"key": "X-Team", "value": "********"}]}],
    "params": {"message": "Hello"},
    "amd": True,
    "amd_messages": {"en-US": "Call us back."},
    "sample_labels": [{"name": "good"}],
    "hidden": False,
    "evaluation_models": ["strict"],
    "max_duration_mins": 5,
    "recorded_message_inbound": True,
    "recorded_message_outbound": True,
    "show_original_caller_id": True,
    "disable_end_call_after_n_reminders": True,
    "model": "Fast",
}
NOT_YET = {"call_sid", "recording_sid"}
"""What a call has once it has been placed."""
FREE = {"custom", "params", "detailed_work_hours", "amd_messages"}
"""Objects whose names are their sender's."""


def same_shape(documented: Any, found: Any, place: str) -> None:
    """The same fields in the same order, each of the documented type."""
    assert type(found) is type(documented), place
    if isinstance(documented, dict) and place.rpartition(".")[2] not in FREE:
        assert list(found) == list(documented), place
        for name in documented.keys() - NOT_YET:
            same_shape(documented[name], found[name], f"{place}.{name}")
    if isinstance(documented, list) and documented:
        for one in found:
            same_shape(documented[0], one, f"{place}[]")


def test_every_created_call_has_the_documented_fields_in_their_order_and_type(dialer: Dialer):
    hooks = [{"url": "https://example.com/hook", "headers": [{"key": "X-Team", "value": "sales"}]}]
    made = writing()("/api/v1/use-cases", {**EVERYTHING, "hooks": hooks})
    assert made.status == 201, made.text
    use_case_id = made.json["data"]["use_case"]["id"]
    answer = dialer.schedule(**DOCUMENTED, use_case_id=use_case_id).json
    assert next(iter(answer)) == "createdCalls"
    for call in answer["createdCalls"]:
        same_shape(DOCUMENTED_CALL, call, "call")
        assert {call["metadata"][name] for name in NOT_YET} == {None}
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", call["created"])
        for name, value in EVERYTHING.items():
            if name not in ("extract_with_ai", "sample_labels"):  # these have defaults within
                assert call["use_case"][name] == value, name
