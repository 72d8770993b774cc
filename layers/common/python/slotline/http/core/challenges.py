"""How a caller proves who it is, for `WWW-Authenticate` and, in the same words, for the body.

API Gateway may send that header under another name (`x-amzn-remapped-www-authenticate`), so nothing may rest on it
alone: both are written from one value here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

HEADER = "WWW-Authenticate"


@dataclass(frozen=True, slots=True)
class Challenge:
    """A challenge of RFC 9110 §11.6.1. No parameter here holds a quotation mark or a backslash."""

    scheme: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def header(self) -> str:
        """As the header has it: `Bearer realm="slotline", error="invalid_token"`."""
        said = ", ".join(f'{name}="{value}"' for name, value in self.parameters.items())
        return f"{self.scheme} {said}"

    def shown(self) -> dict[str, str]:
        """As a body has it: `{"scheme": "Bearer", "realm": "slotline", "error": "invalid_token"}`."""
        return {"scheme": self.scheme, **self.parameters}


def bearer(**parameters: str) -> Challenge:
    """For an access token (RFC 6750 §3)."""
    return Challenge("Bearer", {"realm": "slotline", **parameters})


BASIC = Challenge("Basic", {"realm": "slotline", "charset": "UTF-8"})
"""For a client's id and secret (RFC 7617 §2)."""
WIDGET_KEY = Challenge("WidgetKey", {"realm": "slotline"})
"""For a website's key."""
