"""Who is calling, as the authorizer named them, and whether they may."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slotline.domain.calls import Actor, ActorType
from slotline.domain.errors import Forbidden, Unauthorized, Unavailable
from slotline.domain.limits import Window
from slotline.domain.scopes import Refusal, Scope

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


def _nothing_to_wait_for() -> None:
    """Where no gate was set, everybody is let in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """An external system, with what it was granted. `gate` waits for its rate limit, and refuses over it."""

    client_id: str
    organization_id: str
    app_ids: frozenset[str]
    scopes: frozenset[str]
    limits: Mapping[Window, int]
    gate: Callable[[], None] = _nothing_to_wait_for

    @property
    def actor(self) -> Actor:
        """The caller as a timeline names it."""
        return Actor(type=ActorType.API, id=self.client_id)

    def needs(self, scope: Scope, app_id: str, *, gated: bool = True) -> None:
        """Raises Forbidden without this scope or this app, the same whether or not the app exists.

        Waits for the rate limit too, unless the door passes `gate` on to a use case that waits later (`gated=False`).
        """
        self._check(scope)
        if app_id not in self.app_ids:
            raise Forbidden("This client was not granted access to this app.")
        if gated:
            self.gate()

    def dials(self, scope: Scope, *, gated: bool = True) -> str:
        """The organization that the caller dials for. Raises Forbidden without this scope; gated as `needs` is."""
        self._check(scope)
        if gated:
            self.gate()
        return self.organization_id

    def _check(self, scope: Scope) -> None:
        if scope not in self.scopes:
            raise Forbidden(f"This needs the scope {scope}, which the credential does not carry.")


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
    )
