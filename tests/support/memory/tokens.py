"""What DynamoDB does with the token of a transaction: the same request within ten minutes succeeds and has no effect.

So two callers who send the very same words are both told that they won. Fakes that did not know this could not show it.
DynamoDB API reference, TransactWriteItems, `ClientRequestToken`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import wraps
from hashlib import sha256
from typing import Any, TypeVar

REMEMBERED_FOR = timedelta(minutes=10)

Write = TypeVar("Write", bound=Callable[..., None])


class TokenReused(Exception):
    """The token came with another request: DynamoDB's IdempotentParameterMismatchException."""


def _present() -> datetime:
    return datetime.now(UTC)


@dataclass
class RequestTokens:
    """The tokens of one DynamoDB. Whoever uses it holds a lock around it where several threads write."""

    now: Callable[[], datetime] = _present
    _seen: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def once(self, token: str, content: object, act: Callable[[], Any]) -> Any:
        """What `act` returns, or None for a repeat; `act` raises what refuses it, and a refusal is not remembered.

        Raises TokenReused.
        """
        said, now = repr(content), self.now()
        known, until = self._seen.get(token, ("", now))
        if now < until:
            if known != said:
                raise TokenReused
            return None
        done = act()
        self._seen[token] = (said, now + REMEMBERED_FOR)
        return done

    def forget(self) -> None:
        """None was ever sent."""
        self._seen.clear()


def token_of(content: object) -> str:
    """The token that the adapters send: a digest of what is written."""
    return sha256(repr(content).encode()).hexdigest()[:36]


def transaction(write: Write) -> Write:
    """A method that the port's adapter runs as one TransactWriteItems: all or nothing, and once for its words."""

    @wraps(write)
    def sent(port: Any, *said: Any, **more: Any) -> None:
        store = getattr(port, "store", port)
        content = (write.__qualname__, said, sorted(more.items()))
        with store.writing():
            store.tokens.once(token_of(content), content, lambda: write(port, *said, **more))

    return sent  # type: ignore[return-value] # the same signature
