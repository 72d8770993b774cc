"""The people of an organization in the console: what owners do, and what nobody can."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import boto3
import pytest

from slotline.clock import RandomIds
from slotline.domain.access.people import LastOwner, NotAnOwner
from slotline.domain.access.users import Organization, Role, SecondFactor, User, UserStatus
from slotline.domain.shared.audit import AuditEntry, Author, AuthorType, Surface
from slotline.store.access.audit_log import DynamoAuditLog
from slotline.store.access.users import DynamoUsers
from slotline.tokens.passwords import Argon2Passwords
from slotline.usecases.access.keep_people import KeepPeople
from tests.handlers.signed_pages.conftest import OTHER_APP, SignIn
from tests.handlers.signed_pages.steps import PASSWORD, try_password
from tests.support.aws.moto_tables import QUEUES_AT
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.apps import NOW
from tests.support.builders.people import ORGANIZATION, Browser, a_user
from tests.support.handlers import APP_ID
from tests.support.memory.running import RecordedBackoff

PAGE = f"/console/{APP_ID}/settings/users"
ADA = a_user(Role.ADMIN, "ada", password_hash="hash", second_factor=SecondFactor(secret="secret"))
WAY = f"{PAGE}/{ADA.user_id}"
ACTS = ("suspend", "resume", "sessions", "second-factor", "remove")


@pytest.fixture
def ada(people: TablePorts) -> User:
    people.users.add(ADA)
    return ADA


@pytest.fixture
def owner(sign_in: SignIn) -> Browser:
    return sign_in(Role.OWNER)


def kept(people: TablePorts, user: User = ADA) -> User:
    found = people.users.find(user.user_id)
    assert found is not None
    return found


def log(people: TablePorts) -> list[AuditEntry]:
    """The organization's log of this month, newest first."""
    return list(DynamoAuditLog(people.client, "AccessTable").of_month(ORGANIZATION, None, NOW.date(), 50).rows)


def act(browser: Browser, name: str, way: str = WAY) -> str:
    """Press a button of a person's page; what it then says."""
    reply = browser.follow(browser.post(f"{way}/{name}"))
    assert reply.status == 200, reply.text
    return reply.text


def is_in(browser: Browser) -> bool:
    return not browser.get("/console").location.startswith("/sign-in")


@pytest.mark.usefixtures("ada")
def test_an_owner_sees_everybody_with_what_they_are(owner: Browser, sign_in: SignIn, people: TablePorts):
    sign_in(Role.AGENT)
    people.users.add(a_user(Role.OWNER, "stranger", organization_id="organization-2"))
    text = owner.get(PAGE).text
    for said in (
        "Ada",
        "ada@example.com",
        "Administrator · Acme",
        "Owner",
        "Agent · Acme",
        "Active",
        "Has a second factor",
    ):
        assert said in text
    assert "Stranger" not in text


def test_what_somebody_is_changes_at_once_and_the_log_says_from_what_to_what(
    owner: Browser, people: TablePorts, sign_in: SignIn
):
    browser = sign_in(ADA)
    form = owner.get(WAY).page.form("place")
    typed = {f"roles__{APP_ID}": "supervisor", f"agents__{APP_ID}": "agent-1"}
    assert "Saved" in owner.press(form, **typed).text
    assert (kept(people).roles, kept(people).agent_ids) == ({APP_ID: Role.SUPERVISOR}, {APP_ID: "agent-1"})
    assert browser.get(f"/console/{APP_ID}/settings/audit").status == 403
    (entry,) = log(people)
    assert (entry.action, entry.subject_id, entry.author.role) == ("user.changed", ADA.user_id, "owner")
    assert entry.before == {"roles": {APP_ID: "admin"}}
    assert entry.after == {"roles": {APP_ID: "supervisor"}, "agent_ids": {APP_ID: "agent-1"}}


@pytest.mark.usefixtures("ada")
def test_an_owner_of_everything_has_no_role_in_one_app(owner: Browser, people: TablePorts):
    owner.press(owner.get(WAY).page.form("place"), owner="yes")
    assert (kept(people).is_owner, kept(people).roles) == (True, {})


def test_nobody_becomes_an_administrator_in_a_session_that_a_password_alone_opened(
    owner: Browser, people: TablePorts, sign_in: SignIn
):
    """They set up the second factor that their organization requires of administrators, and are one then."""
    user = replace(a_user(Role.SUPERVISOR, "grace"), password_hash=Argon2Passwords().hashed(PASSWORD))
    browser = sign_in(user)
    owner.press(owner.get(f"{PAGE}/{user.user_id}").page.form("place"), **{f"roles__{APP_ID}": "admin"})
    assert kept(people, user).roles == {APP_ID: Role.ADMIN}
    assert browser.get(f"/console/{APP_ID}/settings/audit").location.startswith("/sign-in")
    assert try_password(browser, user.email).location == "/sign-in/second-factor"


@pytest.mark.usefixtures("ada")
def test_an_owner_who_saves_what_somebody_is_no_more_is_told_and_gives_no_role_back_unseen(
    owner: Browser, people: TablePorts, sign_in: SignIn
):
    other = sign_in(a_user(Role.OWNER, "other"))
    form = owner.get(WAY).page.form("place")
    other.press(other.get(WAY).page.form("place"), **{f"roles__{APP_ID}": "supervisor"})
    told = owner.press(form, **{f"agents__{APP_ID}": "agent-1"})
    assert (told.status, "Somebody else has changed what this person is" in told.text) == (409, True)
    assert (kept(people).roles, kept(people).agent_ids) == ({APP_ID: Role.SUPERVISOR}, {})
    again = told.page.form("place")
    assert again.value(f"agents.{APP_ID}") == "agent-1", "what was chosen stays"
    assert [owner.press(again).status for _ in range(2)] == [200, 200], "the second press finds it done"
    assert (kept(people).roles, kept(people).agent_ids) == ({APP_ID: Role.ADMIN}, {APP_ID: "agent-1"})


@pytest.mark.usefixtures("ada")
def test_what_cannot_be_is_said_beside_its_field_and_changes_nothing(owner: Browser, people: TablePorts):
    form = owner.get(WAY).page.form("place")
    reply = owner.press(form, **{f"roles__{APP_ID}": "agent"})
    assert (reply.status, "Choose which agent of this app this person is." in reply.text) == (400, True)
    assert reply.page.form("place").value(f"roles.{APP_ID}") == "agent", "what was chosen stays"
    reply = owner.press(form, **{f"roles__{APP_ID}": ""})
    assert (reply.status, "Choose a role in at least one app" in reply.text) == (400, True)
    assert owner.post(WAY, {f"roles.{APP_ID}": "owner"}).status == 400
    assert owner.post(WAY, {f"roles.{OTHER_APP}": "admin"}).status == 400
    assert (kept(people), log(people)) == (ADA, [])


def test_whoever_is_suspended_is_out_at_once_and_comes_in_again_with_a_session_of_their_own(
    owner: Browser, people: TablePorts, sign_in: SignIn
):
    browser = sign_in(ADA)
    assert "Suspended." in act(owner, "suspend")
    assert (is_in(browser), kept(people).status) == (False, UserStatus.SUSPENDED)
    assert "can sign in again" in act(owner, "resume")
    assert (is_in(browser), kept(people).status) == (False, UserStatus.ACTIVE)
    assert {entry.action for entry in log(people)} == {"user.suspended", "user.resumed"}


def test_all_sessions_of_somebody_end_at_once(owner: Browser, people: TablePorts, sign_in: SignIn):
    browser = sign_in(ADA)
    assert "signed out everywhere" in act(owner, "sessions")
    assert not is_in(browser)
    assert [entry.action for entry in log(people)] == ["user.sessions_ended"]


def test_a_lost_second_factor_is_reset(owner: Browser, people: TablePorts, sign_in: SignIn):
    browser = sign_in(ADA)
    act(owner, "second-factor")
    assert (kept(people).second_factor, is_in(browser)) == (None, False)
    (entry,) = log(people)
    assert (entry.before, entry.after) == ({"has_second_factor": True}, {"has_second_factor": False})


def test_whoever_is_removed_is_gone_with_their_sessions_and_their_address_is_free(
    owner: Browser, people: TablePorts, sign_in: SignIn
):
    browser = sign_in(ADA)
    for _ in range(2):
        reply = owner.follow(owner.post(f"{WAY}/remove"))
        assert ("The account is removed" in reply.text, is_in(browser)) == (True, False)
    assert people.users.by_email(ADA.email) is None
    assert [user.name for user in people.users.of_organization(ORGANIZATION)] == ["Owner"]
    assert [entry.action for entry in log(people)] == ["user.removed"]
    assert owner.get(WAY).status == 404


@pytest.mark.usefixtures("ada")
def test_what_is_so_already_is_left_so_and_the_log_tells_nothing_twice(owner: Browser, people: TablePorts):
    for _ in range(2):
        act(owner, "suspend")
    assert len(log(people)) == 1


def test_the_log_holds_no_address_and_no_secret_of_anybody(owner: Browser, people: TablePorts, sign_in: SignIn):
    sign_in(ADA)
    for name in ACTS:
        owner.post(f"{WAY}/{name}")
    said = str(log(people))
    assert "user.removed" in said
    assert not [secret for secret in ("example.com", "hash", "'secret'", "slc_") if secret in said.replace("_hash", "")]


@pytest.mark.parametrize("name", ["", *(f"/{name}" for name in ACTS)])
def test_nobody_changes_themselves_not_even_an_owner(owner: Browser, people: TablePorts, name: str):
    me = kept(people, a_user(Role.OWNER))
    reply = owner.post(f"{PAGE}/{me.user_id}{name}", {f"roles.{APP_ID}": "admin"})
    assert (reply.status, "You may not do this" in reply.text) == (403, True)
    assert kept(people, me) == me
    assert not owner.get(f"{PAGE}/{me.user_id}").page.has_form("place")


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR, Role.ADMIN])
def test_only_an_owner_sees_or_changes_people(people: TablePorts, sign_in: SignIn, role: Role):
    browser = sign_in(role)
    assert {browser.get(page).status for page in (PAGE, WAY)} == {403}
    for name in ("", *(f"/{name}" for name in ACTS)):
        assert browser.post(f"{WAY}{name}", {"owner": "yes"}).status == 403
    assert kept(people) == ADA


def test_people_of_another_organization_are_as_if_they_were_not(owner: Browser, people: TablePorts):
    stranger = a_user(Role.OWNER, "stranger", organization_id="organization-2")
    people.users.add(stranger)
    way = f"{PAGE}/{stranger.user_id}"
    assert owner.get(way).status == 404
    assert {owner.post(f"{way}/{name}").status for name in ACTS if name != "remove"} == {404}
    assert owner.post(f"{way}/remove").location == f"{PAGE}?done=removed", "as of one who is gone"
    assert owner.post(way, {"owner": "yes"}).status == 404
    assert kept(people, stranger) == stranger


@pytest.mark.usefixtures("ada")
def test_a_form_that_is_not_of_this_session_changes_nobody(owner: Browser, people: TablePorts):
    for name in ("", *(f"/{name}" for name in ACTS)):
        assert owner.send("POST", f"{WAY}{name}", "owner=yes").status == 403
    assert owner.send("POST", PAGE, "second_factor=yes").status == 403
    assert kept(people) == ADA


def test_whether_a_second_factor_is_required_is_an_owners_decision_and_in_the_log(owner: Browser, people: TablePorts):
    form = owner.get(PAGE).page.form("required-form")
    assert form.value("second_factor") == "yes"
    assert "Saved" in owner.follow(owner.post(PAGE)).text
    assert not people.users.organization(ORGANIZATION).requires_second_factor
    owner.follow(owner.post(PAGE, {"second_factor": "yes"}))
    assert people.users.organization(ORGANIZATION).requires_second_factor
    assert sorted(str(entry.after) for entry in log(people)) == [
        "{'requires_second_factor': False}",
        "{'requires_second_factor': True}",
    ]


@dataclass(frozen=True, slots=True)
class Interrupted(DynamoUsers):
    """The accounts, between whose being counted and being changed something else happens once."""

    meanwhile: list[Callable[[], None]] = field(default_factory=list)

    def change(
        self,
        before: User,
        after: User,
        entry: AuditEntry | None = None,
        one_owner_less: Organization | None = None,
    ) -> User:
        while self.meanwhile:
            self.meanwhile.pop()()
        return DynamoUsers.change(self, before, after, entry, one_owner_less)

    def remove(self, user: User, entry: AuditEntry | None = None, one_owner_less: Organization | None = None) -> None:
        while self.meanwhile:
            self.meanwhile.pop()()
        DynamoUsers.remove(self, user, entry, one_owner_less)


@pytest.mark.parametrize("way", ["suspend", "remove"])
def test_two_owners_who_take_each_other_away_at_once_leave_one(people: TablePorts, way: str):
    one, other = (a_user(Role.OWNER, name, password_hash="hash") for name in ("one", "other"))
    for user in (one, other):
        people.users.add(user)

    def keep(users: DynamoUsers) -> KeepPeople:
        ids, backoff = RandomIds(), RecordedBackoff()
        return KeepPeople(users=users, agents=people.agents, clock=people.clock, ids=ids, backoff=backoff)

    def author(user: User) -> Author:
        return Author(type=AuthorType.USER, surface=Surface.CONSOLE, id=user.user_id, role=Role.OWNER)

    def others_act() -> None:
        getattr(keep(people.users), way)(author(other), one.user_id)

    users = Interrupted(people.client, "AccessTable", [others_act])
    with pytest.raises((NotAnOwner, LastOwner)):
        getattr(keep(users), way)(author(one), other.user_id)
    left = [user for user in people.users.of_organization(ORGANIZATION) if user.status is UserStatus.ACTIVE]
    assert left == [kept(people, other)]


def test_owners_who_go_one_after_the_other_are_counted_anew(people: TablePorts, owner: Browser, sign_in: SignIn):
    second, third = (a_user(Role.OWNER, name) for name in ("second", "third"))
    sign_in(second)
    sign_in(third)
    act(owner, "suspend", f"{PAGE}/{second.user_id}")
    act(owner, "suspend", f"{PAGE}/{third.user_id}")
    assert people.users.organization(ORGANIZATION).version == 2


def mails_on_their_way() -> int:
    url = f"{QUEUES_AT}/RemindersQueue"
    said = boto3.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(said["Attributes"]["ApproximateNumberOfMessages"])


def test_an_owner_invites_somebody_who_then_has_an_account_and_a_mail_on_the_way(owner: Browser, people: TablePorts):
    form, waiting = owner.get(f"{PAGE}/invite").page.form("invite"), mails_on_their_way()
    typed = {f"roles__{APP_ID}": "supervisor"}
    assert "on its way" in owner.press(form, name="Grace", email="grace@example.com", **typed).text
    user = people.users.by_email("grace@example.com")
    assert user
    assert (user.name, user.status, user.roles) == ("Grace", UserStatus.INVITED, {APP_ID: Role.SUPERVISOR})
    assert [entry.action for entry in log(people)] == ["user.invited"]
    assert mails_on_their_way() == waiting + 1
    act(owner, "invitation", f"{PAGE}/{user.user_id}")
    assert mails_on_their_way() == waiting + 2
    reply = owner.press(form, name="", email="no address", **{f"roles__{APP_ID}": "agent"})
    assert reply.status == 400
    for said in ("Enter a name", "Enter an e-mail address", "Choose which agent"):
        assert said in reply.text
    assert (
        "an account with this address already" in owner.press(form, name="G", email="grace@example.com", **typed).text
    )
