"""Who may use the handlers of instant calls, how often, and from where."""

import pytest
from botocore.exceptions import ConnectTimeoutError

from slotline.domain.access.identity import RateLimits, secret_hash
from slotline.wiring import common
from tests.handlers.video_calls.conftest import KEY, OTHER_APP_ID, OTHER_KEY
from tests.support.builders.apps import put_app
from tests.support.challenges import read_challenge
from tests.support.handlers import APP_ID, Endpoint

GONE_APP_ID = "01890000-0000-7000-8000-0000000000ff"
WRONG = "slw_wrong-wrong-wrong-wrong-wrong-wrong-wrong-1"
REFUSED = {
    "neither": ({}, {}, None),
    "neither, and a body without them": ({}, {}, {"title": "x"}),
    "app only": ({"x-app-id": APP_ID}, {}, None),
    "app only, in the query": ({}, {"appId": APP_ID}, None),
    "app only, in the body": ({}, {}, {"appId": APP_ID}),
    "key only": ({"x-widget-key": KEY}, {}, None),
    "key only, in the query": ({}, {"widgetKey": KEY}, None),
    "key only, in the body": ({}, {}, {"widgetKey": KEY}),
    "wrong key": ({"x-app-id": APP_ID, "x-widget-key": WRONG}, {}, None),
    "wrong key, in the query": ({}, {"appId": APP_ID, "widgetKey": WRONG}, None),
    "wrong key, in the body": ({}, {}, {"appId": APP_ID, "widgetKey": WRONG}),
    "key of another app": ({"x-app-id": APP_ID, "x-widget-key": OTHER_KEY}, {}, None),
    "app of another key": ({"x-app-id": OTHER_APP_ID, "x-widget-key": KEY}, {}, None),
    "no such app": ({"x-app-id": GONE_APP_ID, "x-widget-key": KEY}, {}, None),
    "malformed app": ({"x-app-id": "{appId}#é", "x-widget-key": KEY}, {}, None),
    "malformed key": ({"x-app-id": APP_ID, "x-widget-key": "no key at all"}, {}, None),
    "endless key": ({"x-app-id": APP_ID, "x-widget-key": "x" * 5_000}, {}, None),
    "key with space around it": ({"x-app-id": APP_ID, "x-widget-key": f" {KEY}"}, {}, None),
    "key sent twice": ({"x-app-id": APP_ID, "x-widget-key": f"{KEY},{KEY}"}, {}, None),
    "hash of the key": ({"x-app-id": APP_ID, "x-widget-key": secret_hash(KEY)}, {}, None),
    "empty key": ({"x-app-id": APP_ID, "x-widget-key": ""}, {}, None),
    "empty app": ({}, {"appId": "", "widgetKey": KEY}, None),
    "key that is no text": ({}, {}, {"appId": APP_ID, "widgetKey": 7}),
    "key that is null": ({}, {}, {"appId": APP_ID, "widgetKey": None}),
    # a wrong value stands: a later place is not asked
    "wrong header, right query": ({"x-widget-key": WRONG}, {"appId": APP_ID, "widgetKey": KEY}, None),
    "empty header, right query": ({"x-widget-key": ""}, {"appId": APP_ID, "widgetKey": KEY}, None),
    "wrong header, right body": ({"x-app-id": "x"}, {}, {"appId": APP_ID, "widgetKey": KEY}),
    "wrong query, right body": ({}, {"widgetKey": WRONG}, {"appId": APP_ID, "widgetKey": KEY}),
    "empty query, right body": ({}, {"appId": ""}, {"appId": APP_ID, "widgetKey": KEY}),
    "a partner's token": ({"authorization": "Bearer slk_x"}, {}, None),
}


@pytest.mark.parametrize(("headers", "query", "body"), REFUSED.values(), ids=REFUSED)
def test_a_key_that_is_missing_or_wrong_is_a_401(site, headers, query, body):
    reply = site.create(body, credentials=headers, query=query)
    assert reply.status == 401
    assert set(reply.json) == {"ok", "error"}
    assert reply.json["ok"] is False
    assert reply.error["type"] == "unauthorized"
    assert reply.error["message"]
    assert reply.headers["WWW-Authenticate"].startswith("WidgetKey")
    assert reply.error["details"][0]["challenge"] == read_challenge(reply.headers["WWW-Authenticate"])
    assert "X-RateLimit-Limit" not in reply.headers
    assert not site.rows()
    for secret in (KEY, OTHER_KEY, WRONG):
        assert secret not in reply.text


def test_a_revoked_key_is_a_401_at_once(site):
    call_id = site.started()
    site.access.revoke_widget_key(secret_hash(KEY))
    replies = [site.create(), site.get(call_id), site.end(call_id)]
    assert [reply.status for reply in replies] == [401, 401, 401]


@pytest.mark.parametrize(
    ("credentials", "missing"),
    [({}, ["appId", "widgetKey"]), ({"x-app-id": APP_ID}, ["widgetKey"]), ({"x-widget-key": KEY}, ["appId"])],
)
def test_what_is_missing_is_named(site, credentials, missing):
    reply = site.create(credentials=credentials)
    assert [detail["field"] for detail in reply.error["details"]] == missing
    assert all(name in reply.error["message"] for name in missing)


@pytest.mark.parametrize(
    ("raw", "headers"),
    [
        ("{", {}),
        ('{"title": 1}', {}),
        ("[]", {}),
        ("a=b", {"content-type": "text/plain"}),
        ('{"title": "' + "x" * 300_000 + '"}', {}),
    ],
)
def test_nobody_learns_of_a_bad_body_before_the_key_is_proven(site, raw, headers):
    assert site.create(raw=raw, credentials=headers).status == 401
    assert site.create(raw=raw, credentials={"x-app-id": APP_ID, "x-widget-key": WRONG} | headers).status == 401


def test_a_body_that_hides_the_key_is_told_why(site):
    reply = site.create(raw=f'{{"appId": "{APP_ID}", "widgetKey": "{KEY}",}}', credentials={})
    assert reply.status == 401
    assert "not valid JSON" in reply.error["message"]


def test_a_second_key_of_the_app_sees_the_same_calls(site):
    call_id = site.started()
    site.access.add_widget_key(secret_hash(WRONG), APP_ID, "2026-04-01T12:00:00.000Z")
    reply = site.get(call_id, credentials={"x-app-id": APP_ID, "x-widget-key": WRONG})
    assert reply.status == 200
    assert reply.json["data"]["hostJoinUrl"].endswith(WRONG)


def test_the_product_s_limits_hold_where_a_key_has_none(site):
    other = {"x-app-id": OTHER_APP_ID, "x-widget-key": OTHER_KEY}
    replies = [site.create(credentials=other, address=f"203.0.113.{n // 10}") for n in range(61)]
    assert [reply.status for reply in replies] == [201] * 60 + [429]
    last = replies[-1].headers
    assert (last["X-RateLimit-Limit"], last["X-RateLimit-Window"]) == ("60", "minute")


def test_over_the_limit_it_is_a_429_until_the_window_is_over(site, clock):
    site.access.add_widget_key(secret_hash(WRONG), APP_ID, "2026-04-01T12:00:00.000Z", RateLimits(2, 100, 1_000))
    mine = {"x-app-id": APP_ID, "x-widget-key": WRONG}
    call_id = site.started(credentials=mine)
    assert site.create({"title": 1}, credentials=mine).status == 400
    clock.advance(seconds=15)
    assert [site.get(call_id, credentials=mine).status for _ in range(2)] == [200, 200], "looking is counted apart"
    for reply in (
        site.create(credentials=mine),
        site.get(call_id, credentials=mine),
        site.end(call_id, credentials=mine),
    ):
        assert reply.status == 429
        assert (reply.json["ok"], reply.error["type"]) == (False, "rate_limit_exceeded")
        assert reply.headers["Retry-After"] == "45"
        assert reply.headers["X-RateLimit-Remaining"] == "0"
    assert site.create().status == 201, "another key has a limit of its own"
    clock.advance(seconds=45)
    assert site.create(credentials=mine).status == 201


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize(
    ("failure", "status", "type_"),
    [
        (ConnectTimeoutError(endpoint_url="https://x"), 503, "unavailable"),
        (ZeroDivisionError(KEY), 500, "server_error"),
    ],
)
@pytest.mark.parametrize("request_name", ["batch_get_item", "update_item"])
def test_an_outage_is_said_to_be_ours(site, monkeypatch, logged, request_name, failure, status, type_):
    def fail(**_):
        raise failure

    monkeypatch.setattr(common.dynamodb(), request_name, fail)
    reply = site.create()
    assert (reply.status, reply.json["ok"], reply.error["type"]) == (status, False, type_)
    assert ("Retry-After" in reply.headers) == (status == 503)
    assert KEY not in reply.text + logged()


PREFLIGHT = {
    "origin": "https://shop.example",
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type,x-app-id,x-widget-key,x-call-secret,idempotency-key",
}


@pytest.mark.parametrize(
    ("folder", "path"),
    [("create", "/api/calls"), ("get", "/api/calls/x"), ("end", "/api/calls/x/end")],
)
def test_a_preflight_is_answered_without_a_key(site, folder, path):
    del site
    reply = Endpoint(f"video_calls/{folder}", "OPTIONS", None)(path, headers=PREFLIGHT)
    assert reply.status == 204
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    allowed = {name.strip().lower() for name in reply.headers["Access-Control-Allow-Headers"].split(",")}
    assert set(PREFLIGHT["access-control-request-headers"].split(",")) <= allowed
    assert "POST" in reply.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in reply.headers


def test_without_a_list_every_origin_may_read_every_answer(site):
    origin = {"origin": "https://shop.example"}
    for reply in (site.create(headers=origin), site.create({"x": 1}, headers=origin), site.create(credentials=origin)):
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in reply.headers
        assert "Retry-After" in reply.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    ("origin", "status", "allowed"),
    [
        ("https://shop.example", 201, "https://shop.example"),
        ("https://OTHER.example:8443", 201, "https://OTHER.example:8443"),
        ("https://video.example.com", 201, "https://video.example.com"),
        (None, 201, None),
        ("https://www.example.com", 201, "https://www.example.com"),
        ("https://www.example.com:443", 201, "https://www.example.com:443"),
        ("https://shop.example:8443", 403, None),
        ("https://evil.example", 403, None),
        ("https://shop.example.evil.example", 403, None),
        ("http://shop.example", 403, None),
        ("null", 403, None),
        ("*", 403, None),
        ("", 403, None),
    ],
)
def test_a_list_of_origins_shuts_out_every_other_website(site, ports, origin, status, allowed):
    put_app(
        ports,
        APP_ID,
        allowed_embed_origins=[
            "https://shop.example",
            "https://other.example:8443/",
            "HTTPS://WWW.example.com:443",
            "*",
        ],
    )
    reply = site.create(headers={"origin": origin} if origin is not None else {})
    assert reply.status == status
    assert reply.headers.get("Access-Control-Allow-Origin") == allowed
    assert reply.headers["Vary"] == "Origin"
    assert len(site.rows()) == (1 if status == 201 else 0)


@pytest.mark.parametrize("listed", [["*"], ["https://shop.example/path"]])
def test_a_list_that_nobody_can_read_shuts_every_website_out(site, ports, listed):
    put_app(ports, APP_ID, allowed_embed_origins=listed)
    assert site.create(headers={"origin": "https://shop.example"}).status == 403
    assert site.create().status == 201, "what is no browser sends no Origin"
