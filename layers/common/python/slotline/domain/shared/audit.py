"""The audit log: one row for every sign-in, and for every change of a setting, key or role, export and erasure.

A row is written in the transaction of the change itself, and never changed afterwards. It says what a setting was and
is; it never holds a secret, an address, a phone number, or what guests said.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from slotline.domain.shared.plain_json import compact, plain

HIDDEN = "********"
"""In the place of a value of which the log says only that it was changed."""
NOBODY = "nobody"
"""Stands for the account, and the organization, of an address that has none."""
LONGEST_VALUE = 2_000
"""Characters of one value as JSON. Of a longer one the log has the beginning: a row holds 400 KB at most."""


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
    """Who acts, and from where. `role`: of a user, in the app that it is about.

    `network`: of the address that the request came from, not the address itself.
    """

    type: AuthorType
    surface: Surface
    id: str | None = None
    role: str | None = None
    network: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a setting was and is, as plain JSON: of a change, only what is another by it."""

    before: Mapping[str, object] = field(default_factory=dict)
    after: Mapping[str, object] = field(default_factory=dict)


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


class Owner(Protocol):
    """Whose the subject is: an app, such as a `slotline.domain.booking.apps.App`, or its organization as a whole."""

    @property
    def organization_id(self) -> str:
        """The organization."""
        ...

    @property
    def app_id(self) -> str | None:
        """The app in whose log it is; None: in the organization's."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """An organization as the owner of what belongs to none of its apps; or else, by its id, one of them."""

    organization_id: str
    app_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """One act of somebody, before it is known what it changes. All tries of a request share it.

    `id` is that of its entry: if a try got through and its answer was lost, the next one finds the row there.
    """

    id: str
    at: datetime
    author: Author

    def entry(
        self,
        action: str,
        subject_id: str,
        before: object = None,
        after: object = None,
        *,
        of: Owner,
        hidden: Collection[str] = (),
        left_out: Collection[str] = (),
    ) -> AuditEntry:
        """What is written of it. `action` begins with what kind of thing the subject is: `preset.changed`.

        The others: see `changes`.
        """
        found = changes(before, after, hidden=hidden, left_out=left_out)
        return AuditEntry(
            entry_id=self.id,
            at=self.at,
            organization_id=of.organization_id,
            app_id=of.app_id,
            author=self.author,
            action=action,
            subject_type=action.partition(".")[0],
            subject_id=subject_id,
            before=found.before,
            after=found.after,
        )


def changes(
    before: object,
    after: object,
    *,
    hidden: Collection[str] = (),
    left_out: Collection[str] = (),
) -> Changes:
    """What differs between two states of a thing; None for one of them: it was not there, or is gone.

    `hidden`: fields of which the log says only that they were changed. `left_out`: fields that it says nothing of.
    """
    was, now = _fields(before, left_out), _fields(after, left_out)
    differ = [name for name in {**was, **now} if was.get(name) != now.get(name)]
    return Changes(before=_shown(was, differ, hidden), after=_shown(now, differ, hidden))


def _fields(thing: object, left_out: Collection[str]) -> dict[str, Any]:
    found: dict[str, Any] = plain(thing) if thing is not None else {}
    return {name: value for name, value in found.items() if name not in left_out and not _is_nothing(value)}


def _is_nothing(value: object) -> bool:
    return value is None or (isinstance(value, str | list | dict) and not value)


def _shown(fields: Mapping[str, Any], differ: Collection[str], hidden: Collection[str]) -> dict[str, object]:
    return {name: HIDDEN if name in hidden else _cut(fields[name]) for name in differ if name in fields}


def _cut(value: object) -> object:
    text = value if isinstance(value, str) else compact(value)
    return value if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
