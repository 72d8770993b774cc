"""What tests of handlers arrange through the adapters, for those that are about the adapters themselves."""

from typing import Any

from slotline.domain.booking.apps import App
from slotline.store.access.credentials import DynamoAccess
from slotline.store.access.sessions import DynamoSessions
from slotline.store.access.users import DynamoUsers
from slotline.store.booking.agents import DynamoAgents
from slotline.store.booking.presets import DynamoPresets
from slotline.store.dialing.grants import DynamoNumberGrants
from tests.support.builders.apps import SetClock
from tests.support.memory.rows import TABLE, TableRows
from tools.apps import DynamoApps


class TablePorts(TableRows):
    """The tables, with the same names as `MemoryPorts`."""

    def __init__(self, client: Any) -> None:
        super().__init__(client)
        self.clock = SetClock()
        both: Any = (client, TABLE, "AccessTable", self.clock)
        self.agents, self.presets = DynamoAgents(*both), DynamoPresets(*both)
        self.access = DynamoAccess(client, "AccessTable")
        self.users, self.sessions = DynamoUsers(client, "AccessTable"), DynamoSessions(client, TABLE, "AccessTable")
        self.grants = DynamoNumberGrants(client, "DialingTable", "AccessTable", self.clock)

    def add_app(self, app: App, created_at: str) -> None:
        """As the operator's command line does."""
        DynamoApps(self.client, TABLE, "AccessTable").add(app, created_at)
