"""POST /api/v1/oauth/token, in both of its dialects."""

import base64
import json
from datetime import datetime
from urllib.parse import quote, urlencode

import jwt
import pytest
from botocore.exceptions import ConnectTimeoutError

from slotline.domain.access.identity import StoredSecret, rotated, secret_hash
from slotline.wiring import common
from tests.handlers.oauth.conftest import CLIENT_ID, ISSUER, SECRET, events
from tests.support.challenges import read_challenge

GOOD = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": SECRET}
ALL_GRANTED = "scheduling:read scheduling:write"


def ask_json(endpoints, fields, **headers):
    event = endpoints.event("issue_token/json_body")
    event["headers"].update(headers)
    event["body"] = fields if isinstance(fields, str) else json.dumps(fields)
    return endpoints.call("issue_token", event)


def ask_form(endpoints, fields, **headers):
    event = endpoints.event("issue_token/form_body")
    event["headers"].update(headers)
    text = fields if isinstance(fields, str) else urlencode(fields)
    event["body"] = base64.b64encode(text.encode()).decode()
    return endpoints.call("issue_token", event)


def basic(client_id=CLIENT_ID, secret=SECRET):
    pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
    return {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def body(answer):
    return json.loads(answer["body"])


@pytest.mark.parametrize("path", events("issue_token"), ids=lambda path: path.stem)
def test_every_event_is_answered(endpoints, path):
    answer = endpoints.call("issue_token", json.loads(path.read_text()))
    assert answer["statusCode"] == (401 if "wrong" in path.stem else 200)


def test_json_is_answered_in_the_envelope(endpoints):
    answer = ask_json(endpoints, GOOD)
    assert answer["statusCode"] == 200
    assert answer["headers"]["Cache-Control"] == "no-store"
    assert (
        body(answer)["data"].items()
        >= {
            "token_type": "Bearer",
            "expires_in": 3600,
            "scope": ALL_GRANTED,
        }.items()
    )
    datetime.fromisoformat(body(answer)["meta"]["timestamp"])


@pytest.mark.parametrize("credentials", [{}, basic()], ids=["in the body", "basic"])
def test_a_form_is_answered_flat(endpoints, credentials):
    fields = {"grant_type": "client_credentials"} if credentials else GOOD
    answer = ask_form(endpoints, fields, **credentials)
    assert answer["statusCode"] == 200
    assert set(body(answer)) == {"access_token", "token_type", "expires_in", "scope"}
    assert answer["headers"]["Cache-Control"] == "no-store"
    assert answer["headers"]["Pragma"] == "no-cache"


def test_json_with_http_basic_is_answered_flat(endpoints):
    answer = ask_json(endpoints, {"grant_type": "client_credentials"}, **basic())
    assert "access_token" in body(answer)


def test_basic_credentials_are_form_decoded(endpoints):
    everything_escaped = "".join(f"%{ord(letter):02X}" for letter in SECRET)
    pair = base64.b64encode(f"{CLIENT_ID}:{everything_escaped}".encode()).decode()
    answer = ask_form(endpoints, {"grant_type": "client_credentials"}, authorization=f"bAsIc {pair}")
    assert answer["statusCode"] == 200


def test_the_token_verifies_against_the_published_keys(endpoints):
    published = json.loads(endpoints.call("jwks", endpoints.event("jwks/keys"))["body"])
    token = endpoints.token()
    header = jwt.get_unverified_header(token)
    key = jwt.PyJWKSet.from_dict(published)[header["kid"]]
    claims = jwt.decode(token, key, algorithms=["ES256"], issuer=ISSUER, audience=ISSUER)
    assert header == {"alg": "ES256", "typ": "at+jwt", "kid": endpoints.key_id}
    assert claims["sub"] == claims["client_id"] == CLIENT_ID
    assert claims["scope"] == ALL_GRANTED
    assert claims["exp"] - claims["iat"] == 3600
    assert len(claims["jti"]) == 36


def test_no_two_tokens_are_alike(endpoints):
    first, second = (jwt.decode(endpoints.token(), options={"verify_signature": False}) for _ in range(2))
    assert first["jti"] != second["jti"]


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        (None, ALL_GRANTED),
        ("", ALL_GRANTED),
        ("scheduling:write", "scheduling:write"),
        ("scheduling:write scheduling:read", ALL_GRANTED),
    ],
)
def test_the_scopes_asked_for_are_granted_or_all_where_none_were(endpoints, asked, granted):
    assert body(ask_json(endpoints, {**GOOD, "scope": asked}))["data"]["scope"] == granted


REFUSALS = [
    ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ({"grant_type": ""}, 400, "invalid_request"),
    ({"client_secret": "sls_wrong"}, 401, "invalid_client"),
    ({"client_id": "01968c2e-7a00-7000-8000-00000000dead"}, 401, "invalid_client"),
    ({"client_id": "é#" * 100}, 401, "invalid_client"),
    ({"scope": "dialing:read"}, 400, "invalid_scope"),
    ({"scope": "scheduling:read no:such"}, 400, "invalid_scope"),
]


@pytest.mark.parametrize(("change", "status", "code"), REFUSALS)
def test_a_refusal_in_json_has_the_contracts_shape(endpoints, change, status, code):
    answer = ask_json(endpoints, GOOD | change)
    error = body(answer)["error"]
    assert answer["statusCode"] == status
    assert error["type"] == ("unauthorized" if status == 401 else "invalid_request")
    assert error["details"][0]["code"] == code
    assert set(error) == {"type", "message", "timestamp", "details", "total_details"}
    assert ("WWW-Authenticate" in answer["headers"]) == (status == 401)
    if status == 401:
        assert error["details"][0]["challenge"] == read_challenge(answer["headers"]["WWW-Authenticate"])


@pytest.mark.parametrize(("change", "status", "code"), REFUSALS)
def test_a_refusal_of_a_form_has_the_shape_of_rfc_6749(endpoints, change, status, code):
    answer = ask_form(endpoints, GOOD | change)
    assert answer["statusCode"] == status
    assert body(answer)["error"] == code
    assert set(body(answer)) == {"error", "error_description"} | ({"challenge"} if status == 401 else set())
    assert answer["headers"]["Cache-Control"] == "no-store"


@pytest.mark.parametrize("missing", ["grant_type", "client_id", "client_secret"])
def test_a_missing_json_field_is_named(endpoints, missing):
    answer = ask_json(endpoints, {name: value for name, value in GOOD.items() if name != missing})
    assert answer["statusCode"] == 400
    assert body(answer)["error"]["details"][0].items() >= {"field": missing, "code": "invalid_request"}.items()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '"text"',
        "null",
        json.dumps({**GOOD, "scope": ["scheduling:read"]}),
        json.dumps({**GOOD, "client_id": 7}),
        json.dumps({**GOOD, "client_secret": "\ud800"}),
        json.dumps(GOOD)[:-1] + ', "grant_type": "client_credentials"}',
        "[" * 5000,
    ],
)
def test_json_that_does_not_ask_for_a_token_is_a_400(endpoints, text):
    answer = ask_json(endpoints, text)
    assert answer["statusCode"] == 400
    assert body(answer)["error"]["type"] == "invalid_request"


@pytest.mark.parametrize("more", [{"audience": "x"}, {"resource": ["a", "b"]}, {"client_assertion": None}])
def test_parameters_that_are_not_known_are_ignored(endpoints, more):
    assert ask_json(endpoints, json.dumps({**GOOD, **more}))["statusCode"] == 200


def test_a_byte_order_mark_before_json_says_nothing(endpoints):
    assert ask_json(endpoints, "\ufeff" + json.dumps(GOOD))["statusCode"] == 200


def test_scopes_with_commas_between_them_are_told_what_belongs_there(endpoints):
    answer = ask_json(endpoints, json.dumps({**GOOD, "scope": "scheduling:read,scheduling:write"}))
    assert (answer["statusCode"], body(answer)["error"]["details"][0]["code"]) == (400, "invalid_scope")
    assert "separated by spaces" in body(answer)["error"]["message"]


def test_a_form_parameter_may_be_sent_once_only(endpoints):
    answer = ask_form(endpoints, f"{urlencode(GOOD)}&scope=scheduling%3Aread&scope=")
    assert (answer["statusCode"], body(answer)["error"]) == (400, "invalid_request")


def test_a_form_that_is_not_utf_8_is_refused(endpoints):
    answer = ask_form(endpoints, f"{urlencode(GOOD)}&scope=%ff")
    assert (answer["statusCode"], body(answer)["error"]) == (400, "invalid_request")


def test_a_form_without_credentials_is_an_unknown_client(endpoints):
    answer = ask_form(endpoints, {"grant_type": "client_credentials"})
    assert (answer["statusCode"], body(answer)["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"client_secret": SECRET}, 400, "invalid_request"),
        ({"client_id": "another"}, 400, "invalid_request"),
        ({"client_id": CLIENT_ID}, 200, None),
    ],
)
def test_credentials_are_sent_in_one_way_only(endpoints, more, status, code):
    answer = ask_form(endpoints, {"grant_type": "client_credentials", **more}, **basic())
    assert (answer["statusCode"], body(answer).get("error")) == (status, code)


@pytest.mark.parametrize("header", ["Basic ", "Basic ???", "Basic bm9jb2xvbg==", "Basic /zo="])
def test_a_header_that_is_not_basic_is_answered_with_a_challenge(endpoints, header):
    answer = ask_form(endpoints, {"grant_type": "client_credentials"}, authorization=header)
    assert (answer["statusCode"], body(answer)["error"]) == (401, "invalid_client")
    assert answer["headers"]["WWW-Authenticate"].startswith("Basic ")
    assert body(answer)["challenge"] == read_challenge(answer["headers"]["WWW-Authenticate"])


def test_another_content_type_is_a_415(endpoints):
    answer = ask_json(endpoints, GOOD, **{"content-type": "text/plain"})
    assert (answer["statusCode"], body(answer)["error"]["type"]) == (415, "invalid_request")


def test_a_body_over_16_kb_is_a_413(endpoints):
    answer = ask_json(endpoints, GOOD | {"scope": "x" * 16_400})
    assert (answer["statusCode"], body(answer)["error"]["type"]) == (413, "invalid_request")


def test_a_revoked_client_gets_no_token(endpoints):
    endpoints.access.revoke_client(CLIENT_ID)
    assert ask_json(endpoints, GOOD)["statusCode"] == 401


def test_both_secrets_are_accepted_while_one_replaces_the_other(endpoints):
    new = StoredSecret(hash=secret_hash("sls_new"), created_at="2026-05-02T15:00:00.000Z")
    endpoints.access.replace_secrets(endpoints.client, rotated(endpoints.client.secrets, new))
    assert ask_json(endpoints, GOOD)["statusCode"] == 200
    assert ask_json(endpoints, GOOD | {"client_secret": "sls_new"})["statusCode"] == 200


def test_no_answer_repeats_a_secret(endpoints):
    for change in ({"client_id": "x"}, {"grant_type": SECRET}, {"scope": SECRET}):
        assert SECRET not in ask_json(endpoints, GOOD | change)["body"]
        assert SECRET not in ask_form(endpoints, GOOD | change)["body"]


@pytest.mark.parametrize("ask", [ask_json, ask_form])
@pytest.mark.parametrize(
    ("failure", "status"),
    [(ConnectTimeoutError(endpoint_url="https://dynamodb"), 503), (ZeroDivisionError(SECRET), 500)],
)
def test_an_outage_is_said_to_be_ours(endpoints, monkeypatch, capsys, ask, failure, status):
    def fail(**_):
        raise failure

    monkeypatch.setattr(common.dynamodb(), "get_item", fail)
    answer = ask(endpoints, GOOD)
    assert answer["statusCode"] == status
    assert ("Retry-After" in answer["headers"]) == (status == 503)
    assert SECRET not in answer["body"] + capsys.readouterr().out
