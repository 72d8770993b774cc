"""Answers, an external id and metadata: what comes with a booking, what changes, and where it is shown."""

from typing import Any

import pytest

from slotline.store.dynamodb import keys
from tests.handlers.changes.conftest import LATER, Calls
from tests.support.handlers import Endpoint, Reply, partner

CHANGES = (("write", "PATCH"), ("read", "GET"))
QUESTIONS = [
    {"key": "company", "label": {"en": "Your company", "es": "Su empresa"}, "type": "short_text", "required": True},
    {"key": "size", "label": "Team size", "type": "number"},
    {"key": "parking", "label": "Parking?", "type": "yes_no"},
    {"key": "topics", "label": "Topics", "type": "multi_choice", "options": ["Price", "Terms", "Support"]},
    {"key": "callback", "label": "Another number", "type": "phone"},
]
ANSWERS = {
    "company": "Acme",
    "size": 12.5,
    "parking": False,
    "topics": ["Terms", "Price"],
    "callback": "+1 202 555 0100",
}
KEPT = {**ANSWERS, "callback": "+12025550100"}
METADATA = {"deal": {"id": 12345678901234567890, "score": 0.1, "won": None, "steps": [1, 2.5, True, {"": "é"}]}}


@pytest.fixture(autouse=True)
def _asked(calls: Calls) -> None:
    calls.set_preset(questions=QUESTIONS)


def faults(reply: Reply) -> dict[str | None, str]:
    assert reply.status == 400, reply.text
    return {detail.get("field"): detail["message"] for detail in reply.error["details"]}


def test_answers_come_back_in_the_call_and_on_the_timeline(calls: Calls) -> None:
    call = calls.book(answers=ANSWERS)
    assert call["answers"] == KEPT
    shown, (created,) = calls.read(call)
    assert shown == call
    assert created["payload"]["answers"] == KEPT
    assert type(shown["answers"]["parking"]) is bool


def test_a_booking_without_them_says_so_and_its_timeline_is_as_it_was(calls: Calls) -> None:
    call = calls.book()
    assert (call["answers"], call["external_id"], call["metadata"]) == ({}, None, None)
    assert calls.read(call)[1][0]["payload"].keys().isdisjoint({"answers", "external_id", "metadata"})


def test_a_wrong_answer_is_named_with_its_question_and_nothing_is_booked(calls: Calls) -> None:
    wrong = {"company": 7, "size": "12", "topics": ["Prices"], "compnay": "Acme"}
    assert faults(calls.asking(answers=wrong)) == {
        "answers.company": "“Your company” must be text",
        "answers.size": "“Team size” must be a number such as 12 or 12.5, without quotation marks",
        "answers.topics": "“Topics” must name none but Price, Terms, Support; did you mean Price",
        "answers.compnay": "is not a question of this booking; did you mean company",
    }
    assert calls.day("agent-1", "2026-05-01") == {}
    assert "“Su empresa”" in faults(calls.asking(answers={"company": 7}, guestLanguage="es-CO"))["answers.company"]


def test_a_partner_need_not_know_what_a_guest_is_asked(calls: Calls) -> None:
    assert calls.asking(answers={"size": 3}).status == 201


def test_answers_change_by_question_and_null_clears_one(calls: Calls) -> None:
    call = calls.book(answers=ANSWERS)
    change = {"answers": {"size": 13, "topics": None, "company": "", "callback": "+1 (202) 555-0100"}}
    shown = calls.patch(call, change).json["data"]["call"]
    assert shown["answers"] == {"company": "Acme", "size": 13, "parking": False, "callback": "+12025550100"}
    assert calls.read(call)[1][-1]["payload"] == {
        "fields": ["answers"],
        "old_answers": {"size": 12.5, "topics": ["Terms", "Price"]},
        "new_answers": {"size": 13, "topics": None},
        "reason": None,
    }
    assert calls.patch(call, {"answers": {"size": 13}}).json["data"]["call"]["revision"] == 2, "as it is already"
    assert set(faults(calls.patch(call, {"answers": {"size": "13", "parking": 0}}))) == {
        "answers.size",
        "answers.parking",
    }


def test_own_data_is_kept_to_the_digit_changed_and_cleared(calls: Calls) -> None:
    call = calls.book(externalId="CRM-42", metadata=METADATA)
    assert (call["external_id"], call["metadata"]) == ("CRM-42", METADATA)
    shown, (created,) = calls.read(call)
    assert shown == call
    assert (created["payload"]["external_id"], created["payload"]["metadata"]) == ("CRM-42", METADATA)
    shown = calls.patch(call, {"metadata": {"a": 1}}).json["data"]["call"]
    assert shown["metadata"] == {"a": 1}, "replaced whole"
    payload = calls.read(call)[1][-1]["payload"]
    assert (payload["fields"], payload["old_metadata"], payload["new_metadata"]) == (["metadata"], METADATA, {"a": 1})
    truth = calls.patch(call, {"metadata": {"a": True}}).json["data"]["call"]
    assert truth["metadata"]["a"] is True, "true is not 1"
    assert (truth["revision"], truth["external_id"]) == (3, "CRM-42")
    cleared = calls.patch(call, {"metadata": None, "externalId": None}).json["data"]["call"]
    assert (cleared["external_id"], cleared["metadata"]) == (None, None)
    payload = calls.read(call)[1][-1]["payload"]
    assert (payload["old_external_id"], payload["new_external_id"]) == ("CRM-42", None)
    assert calls.patch(call, {"externalId": ""}).status == 400, "an empty text is as one not sent"


def test_metadata_may_nest_as_deep_as_a_body_may(calls: Calls) -> None:
    deep: dict[str, Any] = {}
    for _ in range(40):
        deep = {"x": deep}
    call = calls.book(metadata=deep)
    assert calls.read(call)[0]["metadata"] == deep
    assert calls.patch(call, {"metadata": {"y": deep}}).status == 200
    assert calls.read(call)[1][-1]["payload"]["old_metadata"] == deep


@pytest.mark.usefixtures("tables")
def test_the_tables_keep_what_json_can_say_and_replay_it(calls: Calls) -> None:
    key = {"idempotency-key": "answers-1"}
    first = calls.asking(headers=key, answers=ANSWERS, metadata=METADATA, externalId="CRM-42")
    again = calls.asking(headers=key, answers=ANSWERS, metadata=METADATA, externalId="CRM-42")
    assert (first.status, again.json) == (201, first.json)
    call = first.json["data"]["call"]
    change = {"answers": {"size": 0.1}, "metadata": {"score": 1e300}, "durationMinutes": 45}
    assert calls.patch(call, change).status == 200
    shown, events = calls.read(call)
    assert (shown["answers"]["size"], shown["metadata"]) == (0.1, {"score": 1e300})
    assert events[-1]["payload"]["old_answers"] == {"size": 12.5}
    assert (events[-1]["payload"]["old_metadata"], events[-1]["payload"]["new_metadata"]) == (
        METADATA,
        {"score": 1e300},
    )


def test_an_event_without_any_of_it_has_the_row_that_the_release_before_wrote(calls: Calls) -> None:
    calls.book()
    (row,) = (row for row in calls.ports.rows() if row["sk"].startswith("EVENT#"))
    assert "free_json" not in row


def test_bulk_results_name_calls_as_their_owner_does_also_when_they_are_replayed(calls: Calls) -> None:
    large = {"text": "x" * 16_000, "score": 0.5}
    starts = [f"2026-05-{day:02}T15:00:00Z" for day in range(1, 29)]
    booked = [calls.book(scheduledAtUtc=start, externalId=f"CRM-{start}", metadata=large) for start in starts]
    body = {"action": "cancel", "ids": [*(call["id"] for call in booked), "nonsense"]}
    replies = [calls.bulk(body, headers={"idempotency-key": "bulk-1"}) for _ in range(2)]
    results = replies[0].json["data"]["results"]
    assert [one["external_id"] for one in results] == [*(f"CRM-{start}" for start in starts), None]
    assert results[0]["metadata"] == large
    assert replies[1].json == replies[0].json
    kept = [receipt for receipt in calls.ports.store.receipts.values() if "results" in receipt.result]
    assert len(str(kept[0].result)) < 10_000, "one row would not hold the metadata of a hundred calls"


def test_a_question_that_is_gone_keeps_its_answer_which_can_only_be_cleared(calls: Calls) -> None:
    call = calls.book(answers=ANSWERS)
    calls.overwrite(call, preset_id=None, preset_revision=None)
    calls.set_preset(questions=QUESTIONS[1:])
    assert calls.read(call)[0]["answers"] == KEPT
    assert "answers.company" in faults(calls.patch(call, {"answers": {"company": "Other"}}))
    shown = calls.patch(call, {"answers": {"size": 13, "company": None}}).json["data"]["call"]
    assert "company" not in shown["answers"]
    assert shown["answers"]["size"] == 13


def test_answers_of_a_moved_call_stay(calls: Calls) -> None:
    call = calls.book(answers=ANSWERS, externalId="CRM-42", metadata={"a": 1})
    shown = calls.patch(call, {"scheduledAtUtc": LATER}).json["data"]["call"]
    assert (shown["answers"], shown["external_id"], shown["metadata"]) == (KEPT, "CRM-42", {"a": 1})
    assert calls.cancel(call).json["data"]["call"]["answers"] == KEPT


def test_the_question_of_an_old_answer_is_read_at_the_calls_revision(calls: Calls) -> None:
    preset_id = "preset-1"
    calls.ports.put({**keys.preset(calls.app_id, preset_id), "preset_id": preset_id, "name": "Default"})
    path = f"/api/v1/video/{calls.app_id}/presets/{preset_id}"
    write, read = (Endpoint(f"presets/{folder}", method, partner()) for folder, method in CHANGES)
    assert write(path, {"questions": QUESTIONS}).status == 200
    call = calls.book(answers=ANSWERS)
    assert write(path, {"questions": [{**QUESTIONS[1], "label": "People"}]}).status == 200
    assert calls.read(call)[0]["answers"] == KEPT
    then = read(path, query={"revision": str(call["preset_revision"])}).json["data"]["preset"]
    assert [question["key"] for question in then["questions"]] == [question["key"] for question in QUESTIONS]
    assert then["active"] is False, "it rules no more bookings"
    assert len(read(path).json["data"]["preset"]["questions"]) == 1
    assert read(path, query={"revision": str(call["preset_revision"] + 2)}).status == 404
    assert read(path, query={"revision": "0"}).status == 400
    shown = calls.patch(call, {"answers": {"company": "Other"}}).json["data"]["call"]
    assert shown["answers"]["company"] == "Other", "a call keeps to the questions it was booked with"
    assert "answers.company" in faults(calls.asking(scheduledAtUtc=LATER, answers=ANSWERS))
