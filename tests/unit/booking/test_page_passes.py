"""Page passes: what a token says, that it is good for one app and one service, and that nobody else makes one."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from slotline.domain.booking import guest_links
from slotline.domain.booking.guest_links import NOTICE, LinkKeys, keys_of
from slotline.domain.booking.page_passes import HEAD_LENGTH, LIFE, MOST_SEALED, PagePass, made, opened, token_of
from slotline.domain.shared.errors import NoPass, PassOver
from slotline.tokens.page_passes import MOST_INFLATED, AesSeals

NOW = datetime(2027, 5, 3, 15, 0, 0, 250_000, tzinfo=UTC)
KEYS = keys_of(json.dumps({"id": 1, "secret": "x" * 64}))
APP, SERVICE = "01890000-0000-7000-8000-000000000001", "first-visit"
VISIT = "01968c2e-7a00-7000-8000-00000000ca11"
KEY_HASH = "ab" * 32
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
SECRET = b"k" * 32


def token(keys: LinkKeys = KEYS, app_id: str = APP, service: str = SERVICE, now: datetime = NOW) -> str:
    return token_of(made(keys, app_id, service, key_hash=KEY_HASH, visit=VISIT, now=now))


def is_none(text: str, keys: LinkKeys = KEYS, app_id: str = APP, service: str = SERVICE) -> bool:
    """Whether it opens nothing."""
    try:
        opened(keys, text, app_id, service)
    except NoPass:
        return True
    return False


def test_a_pass_says_whose_key_opened_the_page_which_visit_it_is_and_until_when():
    text = token()
    said = opened(KEYS, text, APP, SERVICE).said
    assert said == PagePass(key_hash=KEY_HASH, visit=VISIT, ends_at=datetime(2027, 5, 3, 17, tzinfo=UTC))
    assert len(text) == HEAD_LENGTH
    assert set(text) <= set(ALPHABET)


def test_a_pass_with_one_bit_altered_is_none():
    raw = base64.urlsafe_b64decode(token())
    for bit in range(len(raw) * 8):
        altered = bytearray(raw)
        altered[bit // 8] ^= 1 << bit % 8
        assert is_none(base64.urlsafe_b64encode(altered).decode()), bit


def test_a_pass_is_spelled_in_one_way_only():
    texts = [token(now=NOW + timedelta(seconds=second)) for second in range(50)]
    others = [text.replace("-", "+").replace("_", "/") for text in texts]
    differing = [one for one, text in zip(others, texts, strict=True) if one != text]
    assert differing
    text = token()
    assert all(map(is_none, (*differing, f"{text}=", f"{text}.", f"{text}\n", f" {text}", f"{text}%", text[:-1])))


@pytest.mark.parametrize("text", ["", ".", "a", "A" * 92, "A" * 5_000, "é" * 92, "\ud800" * 92, "first-visit", "form"])
def test_what_is_no_pass_opens_nothing(text: str):
    assert is_none(text)


@pytest.mark.parametrize(
    ("app_id", "service"),
    [
        (APP, "second-visit"),
        (APP, "First-Visit"),
        (APP, ""),
        ("01890000-0000-7000-8000-000000000002", SERVICE),
        (APP + SERVICE, ""),
        ("", APP + SERVICE),
        (APP + SERVICE[:1], SERVICE[1:]),
    ],
)
def test_a_pass_is_none_for_another_app_or_another_service(app_id: str, service: str):
    assert is_none(token(), app_id=app_id, service=service)


def test_a_pass_lasts_for_two_hours_and_is_over_then():
    said = opened(KEYS, token(), APP, SERVICE).said
    said.check_lasts(NOW + LIFE - timedelta(seconds=1))
    with pytest.raises(PassOver, match="Open the first link again"):
        said.check_lasts(said.ends_at)


def test_a_new_key_signs_passes_once_every_process_knows_it_and_those_before_hold_until_they_are_over():
    rotated = KEYS.rotated("z" * 64, NOW)
    before, after = token(rotated, now=NOW + NOTICE - timedelta(seconds=1)), token(rotated, now=NOW + NOTICE)
    assert not is_none(before)
    assert is_none(after)
    assert not is_none(before, rotated)
    assert not is_none(after, rotated)


def test_a_key_that_leaked_is_replaced_with_every_pass_it_made():
    replaced = KEYS.replaced("z" * 64)
    assert is_none(token(), replaced)
    assert not is_none(token(replaced), replaced)


def test_a_pass_of_another_deployment_is_none():
    assert is_none(token(keys_of(json.dumps({"id": 1, "secret": "y" * 64}))))


def test_the_proof_of_a_guests_link_over_the_same_bytes_is_no_pages():
    key = KEYS.signing(NOW)
    proofs = {key.mac(b"same"), key.page_mac(b"same"), key.for_prefills[:16], KEYS.for_addresses[:16].encode()}
    proofs |= {(KEYS.proof_of(1, "same") or b"")[:16], key.room_mac(b"same")}
    assert len(proofs) == 6
    purposes = [value for name, value in vars(guest_links).items() if name.startswith(("_OF_", "_PURPOSE"))]
    assert len(purposes) == 6
    assert all(purpose.endswith(b"\n") and purpose.count(b"\n") == 1 for purpose in purposes)
    assert len(set(purposes)) == len(purposes), "none begins another, as each has one end of line, at its end"


@pytest.mark.parametrize(("visit", "key_hash"), [("visit-1", KEY_HASH), (VISIT[:8], KEY_HASH), (VISIT, "ab" * 31)])
def test_a_pass_needs_a_visit_and_a_hash_of_their_lengths(visit: str, key_hash: str):
    with pytest.raises(ValueError, match=r"hex|16 bytes"):
        made(KEYS, APP, SERVICE, key_hash=key_hash, visit=visit, now=NOW)


def test_what_is_sealed_behind_a_pass_comes_back():
    handed = made(KEYS, APP, SERVICE, key_hash=KEY_HASH, visit=VISIT, now=NOW)
    sealed = AesSeals().seal(handed.key.for_prefills, '{"name":"Jürgen"}', handed.head)
    found = opened(KEYS, token_of(handed, sealed), APP, SERVICE)
    assert (found.sealed, found.head) == (sealed, handed.head)
    assert AesSeals().opened(found.key.for_prefills, found.sealed, found.head) == '{"name":"Jürgen"}'


def test_a_pass_with_more_behind_it_than_we_seal_is_none():
    handed = made(KEYS, APP, SERVICE, key_hash=KEY_HASH, visit=VISIT, now=NOW)
    assert not is_none(token_of(handed, b"s" * MOST_SEALED))
    assert is_none(token_of(handed, b"s" * (MOST_SEALED + 1)))


def test_nobody_reads_in_a_token_what_was_sealed():
    sealed = AesSeals().seal(SECRET, "jane@example.com " * 50, b"head")
    assert b"jane" not in sealed
    assert len(sealed) < 100, "it is packed first"
    assert AesSeals().seal(SECRET, "jane@example.com " * 50, b"head") != sealed


def test_what_is_sealed_opens_with_its_key_beside_its_head_and_whole():
    seals = AesSeals()
    sealed = seals.seal(SECRET, "Jane", b"head")
    assert seals.opened(SECRET, sealed, b"head") == "Jane"
    assert seals.opened(b"l" * 32, sealed, b"head") is None
    assert seals.opened(SECRET, sealed, b"another") is None
    assert [seals.opened(SECRET, sealed[:length], b"head") for length in range(len(sealed))] == [None] * len(sealed)
    for bit in range(len(sealed) * 8):
        altered = bytearray(sealed)
        altered[bit // 8] ^= 1 << bit % 8
        assert seals.opened(SECRET, bytes(altered), b"head") is None, bit


def test_no_text_is_sealed_that_is_longer_than_what_is_opened():
    seals = AesSeals()
    longest = "x" * MOST_INFLATED
    assert seals.opened(SECRET, seals.seal(SECRET, longest, b""), b"") == longest
    with pytest.raises(ValueError, match="this long"):
        seals.seal(SECRET, f"{longest}x", b"")
