"""Signing in with an organization's own provider: one of Authlib's, which listens on this machine."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from slotline.domain.access.connections import PENDING_LIFE, Connection
from slotline.domain.access.users import Role, SecondFactor, User, UserStatus
from slotline.domain.shared.audit import AuditEntry, Author, AuthorType, Surface
from slotline.store.access.audit_log import DynamoAuditLog
from slotline.store.access.connections import DynamoConnections
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.apps import NOW
from tests.support.builders.people import HOST, ORGANIZATION, Browser, Reply, a_user
from tests.support.handlers import APP_ID
from tests.support.oidc.provider import Person, Provider, running

ADA = a_user(Role.SUPERVISOR, "ada", password_hash="hash")
WAY = f"/console/{APP_ID}"
LONG_AGO, SOON = (int((NOW + timedelta(hours=hours)).timestamp()) for hours in (-1, 1))
Connect = Callable[..., Connection]


@pytest.fixture(autouse=True)
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own machine may be called, as on the local system."""
    monkeypatch.setenv("WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8")


@pytest.fixture
def provider(loopback: None, people: TablePorts) -> Iterator[Provider]:
    del loopback  # asked for, so that the wiring reads it
    with running(people.clock.now) as found:
        yield found


@pytest.fixture
def connect(people: TablePorts) -> Connect:
    """Connect an organization to a provider."""

    def connect(provider: Provider, name: str = "connection-1", **changes: object) -> Connection:
        connection = Connection(
            connection_id=name,
            organization_id=ORGANIZATION,
            name="Acme",
            issuer=provider.issuer,
            client_id=provider.client_id,
            client_secret=provider.client_secret,
            domains=frozenset({"example.com"}),
        )
        connection = replace(connection, **changes)  # type: ignore[arg-type]  # of its own fields
        provider.back = f"https://{HOST}/sign-in/with/{name}/back"
        author = Author(type=AuthorType.OPERATOR, surface=Surface.TOOLS)
        entry = AuditEntry(
            entry_id=f"entry-{name}",
            at=NOW,
            organization_id=ORGANIZATION,
            app_id=None,
            author=author,
            action="connection.added",
            subject_type="connection",
            subject_id=name,
        )
        DynamoConnections(people.client, "AccessTable").add(connection, entry)
        return connection

    return connect


@pytest.fixture
def connection(connect: Connect, provider: Provider) -> Connection:
    return connect(provider)


@pytest.fixture
def ada(people: TablePorts) -> User:
    people.users.add(ADA)
    return ADA


def leave(browser: Browser, name: str = "connection-1", way: str = WAY) -> str:
    """Begin: the address at the provider."""
    reply = browser.get(f"/sign-in/with/{name}?{urlencode({'next': way})}")
    assert reply.status == 303, reply.text
    return reply.location


def back(browser: Browser, address: str, **changes: str | None) -> Reply:
    """Open the address that the provider leads to, with other parameters."""
    parts = urlsplit(address)
    query = {**dict(parse_qsl(parts.query)), **changes}
    return browser.get(f"{parts.path}?{urlencode({name: value for name, value in query.items() if value is not None})}")


def sign_in(browser: Browser, provider: Provider) -> Reply:
    return back(browser, provider.authorize(leave(browser)))


def is_refused(reply: Reply) -> bool:
    """Whether nobody was signed in, and the page says what all such pages say."""
    assert (reply.status, "nobody was signed in" in reply.text) == (401, True), reply.text
    return not any(cookie.startswith("__Host-slotline=") for cookie in reply.cookies)


def log(people: TablePorts, organization_id: str = ORGANIZATION) -> list[str]:
    found = DynamoAuditLog(people.client, "AccessTable").of_month(organization_id, None, NOW.date(), 50).rows
    return [entry.action for entry in found]


@pytest.mark.usefixtures("ada", "connection")
class TestSigningIn:
    def test_whoever_the_provider_knows_is_in_and_where_they_wanted_to_go(self, provider: Provider, people: TablePorts):
        browser = Browser()
        reply = sign_in(browser, provider)
        assert (reply.status, reply.location) == (303, WAY)
        assert browser.get("/console").location == WAY
        assert {"user.linked", "user.signed_in"} < set(log(people))

    def test_the_way_there_asks_for_a_code_that_only_we_can_spend(self):
        query = dict(parse_qsl(urlsplit(leave(Browser())).query))
        assert (query["response_type"], query["code_challenge_method"]) == ("code", "S256")
        assert {len(query[name]) for name in ("state", "nonce", "code_challenge")} == {43}

    def test_from_then_on_they_are_known_by_issuer_and_subject_whatever_their_address(
        self, provider: Provider, people: TablePorts
    ):
        sign_in(Browser(), provider)
        provider.person = Person(email="ada@elsewhere.example", is_email_verified=False)
        assert sign_in(Browser(), provider).location == WAY
        provider.person = Person(subject="subject-2")
        assert sign_in(Browser(), provider).location == WAY, "one person may be known as two"
        user = people.users.find(ADA.user_id)
        assert user
        assert len(user.identities) == 2

    def test_several_sign_ins_at_once_in_one_browser_do_not_break_each_other(self, provider: Provider):
        browser = Browser()
        first, second = leave(browser), leave(browser, way="/my")
        assert back(browser, provider.authorize(second)).location == "/my"
        assert back(browser, provider.authorize(first)).location == WAY

    def test_an_address_that_only_userinfo_says_counts_as_well(self, provider: Provider):
        provider.does(email_in_userinfo=True)
        assert sign_in(Browser(), provider).location == WAY

    def test_our_second_factor_follows_unless_the_provider_has_one_itself(
        self, provider: Provider, people: TablePorts, connect: Connect
    ):
        user = people.users.find(ADA.user_id)
        assert user
        people.users.change(user, replace(user, second_factor=SecondFactor(secret="A" * 32)))
        assert sign_in(Browser(), provider).location.startswith("/sign-in/code")
        connect(provider, "connection-2", domains=frozenset(), proves_second_factor=True)
        browser = Browser()
        assert back(browser, provider.authorize(leave(browser, "connection-2"))).location == WAY

    def test_a_path_that_is_none_of_ours_is_not_gone_to(self, provider: Provider):
        browser = Browser()
        reply = back(browser, provider.authorize(leave(browser, way="//evil.example/")))
        assert reply.location == "/console"


@pytest.mark.usefixtures("ada", "connection")
class TestAttacks:
    def test_an_answer_with_another_state_is_refused(self, provider: Provider):
        browser = Browser()
        address = provider.authorize(leave(browser))
        assert is_refused(back(browser, address, state="x" * 43))
        assert is_refused(back(browser, address, state=None))

    def test_an_answer_that_another_browser_asked_for_is_refused(self, provider: Provider):
        """Else somebody could sign others in to their own account (login CSRF)."""
        address = provider.authorize(leave(Browser()))
        victim = Browser()
        leave(victim)
        assert is_refused(back(victim, address))

    def test_an_answer_is_good_once(self, provider: Provider):
        browser = Browser()
        address = provider.authorize(leave(browser))
        assert back(browser, address).status == 303
        assert is_refused(back(browser, address))

    def test_a_code_that_was_spent_is_refused_under_a_new_state_too(self, provider: Provider):
        browser = Browser()
        address = provider.authorize(leave(browser))
        assert back(browser, address).status == 303
        spent = dict(parse_qsl(urlsplit(address).query))["code"]
        assert is_refused(back(browser, provider.authorize(leave(browser)), code=spent))

    def test_a_code_of_somebody_elses_sign_in_is_refused(self, provider: Provider):
        """It was asked for under another challenge (PKCE)."""
        stolen = dict(parse_qsl(urlsplit(provider.authorize(leave(Browser()))).query))["code"]
        browser = Browser()
        assert is_refused(back(browser, provider.authorize(leave(browser)), code=stolen))

    def test_an_answer_that_comes_too_late_is_refused(self, provider: Provider, people: TablePorts):
        browser = Browser()
        address = provider.authorize(leave(browser))
        people.clock.advance(seconds=PENDING_LIFE.total_seconds())
        assert is_refused(back(browser, address))

    @pytest.mark.parametrize(
        "claims",
        [
            pytest.param([{"nonce": "x"}, {"nonce": None}], id="nonce"),
            pytest.param([{"iss": "https://evil.example"}, {"iss": None}], id="issuer"),
            pytest.param([{"aud": "else"}, {"aud": None}, {"aud": ["slotline", "else"], "azp": "else"}], id="audience"),
            pytest.param([{"exp": LONG_AGO}, {"exp": None}, {"iat": SOON}], id="times"),
            pytest.param([{"sub": None}], id="subject"),
        ],
    )
    def test_a_token_whose_claims_do_not_fit_is_refused(self, provider: Provider, claims: list[dict[str, object]]):
        for wrong in claims:
            provider.does(claims=wrong)
            assert is_refused(sign_in(Browser(), provider)), wrong

    def test_a_token_with_another_keys_signature_is_refused(self, provider: Provider):
        provider.does(forged=True)
        assert is_refused(sign_in(Browser(), provider))

    def test_a_token_that_nobody_signed_is_refused(self, provider: Provider):
        """`alg: none`."""
        provider.does(unsigned=True)
        assert is_refused(sign_in(Browser(), provider))

    def test_an_answer_that_names_another_issuer_is_refused_and_its_code_is_not_spent(self, provider: Provider):
        """RFC 9207."""
        browser = Browser()
        assert is_refused(back(browser, provider.authorize(leave(browser)), iss="https://evil.example"))
        assert is_refused(back(browser, provider.authorize(leave(browser)), iss=None)), "it says that it says so"
        assert "/token" not in provider.asked

    @pytest.mark.parametrize("says_who", [True, False], ids=["say who they are", "do not"])
    def test_two_providers_are_not_mixed_up(
        self, provider: Provider, people: TablePorts, connect: Connect, *, says_who: bool
    ):
        """What left for one and comes back as the other's is refused, and no code reaches the other (RFC 9207 §1).

        Each has an address of its own to come back to, so that it holds for those that do not say who they are, too.
        """
        provider.does(says_who=says_who)
        with running(people.clock.now) as other:
            other.does(says_who=says_who)
            connect(other, "connection-2", domains=frozenset())
            browser = Browser()
            query = urlsplit(provider.authorize(leave(browser))).query
            assert is_refused(browser.get(f"/sign-in/with/connection-2/back?{query}"))
            assert "/token" not in other.asked

    def test_userinfo_of_somebody_else_is_refused(self, provider: Provider):
        provider.does(email_in_userinfo=True, userinfo={"sub": "subject-9"})
        assert is_refused(sign_in(Browser(), provider))

    def test_metadata_of_another_issuer_is_refused(self, provider: Provider):
        provider.does(metadata={"issuer": "https://evil.example"})
        assert is_refused(Browser().get("/sign-in/with/connection-1"))

    @pytest.mark.parametrize("address", ["http://evil.example/authorize", "javascript:alert(1)"])
    def test_a_browser_is_sent_to_no_address_that_is_not_encrypted(self, provider: Provider, address: str):
        provider.does(metadata={"authorization_endpoint": address})
        assert is_refused(Browser().get("/sign-in/with/connection-1"))


class TestWhoComesIn:
    @pytest.mark.usefixtures("connection")
    def test_nobody_gets_an_account_by_it(self, provider: Provider, people: TablePorts):
        assert is_refused(sign_in(Browser(), provider))
        assert people.users.of_organization(ORGANIZATION) == []

    @pytest.mark.usefixtures("ada", "connection")
    def test_an_address_that_is_not_verified_or_not_vouched_for_opens_no_account(self, provider: Provider):
        for person in (
            Person(is_email_verified=False),
            Person(email=None),
            Person(email="ada@another.example"),
            Person(email="somebody@example.com"),
        ):
            provider.person = person
            assert is_refused(sign_in(Browser(), provider)), person

    @pytest.mark.usefixtures("ada", "connection")
    def test_a_token_that_says_verified_without_an_address_vouches_for_none_of_userinfo(self, provider: Provider):
        provider.does(email_in_userinfo=True, claims={"email_verified": True}, userinfo={"email_verified": None})
        assert is_refused(sign_in(Browser(), provider))

    @pytest.mark.usefixtures("ada")
    def test_a_provider_without_domains_recognises_nobody_by_address(self, provider: Provider, connect: Connect):
        connect(provider, domains=frozenset())
        assert is_refused(sign_in(Browser(), provider))

    @pytest.mark.usefixtures("connection")
    def test_a_provider_speaks_for_its_own_organization_alone(self, provider: Provider, people: TablePorts):
        people.users.add(replace(ADA, organization_id="organization-2", roles={}, is_owner=True))
        assert is_refused(sign_in(Browser(), provider))

    @pytest.mark.usefixtures("ada", "connection")
    def test_another_organizations_connection_to_the_same_provider_opens_nobodys_account_here(
        self, provider: Provider, connect: Connect
    ):
        assert sign_in(Browser(), provider).status == 303
        connect(provider, "connection-2", organization_id="organization-2", domains=frozenset())
        browser = Browser()
        assert is_refused(back(browser, provider.authorize(leave(browser, "connection-2"))))

    @pytest.mark.usefixtures("connection")
    def test_whoever_was_invited_has_accepted_by_it(self, provider: Provider, people: TablePorts):
        people.users.add(replace(ADA, status=UserStatus.INVITED, password_hash=None))
        assert sign_in(Browser(), provider).location == WAY

    @pytest.mark.usefixtures("connection")
    def test_whoever_is_suspended_stays_outside(self, provider: Provider, people: TablePorts):
        people.users.add(ADA)
        assert sign_in(Browser(), provider).status == 303
        user = people.users.find(ADA.user_id)
        assert user
        people.users.change(user, replace(user, status=UserStatus.SUSPENDED))
        assert is_refused(sign_in(Browser(), provider))


@pytest.mark.usefixtures("connection")
class TestTheWay:
    def test_a_connection_is_found_by_the_domain_of_an_address(self):
        browser = Browser()
        form = browser.get("/sign-in/with").page.form("with")
        reply = browser.press(form, email="Somebody@Example.com")
        assert "Continue with Acme" in reply.text
        assert "/sign-in/with/connection-1" in reply.page.links
        assert "No sign-in is set up" in browser.press(form, email="ada@another.example").text

    def test_a_connection_that_there_is_not_is_not_found(self):
        assert Browser().get("/sign-in/with/connection-9").status == 404

    def test_a_provider_inside_our_network_is_never_asked(self, connect: Connect, provider: Provider):
        connect(provider, "connection-2", issuer="https://169.254.169.254", domains=frozenset())
        assert Browser().get("/sign-in/with/connection-2").status == 503

    def test_a_secret_of_a_sign_in_is_in_no_row_once_it_is_over(self, provider: Provider, people: TablePorts):
        people.users.add(ADA)
        browser = Browser()
        address = leave(browser)
        sent = dict(parse_qsl(urlsplit(address).query))
        back(browser, provider.authorize(address))
        kept = str(people.client.scan(TableName="AccessTable")["Items"])
        assert not [name for name in ("state", "nonce") if sent[name] in kept]
