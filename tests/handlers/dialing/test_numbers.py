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


class TestMatrix:
    """Every route that takes a number, with every credential, and with every id that there may be."""

    UNKNOWN = "01968c2e-7a00-7000-8000-00000000dead"
    ROUTES: tuple[tuple[str, str, str], ...] = (
        ("dialing/read_settings", "GET", "numbers/{id}"),
        ("dialing/write_settings", "PATCH", "numbers/{id}"),
        ("dialing/write_settings", "DELETE", "numbers/{id}"),
        ("dialing/schedule", "POST", "dial/scheduled"),
        ("dialing/schedule", "POST", "dial/outbound"),
        ("dialing/preflight", "POST", "dial/preflight"),
        ("dialing/read_calls", "GET", "calls"),
    )
    CREDENTIALS: tuple[tuple[str, dict[str, str]], ...] = (
        ("another organization's, with every right", OTHERS),
        ("another organization's, which may read", OTHERS | {"scopes": "dialing:read"}),
        ("our own, of scheduling alone", {"scopes": "scheduling:read scheduling:write"}),
        ("our own, with no right", {"scopes": ""}),
    )

    def asked(self, route: tuple[str, str, str], caller: dict[str, str], number_id: str, use_case_id: str) -> Reply:
        folder, method, path = route
        endpoint = Endpoint(folder, method, partner(**caller))
        if method == "GET" and "{id}" not in path:
            return endpoint(f"/api/v1/{path}", query={"number_id": number_id})
        place = {"use_case_id": use_case_id, "number_id": number_id}
        row = CALLEE if path.endswith("outbound") else {"calls": [CALLEE]}
        body = {"POST": {**place, **row}, "PATCH": {"lines": 3}}.get(method)
        return endpoint(f"/api/v1/{path.format(id=number_id)}", body)

    @pytest.mark.parametrize("route", ROUTES, ids=[f"{route[1]} {route[2]}" for route in ROUTES])
    @pytest.mark.parametrize("caller", [row[1] for row in CREDENTIALS], ids=[row[0] for row in CREDENTIALS])
    def test_a_number_that_is_not_the_callers_is_as_one_that_never_was(
        self, dialer: Dialer, ports: MemoryPorts, caller: dict[str, str], route: tuple[str, str, str]
    ):
        made = dialer.schedule(calls=[CALLEE])
        settings = {"name": "Theirs", "callee_start": "00:00", "callee_end": "24:00"}
        theirs = writing(**OTHERS)("/api/v1/use-cases", settings).json["data"]["use_case"]["id"]
        use_case_id = theirs if caller.get("organization_id") else dialer.use_case_id
        before = (dict(ports.numbers.kept), dict(ports.grants.kept), set(ports.dials.calls))
        answers = [self.asked(route, caller, number, use_case_id) for number in (dialer.number_id, self.UNKNOWN)]
        assert made.status == 200
        assert answers[0].status == answers[1].status
        if answers[0].status < 300:
            assert route[2] == "calls"
            assert answers[0].json["data"]["calls"] == answers[1].json["data"]["calls"] == []
        else:
            assert answers[0].status in (400, 403, 404)
            assert without_time(answers[0]) == without_time(answers[1])
        assert dialer.number_id not in answers[0].text
        assert before == (dict(ports.numbers.kept), dict(ports.grants.kept), set(ports.dials.calls))

    @pytest.mark.parametrize("caller", [row[1] for row in CREDENTIALS], ids=[row[0] for row in CREDENTIALS])
    def test_nobody_learns_whose_a_number_is_by_adding_it(
        self, dialer: Dialer, ports: MemoryPorts, caller: dict[str, str]
    ):
        ports.grants.put(a_grant("organization-3", phone_number=NEVER))
        numbers = [MINE, NEVER, "+12025550197"] + ([] if not caller.get("organization_id") else [SPARE])
        said = {json.dumps(without_time(adding(number, **caller))) for number in numbers}
        assert len(said) == 1
        assert {adding(number, **caller).status for number in numbers} == {403}
        assert len(ports.numbers.kept) == 1
        del dialer


def test_a_number_that_is_revoked_while_it_is_added_is_added_before_or_not_at_all(
    dialer: Dialer, ports: MemoryPorts, monkeypatch: pytest.MonkeyPatch
):
    del dialer
    add_number = ports.grants.add_number

    def revoked_first(*said: Any) -> None:
        monkeypatch.undo()
        revoke(ports, SPARE)
        add_number(*said)

    monkeypatch.setattr(ports.grants, "add_number", revoked_first)
    assert adding(SPARE).status == 403
    assert [one.phone_number for one in ports.numbers.kept.values()] == [MINE]
