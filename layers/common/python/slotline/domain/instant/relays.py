"""Ways around a network that lets two browsers find no way to each other: STUN, and relays by TURN.

Credentials follow coturn's REST convention (draft-uberti-behave-turn-rest): the name is the second at which it ends and
whose it is, and the password is the HMAC-SHA1 of the name under a secret that the relay knows too, in Base64. Nothing
is kept, and nobody needs to tell the relay. A call under way survives its credential's end; a new way does not, so a
page asks for a fresh one before it looks for one.
"""

import base64
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

LIFE = timedelta(hours=1)
"""Of a credential, at most."""
_SCHEMES = ("stun:", "stuns:", "turn:", "turns:")


@dataclass(frozen=True, slots=True, kw_only=True)
class IceServer:
    """What a browser is given (W3C WebRTC, `RTCIceServer`)."""

    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relays:
    """What a deployment has. `secret`: of coturn, for `turn_urls`; `fixed`: servers with a credential that stays.

    `only`: nothing but relays is used, so that neither side learns the other's address.
    """

    stun_urls: tuple[str, ...] = ()
    turn_urls: tuple[str, ...] = ()
    secret: str | None = field(default=None, repr=False)
    fixed: tuple[IceServer, ...] = ()
    only: bool = False

    def servers_for(self, bearer: str, now: datetime) -> Sequence[IceServer]:
        """What a side of a call is given. `bearer`: stands in the relay's log, so it names nobody."""
        found = [IceServer(urls=self.stun_urls)] if self.stun_urls and not self.only else []
        if self.turn_urls and self.secret:
            name = f"{int((now + LIFE).timestamp())}:{bearer}"
            digest = hmac.digest(self.secret.encode(), name.encode(), "sha1")
            found.append(IceServer(urls=self.turn_urls, username=name, credential=base64.b64encode(digest).decode()))
        return [*found, *self.fixed]

    @property
    def has_relay(self) -> bool:
        """Whether there is a way through a relay at all."""
        fixed = [url for server in self.fixed for url in server.urls]
        return bool(self.turn_urls and self.secret) or any(url.startswith(("turn:", "turns:")) for url in fixed)


def relays_of(text: str) -> Relays:
    """What a secret says: JSON with `stun_urls`, `turn_urls`, `secret`, `servers` and `only`, each of which may be left
    out; nothing at all where there is none. Raises ValueError, which repeats nothing of the secret."""
    if not text.strip():
        return Relays()
    try:
        said: Mapping[str, Any] = json.loads(text)
        found = Relays(
            stun_urls=tuple(map(str, said.get("stun_urls", ()))),
            turn_urls=tuple(map(str, said.get("turn_urls", ()))),
            secret=said.get("secret") or None,
            fixed=tuple(_server(server) for server in said.get("servers", ())),
            only=said.get("only") is True,
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError("the secret says no relays") from None
    urls = [*found.stun_urls, *found.turn_urls, *(url for server in found.fixed for url in server.urls)]
    if not all(url.startswith(_SCHEMES) for url in urls):
        raise ValueError("a relay's address begins with stun:, stuns:, turn: or turns:")
    return found


def _server(said: Mapping[str, Any]) -> IceServer:
    urls = said["urls"]
    return IceServer(
        urls=(urls,) if isinstance(urls, str) else tuple(map(str, urls)),
        username=said.get("username"),
        credential=said.get("credential"),
    )
