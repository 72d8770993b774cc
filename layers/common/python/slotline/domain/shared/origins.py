"""Origins (RFC 6454 §6.1): one spelling for each, so that what somebody lists is what a browser sends.

A browser writes an origin in lower case, without its scheme's own port, and without a slash at the end. People paste it
in every other way.
"""

import re

DEFAULT_PORTS = {"https": 443, "http": 80}
LAST_PORT = 65_535

_LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_ORIGIN = re.compile(rf"(?P<scheme>https?)://(?P<host>{_LABEL}(?:\.{_LABEL})*)(?::(?P<port>\d{{1,5}}))?/?", re.ASCII)


_GENESYS = re.compile(
    r"https://([a-z0-9-]+\.)+(mypurecloud\.(com|com\.au|de|ie|jp)|pure\.cloud|us-gov-pure\.cloud|genesys\.cloud)",
    re.ASCII,
)
"""Where people work in Genesys Cloud, by region: `apps.mypurecloud.de`, `apps.usw2.pure.cloud`."""
_THIS_MACHINE = re.compile(r"https?://(localhost|127\.0\.0\.1)(:\d+)?", re.ASCII)


def genesys_origin(text: str) -> str:
    """An origin of Genesys Cloud as a browser writes it, or one of this machine, for trying things out.

    Raises ValueError for any other: who may frame pages that people sign in to is no choice among all sites.
    """
    origin = normal_origin(text)
    if not _GENESYS.fullmatch(origin) and not _THIS_MACHINE.fullmatch(origin):
        raise ValueError("must be an origin of Genesys Cloud such as https://apps.mypurecloud.com")
    return origin


def normal_origin(text: str) -> str:
    """The origin as a browser writes it. Raises ValueError for what is none: a path, a wildcard, a name in Unicode."""
    found = _ORIGIN.fullmatch(text.strip(" ").lower())
    port = int(found["port"] or DEFAULT_PORTS[found["scheme"]]) if found else 0
    if found is None or not 0 < port <= LAST_PORT:
        raise ValueError("must be an origin such as https://www.example.com")
    shown = "" if port == DEFAULT_PORTS[found["scheme"]] else f":{port}"
    return f"{found['scheme']}://{found['host']}{shown}"
