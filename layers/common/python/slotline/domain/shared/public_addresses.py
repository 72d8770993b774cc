"""Where requests to customers' URLs may go: to public addresses, and to networks that the operator named.

Two rules, and both must hold. The URL is one that cannot be read in two ways: what is merely odd is refused, so that
nobody who reads it after us sees another host. And every address that its host leads to is public: one that is not
refuses them all, for which of them gets the connection is not ours to foresee.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from encodings.idna import nameprep
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias
from unicodedata import category

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

LONGEST_URL, LONGEST_NAME = 2_048, 253
"""Characters of a URL, and of a host's name (RFC 1035 §2.3.4, as text)."""
LAST_PORT = 65_535

NOT_OUTSIDE = "must have a host that is found, at addresses of the public Internet only"
"""Of every host that may not be called, whether or not anybody has its name."""

PORTS = {"https": 443, "http": 80}
"""The schemes, and the port that each means where the URL names none."""

_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?P<query>\?[^#]*)?")
_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]]*\]|[^:\[\]]+)(:(?P<port>[1-9][0-9]{0,4}))?")
_TARGET = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
"""What inet_aton takes for the last part of an address: a name never ends so."""

_NOT_PUBLIC_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network, and the unspecified address
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # a host's own services, on Azure: public by its number only
        "169.254.0.0/16",  # link-local, and the metadata of instances and tasks
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
"""IANA's IPv4 special-purpose registry and multicast. Spelled out: `is_global` differs from one Python to the next."""

_UNICAST_6 = IPv6Network("2000::/3")
"""All that is assigned to the Internet (RFC 4291 §2.4). Outside: loopback, mapped and compatible IPv4, unique local
(and in it AWS's fd00:ec2::254), link-local, site-local, discard, segment routing, multicast."""

_NOT_PUBLIC_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, and in them Teredo and benchmarking
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
"""IPv4 seen from a network that has IPv6 only (RFC 6052 §2.1): as public as the address in its last 32 bits. Its
neighbour 64:ff9b:1::/48 is for local use (RFC 8215)."""


class UnfitAddress(Exception):
    """A URL, or an address it leads to, that requests may not go to: the text says what must be, and holds neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a URL leads, read once: what is checked is what is connected to.

    `host` is in lower-case ASCII: a name (as IDNA spells it, without the root's dot), or an address without brackets.
    `target` is path and query, as they are sent.
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def secure(self) -> bool:
        """Over TLS."""
        return self.scheme == "https"

    @property
    def address(self) -> Address | None:
        """The host, where it is an address already; None for a name."""
        try:
            return ip_address(self.host)
        except ValueError:
            return None

    @property
    def host_header(self) -> str:
        """The value of the header `Host` (RFC 9110 §7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def destination_of(url: str) -> Destination:
    """Where this URL leads. Raises UnfitAddress for one that is not absolute, not ours to call, or not plain."""
    if len(url) > LONGEST_URL:
        raise UnfitAddress(f"must not be longer than {LONGEST_URL:,} characters")
    if "\\" in url or not url.isprintable() or any(character.isspace() for character in url):
        raise UnfitAddress("must not hold spaces, control characters or backslashes")
    if "#" in url:
        raise UnfitAddress("must not have a fragment")
    parts = _URL.fullmatch(url)
    if parts is None or (scheme := parts["scheme"].lower()) not in PORTS:
        raise UnfitAddress("must be absolute and begin with https://")
    if "@" in parts["authority"]:
        raise UnfitAddress("must not hold a user's name or password")
    target = (parts["path"] or "/") + (parts["query"] or "")
    if not _TARGET.fullmatch(target):
        raise UnfitAddress("must have its path and query percent-encoded")
    authority = _AUTHORITY.fullmatch(parts["authority"])
    if authority is None or (port := int(authority["port"] or PORTS[scheme])) > LAST_PORT:
        raise UnfitAddress("must have a host, and after its colon a port from 1 to 65535")
    return Destination(scheme=scheme, host=_host(authority["host"]), port=port, target=target)


def is_public(address: Address) -> bool:
    """Whether this is an address of the Internet, and of nothing nearer."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    if address.scope_id is not None:
        return False
    if address in _NAT64:
        return is_public(IPv4Address(address.packed[-4:]))
    return address in _UNICAST_6 and not any(address in network for network in _NOT_PUBLIC_6)


def check_addresses(
    destination: Destination,
    addresses: Collection[str],
    allowed: Sequence[Network],
    refused_ports: Collection[int] = (),
) -> None:
    """Raises UnfitAddress unless the destination may be called at every one of these addresses, one at least.

    An address in a network that the operator allowed may be called, without TLS too; any other only if it is public,
    and over TLS. At `refused_ports` of the allowed networks are the operator's own services: those are not called.
    """
    if not addresses:
        raise UnfitAddress(NOT_OUTSIDE)
    outside = False
    for text in addresses:
        try:
            address = ip_address(text)
        except ValueError as garbled:
            raise UnfitAddress(NOT_OUTSIDE) from garbled
        if any(address in network for network in allowed):
            if destination.port in refused_ports:
                raise UnfitAddress("must not lead to a port of this system's own")
            continue
        if not is_public(address):
            raise UnfitAddress(NOT_OUTSIDE)
        outside = True
    if outside and not destination.secure:
        raise UnfitAddress("must begin with https://")


def networks_of(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks in CIDR notation. Raises ValueError naming one that is none, or that has bits set after its prefix."""
    return tuple(ip_network(text) for text in texts)


def _host(text: str) -> str:
    """A host as it is resolved, or its address in one spelling. Raises UnfitAddress."""
    if text.startswith("["):
        return _address_6(text[1:-1])
    name = _ascii(text).lower().removesuffix(".")
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _address_4(text)
    if len(name) > LONGEST_NAME or not all(_LABEL.fullmatch(label) for label in labels):
        raise UnfitAddress("must have a host that is a name of letters, digits, hyphens and dots, or an address")
    return name


def _address_6(text: str) -> str:
    """An IPv6 address in its shortest spelling (RFC 5952). Raises UnfitAddress, for one with a zone too."""
    try:
        if "%" not in text:
            return str(IPv6Address(text))
    except ValueError:
        pass
    raise UnfitAddress("must have an IPv6 address without a zone between its brackets")


def _address_4(text: str) -> str:
    """An IPv4 address, of four decimal numbers. Raises UnfitAddress for every other form that inet_aton knows."""
    try:
        return str(IPv4Address(text))
    except ValueError as other:
        raise UnfitAddress("must not have a number for its host, unless that is four decimal numbers") from other


def _ascii(name: str) -> str:
    """A name in other letters as IDNA spells it.

    Only where every version of IDNA reads it alike (RFC 3490, RFC 5891, UTS 46): not where it would be mapped to other
    letters first. A full-width digit or a circled one never becomes a number, nor `。` a dot, nor `ß` an `ss`.
    """
    if name.isascii():
        return name
    try:
        return ".".join(_label(label) for label in name.split("."))
    except UnicodeError as unknown:
        raise UnfitAddress("must have its host spelled in punycode (xn--…)") from unknown


def _label(label: str) -> str:
    """One part of a name, in ASCII. Raises UnicodeError where it would have to be mapped."""
    if label.isascii():
        return label
    written = all(character.isalnum() or character == "-" or category(character)[0] == "M" for character in label)
    spelled = label.encode("idna").decode("ascii")
    if not written or not spelled.startswith("xn--") or nameprep(label) != label.lower():
        raise UnicodeError
    return spelled
