"""Something kept in AWS Secrets Manager that a process reads now and then."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from slotline.aws import raising_store_busy
from slotline.ports.shared import Clock, StoreBusyError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

ASKED_AGAIN_AFTER = timedelta(seconds=10)
"""How long Secrets Manager is left alone after it did not answer: what is known is used on, even if it is nothing."""
Kept = TypeVar("Kept")


@dataclass(slots=True)
class _Known(Generic[Kept]):
    value: Kept | None = field(default=None, repr=False)
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeptSecret(Generic[Kept]):
    """A secret, read once in `kept_for`. `read` makes something of its text, or raises ValueError; `what` it is stands
    in errors. The client is made for the first reading."""

    client: "Callable[[], SecretsManagerClient]"
    secret_id: str
    clock: Clock
    read: Callable[[str], Kept]
    what: str
    kept_for: timedelta
    _known: "_Known[Kept]" = field(default_factory=_Known, init=False, repr=False)

    def __call__(self) -> Kept:
        """What it says. Raises StoreBusyError if this process has read none yet and cannot now, whatever the reason.

        What was read is used on while it cannot be read again. A secret that somebody spoiled, or an hour without
        Secrets Manager, ends nobody's way in.
        """
        now, known = self.clock.now(), self._known
        if known.until is None or now >= known.until:
            known.until = now + ASKED_AGAIN_AFTER
            try:
                known.value, known.until = self._read(), now + self.kept_for
            except StoreBusyError:
                if known.value is None:
                    raise
        if known.value is None:
            raise StoreBusyError(f"{self.what} could not be read a moment ago")
        return known.value

    def _read(self) -> Kept:
        try:
            with raising_store_busy():
                return self.read(self.client().get_secret_value(SecretId=self.secret_id).get("SecretString", ""))
        except (BotoCoreError, ClientError, ValueError) as error:  # not ours to read, or nothing that could be read
            raise StoreBusyError(f"{self.what} cannot be read") from error
