"""Addresses that are not public, drawn at random, and the ways to write them."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from hypothesis import strategies as st

NEAR = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
"""The registry once more, by another hand: the tests do not read it from the code."""

BASES = ("{}", "0{:o}", "000{:o}", "0x{:x}", "0X{:08X}")


def is_public_4(value):
    return not any(IPv4Address(value) in network for network in NEAR)


def any_4():
    return st.integers(0, 2**32 - 1).map(IPv4Address)


def any_6():
    return st.integers(0, 2**128 - 1).map(IPv6Address)


def inside_4(network):
    return st.integers(int(network[0]), int(network[-1])).map(IPv4Address)


def near_4():
    """An IPv4 address that is not public; every network is drawn as often, however small."""
    return st.sampled_from(NEAR).flatmap(inside_4)


def inside_6(text):
    network = IPv6Network(text)
    return st.integers(int(network[0]), int(network[-1])).map(IPv6Address)


def near_6():
    """An IPv6 address that is not public: in a network that is not, or leading to an IPv4 address that is not."""
    mapped, nat64, sixtofour, teredo = 0xFFFF << 32, 0x64FF9B << 96, 0x2002 << 112, 0x20010000 << 96
    return st.one_of(
        near_4().flatmap(
            lambda inner: st.sampled_from(
                [
                    int(inner),
                    mapped | int(inner),
                    nat64 | int(inner),
                    sixtofour | int(inner) << 80,
                    teredo | int(inner) ^ 0xFFFFFFFF,
                ]
            ).map(IPv6Address)
        ),
        *map(
            inside_6,
            (
                "::/16",
                "64:ff9b:1::/48",
                "100::/64",
                "2001::/23",
                "2001:db8::/32",
                "2002::/16",
                "3fff::/20",
                "fc00::/7",
                "fe80::/10",
                "fec0::/10",
                "ff00::/8",
            ),
        ),
    )


@st.composite
def spelled_4(draw):
    """An IPv4 address that is not public as inet_aton reads it: of one to four parts, each in a base of its own."""
    octets = draw(near_4()).packed
    parts = draw(st.integers(1, 4))
    values = [*octets[: parts - 1], int.from_bytes(octets[parts - 1 :], "big")]
    return ".".join(draw(st.sampled_from(BASES)).format(value) for value in values)


@st.composite
def spelled_6(draw):
    """An IPv6 address that is not public, between brackets, in one of its many spellings."""
    address = draw(near_6())
    groups = [f"{int(group, 16):x}" for group in address.exploded.split(":")]
    last = IPv4Address(address.packed[-4:])
    spellings = [str(address), address.exploded, ":".join(groups), ":".join([*groups[:6], str(last)])]
    spelled = draw(st.sampled_from(spellings))
    return draw(st.sampled_from([f"[{spelled}]", f"[{spelled.upper()}]"]))
