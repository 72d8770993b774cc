"""Credentials and websites in memory."""

from dataclasses import dataclass, field

from slotline.domain.access.identity import Client
from slotline.domain.access.websites import Website, WidgetKey
from tests.support.memory import MemoryStore


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

    def find(self, app_id: str, key_hash: str) -> Website | None:
        """The app with its widget key of this hash."""
        with self.store.reading():
            app, key = self.store.apps.get(app_id), self.widget_keys.get(key_hash)
            return Website(app=app, key=key) if app and key and key.app_id == app_id else None
