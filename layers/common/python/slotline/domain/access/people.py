"""Rules of an organization's people: what somebody can be, and who may change whom.

Owners change everybody but themselves. So nobody raises themselves, and no organization loses its last owner: whoever
takes an owner away is one. Two owners who take each other away at once are told apart by the version of what the
organization decided, which every owner who goes raises.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from slotline.domain.access.users import Organization, Role, User, UserStatus
from slotline.domain.shared.errors import Detail, Forbidden, InvalidRequest


class OwnAccount(Forbidden):
    """Nobody changes what they themselves are: another owner does."""

    code = "own_account"


class LastOwner(Forbidden):
    """Without this owner nobody could change the organization any more."""

    code = "last_owner"


class NotAnOwner(Forbidden):
    """Whoever asks for it is no owner, or no longer one."""

    code = "no_owner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What somebody is to be: an owner, or something in some of the apps; and which agents of them."""

    is_owner: bool = False
    roles: Mapping[str, Role] = field(default_factory=dict)
    """By app id. An owner has none: they are one in every app."""
    agent_ids: Mapping[str, str] = field(default_factory=dict)
    """By app id."""

    @classmethod
    def of(cls, user: User) -> "Place":
        """What somebody is."""
        return cls(is_owner=user.is_owner, roles=user.roles, agent_ids=user.agent_ids)

    @property
    def digest(self) -> str:
        """What tells it from others, for a form that says what its page showed."""
        said = [self.is_owner, sorted(self.roles.items()), sorted(self.agent_ids.items())]
        return sha256(json.dumps(said).encode()).hexdigest()[:24]

    def taken_by(self, user: User) -> User:
        """The user in this place."""
        roles = {} if self.is_owner else dict(self.roles)
        return replace(user, is_owner=self.is_owner, roles=roles, agent_ids=dict(self.agent_ids))


def check_place(place: Place, agents: Mapping[str, Collection[str]]) -> None:
    """Raises InvalidRequest with all that is wrong. `agents`: ids, by app, of the apps of the organization."""
    wrong = []
    if not place.is_owner and not place.roles:
        wrong.append(Detail("must be an owner, or something in at least one app", "required", "roles"))
    for app_id in {*place.roles, *place.agent_ids}:
        role, agent_id = place.roles.get(app_id), place.agent_ids.get(app_id)
        if app_id not in agents or role is Role.OWNER:
            wrong.append(Detail("must be a role in an app of the organization", "unknown", f"roles.{app_id}"))
        elif agent_id is not None and agent_id not in agents[app_id]:
            wrong.append(Detail("must be an agent of the app", "unknown", f"agents.{app_id}"))
        elif agent_id is not None and role is None and not place.is_owner:
            wrong.append(Detail("must be something in the app to be one of its agents", "no_role", f"roles.{app_id}"))
        elif role is Role.AGENT and agent_id is None:
            wrong.append(Detail("must say which agent of the app this is", "required", f"agents.{app_id}"))
    if wrong:
        raise InvalidRequest.of_all(wrong)


def check_may_change(author: User | None, subject: User) -> None:
    """Raises NotAnOwner or OwnAccount. `author`: as they are now, and not as they were when they came."""
    if author is None or not is_acting_owner(author) or author.organization_id != subject.organization_id:
        raise NotAnOwner("Only an owner of the organization changes its people.")
    if author.user_id == subject.user_id:
        raise OwnAccount("Nobody changes what they themselves are. Ask another owner.")


def is_acting_owner(user: User) -> bool:
    """Whether somebody is an owner who can sign in."""
    return user.is_owner and user.status is UserStatus.ACTIVE


def takes_an_owner(before: User, after: User | None) -> bool:
    """Whether there is one owner less by it. `after`: None for somebody who goes."""
    return is_acting_owner(before) and not (after and is_acting_owner(after))


def check_owner_is_left(people: Sequence[User], gone: User) -> None:
    """Raises LastOwner if nobody else of these could act as an owner."""
    if not any(is_acting_owner(one) for one in people if one.user_id != gone.user_id):
        raise LastOwner("An organization needs an owner who can sign in.")


def suspended(user: User) -> User:
    """The user, who cannot sign in and is signed out."""
    return replace(signed_out(user), status=UserStatus.SUSPENDED) if user.status is not UserStatus.SUSPENDED else user


def resumed(user: User) -> User:
    """The user, who can sign in again, or accept their invitation."""
    if user.status is not UserStatus.SUSPENDED:
        return user
    has_way_in = user.password_hash is not None or user.identities
    return replace(user, status=UserStatus.ACTIVE if has_way_in else UserStatus.INVITED)


def signed_out(user: User) -> User:
    """The user, with none of the sessions that there are."""
    return replace(user, session_epoch=user.session_epoch + 1)


def signed_out_if_owing(before: User, after: User, organization: Organization) -> User:
    """Somebody who is more than before. If they now must have a second factor and have none, they are signed out: they
    set one up as they come in again, and are not what they became by their password alone."""
    had_to = before.needs_second_factor(organization)
    owes = after.needs_second_factor(organization) and after.second_factor is None
    return signed_out(after) if owes and not had_to and before.status is UserStatus.ACTIVE else after


def without_second_factor(user: User) -> User:
    """The user, who lost their authenticator: nobody is in who proved it, and a new one is to be set up."""
    return replace(signed_out(user), second_factor=None) if user.second_factor else user
