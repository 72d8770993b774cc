"""The people of an organization: who they are, what each is in which app, and what an owner does about it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING

from slotline.domain.access.connections import Connection
from slotline.domain.access.people import Place
from slotline.domain.access.users import Organization, Role, User, UserStatus
from slotline.domain.access.visits import VisitedApp
from slotline.domain.shared.emails import to_mailbox
from slotline.domain.shared.errors import Conflict, Forbidden, InvalidRequest, NotFound
from slotline.domain.shared.names import is_name
from slotline.domain_names import to_ascii
from slotline.pages.apps import AppsOf
from slotline.pages.fields import Field, Option
from slotline.pages.kit import Redirect
from slotline.pages.problems import NoRight
from slotline.pages.rendering import Page
from slotline.pages.signed import Answer, SignedIn
from slotline.ports.access import Users
from slotline.ports.apps import Agents
from slotline.words.dates import date_of, offset_of, time_of
from slotline.words.direction import isolated

if TYPE_CHECKING:  # most requests look
    from slotline.domain.shared.audit import Author
    from slotline.usecases.access.invite_user import InviteUser
    from slotline.usecases.access.keep_people import KeepPeople

SECTION = "users"
OWNER = "owner"
DONE = "done"
LONGEST_NAME = 100
_ROLES = (Role.AGENT, Role.SUPERVISOR, Role.ADMIN)
_BADGES = {UserStatus.ACTIVE: "good", UserStatus.INVITED: "", UserStatus.SUSPENDED: "bad"}
_SAID = frozenset(
    ("saved", "suspended", "resumed", "sessions", "second_factor", "removed", "invited", "invitation", "required")
)
"""What a page says that somebody just did, by the address that they are led to."""

SEEN = "seen"
"""The field of a form that says what somebody was on its page."""
CHANGED = "changed"
"""The word for a form of what they are no more."""

Act = Callable[["KeepPeople", "Author", str], None]


@dataclass(frozen=True)
class PeoplePages:
    """The pages, for an owner who asks for one of them. `keep`: what changes people, if something is to be changed."""

    signed: SignedIn
    users: Users
    agents: Agents
    apps_of: AppsOf
    keep: Callable[[], "KeepPeople"]
    connections: Callable[[str], Sequence[Connection]]
    """An organization's providers."""
    invite: Callable[[], "InviteUser"]

    def all(self) -> Page:
        """GET …/users: everybody."""
        people = sorted(self.users.of_organization(self._organization_id), key=lambda user: user.name.casefold())
        names = {app.app_id: app.name for app in self._apps}
        return self._page(
            "settings_people.html",
            {
                "organization": self._organization,
                "way_to_invite": self._way("/invite"),
                "people": [self._shown(user, names) for user in people],
                "connections": [
                    {
                        "name": one.name,
                        "issuer": one.issuer,
                        "domains": sorted(one.domains),
                        "way": f"/sign-in/with/{one.connection_id}",
                    }
                    for one in self.connections(self._organization_id)
                ],
            },
        )

    def one(self) -> Page:
        """GET …/users/{user_id}."""
        return self._one(self._user, Place.of(self._user))

    def ask_whom(self) -> Page:
        """GET …/users/invite."""
        return self._invitation(Place(), frozenset())

    def send(self) -> Answer:
        """POST …/users/invite: an account, and a mail with the way into it."""
        from slotline.usecases.access.invite_user import AddressTaken, Invitation

        asked, place, wrong = self.signed.asked, self._place, set[str]()
        email, name = asked.field("email"), asked.field("name")
        try:
            email = to_mailbox(email, to_ascii)
        except InvalidRequest:
            wrong.add("email")
        if not is_name(name, LONGEST_NAME):
            wrong.add("name")
        try:
            with _no_right():
                self.keep().check(self.signed.author, place)
        except InvalidRequest as refused:
            wrong |= {detail.field or "" for detail in refused.details}
        if wrong:
            return self._invitation(place, wrong)
        invitation = Invitation(
            organization_id=self._organization_id,
            email=email,
            name=name,
            is_owner=place.is_owner,
            roles=place.roles,
            agent_ids=place.agent_ids,
            language=self.signed.language,
        )
        try:
            self.invite()(invitation, self.signed.author)
        except AddressTaken:
            return self._invitation(place, {"taken"})
        return Redirect(f"{self._way()}?{DONE}=invited")

    def send_again(self) -> Redirect:
        """POST …/users/{user_id}/invitation."""
        self.invite().again(self._organization_id, self._user_id, self.signed.language, self.signed.author)
        return self._done("invitation")

    def _invitation(self, place: Place, wrong: frozenset[str] | set[str]) -> Page:
        errors = {"email": "email", "taken": "taken", "name": "name"}
        said = {name: self._word("errors", word) for name, word in errors.items() if name in wrong}
        asked = self.signed.asked
        fields = (
            Field(
                name="name",
                label=self._word("form", "name"),
                value=asked.field("name"),
                required=True,
                error=said.get("name"),
                attributes={"maxlength": str(LONGEST_NAME), "autocomplete": "off"},
            ),
            Field(
                name="email",
                label=self._word("form", "email"),
                kind="email",
                value=asked.field("email"),
                required=True,
                error=said.get("email") or said.get("taken"),
                attributes={"maxlength": "254", "autocomplete": "off"},
            ),
        )
        return self._page(
            "settings_invite.html",
            {
                "fields": fields,
                "place": self._place_fields(place, wrong),
                "way": self._way("/invite"),
                "way_to_all": self._way(),
            },
            HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK,
        )

    def save(self) -> Answer:
        """POST …/users/{user_id}: what somebody is from now on."""
        place = self._place
        try:
            with _no_right():
                self.keep().place(self.signed.author, self._user_id, place, self.signed.asked.field(SEEN) or None)
        except Conflict:
            return self._one(self._found(), place, {CHANGED})
        except InvalidRequest as refused:
            wrong = {detail.field or "" for detail in refused.details}
            return self._one(self._user, place, wrong)
        return self._done("saved")

    def act(self, act: Act, done: str) -> Answer:
        """POST …/users/{user_id}/…: what a button of the page says."""
        with _no_right():
            act(self.keep(), self.signed.author, self._user_id)
        return self._done(done)

    def remove(self) -> Answer:
        """POST …/users/{user_id}/remove."""
        with _no_right(), suppress(NotFound):  # by an earlier press, or by another owner
            self.keep().remove(self.signed.author, self._user_id)
        return Redirect(f"{self._way()}?{DONE}=removed")

    def require(self) -> Answer:
        """POST …/users: what is required of everybody."""
        is_required = bool(self.signed.asked.field("second_factor"))
        with _no_right():
            self.keep().require_second_factor(self.signed.author, is_required=is_required)
        return Redirect(f"{self._way()}?{DONE}=required")

    def _one(self, user: User, place: Place, wrong: frozenset[str] | set[str] = frozenset()) -> Page:
        is_self = user.user_id == self.signed.visit.user.user_id
        return self._page(
            "settings_person.html",
            {
                "person": self._shown(user, {}),
                "is_self": is_self,
                "is_suspended": user.status is UserStatus.SUSPENDED,
                "is_invited": user.status is UserStatus.INVITED,
                "has_second_factor": user.second_factor is not None,
                "place": None if is_self else self._place_fields(place, wrong),
                "seen": (SEEN, Place.of(user).digest),
                "way": self._way(f"/{user.user_id}"),
                "way_to_all": self._way(),
            },
            _status_of(wrong),
        )

    def _place_fields(self, place: Place, wrong: frozenset[str] | set[str]) -> Mapping[str, object]:
        """The part of a form that says what somebody is. `wrong`: the fields that are."""
        return {
            "is_owner": place.is_owner,
            "error": next((self._word("errors", name) for name in ("roles", CHANGED) if name in wrong), None),
            "apps": [
                {
                    "name": app.name,
                    "fields": (self._role_field(app, place, wrong), self._agent_field(app, place, wrong)),
                }
                for app in self._apps
            ],
        }

    def _role_field(self, app: VisitedApp, place: Place, wrong: frozenset[str] | set[str]) -> Field:
        name, chosen = f"roles.{app.app_id}", place.roles.get(app.app_id)
        roles = [Option(value=one.value, label=self._role(one), is_chosen=one is chosen) for one in _ROLES]
        return Field(
            name=name,
            label=self._word("form", "role"),
            kind="select",
            options=[Option(value="", label=self._word("form", "no_role")), *roles],
            error=self._word("errors", "role") if name in wrong else None,
            is_one_of=True,
        )

    def _agent_field(self, app: VisitedApp, place: Place, wrong: frozenset[str] | set[str]) -> Field:
        name, chosen = f"agents.{app.app_id}", place.agent_ids.get(app.app_id)
        agents = sorted(self.agents.all(app.app_id)[1], key=lambda agent: agent.name.casefold())
        return Field(
            name=name,
            label=self._word("form", "agent"),
            kind="select",
            options=[
                Option(value="", label=self._word("form", "no_agent")),
                *(Option(value=one.agent_id, label=one.name, is_chosen=one.agent_id == chosen) for one in agents),
            ],
            error=self._word("errors", "agent") if name in wrong else None,
            is_one_of=True,
        )

    @property
    def _place(self) -> Place:
        """What the form says. Raises InvalidRequest for a role that there is not."""
        asked = self.signed.asked
        chosen = {app.app_id: asked.field(f"roles.{app.app_id}") for app in self._apps}
        agents = {app.app_id: asked.id(f"agents.{app.app_id}") for app in self._apps}
        is_owner = bool(asked.field(OWNER))
        try:
            roles = {app_id: Role(role) for app_id, role in chosen.items() if role and not is_owner}
        except ValueError as error:
            raise InvalidRequest("There is no such role.") from error
        return Place(
            is_owner=is_owner,
            roles=roles,
            agent_ids={app_id: agent_id for app_id, agent_id in agents.items() if agent_id},
        )

    def _shown(self, user: User, apps: Mapping[str, str]) -> Mapping[str, object]:
        """Somebody as a page shows them. `apps`: the names of those whose roles are said."""
        owes = user.needs_second_factor(self._organization) and user.second_factor is None
        return {
            "name": user.name,
            "email": user.email,
            "way": self._way(f"/{user.user_id}"),
            "status": user.status.value,
            "badge": _BADGES[user.status],
            "owner": user.is_owner,
            "roles": [(apps[app_id], role.value) for app_id, role in sorted(user.roles.items()) if app_id in apps],
            "last_sign_in": self._time(user.last_sign_in_at),
            "created": self._time(user.created_at),
            "factor": "on" if user.second_factor else "owed" if owes else "off",
            "is_self": user.user_id == self.signed.visit.user.user_id,
        }

    def _time(self, instant: datetime | None) -> str | None:
        if instant is None:
            return None
        words, local = self.signed.dates, instant.astimezone(self.signed.zone)
        return f"{date_of(words, local.date())}, {time_of(words, local)} {isolated(offset_of(local), words.language)}"

    def _page(self, template: str, context: Mapping[str, object], status: HTTPStatus = HTTPStatus.OK) -> Page:
        done = self.signed.asked.query(DONE)
        said = done if done in _SAID else None
        return self.signed.page(template, SECTION, {"said": said, **context}, scripts=("dialogs.js",), status=status)

    def _done(self, done: str) -> Redirect:
        return Redirect(f"{self._way(f'/{self._user_id}')}?{DONE}={done}")

    def _way(self, behind: str = "") -> str:
        return f"/console/{self.signed.app.app_id}/settings/users{behind}"

    @property
    def _user_id(self) -> str:
        return self.signed.asked.part("user_id")

    @cached_property
    def _user(self) -> User:
        return self._found()

    def _found(self) -> User:
        found = self.users.find(self._user_id)
        if found is None or found.organization_id != self._organization_id:
            raise NotFound("There is nobody of this id.")
        return found

    @cached_property
    def _organization(self) -> Organization:
        return self.users.organization(self._organization_id)

    @property
    def _organization_id(self) -> str:
        return self.signed.app.organization_id

    @cached_property
    def _apps(self) -> Sequence[VisitedApp]:
        return self.apps_of(self.signed.visit.user)

    def _role(self, role: Role) -> str:
        return self.signed.texts.text("roles", role.value)

    def _word(self, group: str, name: str) -> str:
        return self.signed.texts.text("people", group, name)


def _status_of(wrong: frozenset[str] | set[str]) -> HTTPStatus:
    if CHANGED in wrong:
        return HTTPStatus.CONFLICT
    return HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK


@contextmanager
def _no_right() -> Iterator[None]:
    """What the rules of people forbid is said as what a role forbids: no page of ours offers either."""
    try:
        yield
    except Forbidden as refused:
        raise NoRight(refused.message) from refused
