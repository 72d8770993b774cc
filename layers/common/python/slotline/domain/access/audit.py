"""The audit log: one row for every sign-in, and for every change of a setting, key or role, export and erasure.

A row is written in the transaction of the change itself, and never changed afterwards. It says what a setting was and
is; it never holds a secret, or what guests said.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from slotline.domain.access.users import Role


class Surface(StrEnum):
    """Where somebody acted from."""

    API = "api"
    CONSOLE = "console"
    MY = "my"
    SIGN_IN = "sign_in"
    TOOLS = "tools"


class AuthorType(StrEnum):
    """What kind of somebody acted."""

    USER = "user"
    CLIENT = "client"
    OPERATOR = "operator"
    """Whoever runs `tools` on the deployment."""
    NOBODY = "nobody"
    """Somebody who is not signed in, such as one whose password was wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who acts, and from where. `network`: of the address that the request came from, not the address itself."""

    type: AuthorType
    surface: Surface
    id: str | None = None
    role: Role | None = None
    network: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """What was done. `action`: such as `preset.changed`; `before` and `after`: of a change, what is another by it."""

    entry_id: str
    at: datetime
    organization_id: str
    app_id: str | None
    """None: it is about the organization, its users and its keys."""
    author: Author
    action: str
    subject_type: str
    subject_id: str
    before: Mapping[str, object] = field(default_factory=dict)
    after: Mapping[str, object] = field(default_factory=dict)
