"""People who are signed in, without their passwords being typed: their sessions are written where sessions are kept."""

from collections.abc import Collection
from uuid import uuid4

from playwright.sync_api import Page

from slotline.domain.access.sessions import COOKIE, Session, SessionKey, Stage
from slotline.domain.access.users import Role
from slotline.ids import new_id
from slotline.store.access.sessions import DynamoSessions
from tests.support.browser.backstage import Backstage, Practice
from tests.support.browser.visits import DESKTOP, Scheme, Screen, Visits
from tests.support.worlds.api import target_of
from tools.provision import Person, Provision


def visit_as(
    role: Role,
    visit: Visits,
    backstage: Backstage,
    practice: Practice,
    path: str,
    *,
    agent: int = 0,
    screen: Screen = DESKTOP,
    scheme: Scheme = "light",
    javascript: bool = True,
    statuses: Collection[int] = (),
) -> Page:
    """A page of the practice's app, `path` behind its id and surface, for somebody new who is this in it.

    Agents are the practice's of this number.
    """
    target = target_of(backstage.system)
    provision = Provision.of(target)
    person = Person(
        email=f"{role}-{uuid4().hex[:8]}@example.com",
        password=uuid4().hex,
        role=role,
        app_ids=[practice.app_id],
        agent_id=practice.agent_ids[agent] if role is Role.AGENT else None,
        name="Ada Park",
    )
    user = provision.create_user(person)
    key = SessionKey(user_id=user.user_id, secret=f"slc_{uuid4().hex}{new_id()[-11:]}")
    now = backstage.clock.now()
    session = Session(
        session_hash=key.session_hash,
        user_id=user.user_id,
        epoch=user.session_epoch,
        stage=Stage.IN,
        created_at=now,
        seen_at=now,
    )
    DynamoSessions(target.client("dynamodb"), target.scheduling_table, target.access_table).begin(session)
    page = visit(screen=screen, scheme=scheme, javascript=javascript, statuses=statuses)
    cookie = {"name": COOKIE, "value": key.cookie, "domain": "localhost", "path": "/", "secure": True, "httpOnly": True}
    page.context.add_cookies([cookie])
    page.goto(path)
    return page
