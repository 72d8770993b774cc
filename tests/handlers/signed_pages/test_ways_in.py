"""Links by which somebody chooses a password: asked for on a page, mailed by the queue of messages, spent by a form."""

import json
import re
from collections.abc import Callable
from email import message_from_string, policy
from urllib.parse import urlencode, urlsplit

import boto3
import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.sesv2 import sesv2_backends

from slotline.domain.access.rate_limits import Window
from slotline.domain.access.users import Role, User, UserStatus
from slotline.domain.access.ways_in import ASKED_FROM_A_NETWORK, ASKED_TO
from slotline.domain.shared.audit import Author, AuthorType, Surface
from slotline.domain.shared.errors import NotFound, RateLimited
from slotline.usecases.access.invite_user import AddressTaken, Invitation
from slotline.wiring.access.ways_in import invite_user
from tests.handlers.signed_pages.steps import (
    DEVICE,
    PASSWORD,
    SESSION,
    actions,
    is_in,
    kept,
    try_password,
)
from tests.support.aws.moto_tables import QUEUES_AT, REGION
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.people import Browser, Reply, a_user
from tests.support.handlers import APP_ID, load_function

NEW = "four words nobody guesses"
OWNER = Author(type=AuthorType.USER, surface=Surface.CONSOLE, id="owner-1", role="owner")
Mails = Callable[[], list[tuple[str, str, str]]]


@pytest.fixture
def agent(people: TablePorts) -> User:
    """Somebody with a password."""
    return kept(people, a_user(Role.AGENT))


@pytest.fixture
def mails(people: TablePorts) -> Mails:
    """Works off the queue of messages; every mail so far: to whom, its subject, its text."""
    del people
    queue, url = boto3.client("sqs"), f"{QUEUES_AT}/RemindersQueue"
    boto3.client("ses").verify_email_identity(EmailAddress="calls@example.com")
    outbox = sesv2_backends[DEFAULT_ACCOUNT_ID][REGION].core_backend.sent_messages
    outbox.clear()

    def work() -> list[tuple[str, str, str]]:
        while messages := queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            records = [
                {"messageId": one["MessageId"], "body": one["Body"], "attributes": {"ApproximateReceiveCount": "1"}}
                for one in messages
            ]
            assert load_function("reminders/send").handler({"Records": records}, None) == {"batchItemFailures": []}
            for one in messages:
                queue.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
        return [_read(one.raw_data) for one in outbox]

    return work


def _read(raw: str) -> tuple[str, str, str]:
    mail = message_from_string(raw, policy=policy.default)
    body = mail.get_body(("plain",))
    assert body is not None
    return str(mail["To"]), str(mail["Subject"]), body.get_content()


def link_of(text: str) -> str:
    """The path of the one link of a mail."""
    (url,) = re.findall(r"https://\S+/password/\S+", text)
    return urlsplit(url).path


def ask(email: str, browser: Browser | None = None) -> Reply:
    """Ask for a new password."""
    browser = browser or Browser()
    form = browser.get("/forgotten").page.form("forgotten")
    return browser.send("POST", form.action, urlencode(form.filled({"email": email})))


def choose(browser: Browser, link: str, password: str = NEW) -> Reply:
    """Open the link, type a password and send it."""
    page = browser.get(link).page
    if not page.has_form("choose"):
        return browser.get(link)
    return browser.send("POST", link, urlencode(page.form("choose").filled({"new": password})))


def test_a_forgotten_password_is_replaced_by_a_link_that_ends_every_session(
    people: TablePorts, agent: User, mails: Mails
):
    other = Browser()
    try_password(other, agent.email)
    browser = Browser()
    reply = browser.follow(ask(agent.email, browser))
    assert "If this address has an account" in reply.text
    ((to, subject, text),) = mails()
    assert agent.email in to
    assert subject == "A new password for Slotline"
    reply = choose(browser, link_of(text))
    assert reply.location == "/sign-in?said=password_set"
    assert not is_in(other)
    assert SESSION not in browser.jar
    assert DEVICE in browser.jar
    assert try_password(browser, agent.email).status == 401
    assert try_password(browser, agent.email, NEW).status == 303
    assert actions(people)[1] == "user.password_reset"


def test_a_link_is_good_once_and_not_for_a_second_time_however_it_is_replayed(agent: User, mails: Mails):
    ask(agent.email)
    link = link_of(mails()[0][2])
    browser = Browser()
    form = browser.get(link).page.form("choose")
    sent = urlencode(form.filled({"new": NEW}))
    assert browser.send("POST", link, sent).status == 303
    replayed = browser.send("POST", link, sent.replace("four", "five"))
    assert (replayed.status, "no longer works" in replayed.text) == (404, True)
    assert browser.get(link).status == 404
    assert try_password(Browser(), agent.email, NEW).status == 303


def test_looking_at_a_link_spends_nothing_and_a_weak_password_leaves_it_good(agent: User, mails: Mails):
    ask(agent.email)
    link, browser = link_of(mails()[0][2]), Browser()
    for _ in range(3):
        assert browser.get(link).status == 200
    weak = choose(browser, link, "short")
    assert (weak.status, "at least 12 characters" in weak.text) == (400, True)
    assert choose(browser, link).status == 303


def test_a_link_is_over_after_an_hour_and_when_another_password_was_chosen(
    people: TablePorts, agent: User, mails: Mails
):
    ask(agent.email)
    people.clock.advance(minutes=1)
    ask(agent.email)
    earlier, later = (link_of(text) for _, _, text in mails())
    assert choose(Browser(), later).status == 303
    assert choose(Browser(), earlier).status == 404
    people.clock.advance(minutes=1)
    ask(agent.email)
    link = link_of(mails()[-1][2])
    people.clock.advance(minutes=59, seconds=59)
    assert Browser().get(link).status == 200
    people.clock.advance(seconds=1)
    assert choose(Browser(), link).status == 404


@pytest.mark.parametrize("email", ["nobody@example.com", "suspended@example.com"])
def test_an_address_that_may_have_no_link_is_answered_the_same_and_sent_nothing(
    people: TablePorts, agent: User, mails: Mails, email: str
):
    people.users.add(a_user(Role.ADMIN, "suspended", status=UserStatus.SUSPENDED))
    requests: list[str] = []
    people.client.meta.events.register("before-call.dynamodb", lambda model, **_: requests.append(model.name))
    known = ask(agent.email)
    of_known = list(requests)
    requests.clear()
    unknown = ask(email)
    assert (unknown.status, unknown.location, unknown.body) == (known.status, known.location, known.body)
    assert requests == of_known
    assert [to for to, _, _ in mails()] == [to for to, _, _ in mails() if agent.email in to]


def test_nobody_is_sent_mails_without_end_and_whoever_asks_is_told_nothing_of_that(agent: User, mails: Mails):
    replies = [ask(agent.email, Browser(address=f"198.51.{number}.1")) for number in range(5)]
    assert {reply.location for reply in replies} == {"/forgotten?said=sent"}
    assert len(mails()) == ASKED_TO[Window.MINUTE]


def test_one_network_asks_only_so_often_for_whomever(people: TablePorts):
    del people
    replies = [ask(f"{number}@example.com") for number in range(ASKED_FROM_A_NETWORK[Window.MINUTE] + 1)]
    assert [reply.status for reply in replies] == [303] * ASKED_FROM_A_NETWORK[Window.MINUTE] + [429]


def test_somebody_invited_chooses_a_password_and_is_in(people: TablePorts, mails: Mails):
    invitation = Invitation(
        organization_id="organization-1",
        email="new@example.com",
        name="Noor New",
        roles={APP_ID: Role.SUPERVISOR},
        language="es",
    )
    user = invite_user()(invitation, OWNER)
    assert try_password(Browser(), "new@example.com").status == 401
    ((_, subject, text),) = mails()
    assert (subject, "Hola" in text) == ("Tu invitación a Slotline", True)
    browser = Browser()
    assert "Noor New, choose the password" in browser.get(link_of(text)).text
    choose(browser, link_of(text))
    assert try_password(browser, "new@example.com", NEW).status == 303
    assert is_in(browser)
    assert people.users.find(user.user_id).status is UserStatus.ACTIVE
    assert actions(people) == ["user.invited", "user.sign_in_failed", "user.joined", "user.signed_in"]
    with pytest.raises(AddressTaken):
        invite_user()(invitation, OWNER)
    with pytest.raises(NotFound):
        invite_user().again("organization-1", user.user_id, "es", OWNER)


def test_an_invitation_that_is_too_old_is_renewed_by_its_reader_or_by_who_invited(people: TablePorts, mails: Mails):
    invitation = Invitation(organization_id="organization-1", email="new@example.com", name="Noor New")
    user = invite_user()(invitation, OWNER)
    mails()
    people.clock.advance(hours=1)
    ask("new@example.com")
    assert mails()[-1][1] == "Your invitation to Slotline"
    invite_user().again("organization-1", user.user_id, "en", OWNER)
    assert len(mails()) == 3
    assert actions(people) == ["user.invited", "user.invited_again"]
    with pytest.raises(NotFound):
        invite_user().again("organization-2", user.user_id, "en", OWNER)


def test_no_mailbox_is_flooded_by_whoever_invites_its_owner(people: TablePorts, mails: Mails):
    """Sent again, or removed and invited anew: an address is sent so many mails, whoever has them sent."""
    invitation = Invitation(organization_id="organization-1", email="new@example.com", name="Noor New")
    user = invite_user()(invitation, OWNER)
    for _ in range(ASKED_TO[Window.MINUTE] - 1):
        invite_user().again("organization-1", user.user_id, "en", OWNER)
    with pytest.raises(RateLimited):
        invite_user().again("organization-1", user.user_id, "en", OWNER)
    assert len(mails()) == ASKED_TO[Window.MINUTE]
    people.users.remove(people.users.find(user.user_id))
    with pytest.raises(RateLimited):
        invite_user()(invitation, OWNER)
    assert people.users.by_email("new@example.com") is None


def test_inviting_somebody_who_has_an_account_takes_none_of_their_mails(agent: User, mails: Mails):
    for _ in range(ASKED_TO[Window.DAY]):
        with pytest.raises(AddressTaken):
            invite_user()(Invitation(organization_id="organization-2", email=agent.email, name="Ann"), OWNER)
    ask(agent.email)
    assert len(mails()) == 1


def test_neither_tables_nor_queues_hold_the_link(people: TablePorts, agent: User, mails: Mails):
    ask(agent.email)
    waiting = boto3.client("sqs").receive_message(QueueUrl=f"{QUEUES_AT}/RemindersQueue", VisibilityTimeout=0)
    assert agent.email not in json.dumps(waiting["Messages"][0]["Body"])
    token = link_of(mails()[0][2]).rpartition("/")[2]
    assert token not in str(people.client.scan(TableName="AccessTable")["Items"])


@pytest.mark.parametrize("token", ["x", "slt_", f"slt_{'x' * 43}", "slt_" + "x" * 1_000, "slt_%00", "slt_é"])
def test_a_link_that_never_was_one_opens_nothing(people: TablePorts, token: str):
    del people
    assert Browser().get(f"/password/{token}").status == 404


@pytest.mark.parametrize("path", ["/forgotten", "link"])
def test_a_form_of_another_site_asks_for_nothing_and_sets_nothing(agent: User, mails: Mails, path: str):
    ask(agent.email)
    link = link_of(mails()[0][2]) if path == "link" else path
    fields = {"email": agent.email, "new": NEW}
    browser = Browser()
    csrf = browser.get(link).page.forms[0].value("csrf") or ""
    assert browser.send("POST", link, urlencode({**fields, "csrf": csrf}), sec_fetch_site="cross-site").status == 403
    assert browser.send("POST", link, urlencode(fields)).status == 403
    assert try_password(Browser(), agent.email, PASSWORD).status == 303


def test_no_page_behind_a_link_may_be_framed_kept_or_named_to_others(agent: User, mails: Mails):
    ask(agent.email)
    for path in ("/forgotten", link_of(mails()[0][2]), "/password/none"):
        headers = Browser().get(path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "same-origin")
