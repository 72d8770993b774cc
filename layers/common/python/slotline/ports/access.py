"""Who calls, and how often they may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # every handler imports ports, and few need all that they speak of
    from slotline.domain.access.calendar_feeds import CalendarFeed, FeedSituation
    from slotline.domain.access.connections import Connection, PendingSignIn, Proof
    from slotline.domain.access.identity import AccessToken, Client, RateLimits, StoredSecret
    from slotline.domain.access.keys import Key
    from slotline.domain.access.rate_limits import RateState, Window
    from slotline.domain.access.sessions import Session
    from slotline.domain.access.users import Organization, User
    from slotline.domain.access.visits import Entrance, VisitedApp
    from slotline.domain.access.ways_in import AskedWayIn, WayIn
    from slotline.domain.access.websites import Website
    from slotline.domain.shared.audit import AuditEntry
    from slotline.domain.shared.due import Due
    from slotline.domain.shared.paging import Listed


class Rates(Protocol):
    """Where requests are counted."""

    def count(self, principal: str, limits: dict[Window, int], now: datetime, *, shows_use: bool = False) -> RateState:
        """Count one request in all windows, or in none where one is full. Raises StoreBusyError.

        `shows_use`: the day's count is kept for `KEPT_FOR`, because it says when a credential was last used.
        """
        ...


class Credentials(Protocol):
    """Who holds which credential."""

    def client(self, client_id: str) -> Client | None:
        """The client of this id, revoked ones too. Raises StoreBusyError."""
        ...

    def api_key(self, key_hash: str) -> Client | None:
        """The grants of the API key with this hash, revoked ones too. Raises StoreBusyError."""
        ...


class KeptCredentials(Credentials, Protocol):
    """Where credentials are made and ended. A change is written with its entry of the audit log, or neither is.

    Secrets come as hashes only. Every method may raise StoreBusyError.
    """

    def keys_of(self, organization_id: str) -> Sequence[Key]:
        """All clients and keys of an organization, those that were revoked too."""
        ...

    def last_used(self, principals: Sequence[str]) -> Mapping[str, date]:
        """Of each name under which requests are counted, the last day of which there is a count."""
        ...

    def add_client(self, client: Client, entry: AuditEntry | None = None) -> None:
        """Keep a new client. Raises Conflict where the id is taken."""
        ...

    def add_api_key(
        self, key_hash: str, grants: Client, entry: AuditEntry | None = None, *, replaces: str | None = None
    ) -> None:
        """Keep a new API key, perhaps in the place of another. Raises Conflict where its id is taken."""
        ...

    def add_widget_key(
        self,
        key_hash: str,
        app_id: str,
        created_at: str,
        limits: RateLimits | None = None,
        *,
        key: Key | None = None,
        entry: AuditEntry | None = None,
    ) -> None:
        """Keep a new widget key. Raises Conflict where its id is taken."""
        ...

    def replace_secrets(
        self, client: Client, secrets: tuple[StoredSecret, ...], entry: AuditEntry | None = None
    ) -> None:
        """Put a client's secrets in place of those it was read with. Raises Conflict where those changed."""
        ...

    def revoke_client(self, client_id: str, entry: AuditEntry | None = None) -> None:
        """Stop a client. Raises NotFound."""
        ...

    def revoke_api_key(self, key_hash: str, entry: AuditEntry | None = None) -> None:
        """Stop an API key. Raises NotFound."""
        ...

    def revoke_widget_key(self, key_hash: str, key: Key | None = None, entry: AuditEntry | None = None) -> None:
        """Take a widget key away. Raises NotFound."""
        ...


class TokenSigner(Protocol):
    """Makes access tokens that anybody can verify and nobody else can make."""

    def sign(self, token: AccessToken) -> str:
        """The token as a JWT (RFC 9068). Raises StoreBusyError."""
        ...


class TokenVerifier(Protocol):
    """Tells our tokens from all others."""

    def claims(self, token: str, issuer: str) -> Mapping[str, object]:
        """The claims of a token with our signature; their times are the caller's to judge.

        Raises BadCredential for any other token, and StoreBusyError.
        """
        ...


class Websites(Protocol):
    """Which website holds which widget key."""

    def find(self, app_id: str, key_hash: str, preset: str | None = None) -> Website | None:
        """The app with its widget key of this hash; None unless both are there and belong together.

        `preset`: the id or slug of one that is wanted with them, if it is public.

        Raises StoreBusyError.
        """
        ...


class Seals(Protocol):
    """Encrypts short texts so that nobody reads or alters them, for tokens that stand in addresses."""

    def seal(self, key: bytes, text: str, beside: bytes) -> bytes:
        """The text, encrypted under 32 bytes, and bound to what stands beside it. Another result each time."""
        ...

    def opened(self, key: bytes, sealed: bytes, beside: bytes) -> str | None:
        """The text again; None for what was not sealed with this key beside this, or was altered."""
        ...


class Users(Protocol):
    """The accounts of people who sign in. All raise StoreBusyError."""

    def find(self, user_id: str) -> User | None:
        """The account of this id."""
        ...

    def several(self, user_ids: Sequence[str]) -> Sequence[User]:
        """The accounts of these ids that are there."""
        ...

    def by_email(self, email: str) -> User | None:
        """The account of this address, in whatever case."""
        ...

    def organization(self, organization_id: str) -> Organization:
        """What an organization decided about its people."""
        ...

    def of_organization(self, organization_id: str) -> Sequence[User]:
        """Its accounts, in order of their ids."""
        ...

    def add(self, user: User, entry: AuditEntry | None = None) -> None:
        """Keep a new account, with the audit row of that. Raises AlreadyWritten: the id or the address is there."""
        ...

    def change(
        self,
        before: User,
        after: User,
        entry: AuditEntry | None = None,
        one_owner_less: Organization | None = None,
    ) -> User:
        """Keep an account in the place of what was read; returns it as it is then.

        `one_owner_less`: the organization as it was read before its owners were counted, if this takes one away.
        Raises RaceLost if the account is not as it was read, or the organization's owners may not be.
        """
        ...

    def remove(self, user: User, entry: AuditEntry | None = None, one_owner_less: Organization | None = None) -> None:
        """Take an account away, as it was read. Raises RaceLost as `change` does."""
        ...

    def change_organization(self, before: Organization, after: Organization, entry: AuditEntry | None = None) -> None:
        """Keep what an organization decided in the place of what was read. Raises RaceLost if it is not as it was."""
        ...


class Passwords(Protocol):
    """Hashes passwords so that whoever reads the hashes can guess few."""

    def hashed(self, password: str) -> str:
        """What is kept of a password: a slow hash with a salt of its own."""
        ...

    def proves(self, kept: str | None, password: str) -> bool:
        """Whether this is the password. None, for no password, takes as long, and it is none."""
        ...

    def is_outdated(self, kept: str) -> bool:
        """Whether it was hashed more cheaply than passwords are now."""
        ...


class OneTimeCodes(Protocol):
    """The codes of authenticator apps (RFC 6238)."""

    def step_of(self, secret: str, code: str, now: datetime) -> int | None:
        """The time step that a code is of; None if it is not of about now."""
        ...

    def address_of(self, secret: str, account: str, issuer: str) -> str:
        """The address (`otpauth:`) by which an authenticator takes a secret in."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChange:
    """An account as it was read, and as it is to be kept."""

    before: User
    after: User


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDevice:
    """A device that a user signed in with, and until when it is known."""

    user_id: str
    device_hash: str
    until: datetime


class WaysIn(Protocol):
    """Links by which somebody chooses a password. All raise StoreBusyError."""

    def ask(self, asked: AskedWayIn) -> Due:
        """Keep a mail that is to be sent; what wakes whoever sends it."""
        ...

    def due(self, due: Due) -> AskedWayIn | None:
        """The mail that this is about, unless it was sent."""
        ...

    def was_sent(self, asked: AskedWayIn, at: datetime) -> None:
        """Nobody need send it again."""
        ...

    def keep(self, way: WayIn) -> None:
        """Keep what proves a new link."""
        ...

    def find(self, token_hash: str) -> WayIn | None:
        """The link of this token."""
        ...

    def spend(self, way: WayIn, account: AccountChange, device: KnownDevice, entry: AuditEntry) -> None:
        """Change an account by a link, which is good for nothing more. Raises RaceLost if either is not as it was."""
        ...


class Sessions(Protocol):
    """The sessions of people who signed in. All raise StoreBusyError."""

    def enter(self, user_id: str, session_hash: str, app_id: str | None = None) -> Entrance | None:
        """The session with its user, as they are now, and the app; None if session or user is not there."""
        ...

    def app(self, app_id: str) -> VisitedApp | None:
        """An app, for somebody who is not in yet."""
        ...

    def apps_of(self, user: User) -> Sequence[VisitedApp]:
        """The apps in which the user is something, by name."""
        ...

    def begin(
        self,
        session: Session,
        replaces: Session | None = None,
        entry: AuditEntry | None = None,
        account: AccountChange | None = None,
        device: KnownDevice | None = None,
    ) -> None:
        """Keep a new session, and whatever else changes with it; the one that it replaces ends.

        Raises RaceLost if that had ended already, or the account is not as it was read.
        """
        ...

    def knows(self, user_id: str, device_hash: str, now: datetime) -> bool:
        """Whether the user signed in with this device not too long ago."""
        ...

    def end(self, user_id: str, session_hash: str, entry: AuditEntry | None = None) -> None:
        """End a session, whether or not it is there."""
        ...

    def seen(self, session: Session, now: datetime) -> None:
        """Write down that it is in use."""
        ...

    def of_user(self, user_id: str) -> Sequence[Session]:
        """A user's sessions; some may be over."""
        ...


class CalendarFeeds(Protocol):
    """Calendar feeds. A change is written with its entry of the audit log, or neither is. All raise StoreBusyError."""

    def of_user(self, user_id: str, app_id: str) -> CalendarFeed | None:
        """The feed that a user has of an app."""
        ...

    def find(self, token_hash: str) -> FeedSituation | None:
        """Whose feed this is; None if there is none, or its user or app is gone."""
        ...

    def keep(self, feed: CalendarFeed, replaces: CalendarFeed | None, entry: AuditEntry) -> None:
        """Keep a feed in the place of another, which ends; or as the first. Raises RaceLost if it is not so."""
        ...

    def end(self, feed: CalendarFeed, entry: AuditEntry) -> None:
        """End a feed. Raises RaceLost if it has ended."""
        ...


class AuditLog(Protocol):
    """The audit log, as it is read; what changes something writes its rows with it. All raise StoreBusyError."""

    def of_month(
        self, organization_id: str, app_id: str | None, month: date, limit: int, after: str | None = None
    ) -> Listed[AuditEntry]:
        """A page of the log of an app, or of an organization without one, in a month of UTC, newest first.

        `after`: the place of an entry (`audit_search.place_of`) or an instant; only what is before it.
        """
        ...

    def append(self, entry: AuditEntry) -> None:
        """Add an entry for what changes no row, such as an export."""
        ...


class Connections(Protocol):
    """Organizations' own providers of identities, and the sign-ins on their way there. All raise StoreBusyError."""

    def find(self, connection_id: str) -> Connection | None:
        """The connection of this id."""
        ...

    def of_domain(self, domain: str) -> Connection | None:
        """The connection that vouches for the addresses of a domain."""
        ...

    def of_organization(self, organization_id: str) -> Sequence[Connection]:
        """An organization's connections."""
        ...

    def begin(self, pending: PendingSignIn) -> None:
        """Keep a sign-in that leaves for its provider."""
        ...

    def take(self, state: str, state_hash: str) -> PendingSignIn | None:
        """The sign-in of a state, once: whoever brings the same again gets none."""
        ...

    def user_known_as(self, organization_id: str, proof: Proof) -> str | None:
        """The id of who in an organization was recognised as this before. The account has to say so, too."""
        ...

    def link(self, before: User, after: User, proof: Proof, entry: AuditEntry) -> None:
        """Recognise an account as this from now on. Raises RaceLost if it is not as it was read."""
        ...


class IdentityProvider(Protocol):
    """Whoever vouches for people by OpenID Connect. Raises ProofRefused for an answer that proves nothing, and
    Unavailable for a provider that does not answer."""

    def way_to(self, connection: Connection, pending: PendingSignIn, back: str) -> str:
        """The address at the provider at which somebody signs in, and is then led `back`."""
        ...

    def proof(self, connection: Connection, pending: PendingSignIn, back: str, answer: Mapping[str, str]) -> Proof:
        """Who somebody is, by the provider's answer in the query of `back`."""
        ...
