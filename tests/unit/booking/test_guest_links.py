"""Guests' links: what a token says, that nobody else makes one, and how keys come and go."""

import base64
import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from slotline.domain.booking.calls import Guest
from slotline.domain.booking.guest_links import (
    NOTICE,
    TOKEN_LENGTH,
    GuestLink,
    LinkKey,
    LinkKeys,
    epoch_after,
    keys_of,
    text_of,
)
from slotline.domain.booking.invitations import SAID_OVER, what_changed
from slotline.domain.booking.reminders import Channel
from tests.support.builders.bookings import a_call

NOW = datetime(2027, 5, 3, 15, tzinfo=UTC)
CALL_ID = "01968c2e-7a00-7000-8000-00000000ca11"
OTHER_ID = "01968c2e-7a00-7000-8000-00000000ca12"
KEYS = keys_of(json.dumps({"id": 1, "secret": "x" * 64}))
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def test_a_token_says_whose_guest_may_come_in():
    token = KEYS.token_of(CALL_ID, 7, NOW)
    assert KEYS.opened(token) == GuestLink(call_id=CALL_ID, epoch=7)
    assert len(token) == TOKEN_LENGTH
    assert set(token) <= set(ALPHABET)


def test_a_token_is_the_same_whenever_it_is_made():
    assert KEYS.token_of(CALL_ID, 0, NOW) == KEYS.token_of(CALL_ID, 0, NOW + timedelta(days=700))


def test_a_token_is_another_one_for_another_call_another_epoch_and_another_deployment():
    other = keys_of(json.dumps({"id": 1, "secret": "y" * 64}))
    tokens = {
        KEYS.token_of(CALL_ID, 0, NOW),
        KEYS.token_of(OTHER_ID, 0, NOW),
        KEYS.token_of(CALL_ID, 1, NOW),
        other.token_of(CALL_ID, 0, NOW),
    }
    assert len({token[24:] for token in tokens}) == 4
    assert KEYS.opened(other.token_of(CALL_ID, 0, NOW)) is None


@pytest.mark.parametrize("place", range(TOKEN_LENGTH))
def test_a_token_with_one_letter_altered_is_none(place: int):
    token = KEYS.token_of(CALL_ID, 3, NOW)
    others = [letter for letter in ALPHABET + "+/= é%" if letter != token[place]]
    altered = [token[:place] + letter + token[place + 1 :] for letter in others]
    assert [KEYS.opened(one) for one in altered] == [None] * len(others)


def test_the_proof_of_one_call_does_not_serve_another():
    here, there = (base64.urlsafe_b64decode(KEYS.token_of(one, 0, NOW)) for one in (CALL_ID, OTHER_ID))
    assert KEYS.opened(base64.urlsafe_b64encode(here[:20] + there[20:]).decode()) is None
    assert KEYS.opened(base64.urlsafe_b64encode(here[:20] + here[20:]).decode()) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "=" * 48,
        "A" * 47,
        "A" * 49,
        "A" * 48,
        "A" * 5_000,
        "../../etc",
        "é" * 48,
        "\ud800" * 48,
        "A" * 46 + "==",
    ],
)
def test_what_is_no_token_opens_nothing(text: str):
    assert KEYS.opened(text) is None


def test_a_token_in_the_other_alphabet_of_base64_is_none():
    tokens = [KEYS.token_of(CALL_ID, epoch, NOW) for epoch in range(50)]
    spelled = [token.replace("-", "+").replace("_", "/") for token in tokens]
    differing = [one for one, token in zip(spelled, tokens, strict=True) if one != token]
    assert differing
    assert [KEYS.opened(one) for one in differing] == [None] * len(differing)


def test_ten_thousand_guesses_open_nothing():
    guesses = random.Random(16)
    tokens = ["".join(guesses.choices(ALPHABET, k=TOKEN_LENGTH)) for _ in range(5_000)]
    head = KEYS.token_of(CALL_ID, 0, NOW)[:28]  # who knows the call's id still has the proof to guess
    tokens += [head + "".join(guesses.choices(ALPHABET, k=TOKEN_LENGTH - 28)) for _ in range(5_000)]
    assert not any(KEYS.opened(token) for token in tokens)


def test_a_call_without_a_uuid_gets_no_token():
    with pytest.raises(ValueError, match="hex"):
        KEYS.token_of("call-1", 0, NOW)
    with pytest.raises(ValueError, match="id"):
        KEYS.token_of("01968c2e", 0, NOW)


def test_an_epoch_is_compared_as_far_as_a_token_holds_it():
    link = KEYS.opened(KEYS.token_of(CALL_ID, (1 << 24) + 5, NOW))
    assert link is not None
    assert link.is_of((1 << 24) + 5)
    assert not link.is_of(6)


def test_a_new_key_signs_only_once_every_process_knows_it():
    rotated = KEYS.rotated("z" * 64, NOW)
    before, after = NOW + NOTICE - timedelta(seconds=1), NOW + NOTICE
    assert KEYS.opened(rotated.token_of(CALL_ID, 0, before)) is not None
    assert KEYS.opened(rotated.token_of(CALL_ID, 0, after)) is None
    assert rotated.opened(rotated.token_of(CALL_ID, 0, after)) is not None


def test_links_that_were_sent_before_a_rotation_hold_until_the_next():
    sent = KEYS.token_of(CALL_ID, 0, NOW)
    once = KEYS.rotated("z" * 64, NOW)
    twice = once.rotated("w" * 64, NOW + NOTICE)
    assert once.opened(sent) is not None
    assert twice.opened(sent) is None
    assert len(twice.keys) == 2


def test_two_rotations_at_once_are_refused_because_they_would_end_links_that_were_just_sent():
    with pytest.raises(ValueError, match="signs from 2027-05-03T15:15"):
        KEYS.rotated("z" * 64, NOW).rotated("w" * 64, NOW + NOTICE - timedelta(seconds=1))


def test_a_link_names_the_key_that_made_it():
    newest = KEYS.signing(NOW)
    renamed = LinkKeys((replace(newest, id=newest.id + 100),))
    assert KEYS.opened(renamed.token_of(CALL_ID, 0, NOW)) is None


@pytest.mark.parametrize("epoch", [0, 255, 256, 65_536, (1 << 24) - 1])
def test_an_epoch_has_three_bytes(epoch: int):
    link = KEYS.opened(KEYS.token_of(CALL_ID, epoch, NOW))
    assert link is not None
    assert link.epoch == epoch


def test_a_key_that_leaked_is_replaced_at_once_with_every_link_it_made():
    sent = KEYS.token_of(CALL_ID, 0, NOW)
    replaced = KEYS.replaced("z" * 64)
    assert replaced.opened(sent) is None
    assert replaced.opened(replaced.token_of(CALL_ID, 0, NOW)) is not None


def test_ids_of_keys_go_round():
    keys = LinkKeys((LinkKey(id=255, secret="x" * 64),))
    assert keys.rotated("z" * 64, NOW).keys[0].id == 0


def test_a_secret_is_read_as_it_was_written():
    rotated = KEYS.rotated("z" * 64, NOW)
    assert keys_of(text_of(rotated)) == rotated


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '"secret"',
        '{"keys": []}',
        '{"id": 1}',
        '{"id": 256, "secret": "' + "x" * 64 + '"}',
        '{"id": 1, "secret": "short"}',
        '{"keys": [{"id": 1, "secret": "' + "x" * 64 + '"}, {"id": 1, "secret": "' + "y" * 64 + '"}]}',
        '{"id": 1, "secret": "' + "x" * 64 + '", "signs_from": "soon"}',
    ],
)
def test_a_secret_without_usable_keys_is_refused_without_a_word_of_it(text: str):
    with pytest.raises(ValueError, match=r"^the secret holds no (usable )?keys of guests' links$") as refused:
        keys_of(text)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None or refused.value.__suppress_context__, "its reader's words quote it"


def test_a_secret_has_thirty_two_letters_at_least():
    assert keys_of(json.dumps({"id": 0, "secret": "x" * 32})).keys[0].id == 0
    with pytest.raises(ValueError, match="no usable keys"):
        keys_of(json.dumps({"id": 0, "secret": "x" * 31}))


def test_no_key_shows_its_secret():
    assert "x" * 8 not in repr(KEYS)


def test_addresses_are_hashed_with_what_only_this_deployment_knows():
    other = keys_of(json.dumps({"id": 1, "secret": "y" * 64}))
    assert KEYS.for_addresses != other.for_addresses
    assert KEYS.for_addresses == KEYS.rotated("z" * 64, NOW).for_addresses


JANE = Guest(name="Jane", email="jane@example.com", phone="+57 300 555 0100", phone_e164="+573005550100")


@pytest.mark.parametrize(
    ("before", "after", "is_corrected"),
    [
        (JANE, replace(JANE, email="joan@example.com"), True),
        (JANE, replace(JANE, email=None), True),
        (JANE, replace(JANE, phone="+57 300 555 0199", phone_e164="+573005550199"), True),
        (JANE, replace(JANE, phone=None, phone_e164=None), True),
        (JANE, replace(JANE, phone="+573005550100"), False),
        (JANE, replace(JANE, email="Jane@Example.com"), False),
        (JANE, replace(JANE, name="Joan", timezone="America/Bogota", language="es"), False),
        (replace(JANE, email=None), JANE, False),
        (replace(JANE, phone=None, phone_e164=None), JANE, False),
    ],
)
def test_a_link_ends_when_a_way_to_the_guest_leads_to_somebody_else(before: Guest, after: Guest, *, is_corrected: bool):
    call = a_call(guest=before, revision=4, contact_epoch=2)
    assert epoch_after(call, after) == (5 if is_corrected else 2)


def test_an_address_that_is_corrected_back_has_no_old_link_come_alive():
    call, epochs = a_call(guest=JANE), {0}
    for revision, email in enumerate(["joan@example.com", "jane@example.com", "joan@example.com"], start=1):
        guest = replace(JANE, email=email)
        epoch = epoch_after(replace(call, revision=revision), guest)
        assert epoch not in epochs
        epochs.add(epoch)
        call = replace(call, guest=guest, contact_epoch=epoch)


@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.SMS, Channel.WHATSAPP])
def test_an_invitation_whose_link_is_dead_is_sent_again_over_every_channel_that_had_it(channel: Channel):
    before = a_call(guest=JANE)
    guest = replace(JANE, phone="+57 300 555 0199", phone_e164="+573005550199")
    after = replace(before, guest=guest, contact_epoch=epoch_after(before, guest))
    assert what_changed(before, after) & SAID_OVER[channel]
