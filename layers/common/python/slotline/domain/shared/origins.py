"""Origins (RFC 6454 §6.1): one spelling for each, so that what somebody lists is what a browser sends.

A browser writes an origin in lower case, without its scheme's own port, and without a slash at the end. People paste it
in every other way.
"""

import re

DEFAULT_PORTS = {"https": 443, "http": 80}
LAST_PORT = 65_535

_LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_ORIGIN = re.compile(rf"(?P<scheme>https?)://(?P<host>{_LABEL}(?:\.{_LABEL})*)(?::(?P<port>\d{{1,5}}))?/?", re.ASCII)


def normal_origin(text: str) -> str:
    """The origin as a browser writes it. Raises ValueError for what is none: a path, a wildcard, a name in Unicode."""
    found = _ORIGIN.fullmatch(text.strip(" ").lower())
    port = int(found["port"] or DEFAULT_PORTS[found["scheme"]]) if found else 0
    if found is None or not 0 < port <= LAST_PORT:
        raise ValueError("must be an origin such as https://www.example.com")
    shown = "" if port == DEFAULT_PORTS[found["scheme"]] else f":{port}"
    return f"{found['scheme']}://{found['host']}{shown}"
