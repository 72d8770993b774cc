"""Keep an organization's people: what they are, whether they come in, and what is required of all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from slotline.domain.access.people import (
    NotAnOwner,
    Place,
    check_may_change,
    check_owner_is_left,
    check_place,
    is_acting_owner,
    resumed,
    signed_out,
    signed_out_if_owing,
    suspended,
    takes_an_owner,
    without_second_factor,
)
from slotline.domain.access.users import Organization, User
from slotline.domain.shared.audit import Audited, Author
from slotline.domain.shared.errors import Conflict, NotFound
from slotline.ports.access import Users
from slotline.ports.apps import Agents
from slotline.ports.shared import Backoff, Clock, Ids
from slotline.usecases.shared.retrying import retry

Decide = Callable[[User], User | None]
"""What becomes of somebody; None: they go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepPeople:
    """Changes accounts, each change with its audit row. `author`: a user of the organization.

    All raise NotFound for somebody who is not of the author's organization, NotAnOwner, OwnAccount, LastOwner and
    StoreBusyError. What is so already is left so, and there is no row of it.
    """

    users: Users
    agents: Agents
    clock: Clock
    ids: Ids
    backoff: Backoff

    def place(self, author: Author, user_id: str, place: Place, seen: str | None = None) -> None:
        """Make somebody something else. Raises InvalidRequest for a role, an app or an agent that is not there.

        `seen`: the digest of what they were to whoever decides; Conflict if somebody else has changed that since.
        """
        self.check(author, place)

        def taken(user: User) -> User:
            after = place.taken_by(user)
            if after != user and seen not in (None, Place.of(user).digest):
                raise Conflict("Somebody else has changed what this person is meanwhile.")
            return after

        self._change(author, user_id, "user.changed", taken)

    def check(self, author: Author, place: Place) -> None:
        """Raises InvalidRequest for a role, an app or an agent that is not there, and NotAnOwner."""
        self._owner(author)
        agents = {app_id: self._agents_of(author, app_id) for app_id in {*place.roles, *place.agent_ids}}
        check_place(place, {app_id: known for app_id, known in agents.items() if known is not None})

    def suspend(self, author: Author, user_id: str) -> None:
        """Leave somebody outside, from this moment on."""
        self._change(author, user_id, "user.suspended", suspended)

    def resume(self, author: Author, user_id: str) -> None:
        """Let somebody in again."""
        self._change(author, user_id, "user.resumed", resumed)

    def end_sessions(self, author: Author, user_id: str) -> None:
        """Sign somebody out everywhere."""
        self._change(author, user_id, "user.sessions_ended", signed_out)

    def reset_second_factor(self, author: Author, user_id: str) -> None:
        """Forget somebody's second factor, who lost it."""
        self._change(author, user_id, "user.second_factor_reset", without_second_factor)

    def remove(self, author: Author, user_id: str) -> None:
        """Take somebody's account away."""
        self._change(author, user_id, "user.removed", lambda _: None)

    def require_second_factor(self, author: Author, *, is_required: bool) -> None:
        """Decide whether admins and owners must have a second factor."""
        audited = self._audited(author)

        def tried() -> None:
            owner = self._owner(author)
            before = self.users.organization(owner.organization_id)
            after = replace(before, requires_second_factor=is_required)
            if after != before:
                said = (_decided(before), _decided(after))
                entry = audited.entry("organization.changed", before.organization_id, *said, of=before)
                self.users.change_organization(before, after, entry)

        retry(tried, self.backoff)

    def _change(self, author: Author, user_id: str, action: str, decide: Decide) -> None:
        audited = self._audited(author)
        retry(lambda: self._tried(audited, user_id, action, decide), self.backoff)

    def _tried(self, audited: Audited, user_id: str, action: str, decide: Decide) -> None:
        owner = self._owner(audited.author)
        before = self.users.find(user_id)
        if before is None or before.organization_id != owner.organization_id:
            raise NotFound("There is nobody of this id.")
        check_may_change(owner, before)
        after = decide(before)
        if after == before:
            return
        organization = self.users.organization(before.organization_id)
        one_owner_less = organization if takes_an_owner(before, after) else None
        if one_owner_less:
            check_owner_is_left(self.users.of_organization(before.organization_id), before)
        after = signed_out_if_owing(before, after, organization) if after else None
        said = _said(after) if after else None
        of = Organization(organization_id=before.organization_id)
        entry = audited.entry(action, user_id, _said(before), said, of=of)
        if after is None:
            self.users.remove(before, entry, one_owner_less=one_owner_less)
        else:
            self.users.change(before, after, entry, one_owner_less=one_owner_less)

    def _owner(self, author: Author) -> User:
        """The author as they are now: somebody may have taken it from them since their session was looked at."""
        found = self.users.find(author.id) if author.id else None
        if found is None or not is_acting_owner(found):
            raise NotAnOwner("Only an owner of the organization changes its people.")
        return found

    def _agents_of(self, author: Author, app_id: str) -> frozenset[str] | None:
        """The ids of an app's agents; None unless it is the author's organization's."""
        app, agents = self.agents.all(app_id)
        if app is None or app.organization_id != self._owner(author).organization_id:
            return None
        return frozenset(agent.agent_id for agent in agents)

    def _audited(self, author: Author) -> Audited:
        return Audited(id=self.ids.new(), at=self.clock.now(), author=author)


def _said(user: User) -> Mapping[str, object]:
    """What the audit log says of an account: no address, and nothing by which somebody comes in."""
    return {
        "name": user.name,
        "is_owner": user.is_owner,
        "roles": user.roles,
        "agent_ids": user.agent_ids,
        "status": user.status,
        "has_second_factor": user.second_factor is not None,
    }


def _decided(organization: Organization) -> Mapping[str, object]:
    return {"requires_second_factor": organization.requires_second_factor}
