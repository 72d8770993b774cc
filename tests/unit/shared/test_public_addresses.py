"""Which addresses are public, and which URLs are read at all."""

import ipaddress
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.shared.public_addresses import (
    UnfitAddress,
    check_addresses,
    destination_of,
    is_public,
    networks_of,
)
from tests.egress.corpus import ACCEPTED, NOT_PUBLIC_4, NOT_PUBLIC_6, PUBLIC_4, PUBLIC_6
from tests.egress.spellings import any_4, any_6, inside_6, is_public_4, near_4, near_6
from tests.support.properties import tried


@tried(300)
@given(st.one_of(any_4(), near_4(), any_6(), near_6()))
def test_what_python_knows_to_be_near_is_not_public(address):
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_link_local:
        assert not is_public(address) or address in IPv6Network("64:ff9b::/96")


@tried(200)
@given(st.one_of(any_4(), near_4()))
def test_of_ipv4_all_that_is_in_no_special_network_is_public(address):
    assert is_public(address) is (is_public_4(int(address)) and address != IPv4Address("168.63.129.16"))


@tried(300)
@given(st.one_of(any_4(), near_4()))
def test_behind_nat64_an_address_is_as_public_as_it_is_without(address):
    assert is_public(IPv6Address((0x64FF9B << 96) | int(address))) is is_public(address)


@tried(300)
@given(inside_6("2000::/3"))
def test_of_ipv6_the_global_unicast_addresses_are_public_and_no_others(address):
    special = any(address in IPv6Network(n) for n in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
    assert is_public(address) is not special


@pytest.mark.parametrize("address", [*NOT_PUBLIC_4, *NOT_PUBLIC_6, "fe80::1%eth0", f"{PUBLIC_6}%1"])
def test_an_address_that_is_not_public(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("inside", "outside"),
    [
        ("9.255.255.255", "10.0.0.0"),
        ("11.0.0.0", "10.255.255.255"),
        ("100.63.255.255", "100.64.0.0"),
        ("100.128.0.0", "100.127.255.255"),
        ("169.253.255.255", "169.254.0.0"),
        ("169.255.0.0", "169.254.255.255"),
        ("172.15.255.255", "172.16.0.0"),
        ("172.32.0.0", "172.31.255.255"),
        ("192.167.255.255", "192.168.0.0"),
        ("192.169.0.0", "192.168.255.255"),
        ("198.17.255.255", "198.18.0.0"),
        ("198.20.0.0", "198.19.255.255"),
        ("223.255.255.255", "224.0.0.0"),
        ("2001:200::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2003::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::"),
        ("3fff:1000::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::"),
        ("2000::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ],
)
def test_the_internet_ends_where_the_registries_say(inside, outside):
    assert is_public(ipaddress.ip_address(inside))
    assert not is_public(ipaddress.ip_address(outside))


def test_an_operators_network_lets_its_own_addresses_in_and_no_others():
    allowed = networks_of(["10.1.0.0/16", "fd00:1::/32"])
    inside, mixed = ["10.1.2.3", "fd00:1::5"], ["10.1.2.3", PUBLIC_4]
    for url in ("https://own.example/", "http://own.example/"):
        check_addresses(destination_of(url), inside, allowed)
        for other in ("10.2.0.1", "::ffff:10.1.2.3", "64:ff9b::10.1.2.3", "127.0.0.1", "fd00:2::1"):
            with pytest.raises(UnfitAddress, match="public Internet"):
                check_addresses(destination_of(url), [*inside, other], allowed)
    check_addresses(destination_of("https://own.example/"), mixed, allowed)
    with pytest.raises(UnfitAddress, match="https"):
        check_addresses(destination_of("http://own.example/"), mixed, allowed)


@pytest.mark.parametrize("text", ["10.0.0.1/8", "10.0.0.0/33", "localhost", "", "fd00::1/8"])
def test_a_network_that_is_none_stops_the_start(text):
    with pytest.raises(ValueError, match=text or "''"):
        networks_of(["10.0.0.0/8", text])


@pytest.mark.parametrize(
    ("url", "host", "header", "target"),
    [
        ("HTTPS://Example.COM", "example.com", "example.com", "/"),
        ("https://example.com:443?a", "example.com", "example.com", "/?a"),
        ("https://example.com.:8443/a//../b?c?d", "example.com", "example.com:8443", "/a//../b?c?d"),
        ("http://example.com:80/%2e", "example.com", "example.com", "/%2e"),
        ("http://example.com:443/", "example.com", "example.com:443", "/"),
        (f"https://{PUBLIC_4}:1/", PUBLIC_4, f"{PUBLIC_4}:1", "/"),
        ("https://[2606:4700::0001]/", "2606:4700::1", "[2606:4700::1]", "/"),
        ("https://[2606:4700::0001]:8443/", "2606:4700::1", "[2606:4700::1]:8443", "/"),
        ("https://MÜNCHEN.example/", "xn--mnchen-3ya.example", "xn--mnchen-3ya.example", "/"),
        ("https://例え.example/", "xn--r8jz45g.example", "xn--r8jz45g.example", "/"),
    ],
)
def test_a_url_is_read_into_what_is_connected_to_and_what_is_sent(url, host, header, target):
    destination = destination_of(url)
    assert (destination.host, destination.host_header, destination.target) == (host, header, target)


@pytest.mark.parametrize("url", [url for url in ACCEPTED if url.isascii()])
def test_pythons_own_reading_of_a_url_that_is_taken_is_the_same(url):
    destination, parts = destination_of(url), urlsplit(url)
    host = (parts.hostname or "").removesuffix(".")
    assert destination.host == (str(IPv6Address(host)) if ":" in host else host)
    assert destination.port == (parts.port or 443)
    assert destination.target == (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


PARTS = ("127", "0", "1", "0x7f", "0177", "localhost", "1.", "\uff0e", "①", "\u0661", "")
HOSTS = st.one_of(
    st.text(max_size=40),
    st.text("0123456789abcdefxX.。\uff0e\uff61:[]%@\\/ #-\uff11①\u0660ⓐß\u017f", max_size=24),
    st.lists(st.sampled_from(PARTS), max_size=5).map(".".join),
)


@tried(300)
@given(HOSTS)
def test_a_host_that_is_taken_is_a_plain_name_or_an_address_and_never_a_number_in_disguise(text):
    try:
        destination = destination_of(f"https://{text}/")
    except UnfitAddress:
        return
    assert destination.host.isascii()
    if destination.address is None:
        assert not set(destination.host) - set("abcdefghijklmnopqrstuvwxyz0123456789-_.")
        with pytest.raises(OSError, match="illegal"):
            socket.inet_aton(destination.host)


@tried(200)
@given(st.one_of(st.text(max_size=60), st.text(max_size=30).map(lambda text: f"https://example.com/{text}")))
def test_any_text_is_either_read_or_refused(text):
    try:
        destination = destination_of(text)
    except UnfitAddress:
        return
    assert destination.target.isascii()
    assert not set(destination.target) & set("\r\n\t #\\")
