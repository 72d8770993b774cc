"""The keys of guests' links, kept in AWS Secrets Manager."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from slotline.aws import code_of, raising_store_busy
from slotline.domain.booking.guest_links import KEPT_FOR, LinkKeys, keys_of
from slotline.ports.shared import Clock, StoreBusyError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

ASKED_AGAIN_AFTER = timedelta(seconds=10)
"""How long what is known is used on, after Secrets Manager did not answer."""
_FAULT = "InternalServiceError"
"""Secrets Manager's word for a fault of its own (API reference, GetSecretValue)."""


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
        """The keys. If this process has read none yet: raises StoreBusyError where Secrets Manager is busy, ClientError
        where it refuses, ValueError where the secret holds no keys.

        Keys that were read are used on while they cannot be read again. A secret that somebody spoiled, or an hour
        without Secrets Manager, ends no guest's way in.
        """
        now, kept = self.clock.now(), self._kept
        if kept.keys is None or kept.until is None or now >= kept.until:
            try:
                kept.keys, kept.until = self._read(), now + KEPT_FOR
            except (StoreBusyError, ClientError, ValueError):
                if kept.keys is None:
                    raise
                kept.until = now + ASKED_AGAIN_AFTER
        return kept.keys

    def _read(self) -> LinkKeys:
        try:
            with raising_store_busy():
                text = self.client().get_secret_value(SecretId=self.secret_id).get("SecretString", "")
        except ClientError as error:
            if code_of(error) != _FAULT:
                raise
            raise StoreBusyError(code_of(error)) from error
        return keys_of(text)
