"""A visitor's share of a widget key: whoever asks without end uses up their own, and nobody else's."""

import pytest

from slotline.domain.access.identity import RateLimits, secret_hash
from tests.handlers.video_calls.conftest import CREDENTIALS, WIDE
from tests.support.handlers import APP_ID
from tests.support.memory.everything import everything_kept

BUSY = {"x-app-id": APP_ID, "x-widget-key": "slw_busy-busy-busy-busy-busy-busy-busy-busy-1"}
ONE, OTHER = "198.51.100.7", "198.51.100.8"


@pytest.fixture
def busy(site):
    """The website with a key of 200 requests a minute: a visitor has 20."""
    limits = RateLimits(minute=200, hour=10_000, day=100_000)
    site.access.add_widget_key(secret_hash(BUSY["x-widget-key"]), APP_ID, "2026-04-01T12:00:00.000Z", limits)
    site.headers = dict(BUSY)
    return site


def statuses(act, times, **how):
    return [act(**how).status for _ in range(times)]


def test_one_visitor_who_starts_without_end_is_refused_and_the_others_are_not(busy, clock):
    assert statuses(busy.create, 25, address=ONE) == [201] * 20 + [429] * 5
    assert busy.create(address=OTHER).status == 201
    refused = busy.create(address=ONE)
    assert "one visitor" in refused.error["message"]
    assert refused.headers["Retry-After"] == "60"
    clock.advance(minutes=1)
    assert busy.create(address=ONE).status == 201


def test_what_the_share_refuses_takes_nothing_from_the_website(busy):
    statuses(busy.create, 300, address=ONE)
    for n in range(9):
        assert statuses(busy.create, 20, address=f"203.0.113.{n}") == [201] * 20
    refused = busy.create(address="203.0.113.99")
    assert refused.status == 429, "the key's own 200 are used up"
    assert "one visitor" not in refused.error["message"]


def test_looking_and_starting_are_counted_apart(busy):
    call_id = busy.started(address=ONE)
    looked = [busy.get(call_id, address=ONE).status for _ in range(21)]
    assert looked == [200] * 20 + [429]
    assert statuses(busy.create, 20, address=ONE) == [201] * 19 + [429]


def test_whoever_guesses_at_calls_has_a_visitors_share_only(busy):
    guessed = "01960000-0000-7000-8000-00000000dead"
    answers = [busy.get(guessed, address=ONE, headers={"x-call-secret": f"slv_{n}"}).status for n in range(25)]
    assert answers == [404] * 20 + [429] * 5


def test_the_answer_tells_of_the_tightest_window(busy):
    first = busy.create(address=ONE).headers
    assert (first["X-RateLimit-Limit"], first["X-RateLimit-Remaining"]) == ("20", "19")
    for n in range(9):
        statuses(busy.create, 20, address=f"203.0.113.{n}")
    last = busy.create(address=OTHER).headers
    assert (last["X-RateLimit-Limit"], last["X-RateLimit-Remaining"]) == ("200", "18")


def test_a_visitor_has_ten_a_minute_of_however_small_a_key(site):
    small = {"x-app-id": APP_ID, "x-widget-key": "slw_small-small-small-small-small-small-1"}
    limits = RateLimits(minute=30, hour=1_000, day=10_000)
    site.access.add_widget_key(secret_hash(small["x-widget-key"]), APP_ID, "2026-04-01T12:00:00.000Z", limits)
    assert statuses(site.create, 12, credentials=small, address=ONE) == [201] * 10 + [429] * 2


def test_an_address_that_a_header_claims_is_nobodys(busy):
    claims = [
        {"x-forwarded-for": f"192.0.2.{n}", "x-real-ip": f"192.0.2.{n}", "forwarded": f"for=192.0.2.{n}"}
        for n in range(25)
    ]
    assert [busy.create(address=ONE, headers=claim).status for claim in claims] == [201] * 20 + [429] * 5


def test_the_addresses_of_one_network_are_one_visitor(busy):
    answers = [busy.create(address=f"2001:db8:1:2:{n:x}::1").status for n in range(25)]
    assert answers == [201] * 20 + [429] * 5
    assert busy.create(address="2001:db8:1:3::1").status == 201


def test_an_address_is_not_kept(busy, ports, logged):
    busy.create(address=ONE)
    assert ports.rates.counters
    assert "198.51.100" not in everything_kept(ports) + logged()


def test_keys_count_their_visitors_apart(busy):
    statuses(busy.create, 25, address=ONE)
    assert busy.create(address=ONE, credentials=CREDENTIALS).status == 201
    assert WIDE.minute // 10 > 20
