"""Who is calling, as the authorizer named them, and whether they may."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from slotline.domain.access.rate_limits import Window, no_rate_limit
from slotline.domain.access.scopes import Refusal, Scope
from slotline.domain.shared.errors import Forbidden, Unauthorized, Unavailable

if TYPE_CHECKING:
    from slotline.domain.booking.calls import Actor, BookingSource
    from slotline.domain.booking.holds import Holder
    from slotline.domain.shared.audit import Author

_REFUSALS = {
    Refusal.MISSING: (
        "Send an access token: 'Authorization: Bearer …'. POST /api/v1/oauth/token gives one.",
        None,
    ),
    Refusal.BAD: (
        "The access token is not valid. POST /api/v1/oauth/token gives a new one.",
        "invalid_token",
    ),
    Refusal.EXPIRED: (
        "The access token has expired. POST /api/v1/oauth/token gives a new one.",
        "invalid_token",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody on a website, which speaks for one app with a widget key.

    `address`: a keyed hash of where they are. `visit`: what the website calls this visit, if it says so. `may_embed`:
    whether the page that asks may be where these origins are listed.
    """

    address: str
    visit: str | None
    may_embed: Callable[[Iterable[str]], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """An external system, with what it was granted, or the visitor of a website.

    `check_rate`: see `slotline.ports.shared.RateLimitCheck`.
    """

    client_id: str
    organization_id: str
    app_ids: frozenset[str]
    scopes: frozenset[str]
    limits: Mapping[Window, int]
    check_rate: Callable[[], None] = no_rate_limit
    visitor: Visitor | None = None
    """Whom a website's request comes from; None: it is a partner's."""
    address: str = ""
    """Where the request came from. It is kept nowhere: the audit log has its network."""

    @property
    def principal(self) -> str:
        """In whose name receipts are kept. A widget key is everybody's, so each visitor has receipts of their own.

        A visit that has a name keeps them wherever it goes on; one that has none is told by its address.
        """
        if self.visitor is None:
            return self.client_id
        who = f"visit:{self.visitor.visit}" if self.visitor.visit else f"address:{self.visitor.address}"
        return f"{self.client_id}-{sha256(who.encode()).hexdigest()[:32]}"

    @property
    def actor(self) -> "Actor":
        """The caller as a timeline names it."""
        from slotline.domain.booking.calls import Actor, ActorType  # who dials needs none of the booking's calls

        return Actor(type=ActorType.GUEST) if self.visitor else Actor(type=ActorType.API, id=self.client_id)

    @property
    def author(self) -> "Author":
        """The caller as the audit log names it."""
        from slotline.domain.shared.audit import Author, AuthorType, Surface  # most requests change no setting
        from slotline.domain.shared.networks import network_of

        network = network_of(self.address)
        return Author(type=AuthorType.CLIENT, surface=Surface.API, id=self.client_id, network=network)

    @property
    def holders(self) -> "tuple[Holder, ...]":
        """Who holds the slots that the caller asks for: the first has them, and each counts them."""
        from slotline.domain.booking.holds import client_holder, visitor_holders

        if self.visitor is None:
            return (client_holder(self.client_id),)
        return visitor_holders(self.client_id, self.visitor.visit, self.visitor.address)

    @property
    def source(self) -> "BookingSource":
        """The surface that the caller books from."""
        from slotline.domain.booking.calls import BookingSource

        return BookingSource.PUBLIC_BOOKING if self.visitor else BookingSource.API

    def needs(self, scope: Scope, app_id: str, *, checks_rate: bool = True) -> None:
        """Raises Forbidden without this scope or this app, the same whether or not the app exists.

        Checks the rate limit too; `checks_rate=False` where the use case does it, after its reading.
        """
        self._check(scope)
        self.may_enter(app_id)
        if checks_rate:
            self.check_rate()

    def may_enter(self, app_id: str) -> None:
        """Raises Forbidden for an app that the caller was not granted, the same whether or not it exists."""
        if app_id not in self.app_ids:
            raise Forbidden("This client was not granted access to this app.")

    def dials(self, scope: Scope, *, checks_rate: bool = True) -> str:
        """The organization that the caller dials for. Raises Forbidden without this scope; `checks_rate` as above."""
        self._check(scope)
        if checks_rate:
            self.check_rate()
        return self.organization_id

    def _check(self, scope: Scope) -> None:
        if scope not in self.scopes:
            message = f"This needs the scope {scope}, which the credential does not carry."
            raise Forbidden(message, needed_scope=scope.value)


def caller_from(event: Mapping[str, Any]) -> Caller:
    """The caller in a payload 2.0 event. Raises Unauthorized where the authorizer named nobody, or Unavailable."""
    named = event.get("requestContext", {}).get("authorizer", {}).get("lambda") or {}
    if "client_id" not in named:
        refusal = Refusal(named.get("error", Refusal.MISSING))
        if refusal is Refusal.UNAVAILABLE:
            raise Unavailable("The service is busy. Try again in a moment.")
        message, code = _REFUSALS[refusal]
        raise Unauthorized(message, rfc6750_error=code)
    return Caller(
        client_id=named["client_id"],
        organization_id=named["organization_id"],
        app_ids=frozenset(named["app_ids"].split()),
        scopes=frozenset(named["scopes"].split()),
        limits={window: int(named[f"limit_{window}"]) for window in Window},
        address=event.get("requestContext", {}).get("http", {}).get("sourceIp", ""),
    )
