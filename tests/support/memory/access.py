"""Credentials and websites in memory."""

from dataclasses import dataclass, field

from slotline.domain.access.identity import Client, RateLimits
from slotline.domain.access.websites import DEFAULT_LIMITS, Website, WidgetKey
from tests.support.memory.store import MemoryStore


@dataclass
class MemoryAccess:
    """`Credentials` and `Websites`, beside a store in memory."""

    store: MemoryStore
    clients: dict[str, Client] = field(default_factory=dict)
    api_keys: dict[str, Client] = field(default_factory=dict)
    widget_keys: dict[str, WidgetKey] = field(default_factory=dict)

    def client(self, client_id: str) -> Client | None:
        """The client of this id."""
        with self.store.reading():
            return self.clients.get(client_id)

    def api_key(self, key_hash: str) -> Client | None:
        """The grants of the API key with this hash."""
        with self.store.reading():
            return self.api_keys.get(key_hash)

    def find(self, app_id: str, key_hash: str, preset: str | None = None) -> Website | None:
        """The app with its widget key of this hash, and the public preset of this name."""
        with self.store.reading():
            app, key = self.store.apps.get(app_id), self.widget_keys.get(key_hash)
            if app is None or key is None or key.app_id != app_id:
                return None
            named = self.store.preset_by_name(app_id, preset)
            return Website(app=app, key=key, preset=named if named and named.public else None)

    def add_client(self, client: Client) -> None:
        """Keep a client."""
        self.clients[client.client_id] = client

    def add_api_key(self, key_hash: str, grants: Client) -> None:
        """Keep an API key."""
        self.api_keys[key_hash] = grants

    def add_widget_key(self, key_hash: str, app_id: str, created_at: str, limits: RateLimits | None = None) -> None:
        """Keep a widget key; without limits it has the product's."""
        del created_at
        self.widget_keys[key_hash] = WidgetKey(key_hash=key_hash, app_id=app_id, limits=limits or DEFAULT_LIMITS)

    def revoke_widget_key(self, key_hash: str) -> None:
        """Take a widget key away."""
        del self.widget_keys[key_hash]
