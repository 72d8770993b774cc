"""The keys of guests' links, kept in AWS Secrets Manager."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from slotline.aws import raising_store_busy
from slotline.domain.booking.guest_links import KEPT_FOR, LinkKeys, keys_of
from slotline.ports.shared import Clock, StoreBusyError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

ASKED_AGAIN_AFTER = timedelta(seconds=10)
"""How long Secrets Manager is left alone after it did not answer: what is known is used on, even if it is nothing."""


@dataclass(slots=True)
class _Kept:
    keys: LinkKeys | None = field(default=None, repr=False)
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AwsLinkKeys:
    """A secret with the keys, read once in `KEPT_FOR`. The client is made for the first reading."""

    client: "Callable[[], SecretsManagerClient]"
    secret_id: str
    clock: Clock
    _kept: _Kept = field(default_factory=_Kept, init=False, repr=False)

    def __call__(self) -> LinkKeys:
        """The keys. Raises StoreBusyError if this process has read none yet and cannot now, whatever the reason.

        Keys that were read are used on while they cannot be read again. A secret that somebody spoiled, or an hour
        without Secrets Manager, ends no guest's way in.
        """
        now, kept = self.clock.now(), self._kept
        if kept.until is None or now >= kept.until:
            kept.until = now + ASKED_AGAIN_AFTER
            try:
                kept.keys, kept.until = self._read(), now + KEPT_FOR
            except StoreBusyError:
                if kept.keys is None:
                    raise
        if kept.keys is None:
            raise StoreBusyError("the keys of guests' links could not be read a moment ago")
        return kept.keys

    def _read(self) -> LinkKeys:
        try:
            with raising_store_busy():
                return keys_of(self.client().get_secret_value(SecretId=self.secret_id).get("SecretString", ""))
        except (BotoCoreError, ClientError, ValueError) as error:  # not ours to read, or nothing that could be read
            raise StoreBusyError("the keys of guests' links cannot be read") from error
