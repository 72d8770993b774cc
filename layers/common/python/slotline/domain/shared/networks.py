"""The network of an address: enough to recognise where somebody was, too little to find them."""

from ipaddress import IPv6Address, ip_address, ip_network

_BITS = {4: 24, 6: 48}


def network_of(address: str) -> str:
    """Such as `192.0.2.0/24` or `2001:db8:1::/48`; an IPv4 address in IPv6's writing is that one. Empty for none."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(ip_network((found, _BITS[found.version]), strict=False))
