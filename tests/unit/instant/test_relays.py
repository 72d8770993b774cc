"""Relays: what a browser is given, and what a secret may say."""

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest

from slotline.domain.instant.relays import IceServer, Relays, relays_of

NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
TURN = "turn:relay.example.com:3478"
COTURN = json.dumps({"stun_urls": ["stun:relay.example.com"], "turn_urls": [TURN], "secret": "shared"})


def test_a_credential_is_the_hmac_of_its_own_end_and_lasts_an_hour():
    stun, turn = relays_of(COTURN).servers_for("call-guest", NOW)
    assert stun == IceServer(urls=("stun:relay.example.com",))
    ends, _, bearer = (turn.username or "").partition(":")
    assert datetime.fromtimestamp(int(ends), UTC) == NOW + timedelta(hours=1)
    assert bearer == "call-guest"
    digest = hmac.new(b"shared", (turn.username or "").encode(), "sha1").digest()
    assert turn.credential == base64.b64encode(digest).decode()


def test_a_fixed_list_is_handed_on_as_it_is():
    text = '{"servers": [{"urls": "turns:a.example.com", "username": "u", "credential": "c"}]}'
    assert relays_of(text).servers_for("x", NOW) == [
        IceServer(urls=("turns:a.example.com",), username="u", credential="c")
    ]


def test_where_nothing_but_relays_is_used_no_stun_server_is_named():
    only = relays_of(COTURN.replace("{", '{"only": true, ', 1))
    assert only.only
    assert [server.urls for server in only.servers_for("x", NOW)] == [(TURN,)]


def test_without_a_secret_there_are_none():
    assert relays_of(" ") == Relays()
    assert not Relays().has_relay
    assert not relays_of('{"stun_urls": ["stun:a.example.com"]}').has_relay
    assert relays_of(COTURN).has_relay


@pytest.mark.parametrize("text", ["[]", "{", '{"servers": [{}]}', '{"turn_urls": ["https://a.example.com"]}', "7"])
def test_a_secret_that_says_none_is_refused_without_repeating_it(text: str):
    with pytest.raises(ValueError, match="relay") as refused:
        relays_of(text)
    assert text not in str(refused.value)
