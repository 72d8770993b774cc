"""The rules of clients, secrets, scopes and tokens."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from slotline.domain.access.identity import (
    AccessToken,
    BadCredential,
    Client,
    ExpiredToken,
    OAuthCode,
    RateLimits,
    StoredSecret,
    TokenRefused,
    TokenRequest,
    email_hash,
    grant,
    is_client_id,
    issuer_of,
    new_token,
    parse_scopes,
    proves,
    retired,
    rotated,
    scope_text,
    secret_hash,
    token_of,
)
from slotline.domain.access.scopes import Scope

NOW = datetime(2026, 5, 1, 15, 0, tzinfo=UTC)
ISSUER = "https://api.example.com"


def kept(secret, revoked_at=None):
    return StoredSecret(hash=secret_hash(secret), created_at="2026-05-01T15:00:00.000Z", revoked_at=revoked_at)


CLIENT = Client(
    client_id="client-1",
    name="CRM",
    organization_id="org-1",
    app_ids=frozenset({"app-1"}),
    scopes=frozenset({Scope.SCHEDULING_READ, Scope.SCHEDULING_WRITE}),
    secrets=(kept("old", revoked_at="2026-05-01T15:00:00.000Z"), kept("current"), kept("next")),
)
TOKEN = new_token(CLIENT, CLIENT.scopes, issuer=ISSUER, token_id="token-1", now=NOW)


def test_limits_default_to_the_products():
    assert CLIENT.limits == RateLimits(minute=600, hour=20_000, day=200_000)


@pytest.mark.parametrize(
    ("secret", "good"), [("current", True), ("next", True), ("old", False), ("", False), ("Current", False)]
)
def test_every_active_secret_is_accepted_and_no_other(secret, good):
    assert proves(CLIENT, secret) is good


def test_nobody_and_the_revoked_prove_nothing():
    assert not proves(None, "current")
    assert not proves(replace(CLIENT, is_active=False), "current")
    assert not proves(replace(CLIENT, secrets=()), "current")


def test_half_a_surrogate_pair_is_only_a_wrong_secret():
    assert not proves(CLIENT, "\ud800")


def test_a_secret_is_in_no_representation():
    request = TokenRequest(grant_type="client_credentials", client_id="a", client_secret="hush", scope="")
    assert "hush" not in repr(request)


@pytest.mark.parametrize(
    ("text", "good"),
    [("01968c2e-7a00-7000-8000-00000000c11e", True), ("", False), ("a" * 129, False), ("é", False), ("a\nb", False)],
)
def test_a_client_id_is_visible_ascii(text, good):
    assert is_client_id(text) is good


def test_scopes_are_listed_in_one_order_whatever_was_asked():
    assert (
        scope_text(parse_scopes("webhooks:write  scheduling:read webhooks:write")) == "scheduling:read webhooks:write"
    )


@pytest.mark.parametrize("asked", ["", "  "])
def test_asking_for_nothing_in_particular_is_asking_for_all(asked):
    assert grant(asked, CLIENT) == CLIENT.scopes


def test_a_part_may_be_asked_for():
    assert grant("scheduling:read", CLIENT) == {Scope.SCHEDULING_READ}


@pytest.mark.parametrize("asked", ["dialing:read", "scheduling:read dialing:read", "SCHEDULING:READ", "*"])
def test_no_more_is_granted_than_the_client_has(asked):
    with pytest.raises(TokenRefused) as refused:
        grant(asked, CLIENT)
    assert refused.value.code is OAuthCode.INVALID_SCOPE


@pytest.mark.parametrize(
    ("grant_type", "code"),
    [("", OAuthCode.INVALID_REQUEST), ("authorization_code", OAuthCode.UNSUPPORTED_GRANT_TYPE)],
)
def test_there_is_one_grant(grant_type, code):
    with pytest.raises(TokenRefused) as refused:
        TokenRequest(grant_type=grant_type, client_id="", client_secret="", scope="").check_grant_type()
    assert refused.value.code is code


def test_a_token_comes_back_as_it_was_made():
    assert token_of(TOKEN.claims(), issuer=ISSUER, now=NOW) == TOKEN


@pytest.mark.parametrize(
    ("age", "good"),
    [(timedelta(hours=1, seconds=4), True), (timedelta(hours=1, seconds=5), False), (timedelta(seconds=-5), True)],
)
def test_a_token_lives_an_hour_and_clocks_may_differ_by_five_seconds(age, good):
    if good:
        token_of(TOKEN.claims(), issuer=ISSUER, now=NOW + age)
    else:
        with pytest.raises(ExpiredToken):
            token_of(TOKEN.claims(), issuer=ISSUER, now=NOW + age)


def test_a_token_from_the_future_is_not_merely_expired():
    with pytest.raises(BadCredential) as bad:
        token_of(TOKEN.claims(), issuer=ISSUER, now=NOW - timedelta(seconds=6))
    assert not isinstance(bad.value, ExpiredToken)


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "client_id", "iat", "exp", "jti"])
@pytest.mark.parametrize("value", [None, "", 0.5, True, ["x"], {}])
def test_every_claim_must_be_there_and_of_its_kind(name, value):
    with pytest.raises(BadCredential):
        token_of({**TOKEN.claims(), name: value}, issuer=ISSUER, now=NOW)


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "client_id"])
def test_every_claim_must_be_about_us_and_one_client(name):
    with pytest.raises(BadCredential):
        token_of({**TOKEN.claims(), name: "https://api.example.com/"}, issuer=ISSUER, now=NOW)


@pytest.mark.parametrize(
    ("scope", "scopes"),
    [("gone:read scheduling:read", {Scope.SCHEDULING_READ}), (None, set()), (7, set()), ("", set())],
)
def test_a_scope_that_no_longer_exists_gives_nothing(scope, scopes):
    token: AccessToken = token_of({**TOKEN.claims(), "scope": scope}, issuer=ISSUER, now=NOW)
    assert token.scopes == scopes


def test_rotation_keeps_at_most_two_active_secrets():
    with pytest.raises(ValueError, match="retire the older"):
        rotated(CLIENT.secrets, kept("third"))
    after = retired(CLIENT.secrets, "2026-05-02T15:00:00.000Z")
    assert [secret.is_active for secret in after] == [False, True]
    assert proves(replace(CLIENT, secrets=after), "next")
    assert not proves(replace(CLIENT, secrets=after), "current")
    assert rotated(after, kept("third")) == (kept("next"), kept("third"))


def test_the_last_secret_is_not_retired():
    with pytest.raises(ValueError, match="rotate first"):
        retired((kept("only"),), "2026-05-02T15:00:00.000Z")


def test_an_account_is_found_whatever_the_case():
    assert email_hash(" Ada@Acme.example") == email_hash("ada@acme.EXAMPLE ")


def test_the_deployments_own_address_goes_before_the_hosts():
    assert issuer_of("", "abc.example.com") == "https://abc.example.com"
    assert issuer_of("https://api.example.com", "abc.example.com") == "https://api.example.com"
