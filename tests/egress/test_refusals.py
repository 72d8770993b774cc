"""No request goes where it may not: every URL of the corpus, counted at the socket.

The interpreter's own audit events say what was connected to and what was looked up; no part of ours is asked.
"""

import socket
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.shared.public_addresses import networks_of
from slotline.egress.urllib3_egress import Urllib3Egress
from slotline.ports.shared import AddressRefused, EgressFailedError
from slotline.settings import Settings
from tests.egress.corpus import ACCEPTED, NAMES, REFUSED_RESOLVED, REFUSED_UNREAD
from tests.egress.spellings import any_4, near_4, near_6, spelled_4, spelled_6
from tests.support.builders.deadlines import SetDeadline
from tests.support.oracles.sockets import network
from tests.support.properties import tried
from tests.support.worlds.receivers import answering, receiver


class Names:
    """A resolver with a list of names; it remembers what it was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def __call__(self, name):
        self.asked.append(name)
        if self.answers:
            return self.answers.pop(0)
        try:
            return NAMES[name]
        except KeyError:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known") from None


def shown(url):
    """A test's name: the beginning of its URL."""
    return ascii(url[:60])


def egress_asking(names, *allowed):
    return Urllib3Egress(deadline=SetDeadline(), resolver=names, allowed_networks=networks_of(allowed))


def test_the_corpus_is_large_and_says_nothing_twice():
    refused = (*REFUSED_UNREAD, *REFUSED_RESOLVED)
    assert len(set(refused)) == len(refused) >= 200
    assert not set(refused) & set(ACCEPTED)


@pytest.mark.parametrize("url", REFUSED_UNREAD, ids=shown)
def test_a_url_that_is_not_plain_is_refused_before_anybody_is_asked_or_called(url):
    names = Names()
    egress = egress_asking(names)
    with network() as seen:
        with pytest.raises(AddressRefused):
            egress.check(url)
        with pytest.raises(AddressRefused):
            egress.post(url, {}, b"{}")
    assert (names.asked, seen.names, seen.addresses) == ([], [], [])


@pytest.mark.parametrize("url", REFUSED_RESOLVED, ids=shown)
def test_a_url_that_leads_inside_is_refused_at_registration_and_again_at_connecting(url):
    names = Names()
    egress = egress_asking(names)
    with network() as seen:
        with pytest.raises(AddressRefused):
            egress.check(url)
        asked = len(names.asked)
        with pytest.raises((AddressRefused, EgressFailedError)) as refused:
            egress.post(url, {}, b"{}")
    assert refused.type is AddressRefused or names.asked[-1] not in NAMES  # what is unknown today may be known tomorrow
    assert len(names.asked) == 2 * asked <= 2
    assert (seen.names, seen.addresses) == ([], [])


@tried(300)
@given(st.one_of(spelled_4(), spelled_6()))
def test_an_address_that_is_not_public_is_refused_in_any_spelling(spelling):
    names = Names()
    egress = egress_asking(names)
    with network() as seen:
        with pytest.raises(AddressRefused):
            egress.check(f"https://{spelling}/")
        with pytest.raises(AddressRefused):
            egress.post(f"https://{spelling}:8443/latest", {}, b"{}")
    assert (names.asked, seen.names, seen.addresses) == ([], [], [])


@tried(100)
@given(st.lists(any_4(), max_size=5), st.one_of(near_4(), near_6()), st.integers(0, 5))
def test_a_name_with_one_address_that_is_not_public_is_refused_wherever_it_stands(others, near, place):
    addresses = [str(other) for other in others]
    addresses.insert(place, str(near))
    with network() as seen, pytest.raises(AddressRefused):
        egress_asking(Names(addresses)).post("https://mixed.example/", {}, b"{}")
    assert seen.addresses == []


@pytest.mark.parametrize("url", ACCEPTED, ids=shown)
def test_a_url_that_leads_to_public_addresses_only_may_be_called(url):
    with network() as seen:
        egress_asking(Names()).check(url)
    assert seen.addresses == []


@pytest.mark.parametrize("url", ["https://localhost/", "http://localhost/", "https://127.0.0.1/", "https://[::1]/"])
def test_the_systems_own_resolver_is_not_believed_either(url):
    egress = Urllib3Egress(deadline=SetDeadline())
    with network() as seen:
        with pytest.raises(AddressRefused):
            egress.check(url)
        with pytest.raises(AddressRefused):
            egress.post(url, {}, b"{}")
    assert seen.addresses == []


def test_a_refusal_holds_neither_the_url_nor_where_it_leads():
    egress = egress_asking(Names())
    for url in (*REFUSED_UNREAD, *REFUSED_RESOLVED):
        with pytest.raises(AddressRefused, match=r"^must ") as refused:
            egress.check(url)
        for part in ("127.", "169.254", "10.0.0", "example", "localhost", "metadata"):
            assert part not in str(refused.value)


def test_a_name_that_answers_otherwise_the_second_time_is_not_asked_a_second_time():
    names = Names(["127.0.0.1"], ["10.0.0.1"])
    egress = egress_asking(names, "127.0.0.1/32")
    with receiver(answering()) as running:
        with network() as seen:
            egress.post(f"http://rebinds.example:{running.port}/", {}, b"{}")
        assert names.asked == ["rebinds.example"]
        assert seen.addresses == [("127.0.0.1", running.port)]
        with network() as seen, pytest.raises(AddressRefused):
            egress.post(f"http://rebinds.example:{running.port}/", {}, b"{}")
    assert seen.addresses == []
    assert len(running.requests) == 1


def test_what_was_public_at_registration_is_looked_at_again_when_it_is_called():
    egress = egress_asking(Names(NAMES["example.com"], ["169.254.169.254"]))
    with network() as seen:
        egress.check("https://rebinds.example/")
        with pytest.raises(AddressRefused):
            egress.post("https://rebinds.example/", {}, b"{}")
    assert seen.addresses == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["http://169.254.169.254/latest/meta-data/", "/elsewhere", "//10.0.0.1/"])
def test_a_redirect_is_an_answer_and_is_not_followed(status, location):
    answer = f"HTTP/1.1 {status} Go\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()
    egress = egress_asking(Names(), "127.0.0.0/8", "10.0.0.0/8")
    with receiver(answering(answer)) as running, network() as seen:
        answered = egress.post(f"http://127.0.0.1:{running.port}/", {}, b"{}")
    assert (answered.status, answered.headers["location"]) == (status, location)
    assert seen.addresses == [("127.0.0.1", running.port)]
    assert len(running.requests) == 1


def test_an_operators_own_network_may_be_called_and_without_tls():
    egress = egress_asking(Names(["127.0.0.1"]), "127.0.0.0/30")
    with receiver(answering()) as running:
        assert egress.post(f"http://own.example:{running.port}/", {}, b"{}").status == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "own.example", "[::1]", "2130706433", "localhost"])
def test_the_systems_own_ports_are_not_called_though_their_network_is_the_operators(host):
    egress = replace(egress_asking(Names(*[["127.0.0.1"]] * 3), "127.0.0.1/32", "::1/128"), refused_ports=(8000, 8443))
    with network() as seen:
        for url in (f"http://{host}:8000/__local/clock", f"https://{host}:8443/"):
            with pytest.raises(AddressRefused):
                egress.post(url, {}, b"{}")
            with pytest.raises(AddressRefused):
                egress.check(url)
    assert seen.addresses == []


def test_a_port_that_is_refused_in_the_operators_network_is_not_refused_elsewhere():
    egress = replace(egress_asking(Names(*[NAMES["example.com"]] * 2)), refused_ports=(443,))
    egress.check("https://example.com/")


@pytest.mark.parametrize("url", ["http://127.0.0.4/", "https://127.0.0.4/", "https://[::ffff:127.0.0.1]/"])
def test_what_is_beside_an_operators_network_may_not_be_called(url):
    with network() as seen, pytest.raises(AddressRefused):
        egress_asking(Names(), "127.0.0.0/30").post(url, {}, b"{}")
    assert seen.addresses == []


def test_a_name_in_and_beside_an_operators_network_needs_tls():
    egress = egress_asking(Names(*[["10.0.0.1", *NAMES["example.com"]]] * 2), "10.0.0.0/8")
    egress.check("https://both.example/")
    with pytest.raises(AddressRefused, match=r"^must begin with https://$"):
        egress.check("http://both.example/")


def test_no_proxy_of_the_surroundings_gets_the_request(monkeypatch):
    egress = egress_asking(Names(["127.0.0.1"]), "127.0.0.1/32")
    with receiver(answering()) as running, receiver(answering()) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        with network() as seen:
            egress.post(f"http://own.example:{running.port}/", {}, b"{}")
    assert seen.addresses == [("127.0.0.1", running.port)]


def test_the_operators_networks_are_a_setting_and_there_are_none_unless_it_is_set():
    environ = dict.fromkeys(("SCHEDULING_TABLE", "DIALING_TABLE", "ACCESS_TABLE", "SIGNING_KEY_IDS"), "x")
    assert Settings.from_environment(environ).webhook_allowed_networks == ()
    assert Settings.from_environment(environ).webhook_refused_ports == ()
    environ["WEBHOOK_REFUSED_PORTS"] = "8000, 8443,"
    assert Settings.from_environment(environ).webhook_refused_ports == (8000, 8443)
    environ["WEBHOOK_ALLOWED_NETWORKS"] = " 10.20.0.0/16, fd12:3456::/32,"
    assert Settings.from_environment(environ).webhook_allowed_networks == ("10.20.0.0/16", "fd12:3456::/32")
