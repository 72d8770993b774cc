"""Ids, and the bytes of signatures and keys."""

import time
import uuid
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.access.identity import Client
from slotline.ids import new_id, new_secret, uuid7
from slotline.store.access.credentials import CachedCredentials
from slotline.tokens.signing import kid_of, point_of, raw_signature
from tests.support.builders.apps import SetClock


def test_an_id_is_the_one_of_the_rfcs_example():
    """RFC 9562 appendix A.6."""
    random = 0xCC3 << 62 | 0x18C4DC0C0C07398F
    assert uuid7(0x017F22E279B0, random) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**80 - 1))
def test_an_id_is_a_uuid_of_version_7_that_says_its_time(unix_ms, random):
    value = uuid.UUID(uuid7(unix_ms, random))
    assert (value.version, value.variant) == (7, uuid.RFC_4122)
    assert value.int >> 80 == unix_ms


def test_ids_are_made_in_order_even_within_a_millisecond_and_when_the_clock_goes_back(monkeypatch):
    made = [new_id() for _ in range(1000)]
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    made += [new_id() for _ in range(1000)]
    assert made == sorted(set(made))


def test_a_secret_has_256_bits_and_needs_no_escaping():
    secret = new_secret("sls_")
    assert len(secret) == 47
    assert secret.replace("-", "").replace("_", "").isalnum()
    assert secret != new_secret("sls_")


@given(st.integers(1, 2**256 - 1), st.integers(1, 2**256 - 1))
def test_a_signature_in_der_becomes_two_numbers_of_32_bytes(r, s):
    assert raw_signature(encode_dss_signature(r, s)) == r.to_bytes(32, "big") + s.to_bytes(32, "big")


@pytest.mark.parametrize(
    "der", ["", "30", "3000", "3003020101", "300602010102010100", "3106020101020101", "30060201010201"]
)
def test_what_is_no_signature_is_refused(der):
    with pytest.raises(ValueError, match=r"DER|numbers"):
        raw_signature(bytes.fromhex(der))


def test_a_real_signature_and_a_real_key_are_read():
    key = ec.generate_private_key(ec.SECP256R1())
    der = key.sign(b"message", ec.ECDSA(hashes.SHA256()))
    raw = raw_signature(der)
    assert decode_dss_signature(der) == (int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    numbers = key.public_key().public_numbers()
    assert point_of(spki(key)) == (numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big"))


def test_a_key_of_another_curve_is_refused():
    with pytest.raises(ValueError, match="P-256"):
        point_of(spki(ec.generate_private_key(ec.SECP384R1())))


def test_a_kid_does_not_name_the_account():
    assert kid_of("arn:aws:kms:eu-west-1:123456789012:key/mrk-1") == kid_of("mrk-1") == "mrk-1"


def test_what_was_read_stands_for_half_a_minute():
    store, clock = Store({"a": client("a")}), SetClock()
    cached = CachedCredentials(store, clock)
    assert cached.client("a") is cached.client("a")
    clock.advance(seconds=29)
    cached.client("a")
    assert store.asked == ["a"]
    store.clients.clear()
    clock.advance(seconds=1)
    assert cached.client("a") is None


def test_a_clock_that_goes_back_does_not_prolong_it():
    store, clock = Store({"a": client("a")}), SetClock()
    cached = CachedCredentials(store, clock, lifetime=timedelta(seconds=30))
    cached.client("a")
    clock.advance(hours=-1)
    cached.client("a")
    assert store.asked == ["a", "a"]


def test_made_up_names_do_not_fill_the_memory_and_the_oldest_makes_room():
    store, clock = Store({name: client(name) for name in "abc"}), SetClock()
    cached = CachedCredentials(store, clock, size=2)
    for name in ("a", "b", "x", "c", "b", "a"):
        cached.client(name)
    assert store.asked == ["a", "b", "x", "c", "a"]


def test_a_client_and_an_api_key_of_one_name_are_two():
    store = Store({"a": client("a")})
    cached = CachedCredentials(store, SetClock())
    assert cached.client("a") is not None
    assert cached.api_key("a") is None


@dataclass
class Store:
    """Credentials that count who asked."""

    clients: dict
    asked: list = field(default_factory=list)

    def client(self, client_id):
        self.asked.append(client_id)
        return self.clients.get(client_id)

    def api_key(self, key_hash):
        del key_hash


def client(client_id):
    return Client(client_id=client_id, name="", organization_id="", app_ids=frozenset(), scopes=frozenset())


def spki(key):
    return key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
