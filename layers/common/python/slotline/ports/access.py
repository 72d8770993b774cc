"""Who calls, and how often they may."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # every handler imports ports, and few need all that they speak of
    from slotline.domain.access.identity import AccessToken, Client
    from slotline.domain.access.rate_limits import RateState, Window
    from slotline.domain.access.websites import Website


class Rates(Protocol):
    """Where requests are counted."""

    def count(self, principal: str, limits: dict[Window, int], now: datetime) -> RateState:
        """Count one request in all windows, or in none where one is full. Raises StoreBusyError."""
        ...


class Credentials(Protocol):
    """Who holds which credential."""

    def client(self, client_id: str) -> Client | None:
        """The client of this id, revoked ones too. Raises StoreBusyError."""
        ...

    def api_key(self, key_hash: str) -> Client | None:
        """The grants of the API key with this hash, revoked ones too. Raises StoreBusyError."""
        ...


class TokenSigner(Protocol):
    """Makes access tokens that anybody can verify and nobody else can make."""

    def sign(self, token: AccessToken) -> str:
        """The token as a JWT (RFC 9068). Raises StoreBusyError."""
        ...


class TokenVerifier(Protocol):
    """Tells our tokens from all others."""

    def claims(self, token: str, issuer: str) -> Mapping[str, object]:
        """The claims of a token with our signature; their times are the caller's to judge.

        Raises BadCredential for any other token, and StoreBusyError.
        """
        ...


class Websites(Protocol):
    """Which website holds which widget key."""

    def find(self, app_id: str, key_hash: str, preset: str | None = None) -> Website | None:
        """The app with its widget key of this hash; None unless both are there and belong together.

        `preset`: the id or slug of one that is wanted with them, if it is public.

        Raises StoreBusyError.
        """
        ...


class Seals(Protocol):
    """Encrypts short texts so that nobody reads or alters them, for tokens that stand in addresses."""

    def seal(self, key: bytes, text: str, beside: bytes) -> bytes:
        """The text, encrypted under 32 bytes, and bound to what stands beside it. Another result each time."""
        ...

    def opened(self, key: bytes, sealed: bytes, beside: bytes) -> str | None:
        """The text again; None for what was not sealed with this key beside this, or was altered."""
        ...
