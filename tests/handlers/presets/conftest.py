"""The handlers of presets, with those that book, on an app as the command line makes it."""

from collections.abc import Iterator
from typing import Any

import pytest

from slotline.clock import FullJitter
from slotline.store.dynamodb import keys
from slotline.wiring import common
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.provisioned import provision
from tests.support.handlers import APP_ID, Endpoint, partner
from tests.support.memory.wiring import MemoryPorts

OTHER_APP_ID = "01890000-0000-7000-8000-000000000002"


def path(*parts: str, app_id: str = APP_ID) -> str:
    """An address under the app's presets."""
    return "/".join((f"/api/v1/video/{app_id}/presets", *parts))


def reading(**caller: str) -> Endpoint:
    return Endpoint("presets/read", "GET", partner(**caller))


def writing(method: str, **caller: str) -> Endpoint:
    return Endpoint("presets/write", method, partner(**caller))


def copy_of_active(ports: MemoryPorts | TablePorts) -> dict[str, Any]:
    """What the app's row says of its active preset; asserts that the preset's own row says the same."""
    app = ports.row(keys.app(APP_ID))
    assert app
    own = ports.row(keys.preset(APP_ID, app["active_preset_id"]))
    assert own
    kept = {name: value for name, value in own.items() if name not in {"pk", "sk", "created_at", "change_id"}}
    assert app["preset"] == kept
    return kept


@pytest.fixture
def app(ports: MemoryPorts | TablePorts, monkeypatch: pytest.MonkeyPatch) -> str:
    """An app with two presets, of which the first is active, and two agents; its id."""
    monkeypatch.setattr(common, "backoff", lambda: FullJitter(first_seconds=0, longest_seconds=0))
    provision(ports, APP_ID)
    return APP_ID


@pytest.fixture(autouse=True)
def _the_copy_is_true(ports: MemoryPorts | TablePorts) -> Iterator[None]:
    """Whatever a test did: bookings read what the active preset says."""
    yield
    copy_of_active(ports)
