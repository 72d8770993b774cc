"""What an operator does to a system: the acts behind the command line, and behind the demo's data."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from slotline.clock import RandomIds, SystemClock
from slotline.domain.access.identity import (
    Client,
    RateLimits,
    secret_hash,
)
from slotline.domain.access.keys import Grants, Key, KeyKind
from slotline.domain.access.users import Role, SecondFactor, User
from slotline.domain.booking.apps import Agent, App, Preset, PresetOfApp
from slotline.domain.booking.services import slug_is_there
from slotline.domain.dialing.numbers import Number, check_granted
from slotline.domain.dialing.use_cases import UseCase
from slotline.domain.shared.audit import Audited, Organization
from slotline.domain.shared.errors import Conflict, InvalidRequest, NotFound
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.working_hours import overlapping
from slotline.ids import new_id, new_secret
from slotline.ports.apps import Agents, Presets, SlugInUse
from slotline.ports.dialing import DialSettings
from slotline.ports.messages import Suppressions
from slotline.ports.shared import AlreadyWritten, Clock
from slotline.store.access.credentials import DynamoAccess
from slotline.store.access.users import DynamoUsers
from slotline.store.booking.agents import DynamoAgents
from slotline.store.booking.presets import DynamoPresets
from slotline.store.dialing.settings import USE_CASES, DynamoDialSettings
from slotline.store.messages.suppressions import DynamoSuppressions
from slotline.tokens.passwords import Argon2Passwords
from slotline.usecases.access.keep_credentials import KeepCredentials
from slotline.usecases.booking.keep_agents import HIDDEN, NO_SETTINGS
from slotline.usecases.booking.keep_presets import HIDDEN as HIDDEN_OF_PRESETS
from slotline.usecases.dialing.keep_settings import entry_of
from tools.acts import OPERATOR, act
from tools.apps import DynamoApps
from tools.counters import mark_if_new
from tools.numbers import NumberOwners
from tools.target import Target


@dataclass(frozen=True, slots=True)
class NewClient:
    """A client or an API key, with the secret that is known only now. `fingerprint` is what is kept of it."""

    client_id: str
    secret: str = field(repr=False)
    fingerprint: str


@dataclass(frozen=True, slots=True)
class NewKey:
    """A widget key, known only now, and what is kept of it."""

    key: str = field(repr=False)
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whose account is to be made. An owner is one of the apps' organization, whichever of its apps is named."""

    email: str
    password: str = field(repr=False)
    role: Role
    app_ids: Sequence[str]
    agent_id: str | None = None
    name: str | None = None
    totp_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Provision:
    """The acts, on one system."""

    apps: DynamoApps
    agents: Agents
    presets: Presets
    use_cases: DialSettings[UseCase]
    number_owners: NumberOwners
    suppressions: Suppressions
    access: DynamoAccess
    keys: KeepCredentials
    users: DynamoUsers
    clock: Clock

    @classmethod
    def of(cls, target: Target) -> "Provision":
        """The acts on the system that the target leads to."""
        dynamodb, clock = target.client("dynamodb"), SystemClock()
        scheduling, dialing, access = target.scheduling_table, target.dialing_table, target.access_table
        return cls(
            DynamoApps(dynamodb, scheduling, access),
            DynamoAgents(dynamodb, scheduling, access, clock),
            DynamoPresets(dynamodb, scheduling, access, clock),
            DynamoDialSettings(dynamodb, dialing, access, clock, USE_CASES),
            NumberOwners.of(target, clock),
            DynamoSuppressions(dynamodb, scheduling, access),
            credentials := DynamoAccess(dynamodb, access),
            KeepCredentials(credentials=credentials, clock=clock, ids=RandomIds(), new_secret=new_secret),
            DynamoUsers(dynamodb, access),
            clock,
        )

    def create_app(
        self, name: str, timezone: str, organization_id: str | None = None, preset: Preset | None = None
    ) -> App:
        """A new app; its first preset has the product's defaults where none is given."""
        app = App(
            app_id=new_id(),
            organization_id=organization_id or new_id(),
            name=name,
            timezone=timezone,
            preset=preset or Preset(preset_id=new_id(), name="Default"),
        )
        mark_if_new(self.number_owners.target)
        audited, said = self._audited(), {"name": name, "timezone": timezone, "preset_id": app.preset.preset_id}
        entry = audited.entry("app.added", app.app_id, None, said, of=app)
        self.apps.add(app, format_instant(audited.at), entry)
        return app

    def create_preset(self, app_id: str, preset: Preset, *, active: bool) -> None:
        """A new preset, which rules where it shall. Raises NotFound for the app, SlugIsThere for the slug."""
        app = self.apps.get(app_id)
        entry = self._audited().entry("preset.added", preset.preset_id, None, preset, of=app, hidden=HIDDEN_OF_PRESETS)
        try:
            self.presets.add(app_id, preset, self.clock.now(), None, entry)
        except SlugInUse as taken:
            raise slug_is_there(preset.slug or "") from taken
        if active:
            self.activate_preset(app_id, preset.preset_id)

    def preset(self, app_id: str, preset_id: str) -> PresetOfApp:
        """One preset of an app. Raises NotFound."""
        app, kept = self.presets.find(app_id, preset_id)
        if app is None or kept is None:
            raise NotFound(f"There is no preset {preset_id} in app {app_id}.")
        return PresetOfApp(preset=kept.preset, active=app.preset.preset_id == preset_id)

    def activate_preset(self, app_id: str, preset_id: str) -> Preset:
        """Another preset rules from now on. Raises NotFound, and RaceLost where it was changed just now."""
        app, kept = self.presets.find(app_id, preset_id)
        if app is None or kept is None:
            raise NotFound(f"There is no preset {preset_id} in app {app_id}.")
        audited, ruled = self._audited(), app.preset.preset_id
        before, after = ({"active_preset_id": which} for which in (ruled, preset_id))
        entry = audited.entry("preset.activated", preset_id, before, after, of=app) if ruled != preset_id else None
        self.presets.activate(app_id, kept, audited.id, None, replaces=ruled, entry=entry)
        return kept.preset

    def create_agent(self, app_id: str, agent: Agent) -> None:
        """A new agent. Raises InvalidRequest for a window that is none, NotFound for the app, Conflict for the id."""
        for window in agent.working_hours:
            window.check("hours")
        if overlapping(agent.working_hours):
            raise InvalidRequest("Working hours of one weekday and zone must not share time.")
        app = self.apps.get(app_id)
        audited = self._audited()
        entry = audited.entry("agent.added", agent.agent_id, None, agent, of=app, hidden=HIDDEN, left_out=NO_SETTINGS)
        try:
            self.agents.add(app_id, agent, audited.at, None, entry)
        except AlreadyWritten as taken:
            raise Conflict(f"App {app_id} has an agent {agent.agent_id} already.") from taken

    def create_use_case(self, use_case: UseCase) -> UseCase:
        """A new use case. Raises InvalidRequest where its rules cannot be kept."""
        use_case.check()
        now = self.clock.now()
        added = replace(use_case, id=new_id(), created_at=now, updated_at=now)
        self.use_cases.add(added, None, entry_of(self._audited(), "added", None, added))
        return added

    def create_number(self, number: Number) -> Number:
        """A new number to call from. Raises InvalidRequest where no calls could be placed from it, NumberNotGranted."""
        number.check()
        now = self.clock.now()
        added = replace(number, id=new_id(), created_at=now, updated_at=now)
        grants = self.number_owners.grants
        entry = entry_of(self._audited(), "added", None, added)
        grants.add_number(added, check_granted(added, grants.get(added.phone_number)), None, entry)
        return added

    def create_client(self, grants: Grants) -> NewClient:
        """A new OAuth client, and its first secret."""
        client_id = new_id()
        secret = self.keys.add_client(self._owner_of(grants), client_id, grants, OPERATOR)
        return NewClient(client_id, secret, secret_hash(secret))

    def rotate_client(self, client_id: str) -> NewClient:
        """One more secret; the one before it is accepted until it is retired."""
        secret = self.keys.rotate(client_id, OPERATOR)
        return NewClient(client_id, secret, secret_hash(secret))

    def retire_secret(self, client_id: str) -> None:
        """Only the newest secret is accepted from now on."""
        self.keys.retire(client_id, OPERATOR)

    def revoke_client(self, client_id: str) -> None:
        """A client that stops. Raises NotFound."""
        self._revoke("client", KeyKind.CLIENT, self.access.client(client_id))

    def revoke_api_key(self, fingerprint: str) -> None:
        """An API key that stops. Raises NotFound."""
        self._revoke("API key", KeyKind.API_KEY, self.access.api_key(fingerprint), fingerprint)

    def revoke_widget_key(self, fingerprint: str) -> None:
        """A widget key that is gone. Raises NotFound."""
        app_id = self.access.app_of_widget_key(fingerprint)
        if app_id is None:
            raise NotFound("There is no such widget key.")
        organization_id = self.apps.get(app_id).organization_id
        listed = (key for key in self.keys.of_organization(organization_id) if key.fingerprint == fingerprint)
        unlisted = Key(
            kind=KeyKind.WIDGET_KEY,
            id=fingerprint,
            organization_id=organization_id,
            app_ids=frozenset({app_id}),
            fingerprint=fingerprint,
        )
        self.keys.revoke(next(listed, unlisted), OPERATOR)

    def _revoke(self, what: str, kind: KeyKind, client: Client | None, fingerprint: str | None = None) -> None:
        if client is None:
            raise NotFound(f"There is no such {what}.")
        key = Key(
            kind=kind,
            id=client.client_id,
            organization_id=client.organization_id,
            app_ids=client.app_ids,
            fingerprint=fingerprint,
        )
        self.keys.revoke(key, OPERATOR)

    def create_api_key(self, grants: Grants) -> NewClient:
        """A new API key."""
        client_id = new_id()
        secret = self.keys.add_api_key(self._owner_of(grants), client_id, grants, OPERATOR)
        return NewClient(client_id, secret, secret_hash(secret))

    def create_widget_key(self, app_id: str, limits: RateLimits | None = None) -> NewKey:
        """A new widget key of an app; without limits it has the product's. Raises NotFound."""
        app = self.apps.get(app_id)
        key = self.keys.add_widget_key(app.organization_id, app_id, new_id(), OPERATOR, limits)
        return NewKey(key.public or "", key.fingerprint or "")

    def user(self, person: Person) -> User:
        """An account, not yet kept. Raises NotFound for an app or an agent that is not there, and InvalidRequest."""
        organizations = {self.apps.get(app_id).organization_id for app_id in person.app_ids}
        if len(organizations) != 1:
            raise InvalidRequest("The apps of one account must be of one organization.")
        for app_id in person.app_ids if person.agent_id else ():
            if self.agents.find(app_id, person.agent_id or "")[1] is None:
                raise NotFound(f"There is no agent {person.agent_id} in app {app_id}.")
        is_owner = person.role is Role.OWNER
        return User(
            user_id=new_id(),
            organization_id=organizations.pop(),
            email=person.email.strip(),
            name=person.name or person.email.strip().partition("@")[0],
            is_owner=is_owner,
            roles={} if is_owner else dict.fromkeys(person.app_ids, person.role),
            agent_ids=dict.fromkeys(person.app_ids, person.agent_id) if person.agent_id else {},
            password_hash=Argon2Passwords().hashed(person.password),
            second_factor=SecondFactor(secret=person.totp_secret) if person.totp_secret else None,
            created_at=self.clock.now(),
        )

    def create_user(self, person: Person) -> User:
        """A new account. Raises Conflict where the address has one."""
        user = self.user(person)
        said = {"roles": user.roles, "agent_ids": user.agent_ids, "is_owner": user.is_owner}
        of = Organization(organization_id=user.organization_id)
        entry = self._audited().entry("user.added", user.user_id, None, said, of=of)
        try:
            self.users.add(user, entry)
        except AlreadyWritten as taken:
            raise Conflict("There is an account with this address already.") from taken
        return user

    def _audited(self) -> Audited:
        return act(self.clock)

    def _owner_of(self, grants: Grants) -> str:
        """The organization of these apps, which must be there, and be of one."""
        organizations = {self.apps.get(app_id).organization_id for app_id in grants.app_ids}
        if len(organizations) != 1:
            raise InvalidRequest("The apps of one credential must be of one organization.")
        return organizations.pop()

    def _now(self) -> str:
        return format_instant(self.clock.now())
