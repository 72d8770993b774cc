"""The authorizer: whom a header names, and every token that is not ours."""

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime

import jwt
import pytest
import time_machine
from botocore.exceptions import ConnectTimeoutError
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from slotline.domain.access.identity import Client, secret_hash
from slotline.domain.access.scopes import Scope
from slotline.tokens.signing import raw_signature
from slotline.wiring import common
from slotline.wiring.access import callers, tokens
from tests.handlers.oauth.conftest import API_KEY, CLIENT_ID, ISSUER, events

BAD = {"error": "bad_credential"}


def part(value):
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def good_header(endpoints):
    return {"alg": "ES256", "typ": "at+jwt", "kid": endpoints.key_id}


def good_claims():
    now = int(time.time())
    return {
        "iss": ISSUER,
        "aud": ISSUER,
        "sub": CLIENT_ID,
        "client_id": CLIENT_ID,
        "scope": "scheduling:read",
        "iat": now,
        "exp": now + 3600,
        "jti": "01968c2e-7a00-7000-8000-000000000001",
    }


def signed(endpoints, header, claims):
    """A token with the real key's signature, whatever it says."""
    message = f"{part(header)}.{part(claims)}"
    der = endpoints.kms.sign(
        KeyId=endpoints.key_id,
        Message=message.encode(),
        MessageType="RAW",
        SigningAlgorithm="ECDSA_SHA_256",
    )["Signature"]
    return f"{message}.{part(raw_signature(der))}"


def without(claims, name):
    return {key: value for key, value in claims.items() if key != name}


def changed(**claims):
    return lambda endpoints: signed(endpoints, good_header(endpoints), good_claims() | claims)


def headed(**header):
    return lambda endpoints: signed(endpoints, good_header(endpoints) | header, good_claims())


def lacking(name):
    return lambda endpoints: signed(endpoints, good_header(endpoints), without(good_claims(), name))


def unsigned(endpoints):
    return f"{part(good_header(endpoints) | {'alg': 'none'})}.{part(good_claims())}."


def hmac_with_the_public_key(form):
    def forge(endpoints):
        der = endpoints.kms.get_public_key(KeyId=endpoints.key_id)["PublicKey"]
        pem = serialization.load_der_public_key(der).public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        message = f"{part(good_header(endpoints) | {'alg': 'HS256'})}.{part(good_claims())}"
        digest = hmac.new({"pem": pem, "der": der}[form], message.encode(), hashlib.sha256).digest()
        return f"{message}.{part(digest)}"

    return forge


def another_key(endpoints):
    key = ec.generate_private_key(ec.SECP256R1())
    return jwt.encode(good_claims(), key, algorithm="ES256", headers=good_header(endpoints))


def own_key_in_the_header(endpoints):
    key = ec.generate_private_key(ec.SECP256R1())
    jwk = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key()))
    return jwt.encode(good_claims(), key, algorithm="ES256", headers=good_header(endpoints) | {"jwk": jwk})


def tampered_claims(endpoints):
    header, _, signature = endpoints.token().split(".")
    return f"{header}.{part(good_claims() | {'scope': 'dialing:write'})}.{signature}"


def tampered_signature(endpoints):
    head, _, signature = endpoints.token().rpartition(".")
    return f"{head}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"


def zero_signature(endpoints):
    return f"{part(good_header(endpoints))}.{part(good_claims())}.{part(bytes(64))}"


def der_signature(endpoints):
    message = f"{part(good_header(endpoints))}.{part(good_claims())}"
    der = endpoints.kms.sign(
        KeyId=endpoints.key_id,
        Message=message.encode(),
        MessageType="RAW",
        SigningAlgorithm="ECDSA_SHA_256",
    )["Signature"]
    return f"{message}.{part(der)}"


def soon(seconds):
    return int(time.time()) + seconds


FORGED = {
    "no algorithm": unsigned,
    "HS256 with the public key in PEM": hmac_with_the_public_key("pem"),
    "HS256 with the public key in DER": hmac_with_the_public_key("der"),
    "another key under our kid": another_key,
    "a key in the header": own_key_in_the_header,
    "tampered claims": tampered_claims,
    "tampered signature": tampered_signature,
    "zero signature": zero_signature,
    "signature in DER": der_signature,
    "another issuer": changed(iss="https://evil.example"),
    "another audience": changed(aud="https://evil.example"),
    "our audience among others": changed(aud=[ISSUER, "https://evil.example"]),
    "subject is not the client": changed(sub="someone-else"),
    "an unknown client": changed(client_id="nobody", sub="nobody"),
    "from the future": lambda endpoints: signed(endpoints, good_header(endpoints), good_claims() | {"iat": soon(60)}),
    "expiry is not a number": changed(exp="tomorrow"),
    "expiry is true": changed(exp=True),
    "algorithm in the header is another": headed(alg="ES384"),
    "type of an ordinary JWT": headed(typ="JWT"),
    "no type": headed(typ=None),
    "unknown kid": headed(kid="01968c2e-7a00-7000-8000-00000000dead"),
    "no kid": headed(kid=None),
    "kid is a list": headed(kid=["a"]),
    "critical extension": headed(crit=["b64"], b64=False),
    "claims are a list": lambda endpoints: signed(endpoints, good_header(endpoints), [1]),
    "header is a list": lambda endpoints: signed(endpoints, [1], good_claims()),
    "header is nested without end": lambda _: f"{part(b'[' * 4000)}.{part({})}.AAAA",
    "not a token": lambda _: "hello",
    "three dots": lambda _: "...",
    "not ASCII": lambda _: "é.é.é",
    "endless": lambda _: "a" * 9000,
} | {f"no {name}": lacking(name) for name in ("iss", "aud", "sub", "client_id", "iat", "exp", "jti")}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_a_forged_token_names_nobody(endpoints, forge):
    assert endpoints.named(f"Bearer {forge(endpoints)}") == BAD


def test_an_issued_token_names_its_client_and_its_grants(endpoints):
    assert endpoints.named(f"Bearer {endpoints.token()}") == {
        "kind": "client",
        "client_id": CLIENT_ID,
        "organization_id": "org-1",
        "app_ids": "app-a app-b",
        "scopes": "scheduling:read scheduling:write",
        "limit_minute": "60",
        "limit_hour": "600",
        "limit_day": "6000",
    }


def test_a_token_never_says_more_than_its_client_is_granted_now(endpoints):
    token = signed(endpoints, good_header(endpoints), good_claims() | {"scope": "scheduling:read dialing:write gone:x"})
    assert endpoints.named(f"Bearer {token}")["scopes"] == "scheduling:read"


def test_a_token_whose_time_has_passed_is_told_apart(endpoints):
    token = changed(iat=soon(-3610), exp=soon(-10))(endpoints)
    assert endpoints.named(f"bearer  {token} ") == {"error": "expired_token"}


@pytest.mark.parametrize(("claim", "seconds"), [("exp", -2), ("iat", 3)])
def test_clocks_may_differ_a_little(endpoints, claim, seconds):
    with time_machine.travel(datetime.now(UTC), tick=False):  # a busy machine may take longer than clocks may differ
        assert endpoints.named(f"Bearer {changed(**{claim: soon(seconds)})(endpoints)}")["client_id"] == CLIENT_ID


def test_a_full_media_type_is_as_good_as_a_short_one(endpoints):
    assert "client_id" in endpoints.named(f"Bearer {headed(typ='application/AT+JWT')(endpoints)}")


def test_a_revoked_clients_token_names_nobody(endpoints):
    token = endpoints.token()
    endpoints.access.revoke_client(CLIENT_ID)
    assert endpoints.named(f"Bearer {token}") == BAD


def test_an_unknown_kid_is_refused_without_asking_kms(endpoints, monkeypatch):
    monkeypatch.setattr(tokens.kms(), "get_public_key", None)
    assert endpoints.named(f"Bearer {headed(kid='unknown')(endpoints)}") == BAD


def test_the_public_key_is_fetched_once(endpoints, monkeypatch):
    token = endpoints.token()
    endpoints.named(f"Bearer {token}")
    monkeypatch.setattr(tokens.kms(), "get_public_key", None)
    assert endpoints.named(f"Bearer {token}")["client_id"] == CLIENT_ID


@pytest.mark.parametrize("header", [None, "", "  "])
def test_no_header_is_told_apart(endpoints, header):
    assert endpoints.named(header) == {"error": "missing_credential"}


@pytest.mark.parametrize("header", ["Bearer", "Basic dTpw", "Bearer ", "Token x", "slk_x", "Bearer a,Bearer b"])
def test_any_other_header_is_a_bad_credential(endpoints, header):
    assert endpoints.named(header) == BAD


def test_an_api_key_names_its_grants_until_it_is_revoked(endpoints):
    event = endpoints.event("authorize/api_key")
    assert endpoints.call("authorize", event)["context"] == BAD
    grants = Client(
        client_id="key-1",
        name="Dialer",
        organization_id="org-1",
        app_ids=frozenset({"app-a"}),
        scopes=frozenset({Scope.DIALING_WRITE}),
    )
    endpoints.access.add_api_key(secret_hash(API_KEY), grants)
    context = endpoints.call("authorize", event)["context"]
    assert (context["client_id"], context["scopes"], context["limit_minute"]) == ("key-1", "dialing:write", "600")
    endpoints.access.revoke_api_key(secret_hash(API_KEY))
    callers.authenticate.cache_clear()
    assert endpoints.call("authorize", event)["context"] == BAD


@pytest.mark.parametrize("path", events("authorize"), ids=lambda path: path.stem)
def test_every_event_is_answered(endpoints, path):
    answer = endpoints.call("authorize", json.loads(path.read_text()))
    assert answer["isAuthorized"] is True
    assert "error" in answer["context"]


@pytest.mark.parametrize(("client", "method"), [(common.dynamodb, "get_item"), (tokens.kms, "get_public_key")])
def test_an_outage_is_not_a_bad_credential(endpoints, monkeypatch, client, method):
    token = endpoints.token()

    def fail(**_):
        raise ConnectTimeoutError(endpoint_url="https://aws")

    monkeypatch.setattr(client(), method, fail)
    assert endpoints.named(f"Bearer {token}") == {"error": "unavailable"}
