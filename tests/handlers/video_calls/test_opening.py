"""Who may read a call and end it: a website that shows its secret, or a partner of its app; nobody else hears of it."""

import pytest

from slotline.domain.access.identity import secret_hash
from tests.handlers.video_calls.conftest import CREDENTIALS, KEY, OTHER_APP_ID, OTHER_KEY
from tests.support.challenges import read_challenge
from tests.support.handlers import APP_ID, partner

NOBODYS = "01960000-0000-7000-8000-00000000dead"
TOKEN = {"authorization": "Bearer …"}


def both(site, call_id, **how):
    """What reading the call and ending it are answered."""
    return site.get(call_id, **how), site.end(call_id, **how)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-call-secret": ""},
        {"x-call-secret": "slv_wrong-wrong-wrong-wrong-wrong-wrong-wrong-1"},
        {"x-call-secret": KEY},
    ],
    ids=["none", "empty", "wrong", "the widget key"],
)
def test_without_its_secret_a_call_looks_as_if_it_never_was(site, headers):
    call_id = site.started({"title": "Private"})
    site.secrets.clear()
    for reply, nobodys in zip(both(site, call_id, headers=headers), both(site, NOBODYS, headers=headers), strict=True):
        assert reply.status == 404
        assert reply.json == nobodys.json
    (row,) = site.rows()
    assert row["status"] == "created"


def test_the_secret_of_one_call_opens_no_other(site):
    first, second = site.started(), site.started()
    for reply in both(site, second, headers={"x-call-secret": site.secrets[first]}):
        assert reply.status == 404


def test_a_secret_in_a_query_or_a_body_opens_nothing(site):
    call_id = site.started()
    secret = site.secrets.pop(call_id)
    for name in ("callSecret", "X-Call-Secret", "x-call-secret"):
        assert {reply.status for reply in both(site, call_id, query={name: secret})} == {404}
    assert site.end(call_id, {"callSecret": secret}).status == 400


def test_the_secret_alone_is_a_401(site):
    call_id = site.started()
    assert {reply.status for reply in both(site, call_id, credentials={})} == {401}


def test_the_secret_is_no_good_with_another_apps_key(site):
    call_id = site.started()
    other = {"x-app-id": OTHER_APP_ID, "x-widget-key": OTHER_KEY}
    assert {reply.status for reply in both(site, call_id, credentials=other)} == {404}


def test_the_secret_is_shown_once_and_to_repeats_of_its_request(site, clock):
    how = {"headers": {"idempotency-key": "5e1e0c52-4f0e-4a55-9d43-5c9b9f1f1d11"}}
    first = site.create({"title": "T"}, **how)
    clock.advance(hours=23)
    again = site.create({"title": "T"}, **how)
    assert again.json == first.json
    secret = first.json["data"]["callSecret"]
    for reply in both(site, first.json["data"]["callId"]):
        assert reply.status == 200
        assert "callSecret" not in reply.text
        assert secret not in reply.text


def test_a_repeat_of_a_call_from_before_secrets_is_answered_without_one(site, ports):
    how = {"headers": {"idempotency-key": "k-1"}}
    site.create(**how)
    receipts = ports.store.receipts
    for key, receipt in list(receipts.items()):
        object.__setattr__(receipt, "result", {"call_id": receipt.result["call_id"]})
        receipts[key] = receipt
    reply = site._send("create", "POST", "/api/calls", None, **how)
    assert reply.status == 201
    assert "callSecret" not in reply.json["data"]


def test_the_secret_is_kept_as_a_hash_and_logged_nowhere(site, logged):
    call_id = site.started()
    both(site, call_id)
    (row,) = site.rows()
    assert row["secret_hash"] == secret_hash(site.secrets[call_id])
    assert site.secrets[call_id] not in logged() + str(row)


def test_a_partner_of_the_app_reads_and_ends_its_calls(site):
    call_id = site.started({"title": "T", "genesys": {"conversationId": "c"}})
    how = {"caller": partner(), "credentials": TOKEN}
    read, ended = both(site, call_id, **how)
    assert (read.status, ended.status) == (200, 200)
    data = read.json["data"]
    assert (data["title"], data["genesys"]["conversationId"]) == ("T", "c")
    assert (data["hostJoinUrl"], data["agentJoinUrl"]) == (None, None), "a partner has no widget key to put there"
    assert data["joinUrl"].endswith(f"/c/{call_id}")
    assert ended.json["data"]["status"] == "ended"
    assert read.headers["X-RateLimit-Limit"] == "1000"


@pytest.mark.parametrize(
    ("scopes", "statuses"),
    [
        ("scheduling:read", (200, 404)),
        ("scheduling:write", (404, 200)),
        ("dialing:read dialing:write webhooks:write", (404, 404)),
        ("", (404, 404)),
    ],
)
def test_a_token_needs_the_scope_for_what_it_does(site, scopes, statuses):
    call_id = site.started()
    how = {"caller": partner(scopes=scopes), "credentials": TOKEN}
    replies = both(site, call_id, **how)
    assert tuple(reply.status for reply in replies) == statuses
    for reply, nobodys in zip(replies, both(site, NOBODYS, **how), strict=True):
        assert nobodys.status == 404
        assert reply.status == 200 or reply.json == nobodys.json


def test_another_apps_partner_is_told_that_there_is_no_such_call(site):
    call_id = site.started()
    how = {"caller": partner(app_ids=OTHER_APP_ID), "credentials": TOKEN}
    for reply, nobodys in zip(both(site, call_id, **how), both(site, NOBODYS, **how), strict=True):
        assert (reply.status, reply.json) == (404, nobodys.json)


def test_a_token_outdoes_a_widget_key_beside_it(site):
    call_id = site.started()
    how = {"caller": partner(scopes=""), "credentials": {**CREDENTIALS, **TOKEN}}
    assert {reply.status for reply in both(site, call_id, **how)} == {404}


@pytest.mark.parametrize(
    ("error", "challenge"), [("bad_credential", "invalid_token"), ("expired_token", "invalid_token")]
)
def test_a_token_that_proves_nothing_is_a_401_in_the_envelope_of_websites(site, error, challenge):
    call_id = site.started()
    for reply in both(site, call_id, caller={"error": error}, headers=TOKEN):
        assert (reply.status, reply.json["ok"], reply.error["type"]) == (401, False, "unauthorized")
        assert reply.headers["WWW-Authenticate"] == f'Bearer realm="slotline", error="{challenge}"'
        assert reply.error["details"][0]["challenge"] == read_challenge(reply.headers["WWW-Authenticate"])


def test_a_call_is_started_by_a_widget_key_only(site):
    assert site.create(caller=partner(), credentials=TOKEN).status == 401


def test_an_end_is_repeated_for_whoever_may_open_the_call_only(site):
    call_id = site.started()
    once = {"idempotency-key": "end-1"}
    assert site.end(call_id, headers=once).status == 200
    assert site.end(call_id, headers=once).headers["Idempotency-Replayed"] == "true"
    secret = site.secrets.pop(call_id)
    assert site.end(call_id, headers=once).status == 404
    assert site.end(call_id, headers=once | {"x-call-secret": secret}).status == 200
    assert APP_ID not in site.end(call_id, headers=once).text
