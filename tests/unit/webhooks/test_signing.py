"""What receivers check: by the public library of Standard Webhooks, and by the vendor's scheme."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from standardwebhooks import Webhook, WebhookVerificationError

from slotline.domain.shared.errors import TooManySecrets
from slotline.domain.webhooks.signing import key_of, signed_headers
from slotline.domain.webhooks.subscriptions import MOST_SECRETS, RetiringSecret
from slotline.ids import new_webhook_secret
from tests.support.builders.apps import NOW
from tests.support.memory.webhooks import OTHER_SECRET, SECRET, a_subscription

BODY = '{"id":"event-1","payload":{"guest_name":"Zoë"}}'.encode()
OVERLAP_ENDS = NOW + timedelta(hours=24)
ROTATED = a_subscription(secret=OTHER_SECRET, retiring=(RetiringSecret(secret=SECRET, until=OVERLAP_ENDS),))


def headers(secrets: Sequence[str] = (SECRET,), at: datetime = NOW) -> dict[str, str]:
    return dict(
        signed_headers(
            event_id="event-1",
            event="scheduled.created",
            delivery="webhook-1:2",
            body=BODY,
            secrets=secrets,
            at=at,
        )
    )


def verifies(secret: str, sent: dict[str, str], at: datetime, body: bytes = BODY) -> bool:
    with time_machine.travel(at, tick=False):
        try:
            Webhook(secret).verify(body, sent)
        except WebhookVerificationError:
            return False
        return True


def vendor(secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode(), BODY, hashlib.sha256).hexdigest()


def test_the_public_library_verifies_what_we_sign() -> None:
    assert verifies(SECRET, headers(), NOW)


def test_it_verifies_with_a_secret_of_our_own_making() -> None:
    secret = new_webhook_secret()
    assert len(key_of(secret)) == 32
    assert verifies(secret, headers((secret,)), NOW)


def test_other_bytes_another_id_another_time_and_another_secret_do_not_verify() -> None:
    assert not verifies(SECRET, headers(), NOW, BODY + b" ")
    assert not verifies(SECRET, headers() | {"webhook-id": "event-2"}, NOW)
    assert not verifies(SECRET, headers() | {"webhook-timestamp": str(int(NOW.timestamp()) + 1)}, NOW)
    assert not verifies(OTHER_SECRET, headers(), NOW)


def test_the_library_refuses_an_attempt_that_was_recorded_and_sent_again_later() -> None:
    assert not verifies(SECRET, headers(), NOW + timedelta(minutes=6))


def test_before_a_rotation_only_the_old_secret_signs() -> None:
    sent = headers(a_subscription().secrets(NOW))
    assert verifies(SECRET, sent, NOW)
    assert not verifies(OTHER_SECRET, sent, NOW)


@pytest.mark.parametrize("at", [NOW, OVERLAP_ENDS - timedelta(seconds=1)], ids=["at once", "to the end"])
def test_while_a_rotation_overlaps_both_secrets_verify(at: datetime) -> None:
    sent = headers(ROTATED.secrets(at), at)
    assert verifies(SECRET, sent, at)
    assert verifies(OTHER_SECRET, sent, at)


@pytest.mark.parametrize("at", [OVERLAP_ENDS, OVERLAP_ENDS + timedelta(days=1)], ids=["at its end", "later"])
def test_after_a_rotation_only_the_new_secret_signs(at: datetime) -> None:
    sent = headers(ROTATED.secrets(at), at)
    assert verifies(OTHER_SECRET, sent, at)
    assert not verifies(SECRET, sent, at)
    assert sent["x-slotline-signature"] == vendor(OTHER_SECRET)


def test_the_vendors_header_changes_over_when_the_overlap_ends() -> None:
    assert headers(a_subscription().secrets(NOW))["x-slotline-signature"] == vendor(SECRET)
    assert headers(ROTATED.secrets(NOW))["x-slotline-signature"] == vendor(SECRET)


def test_each_secret_signs_until_the_time_that_it_was_promised() -> None:
    """Rotated twice within a day: the first does not stop when the third comes."""
    day, third = timedelta(hours=24), _secret(40)
    once = a_subscription().rotated(OTHER_SECRET, day, NOW)
    twice = once.rotated(third, day, NOW + timedelta(hours=1))
    for hours, signing in [
        (1, {third, OTHER_SECRET, SECRET}),
        (23.9, {third, OTHER_SECRET, SECRET}),
        (24, {third, OTHER_SECRET}),
        (24.9, {third, OTHER_SECRET}),
        (25, {third}),
    ]:
        at = NOW + timedelta(hours=hours)
        sent = headers(twice.secrets(at), at)
        assert {secret for secret in (SECRET, OTHER_SECRET, third) if verifies(secret, sent, at)} == signing
        assert sent["x-slotline-signature"] == vendor(twice.secrets(at)[-1]), "the oldest that still signs"


def test_without_an_overlap_the_present_secret_stops_and_earlier_ones_keep_their_time() -> None:
    rotated = a_subscription().rotated(OTHER_SECRET, timedelta(hours=24), NOW).rotated(_secret(40), timedelta(0), NOW)
    assert rotated.secrets(NOW) == (_secret(40), SECRET)


def test_a_secret_that_comes_back_signs_once() -> None:
    day = timedelta(hours=24)
    back = a_subscription().rotated(OTHER_SECRET, day, NOW).rotated(SECRET, day, NOW)
    assert back.secrets(NOW) == (SECRET, OTHER_SECRET)


def test_only_so_many_secrets_sign_at_once_and_there_is_room_again_when_one_runs_out() -> None:
    subscription = a_subscription()
    for number in range(1, MOST_SECRETS):
        subscription = subscription.rotated(_secret(24 + number), timedelta(hours=number), NOW)
    assert len(subscription.secrets(NOW)) == MOST_SECRETS
    with pytest.raises(TooManySecrets) as refused:
        subscription.rotated(_secret(60), timedelta(hours=1), NOW)
    assert "2026-04-22T13:00:00.000Z" in refused.value.message
    later = NOW + timedelta(hours=1)
    assert len(subscription.rotated(_secret(60), timedelta(hours=1), later).secrets(later)) == MOST_SECRETS
    assert subscription.rotated(_secret(60), timedelta(0), NOW).secret == _secret(60)


def test_the_other_headers_say_what_this_is() -> None:
    sent = headers()
    assert {name: sent[name] for name in sent if "signature" not in name} == {
        "content-type": "application/json",
        "user-agent": "Slotline-Webhooks/1",
        "webhook-id": "event-1",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "x-slotline-event": "scheduled.created",
        "x-slotline-delivery": "webhook-1:2",
    }


def test_a_fraction_of_a_second_is_cut_off() -> None:
    at = datetime(2026, 4, 22, 12, 0, 0, 999_999, tzinfo=UTC)
    assert verifies(SECRET, headers(at=at), at)


@pytest.mark.parametrize("size", [24, 64])
def test_a_secret_may_have_from_24_to_64_bytes(size: int) -> None:
    assert len(key_of(_secret(size))) == size


def _secret(size: int) -> str:
    return f"whsec_{base64.b64encode(b'k' * size).decode()}"


@pytest.mark.parametrize(
    "bad",
    [
        _secret(23),
        _secret(65),
        _secret(32).removeprefix("whsec_"),
        "whsec_",
        "whsec_no base64!",
        f"{_secret(32)}!",
        "whsec_é",
        "",
    ],
)
def test_anything_else_is_no_secret(bad: str) -> None:
    with pytest.raises(ValueError, match="whsec_"):
        key_of(bad)


def test_a_subscription_does_not_show_its_secrets_by_accident() -> None:
    assert SECRET not in repr(ROTATED)
    assert OTHER_SECRET not in repr(ROTATED)
