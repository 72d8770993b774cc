"""People who sign in, in a browser: an account of a practice's, and its session, past the pages of signing in."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pyotp
from playwright.sync_api import Page

from slotline.domain.access.sessions import COOKIE, Session, SessionKey, Stage
from slotline.domain.access.users import Role, SecondFactor, User
from slotline.ids import new_id, new_secret
from slotline.store.access.sessions import DynamoSessions
from slotline.tokens.passwords import Argon2Passwords
from tests.support.browser.backstage import Backstage, Practice
from tests.support.browser.visits import Visits
from tests.support.worlds.api import target_of
from tools.provision import Provision

PASSWORD = "correct horse battery staple"
NAMES = {Role.AGENT: "Ada Park", Role.SUPERVISOR: "Sam Supervisor", Role.ADMIN: "Ava Admin", Role.OWNER: "Olivia Owner"}


@dataclass(frozen=True, slots=True)
class Member:
    """An account that a test has made. `secret`: of its second factor."""

    user: User
    password: str = field(default=PASSWORD, repr=False)
    secret: str | None = field(default=None, repr=False)

    def code(self, backstage: Backstage) -> str:
        """What the authenticator shows now."""
        assert self.secret
        return pyotp.TOTP(self.secret).at(backstage.clock.now())


def member(
    backstage: Backstage, practice: Practice, role: Role = Role.ADMIN, *, second_factor: bool = False, **changes: Any
) -> Member:
    """Somebody new who is this in the practice's app; agents, and nobody else, are its first agent."""
    provision = Provision.of(target_of(backstage.system))
    secret = pyotp.random_base32() if second_factor else None
    own: dict[str, Any] = {"is_owner": True} if role is Role.OWNER else {"roles": {practice.app_id: role}}
    if role is Role.AGENT:
        own["agent_ids"] = {practice.app_id: practice.agent_ids[0]}
    values: dict[str, Any] = {
        "user_id": new_id(),
        "organization_id": provision.apps.get(practice.app_id).organization_id,
        "email": f"{role.value}-{uuid4().hex[:12]}@example.com",
        "name": NAMES[role],
        "password_hash": Argon2Passwords().hashed(PASSWORD),
        "second_factor": SecondFactor(secret=secret) if secret else None,
        "created_at": backstage.clock.now(),
    }
    user = User(**{**values, **own, **changes})
    provision.users.add(user)
    return Member(user, secret=secret)


def sign_in(
    visit: Visits,
    backstage: Backstage,
    path: str,
    who: Role | Member = Role.ADMIN,
    practice: Practice | None = None,
    stage: Stage = Stage.IN,
    **look: Any,
) -> Page:
    """A page that somebody sees who has signed in. `{app}` in its path is the practice's, a fresh one if none is given.

    `look`: what `visit` takes, such as `screen=PHONE`.
    """
    practice = practice or backstage.practice()
    user = who.user if isinstance(who, Member) else member(backstage, practice, who).user
    page = visit(**look)
    key = begin_session(backstage, user, stage)
    secure = visit.base_url.replace("http:", "https:")  # as if it had come so: the browser takes no other from outside
    cookie: Any = {"name": COOKIE, "value": key.cookie, "url": secure, "httpOnly": True, "sameSite": "Lax"}
    page.context.add_cookies([cookie | {"secure": True}])
    page.goto(path.format(app=practice.app_id))
    return page


def begin_session(backstage: Backstage, user: User, stage: Stage = Stage.IN) -> SessionKey:
    """A session that begins now."""
    target = target_of(backstage.system)
    sessions = DynamoSessions(target.client("dynamodb"), target.scheduling_table, target.access_table)
    key, now = SessionKey(user_id=user.user_id, secret=new_secret("slc_")), backstage.clock.now()
    session = Session(
        session_hash=key.session_hash,
        user_id=user.user_id,
        epoch=user.session_epoch,
        stage=stage,
        created_at=now,
        seen_at=now,
    )
    sessions.begin(session)
    return key
