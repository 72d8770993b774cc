"""Invite somebody into an organization: an account that nobody can sign in to until its owner chose a password.

Its mails count among those that the address is sent: whoever invites, removes and invites again floods no mailbox.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from slotline.domain.access.users import Role, User, UserStatus
from slotline.domain.access.ways_in import AskedWayIn
from slotline.domain.shared.audit import AuditEntry, Author
from slotline.domain.shared.errors import NotFound
from slotline.ports.access import AuditLog, Users
from slotline.ports.shared import AlreadyWritten, Clock, Ids
from slotline.usecases.access.ask_for_way_in import AskForWayIn


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """Whom to invite. `roles` and `agent_ids`: by app, each of the organization. `language`: of the mail."""

    organization_id: str
    email: str = field(repr=False)
    name: str
    is_owner: bool = False
    roles: Mapping[str, Role] = field(default_factory=dict)
    agent_ids: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"


class AddressTaken(Exception):
    """The address has an account already, in this organization or in another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteUser:
    """Invites people."""

    users: Users
    audit: AuditLog
    ask: AskForWayIn
    clock: Clock
    ids: Ids

    def __call__(self, invitation: Invitation, author: Author) -> User:
        """The new account; its mail is on the way. Raises AddressTaken, or RateLimited for an address that was sent too
        many mails.

        StoreBusyError may also mean that the account is there and its mail is not on its way: it can be sent again.
        """
        user = User(
            user_id=self.ids.new(),
            organization_id=invitation.organization_id,
            email=invitation.email.strip(),
            name=invitation.name.strip(),
            is_owner=invitation.is_owner,
            roles=dict(invitation.roles),
            agent_ids=dict(invitation.agent_ids),
            status=UserStatus.INVITED,
            created_at=self.clock.now(),
        )
        asked = self._asked(user, invitation.language)
        if self.users.by_email(user.email):  # before it is counted: whose address it is can ask for mails all the same
            raise AddressTaken
        self.ask.count(asked)
        try:
            self.users.add(user, self._entry(user, author))
        except AlreadyWritten as taken:
            raise AddressTaken from taken
        self.ask.send(asked)
        return user

    def again(self, organization_id: str, user_id: str, language: str, author: Author) -> None:
        """Send the invitation once more. Raises NotFound for whoever is not invited, RateLimited, and StoreBusyError.

        The audit log's entry comes first: it may name a mail that is not on its way, and misses none.
        """
        user = self.users.find(user_id)
        if user is None or user.organization_id != organization_id or user.status is not UserStatus.INVITED:
            raise NotFound("There is no such invitation.")
        asked = self._asked(user, language)
        self.ask.count(asked)
        self.audit.append(self._entry(user, author, "user.invited_again"))
        self.ask.send(asked)

    def _asked(self, user: User, language: str) -> AskedWayIn:
        return AskedWayIn(id=self.ids.new(), email=user.email, language=language, created_at=self.clock.now())

    def _entry(self, user: User, author: Author, action: str = "user.invited") -> AuditEntry:
        roles: dict[str, object] = {app_id: role.value for app_id, role in user.roles.items()}
        return AuditEntry(
            entry_id=self.ids.new(),
            at=self.clock.now(),
            organization_id=user.organization_id,
            app_id=None,
            author=author,
            action=action,
            subject_type="user",
            subject_id=user.user_id,
            after={"roles": roles, "agent_ids": dict(user.agent_ids), "is_owner": user.is_owner},
        )
