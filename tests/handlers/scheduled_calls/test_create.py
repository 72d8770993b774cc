"""Booking a call through its handler: what is answered, what is remembered, what is kept apart."""

import base64
import json
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from botocore.exceptions import ParamValidationError

from slotline.store.dynamodb import keys
from slotline.usecases.shared.retrying import MAX_TRIES
from slotline.wiring import common
from slotline.wiring.booking import bookings
from tests.handlers.scheduled_calls.conftest import LEAST, OTHER_APP_ID, SEED, booked, creating, getting, path
from tests.support.aws.requests import Failing, counted, refusal
from tests.support.builders.apps import NOW, SetClock, put_app
from tests.support.handlers import APP_ID, Endpoint

SEED_ANSWER = {
    "id": "uuid",
    "app_id": "uuid",
    "booking_source": "api",
    "assigned_agent_id": "uuid",
    "guest_name": "Jane Doe",
    "guest_phone": "+57 300 555 0100",
    "guest_email": "jane@example.com",
    "scheduled_at": "2026-05-01T15:00:00.000Z",
    "duration_minutes": 30,
    "app_timezone": "America/Bogota",
    "status": "scheduled",
    "created_at": "2026-04-22T12:00:00.000Z",
}
EVERY_KEY = {
    *SEED_ANSWER,
    *("assignment_method", "guest_timezone", "guest_language", "guest_intake_notes"),
    *("buffer_before_minutes", "buffer_after_minutes"),
    *("preset_id", "preset_revision", "external_id", "metadata", "answers", "required_tags", "agent_ids"),
    "zone_change",
    *("join_url", "host_join_url", "guest_url", "revision", "updated_at", "cancelled_at", "cancellation_reason"),
}


def test_the_documented_request_gets_the_documented_answer(app: str) -> None:
    reply = creating()(path(app), SEED)
    assert reply.status == 201
    assert reply.headers["Content-Type"] == "application/json"
    call = reply.json["data"]["call"]
    assert {key: type(call[key]) for key in SEED_ANSWER} == {key: type(value) for key, value in SEED_ANSWER.items()}
    fixed = SEED_ANSWER.keys() - {"id", "app_id", "assigned_agent_id"}
    assert {key: call[key] for key in fixed} == {key: SEED_ANSWER[key] for key in fixed}
    assert (call["app_id"], call["assigned_agent_id"]) == (app, "agent-1")
    assert reply.json["meta"] == {"timestamp": "2026-04-22T12:00:00.000Z"}


def test_absent_values_are_null_not_missing(app: str) -> None:
    call = creating()(path(app), LEAST).json["data"]["call"]
    assert call.keys() == EVERY_KEY
    for name in ("assigned_agent_id", "guest_phone", "guest_timezone", "guest_intake_notes", "cancelled_at"):
        assert call[name] is None
    assert (call["duration_minutes"], call["buffer_before_minutes"], call["buffer_after_minutes"]) == (30, 0, 0)
    assert (call["assignment_method"], call["status"], call["revision"]) == ("manual", "scheduled", 1)


def test_links_are_under_the_configured_address(app: str) -> None:
    call = creating()(path(app), SEED).json["data"]["call"]
    assert call["join_url"] == f"https://video.example.com/c/{call['id']}"
    host, _, token = call["host_join_url"].partition("#")
    assert host == f"https://video.example.com/c/{call['id']}?role=agent&appId={app}"
    assert len(token) == 50


def test_the_same_request_again_finds_the_slot_taken(app: str, ports: Any) -> None:
    creating()(path(app), SEED)
    again = creating()(path(app), SEED)
    assert (again.status, again.error["type"]) == (409, "conflict")
    assert [detail["code"] for detail in again.error["details"]] == ["slot_taken"]
    assert "Jane" not in again.text
    assert booked(ports) == 1


AROUND: list[tuple[str, dict[str, Any], int]] = [
    ("right after both buffers", {"scheduledAtUtc": "2026-05-01T15:35:00Z", "bufferBeforeMinutes": 0}, 201),
    ("a minute into the after-buffer", {"scheduledAtUtc": "2026-05-01T15:34:00Z", "bufferBeforeMinutes": 0}, 409),
    ("with buffers that share time", {"scheduledAtUtc": "2026-05-01T15:35:00Z", "bufferBeforeMinutes": 5}, 201),
    ("with a before-buffer too long", {"scheduledAtUtc": "2026-05-01T15:35:00Z", "bufferBeforeMinutes": 6}, 409),
    ("ending at the before-buffer", {"scheduledAtUtc": "2026-05-01T14:25:00Z", "bufferAfterMinutes": 0}, 201),
    ("around it all", {"scheduledAtUtc": "2026-05-01T13:00:00Z", "durationMinutes": 300}, 409),
    ("of another agent", {"assignedAgentId": "agent-2"}, 201),
    ("unassigned", {"assignedAgentId": None}, 201),
]


@pytest.mark.parametrize(("changes", "status"), [row[1:] for row in AROUND], ids=[row[0] for row in AROUND])
def test_a_second_call_near_the_first(app: str, changes: dict[str, Any], status: int) -> None:
    assert creating()(path(app), SEED).status == 201
    second = {name: value for name, value in (SEED | changes).items() if value is not None}
    assert creating()(path(app), second).status == status


TAKEN: list[tuple[str, str, Any]] = [
    ("right to left", "guestName", "\u05d3\u05d5\u05d3 \u0645\u0631\u064a\u0645"),
    ("a name with a mark for direction", "guestName", "Jane \u200fDoe"),
    ("combining characters", "guestName", "Z\u0351\u036b\u0343a\u0321lgo"),
    ("an emoji of several code points", "guestName", "\U0001f469\u200d\U0001f4bb Ada"),
    ("a name of 200 characters", "guestName", "\u00e9" * 200),
    ("notes of 4,000 characters", "guestIntakeNotes", "x" * 4000),
    ("notes in lines", "guestIntakeNotes", "first\n\tsecond\r\n"),
    ("a number with all decorations", "guestPhone", "+57 (300) 555-01.00"),
    ("a number of 7 digits", "guestPhone", "+1234567"),
    ("a number of 15 digits", "guestPhone", "+123456789012345"),
    ("a zone of three parts", "guestTimezone", "America/Argentina/Buenos_Aires"),
    ("a language", "guestLanguage", "es"),
    ("a language of a script and a region", "guestLanguage", "zh-Hant-TW"),
    ("no language of their own", "guestLanguage", None),
    ("the shortest call", "durationMinutes", 5),
    ("the longest call", "durationMinutes", 480),
    ("30.0, the same number as 30", "durationMinutes", 30.0),
    ("the widest buffer", "bufferAfterMinutes", 240),
    ("no buffer", "bufferBeforeMinutes", 0),
    ("an id of their own", "externalId", "CRM #42 / äöü"),
    ("metadata of every kind of value", "metadata", {"a": [1, 2.5, -1e-3, None, True], "b": {"c": {}}, "": ""}),
    ("no metadata", "metadata", None),
    ("empty metadata", "metadata", {}),
]
SHOWN_AS = {
    "guestName": "guest_name",
    "guestIntakeNotes": "guest_intake_notes",
    "guestPhone": "guest_phone",
    "guestTimezone": "guest_timezone",
    "guestLanguage": "guest_language",
    "durationMinutes": "duration_minutes",
    "bufferBeforeMinutes": "buffer_before_minutes",
    "bufferAfterMinutes": "buffer_after_minutes",
    "externalId": "external_id",
    "metadata": "metadata",
}


@pytest.mark.parametrize(("field", "value"), [row[1:] for row in TAKEN], ids=[row[0] for row in TAKEN])
def test_unusual_values_are_taken_and_come_back_as_they_were(app: str, field: str, value: Any) -> None:
    reply = creating()(path(app), SEED | {field: value})
    assert reply.status == 201, reply.text
    assert reply.json["data"]["call"][SHOWN_AS[field]] == value
    call_id = reply.json["data"]["call"]["id"]
    assert getting()(path(app, call_id)).json["data"]["call"] == reply.json["data"]["call"]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("2026-05-01T15:00Z", "2026-05-01T15:00:00.000Z"),
        ("2026-05-01T15:00:00+00:00", "2026-05-01T15:00:00.000Z"),
        ("2026-05-01T10:00:00.000-05:00", "2026-05-01T15:00:00.000Z"),
        ("2026-05-01T00:30:00+1400", "2026-04-30T10:30:00.000Z"),
        ("2028-02-29T12:00:00Z", "2028-02-29T12:00:00.000Z"),
    ],
)
def test_instants_come_with_any_offset_and_leave_in_utc(app: str, given: str, shown: str) -> None:
    reply = creating()(path(app), SEED | {"scheduledAtUtc": given})
    assert reply.status == 201, reply.text
    assert reply.json["data"]["call"]["scheduled_at"] == shown


@pytest.mark.parametrize("source", ["admin", "nonsense", 7, None, {"a": [1]}])
def test_the_booking_source_is_stamped_whatever_is_sent(app: str, source: Any) -> None:
    reply = creating()(path(app), SEED | {"bookingSource": source})
    assert (reply.status, reply.json["data"]["call"]["booking_source"]) == (201, "api")


def test_what_was_not_said_comes_from_the_preset(ports: Any, clock: SetClock) -> None:
    del clock
    put_app(
        ports,
        APP_ID,
        duration_minutes=45,
        buffer_before_minutes=10,
        buffer_after_minutes=15,
        require_confirmation=True,
    )
    call = creating()(path(), LEAST).json["data"]["call"]
    assert (call["duration_minutes"], call["buffer_before_minutes"], call["buffer_after_minutes"]) == (45, 10, 15)
    assert call["status"] == "pending_confirmation"
    said = creating()(path(), LEAST | {"durationMinutes": 5, "requireConfirmation": False}).json["data"]["call"]
    assert (said["duration_minutes"], said["status"]) == (5, "scheduled")


def test_a_pending_call_takes_its_time(app: str) -> None:
    assert creating()(path(app), SEED | {"requireConfirmation": True}).status == 201
    assert creating()(path(app), SEED).status == 409


def test_scheduling_switched_off_is_forbidden(ports: Any, clock: SetClock) -> None:
    del clock
    put_app(ports, APP_ID, scheduling_enabled=False)
    reply = creating()(path(), SEED)
    assert (reply.status, reply.error["type"]) == (403, "forbidden")
    assert booked(ports) == 0


@pytest.mark.parametrize("active", [False])
def test_an_agent_who_left_is_named_as_deactivated(ports: Any, app: str, active: bool) -> None:
    ports.change(keys.agent(app, "agent-1"), active=active)
    reply = creating()(path(app), SEED)
    assert (reply.status, reply.error["details"][0]["code"]) == (400, "agent_inactive")
    assert "deactivated" in reply.error["message"]


@pytest.mark.parametrize("key", [{}, {"idempotency-key": "order-4711"}], ids=["no key", "a key"])
def test_a_body_that_the_gateway_encoded_is_booked_like_any_other(app: str, key: dict[str, str]) -> None:
    """API Gateway sends bodies of kinds it does not know in base64: JSON without a content type is one."""
    encoded = base64.b64encode(json.dumps(SEED).encode()).decode()
    reply = creating()(path(app), raw=encoded, headers={"content-type": "", **key}, encoded=True)
    assert reply.status == 201, reply.text


class TestIdempotency:
    """One effect per request, and every answer of it the same."""

    KEY: ClassVar = {"idempotency-key": "order-4711"}

    def test_the_same_key_and_body_get_the_first_answer_again(self, app: str, ports: Any, clock: SetClock) -> None:
        first = creating()(path(app), SEED, headers=self.KEY)
        clock.advance(hours=5)
        again = creating()(path(app), SEED, headers=self.KEY)
        assert (first.status, again.status) == (201, 201)
        assert again.json == first.json
        assert "Idempotency-Replayed" not in first.headers
        assert again.headers["Idempotency-Replayed"] == "true"
        assert booked(ports) == 1

    def test_spacing_and_the_order_of_keys_make_no_other_body(self, app: str) -> None:
        first = creating()(path(app), SEED, headers=self.KEY)
        turned = json.dumps(dict(reversed(SEED.items())), indent=3)
        assert creating()(path(app), raw=turned, headers=self.KEY).json == first.json

    def test_the_same_key_with_another_body_is_a_mismatch(self, app: str, ports: Any) -> None:
        creating()(path(app), SEED, headers=self.KEY)
        other = creating()(path(app), SEED | {"guestName": "Joe"}, headers=self.KEY)
        assert (other.status, other.error["type"]) == (422, "idempotency_mismatch")
        assert booked(ports) == 1

    def test_the_key_of_another_client_is_another_key(self, app: str, ports: Any) -> None:
        later = SEED | {"scheduledAtUtc": "2026-05-01T16:00:00Z"}
        assert creating()(path(app), SEED, headers=self.KEY).status == 201
        other = creating(client_id="client-2")(path(app), later, headers=self.KEY)
        assert (other.status, "Idempotency-Replayed" in other.headers) == (201, False)
        assert booked(ports) == 2

    def test_the_key_in_another_app_is_another_key(self, app: str, ports: Any) -> None:
        put_app(ports, OTHER_APP_ID)
        both = {"app_ids": f"{app} {OTHER_APP_ID}"}
        first = creating(**both)(path(app), SEED, headers=self.KEY)
        other = creating(**both)(path(OTHER_APP_ID), SEED, headers=self.KEY)
        assert other.status == 201
        assert other.json["data"]["call"]["id"] != first.json["data"]["call"]["id"]

    def test_a_refused_request_leaves_its_key_free(self, app: str) -> None:
        assert creating()(path(app), SEED | {"durationMinutes": 4}, headers=self.KEY).status == 400
        assert creating()(path(app), SEED, headers=self.KEY).status == 201

    def test_after_a_day_the_key_is_free(self, app: str, clock: SetClock) -> None:
        first = creating()(path(app), SEED, headers=self.KEY)
        clock.advance(hours=24)
        again = creating()(path(app), SEED | {"assignedAgentId": "agent-2"}, headers=self.KEY)
        assert again.status == 201
        assert again.json["data"]["call"]["id"] != first.json["data"]["call"]["id"]

    @pytest.mark.parametrize("key", ["k", "k" * 255, "!#~[]{}|,;:"])
    def test_a_key_is_up_to_255_visible_characters(self, app: str, key: str) -> None:
        assert creating()(path(app), SEED, headers={"idempotency-key": key}).status == 201

    @pytest.mark.parametrize("key", ["", "k" * 256, "a b", "caf\u00e9", "a\tb"])
    def test_any_other_key_is_refused(self, app: str, ports: Any, key: str) -> None:
        reply = creating()(path(app), SEED, headers={"idempotency-key": key})
        assert (reply.status, reply.error["type"]) == (400, "invalid_request")
        assert reply.error["details"][0]["field"].lower() == "idempotency-key"
        assert booked(ports) == 0


@pytest.mark.usefixtures("tables")
class TestWhatItCosts:
    """An uncontended booking: at most three requests to DynamoDB, two of them in sequence."""

    @pytest.mark.parametrize("key", [None, "order-4711"])
    def test_a_booking_makes_three_requests_two_in_sequence(self, app: str, key: str | None) -> None:
        headers = {"idempotency-key": key} if key else {}
        with counted(common.dynamodb()) as requests:
            assert creating()(path(app), SEED, headers=headers).status == 201
        assert sorted(requests.operations) == ["BatchGetItem", "TransactWriteItems", "UpdateItem"]
        assert requests.operations[-1] == "TransactWriteItems", "the rate's counter ran beside the reading"
        print("capacity units:", dict(requests.units))  # noqa: T201 - a figure, shown by pytest -s

    def test_a_refused_slot_costs_no_write_but_the_counter(self, app: str) -> None:
        creating()(path(app), SEED)
        with counted(common.dynamodb()) as requests:
            assert creating()(path(app), SEED).status == 409
        assert sorted(requests.operations) == ["BatchGetItem", "UpdateItem"]

    def test_a_replay_costs_no_write_but_the_counter(self, app: str) -> None:
        headers = {"idempotency-key": "order-4711"}
        creating()(path(app), SEED, headers=headers)
        with counted(common.dynamodb()) as requests:
            assert creating()(path(app), SEED, headers=headers).status == 201
        assert sorted(requests.operations) == ["BatchGetItem", "UpdateItem"]


@pytest.mark.usefixtures("tables")
class TestWhenTheStoreIsBusy:
    """Throttled is 503 with Retry-After: no 409, and nothing half-written."""

    @pytest.mark.parametrize("operation", ["batch_get_item", "transact_write_items", "update_item"])
    def test_throttled_throughout_is_unavailable(
        self, app: str, ports: Any, monkeypatch: pytest.MonkeyPatch, operation: str
    ) -> None:
        plan = [lambda _: refusal("ThrottlingException")] * MAX_TRIES
        failing = Failing(common.dynamodb(), **{operation: plan})
        monkeypatch.setattr(common, "dynamodb", lambda: failing)
        reply = creating()(path(app), SEED)
        assert (reply.status, reply.error["type"]) == (503, "unavailable")
        assert int(reply.headers["Retry-After"]) >= 1
        assert booked(ports) == 0

    @pytest.mark.parametrize("operation", ["batch_get_item", "transact_write_items", "update_item"])
    def test_a_mistake_of_ours_is_a_500_is_recorded_and_is_not_tried_again(
        self, app: str, ports: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, operation: str
    ) -> None:
        plan = [lambda _: ParamValidationError(report="Invalid type for Jane Doe")]
        failing = Failing(common.dynamodb(), **{operation: plan})
        monkeypatch.setattr(common, "dynamodb", lambda: failing)
        reply = creating()(path(app), SEED)
        assert (reply.status, reply.error["type"]) == (500, "server_error")
        assert failing.tried == [operation]
        assert booked(ports) == 0
        logged = "\n".join(str(vars(record)) for record in caplog.records if record.levelname == "ERROR")
        assert "'error': 'ParamValidationError'" in logged
        assert "Jane Doe" not in logged

    def test_three_conflicts_of_transactions_end_in_a_booking(self, app: str, monkeypatch: pytest.MonkeyPatch) -> None:
        def conflict(request: dict[str, Any]) -> Exception:
            reasons = ["TransactionConflict"] + ["None"] * (len(request["TransactItems"]) - 1)
            return refusal("TransactionCanceledException", reasons=reasons)

        failing = Failing(common.dynamodb(), transact_write_items=[conflict] * 3)
        monkeypatch.setattr(common, "dynamodb", lambda: failing)
        assert creating()(path(app), SEED).status == 201
        assert len(failing.tried) == 4


def test_a_request_that_waits_for_the_engines_turn_draws_its_ticket_on_the_access_table(app: str, tables: Any) -> None:
    assert bookings.book_call().ticket_queue.draw(app, "turn", NOW) == 1
    (row,) = tables.scan(TableName="AccessTable")["Items"]
    assert (row["pk"]["S"], row["sk"]["S"]) == (f"APP#{app}", "LINE#turn")


@pytest.mark.parametrize(
    ("video", "api", "expected"),
    [
        ("", "", "https://api.example.com"),
        ("", "https://scheduling.example.com", "https://scheduling.example.com"),
        ("https://video.example.com", "https://scheduling.example.com", "https://video.example.com"),
    ],
)
def test_join_links_lead_to_where_the_deployment_is_reached(
    app: str, monkeypatch: pytest.MonkeyPatch, video: str, api: str, expected: str
) -> None:
    settings = replace(common.settings(), video_base_url=video, api_base_url=api)
    monkeypatch.setattr(common, "settings", lambda: settings)
    call = creating()(path(app), SEED).json["data"]["call"]
    assert call["join_url"] == f"{expected}/c/{call['id']}"


def test_the_handler_stands_alone(app: str) -> None:
    assert Endpoint("scheduled_calls/create", "POST")(path(app) + "/nothing-here", SEED).status == 404
