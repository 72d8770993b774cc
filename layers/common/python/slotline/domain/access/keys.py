"""What an organization's programs prove themselves with, as people see it: clients, API keys and widget keys."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from slotline.domain.access.identity import RateLimits, StoredSecret
from slotline.domain.access.scopes import Scope
from slotline.domain.access.websites import counted_as


class KeyKind(StrEnum):
    """What kind of credential."""

    CLIENT = "client"
    """Gets access tokens by its id and a secret, of which it has two while one replaces the other."""
    API_KEY = "api_key"
    """A secret by itself, with a client's grants. Another one replaces it."""
    WIDGET_KEY = "widget_key"
    """Stands in websites' pages for everybody to see: it is public, and stays readable."""


@dataclass(frozen=True, slots=True)
class Grants:
    """What a client or an API key is to be granted."""

    name: str
    app_ids: Sequence[str]
    scopes: frozenset[Scope]
    limits: RateLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A credential as it is listed. `fingerprint`: what is kept of an API key or a widget key in its place."""

    kind: KeyKind
    id: str
    organization_id: str
    app_ids: frozenset[str]
    name: str = ""
    fingerprint: str | None = None
    scopes: frozenset[Scope] = frozenset()
    limits: RateLimits | None = None
    secrets: tuple[StoredSecret, ...] = field(default=(), repr=False)
    is_active: bool = True
    created_at: str | None = None
    public: str | None = None
    """A widget key itself; None for one that was made before they stayed readable."""
    replaces: str | None = None
    """The id of the key in whose place it was made. That one is accepted until it is revoked."""

    @property
    def active_secrets(self) -> int:
        """How many of a client's secrets are accepted."""
        return sum(secret.is_active for secret in self.secrets)

    @property
    def principals(self) -> Sequence[str]:
        """The names under which its requests are counted."""
        return counted_as(self.fingerprint or "") if self.kind is KeyKind.WIDGET_KEY else [self.id]
