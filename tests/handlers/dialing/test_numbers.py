"""A number belongs to the organization that the operator granted it to, and nobody else learns whose it is."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.handlers.dialing.conftest import GRANTED, OTHERS, Dialer, reading, scheduling, writing
from tests.support.builders.apps import NOW
from tests.support.builders.dialing import a_grant, a_number
from tests.support.handlers import Endpoint, Reply, partner
from tests.support.memory.wiring import MemoryPorts

MINE, SPARE, NEVER = GRANTED[0], GRANTED[1], "+12025550199"
CALLEE = {"phone_number": "+12025550143"}


def adding(phone_number: str, key: str | None = None, **caller: str) -> Reply:
    headers = {"idempotency-key": key} if key else {}
    return writing(**caller)("/api/v1/numbers", {"phone_number": phone_number, "carrier": "twilio"}, headers=headers)


def without_time(reply: Reply) -> dict[str, Any]:
    return {name: value for name, value in reply.error.items() if name != "timestamp"}


def revoke(ports: MemoryPorts, e164: str) -> None:
    there = ports.grants.get(e164)
    assert there
    ports.grants.put(there.revoked(NOW))


def test_another_organizations_number_a_revoked_one_and_nobodys_are_refused_in_the_same_words(
    dialer: Dialer, ports: MemoryPorts
):
    del dialer
    ports.grants.put(a_grant("organization-2", phone_number=NEVER))
    revoke(ports, NEVER)
    refused = [adding(number, **OTHERS) for number in (MINE, SPARE, NEVER, "+12025550198", "+1 (202) 555-0100")]
    assert {reply.status for reply in refused} == {403}
    assert len({json.dumps(without_time(reply)) for reply in refused}) == 1
    assert refused[0].error["details"][0]["field"] == "phone_number"
    assert refused[0].error["details"][0]["code"] == "number_not_granted"
    assert "organization-1" not in refused[0].text
    assert reading(**OTHERS)("/api/v1/numbers").json["data"]["numbers"] == []


def test_a_number_that_is_there_already_is_a_conflict_in_whatever_form_it_is_written(dialer: Dialer):
    for written in (MINE, "+1 202 555 0100", "+1 (202) 555.0100"):
        reply = adding(written)
        assert (reply.status, reply.error["details"][0]["code"]) == (409, "number_exists")
        assert dialer.number_id in reply.error["message"]
    assert len(reading()("/api/v1/numbers").json["data"]["numbers"]) == 1


def test_a_number_that_was_deleted_may_be_added_again(dialer: Dialer):
    assert writing("DELETE")(f"/api/v1/numbers/{dialer.number_id}").status == 200
    assert adding(MINE).status == 201
    assert adding(MINE).status == 409


def test_a_repeat_with_the_same_key_is_the_first_answer_and_no_conflict(dialer: Dialer):
    del dialer
    first, again = adding(SPARE, key="k"), adding(SPARE, key="k")
    assert (first.status, again.status) == (201, 201)
    assert (again.json, again.headers["Idempotency-Replayed"]) == (first.json, "true")


def test_of_many_who_add_one_number_at_once_one_has_it(dialer: Dialer):
    del dialer
    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(reply.status for reply in pool.map(lambda _: adding(SPARE), range(16)))
    assert statuses == [201, *[409] * 15]
    numbers = reading()("/api/v1/numbers").json["data"]["numbers"]
    assert [one["phone_number"] for one in numbers] == [MINE, SPARE]


def test_an_unknown_carrier_is_told_which_there_are(dialer: Dialer):
    del dialer
    reply = writing()("/api/v1/numbers", {"phone_number": SPARE, "carrier": "vonage"})
    assert (reply.status, reply.error["details"][0]["field"]) == (400, "carrier")
    assert "twilio" in reply.error["details"][0]["message"]
    assert "connect" in reply.error["details"][0]["message"]


@pytest.mark.parametrize("path", ["/api/v1/dial/scheduled", "/api/v1/dial/outbound"])
def test_nothing_is_scheduled_from_a_number_that_was_revoked(dialer: Dialer, ports: MemoryPorts, path: str):
    revoke(ports, MINE)
    row = {"calls": [CALLEE]} if path.endswith("scheduled") else CALLEE
    reply = scheduling()(path, dialer.body(**row))
    assert (reply.status, reply.error["details"][0]["code"]) == (403, "number_not_granted")
    assert reply.error["details"][0]["field"] == "number_id"
    assert ports.dials.calls == {}


def test_a_campaign_goes_on_only_with_a_number_that_is_granted(dialer: Dialer, ports: MemoryPorts):
    made = dialer.schedule(calls=[CALLEE]).json
    path = f"/api/v1/campaigns/{made['campaign_id']}"
    change = Endpoint("dialing/change_campaign", "POST", partner())
    assert change(f"{path}/pause").json["data"]["campaign"]["reason"] is None
    revoke(ports, MINE)
    refused = change(f"{path}/resume")
    assert (refused.status, refused.error["details"][0]["code"]) == (403, "number_not_granted")
    there = ports.grants.get(MINE)
    assert there
    ports.grants.put(there.granted("organization-1", dialer.number_id, NOW))
    assert change(f"{path}/resume").json["data"]["campaign"]["state"] == "running"


def test_a_number_from_before_numbers_were_granted_still_schedules(dialer: Dialer, ports: MemoryPorts):
    ports.numbers.add(a_number(id="old", organization_id="organization-1", phone_number=NEVER), None)
    assert dialer.schedule(calls=[CALLEE], number_id="old").status == 200


def test_nobody_reads_changes_or_deletes_another_organizations_number(dialer: Dialer):
    path = f"/api/v1/numbers/{dialer.number_id}"
    unknown = "/api/v1/numbers/01968c2e-7a00-7000-8000-00000000dead"
    for asked in (reading(**OTHERS), writing("DELETE", **OTHERS)):
        assert (asked(path).status, without_time(asked(path))) == (404, without_time(asked(unknown)))
    changing = writing("PATCH", **OTHERS)
    assert without_time(changing(path, {"lines": 9})) == without_time(changing(unknown, {"lines": 9}))
    assert scheduling(**OTHERS)("/api/v1/dial/scheduled", dialer.body(calls=[CALLEE])).status == 400
