"""People who sign in: what their accounts hold, and what they are in each app.

An account belongs to one organization. It has a role in each of the apps that it was given, and an agent's id where the
person takes calls; an owner is one in every app of the organization, those to come as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from slotline.domain.access.identity import email_hash


class Role(StrEnum):
    """What somebody is in an app, from the least to the most; `permissions` says what each may do."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    OWNER = "owner"


class UserStatus(StrEnum):
    """Whether somebody can sign in: an invited person has chosen no password yet, a suspended one has no way in."""

    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactor:
    """A secret shared with somebody's authenticator (RFC 6238), in base32.

    `last_step`: the time step of the code that was last taken, so that none is taken twice. `recovery_hashes`: of
    the codes that are left for the day the authenticator is lost.
    """

    secret: str = field(repr=False)
    last_step: int = 0
    recovery_hashes: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An account. `email` as typed; `password_hash` in argon2's own encoding, None while none was chosen.

    `session_epoch` is raised to end all sessions at once. `version` is raised by every change, which so sees whether
    another one came between.
    """

    user_id: str
    organization_id: str
    email: str
    name: str
    is_owner: bool = False
    roles: Mapping[str, Role] = field(default_factory=dict)
    """By app id."""
    agent_ids: Mapping[str, str] = field(default_factory=dict)
    """By app id: which of its agents this person is."""
    password_hash: str | None = field(default=None, repr=False)
    second_factor: SecondFactor | None = None
    identities: frozenset[str] = frozenset()
    """How OpenID providers name this person: issuer and subject."""
    status: UserStatus = UserStatus.ACTIVE
    language: str | None = None
    """Of the pages, if the person chose one."""
    session_epoch: int = 0
    created_at: datetime | None = None
    last_sign_in_at: datetime | None = None
    version: int = 1

    @property
    def email_hash(self) -> str:
        """The name under which the account is found."""
        return email_hash(self.email)

    def role_in(self, app_id: str, organization_id: str) -> Role | None:
        """What the person is in an app of this organization; None: nothing, and the app might as well not be there."""
        if organization_id != self.organization_id:
            return None
        return Role.OWNER if self.is_owner else self.roles.get(app_id)

    def agent_in(self, app_id: str) -> str | None:
        """Which agent of an app the person is, if any."""
        return self.agent_ids.get(app_id)

    @property
    def highest_role(self) -> Role | None:
        """The most that the person is anywhere: whether a second factor is required hangs on it."""
        if self.is_owner:
            return Role.OWNER
        order = list(Role)
        return max(self.roles.values(), key=order.index, default=None)

    def needs_second_factor(self, organization: "Organization") -> bool:
        """Whether the person must have a second factor before anything else."""
        return organization.requires_second_factor and self.highest_role in {Role.ADMIN, Role.OWNER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """What an organization decided about its people. One that decided nothing has the product's defaults."""

    organization_id: str
    name: str | None = None
    requires_second_factor: bool = True
    """Of admins and owners."""
    version: int = 0
    """Raised by every decision, and by every owner who goes; 0: there was none."""

    @property
    def app_id(self) -> None:
        """What is about the organization as a whole is in no app's audit log, but in its own."""
        return
