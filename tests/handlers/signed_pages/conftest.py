"""Pages that people sign in to, at their real handlers, on tables in memory."""

from collections.abc import Callable
from typing import Any

import pytest

from slotline.domain.access.users import Role, User
from slotline.tokens import passwords
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.people import Browser, a_user, begin_session
from tests.support.builders.provisioned import provision
from tests.support.handlers import APP_ID

SignIn = Callable[..., Browser]
OTHER_APP = "01890000-0000-7000-8000-000000000002"


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed as always, in a thousandth of the time."""
    monkeypatch.setattr(passwords, "MEMORY_KIB", 8)
    monkeypatch.setattr(passwords, "PASSES", 1)


@pytest.fixture
def people(tables: Any, ports: Any) -> TablePorts:
    """An app with agents and services, and another organization's app."""
    del tables  # asked for, so that `ports` are on them
    assert isinstance(ports, TablePorts)
    provision(ports, APP_ID)
    provision(ports, OTHER_APP, organization_id="organization-2")
    return ports


@pytest.fixture
def sign_in(people: TablePorts) -> SignIn:
    """The browser of somebody new who has signed in: by their role, or as the account says."""

    def sign_in(who: Role | User = Role.ADMIN) -> Browser:
        user = who if isinstance(who, User) else a_user(who)
        people.users.add(user)
        return Browser(begin_session(people, user))

    return sign_in
