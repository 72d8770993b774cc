"""The published keys and metadata."""

import json

import pytest
from botocore.exceptions import ConnectTimeoutError

from slotline.wiring.access import tokens
from tests.handlers.oauth.conftest import GATEWAY, ISSUER, events
from tests.support.aws.requests import refusal


@pytest.mark.parametrize("path", events("jwks"), ids=lambda path: path.stem)
def test_every_event_is_answered_and_may_be_kept_for_five_minutes(endpoints, path):
    answer = endpoints.call("jwks", json.loads(path.read_text()))
    assert answer["statusCode"] == 200
    assert answer["headers"]["Cache-Control"] == "public, max-age=300"
    assert answer["headers"]["Content-Type"] == "application/json"


def test_the_key_is_a_p256_signing_key(endpoints):
    (key,) = json.loads(endpoints.call("jwks", endpoints.event("jwks/keys"))["body"])["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "use", "alg", "kid"}
    assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("EC", "P-256", "ES256", "sig")
    assert key["kid"] == endpoints.key_id


def test_while_a_key_is_replaced_both_are_published(endpoints, monkeypatch):
    older = endpoints.kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    monkeypatch.setenv("SIGNING_KEY_IDS", f"{endpoints.key_id},{older['Arn']}")
    keys = json.loads(endpoints.call("jwks", endpoints.event("jwks/keys"))["body"])["keys"]
    assert [key["kid"] for key in keys] == [endpoints.key_id, older["KeyId"]]


@pytest.mark.parametrize("code", ["AccessDeniedException", "NotFoundException", "KMSInvalidStateException"])
def test_a_previous_key_that_is_gone_keeps_nobody_from_the_present_one(endpoints, monkeypatch, caplog, code):
    """It was deleted, or a deployment has just taken the right to read it away, and not yet its id."""
    gone = endpoints.kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    monkeypatch.setenv("SIGNING_KEY_IDS", f"{endpoints.key_id},{gone}")
    ask = tokens.kms().get_public_key

    def answer(**asked):
        if asked["KeyId"] == gone:
            raise refusal(code, "GetPublicKey")
        return ask(**asked)

    monkeypatch.setattr(tokens.kms(), "get_public_key", answer)
    published = endpoints.call("jwks", endpoints.event("jwks/keys"))
    assert [key["kid"] for key in json.loads(published["body"])["keys"]] == [endpoints.key_id]
    assert caplog.messages == ["a key cannot be published"]


def test_the_metadata_leads_to_the_token_endpoint(endpoints):
    metadata = json.loads(endpoints.call("jwks", endpoints.event("jwks/metadata"))["body"])
    assert metadata["issuer"] == ISSUER
    assert metadata["token_endpoint"] == f"{ISSUER}/api/v1/oauth/token"
    assert metadata["jwks_uri"] == f"{ISSUER}/.well-known/jwks.json"
    assert metadata["grant_types_supported"] == ["client_credentials"]


def test_without_an_address_of_its_own_the_gateways_stands_in(endpoints, monkeypatch):
    monkeypatch.setenv("API_BASE_URL", "")
    metadata = json.loads(endpoints.call("jwks", endpoints.event("jwks/metadata"))["body"])
    assert metadata["issuer"] == GATEWAY


@pytest.mark.parametrize(
    "error",
    [
        ConnectTimeoutError(endpoint_url="https://kms"),
        refusal("ThrottlingException", "GetPublicKey"),
        refusal("KMSInternalException", "GetPublicKey"),
        refusal("DependencyTimeoutException", "GetPublicKey"),
    ],
    ids=["unreachable", "throttled", "failed inside", "waited in vain"],
)
def test_a_key_that_cannot_be_had_just_now_is_a_503(endpoints, monkeypatch, error):
    def fail(**_):
        raise error

    monkeypatch.setattr(tokens.kms(), "get_public_key", fail)
    answer = endpoints.call("jwks", endpoints.event("jwks/keys"))
    assert answer["statusCode"] == 503
    assert json.loads(answer["body"])["error"]["type"] == "unavailable"
