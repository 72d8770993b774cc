"""TLS speaks of the name that was given, while the connection goes to the address that was checked."""

import pytest

from slotline.domain.shared.public_addresses import networks_of
from slotline.egress.urllib3_egress import Urllib3Egress
from slotline.ports.shared import EgressFailedError
from tests.support.builders.deadlines import SetDeadline
from tests.support.oracles.sockets import network
from tests.support.worlds.certificates import Authority
from tests.support.worlds.receivers import answering, receiver

NAME = "hooks.example"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def egress(authority):
    return Urllib3Egress(
        deadline=SetDeadline(),
        resolver=lambda _name: ["127.0.0.1"],
        allowed_networks=networks_of(["127.0.0.1/32"]),
        tls=authority.trusting,
    )


def test_the_name_is_asked_for_and_the_address_is_connected_to(authority, egress):
    with receiver(answering(), authority.server(NAME)) as running, network() as seen:
        answered = egress.post(f"https://{NAME}:{running.port}/hook", {}, b"{}")
    assert answered.status == 200
    assert running.names == [NAME]
    assert f"Host: {NAME}:{running.port}\r\n".encode() in running.requests[0]
    assert seen.addresses == [("127.0.0.1", running.port)]
    assert NAME not in seen.names


def test_a_name_of_other_letters_is_asked_for_in_punycode(authority, egress):
    with receiver(answering(), authority.server("xn--mnchen-3ya.example")) as running:
        egress.post(f"https://MÜNCHEN.example.:{running.port}/", {}, b"{}")
    assert running.names == ["xn--mnchen-3ya.example"]
    assert f"Host: xn--mnchen-3ya.example:{running.port}\r\n".encode() in running.requests[0]


def test_a_certificate_for_an_address_is_good_for_that_address(authority, egress):
    with receiver(answering(), authority.server("127.0.0.1")) as running:
        assert egress.post(f"https://127.0.0.1:{running.port}/", {}, b"{}").status == 200
    assert running.names == [None]


@pytest.mark.parametrize("other", ["other.example", "127.0.0.1", "*.hooks.example", "hooks.example.com"])
def test_a_receiver_of_another_name_never_gets_the_request(authority, egress, other):
    with receiver(answering(), authority.server(other)) as running:
        with pytest.raises(EgressFailedError, match=r"^the certificate was not accepted: .*mismatch"):
            egress.post(f"https://{NAME}:{running.port}/?token=secret", {}, b"{}")
        assert running.requests == []


def test_every_request_is_verified_anew(authority, egress):
    with receiver(answering(), authority.server(NAME)) as running:
        for name in (NAME, "other.example", NAME):
            url = f"https://{name}:{running.port}/"
            if name == NAME:
                assert egress.post(url, {}, b"{}").status == 200
            else:
                with pytest.raises(EgressFailedError, match="mismatch"):
                    egress.post(url, {}, b"{}")
        assert len(running.requests) == 2


def test_a_certificate_that_ran_out_is_not_accepted(authority, egress):
    with receiver(answering(), authority.server(NAME, expired=True)) as running:
        with pytest.raises(EgressFailedError, match="expired"):
            egress.post(f"https://{NAME}:{running.port}/", {}, b"{}")
        assert running.requests == []


def test_an_authority_that_is_not_the_worlds_is_not_accepted_as_it_comes(authority):
    networks = networks_of(["127.0.0.1/32"])
    egress = Urllib3Egress(deadline=SetDeadline(), resolver=lambda _name: ["127.0.0.1"], allowed_networks=networks)
    with receiver(answering(), authority.server(NAME)) as running:
        with pytest.raises(EgressFailedError, match=r"^the certificate was not accepted: "):
            egress.post(f"https://{NAME}:{running.port}/", {}, b"{}")
        assert running.requests == []


def test_a_receiver_without_tls_is_told_nothing(egress):
    heard = []

    def plain(running, connection):
        heard.append(connection.recv(65_536))
        running.send(connection, b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with receiver(plain) as running, pytest.raises(EgressFailedError, match=r"^TLS could not be agreed on$"):
        egress.post(f"https://{NAME}:{running.port}/?token=secret", {}, b"{}")
    assert b"secret" not in heard[0]
