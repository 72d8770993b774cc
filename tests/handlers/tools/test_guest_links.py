"""The keys of guests' links, as an operator rotates them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from slotline.domain.booking.guest_links import GuestLink, LinkKeys, keys_of
from tests.support.builders.apps import NOW
from tests.support.builders.guest_links import KEYS, LINK_KEYS
from tools.target import Target

CALL_ID = "01968c2e-7a00-7000-8000-00000000ca11"


@pytest.fixture
def kept(target: Target) -> Iterator[Callable[[], LinkKeys]]:
    """The keys that the secret holds, and again holds once the test is over."""
    client, secret_id = target.client("secretsmanager"), target.guest_link_secret
    yield lambda: keys_of(client.get_secret_value(SecretId=secret_id)["SecretString"])
    client.put_secret_value(SecretId=secret_id, SecretString=LINK_KEYS)


def test_a_rotation_adds_a_key_and_ends_no_link(run: Any, kept: Callable[[], LinkKeys]):
    sent = KEYS.token_of(CALL_ID, 0, NOW)
    answer = run("guest-links", "rotate")
    assert [key["id"] for key in answer.json["keys"]] == [2, 1]
    assert answer.json["known_everywhere_within_minutes"] == 5
    assert kept().opened(sent) == GuestLink(call_id=CALL_ID, epoch=0)


def test_a_second_rotation_waits_until_the_first_is_known_everywhere(run: Any, kept: Callable[[], LinkKeys]):
    run("guest-links", "rotate")
    before = kept()
    refused = run("guest-links", "rotate")
    assert refused.status == 1
    assert "rotate after that" in refused.err
    assert kept() == before


def test_a_key_that_leaked_goes_with_all_links_that_it_made(run: Any, kept: Callable[[], LinkKeys]):
    sent = KEYS.token_of(CALL_ID, 0, NOW)
    run("guest-links", "rotate", "--replace-all")
    assert kept().opened(sent) is None
    assert [key["id"] for key in run("guest-links", "show").json["keys"]] == [2]


def test_no_answer_shows_a_secret(run: Any, kept: Callable[[], LinkKeys]):
    shown = run("guest-links", "rotate").out + run("guest-links", "show").out
    assert not [key for key in kept().keys if key.secret in shown]
