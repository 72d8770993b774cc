"""What a route asks of its caller, said beside its handler, so that it is checked before the request is read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from slotline.domain.access.scopes import Scope
from slotline.http.core.caller import Caller

Handler = TypeVar("Handler", bound=Callable[..., Any])
_ATTRIBUTE = "rights"


@dataclass(frozen=True, slots=True)
class Rights:
    """The scopes of a route, and whether its rate limit is checked before the handler runs.

    `websites`: whether a website may call it, for its own app; it has no scopes.
    """

    scopes: tuple[Scope, ...]
    checks_rate: bool
    websites: bool = False

    def check(self, caller: Caller, app_id: str | None) -> None:
        """Raises Forbidden without a scope, or without the app if the path names one, whether or not it exists."""
        if caller.visitor:
            caller.may_enter(app_id or "")
            return
        for scope in self.scopes:
            if app_id is None:
                caller.dials(scope, checks_rate=False)
            else:
                caller.needs(scope, app_id, checks_rate=False)


def needs(*scopes: Scope, checks_rate: bool = True, websites: bool = False) -> Callable[[Handler], Handler]:
    """Beside a route's handler: without these scopes, and without the app of the path, nobody's request is read.

    `checks_rate=False` where the use case checks the rate limit, after its reading. `websites`: a widget key of the
    path's app will do instead of a token.
    """

    def tell(handler: Handler) -> Handler:
        setattr(handler, _ATTRIBUTE, Rights(scopes, checks_rate, websites))
        return handler

    return tell


def rights_of(handler: Callable[..., Any]) -> Rights | None:
    """What was said beside this handler."""
    found: Rights | None = getattr(handler, _ATTRIBUTE, None)
    return found
