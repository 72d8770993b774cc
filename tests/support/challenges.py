"""`WWW-Authenticate` as a client reads it (RFC 9110 §11.6.1), to be held against what a body says."""

import re

_PARAMETER = re.compile(r'([!#$%&\'*+.^_`|~0-9A-Za-z-]+)="((?:[^"\\]|\\.)*)"(?:, |$)')


def read_challenge(header: str) -> dict[str, str]:
    """The scheme and its parameters. Fails if anything of the header is not read."""
    scheme, _, rest = header.partition(" ")
    found = _PARAMETER.findall(rest)
    assert "".join(match.group() for match in _PARAMETER.finditer(rest)) == rest, header
    return {"scheme": scheme, **dict(found)}
