"""A Twilio account kept in AWS Secrets Manager."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from slotline.carriers.twilio import TwilioAccount
from slotline.ports.dialing import CarrierRefused
from slotline.ports.shared import Clock

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

KEPT_FOR = timedelta(minutes=1)
"""How long a token that was rotated may still be used."""


@dataclass(slots=True)
class _Kept:
    account: TwilioAccount | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AwsTwilioAccount:
    """A secret of the form `{"account_sid": "AC...", "auth_token": "..."}`, read once a minute."""

    client: "SecretsManagerClient"
    secret_id: str
    clock: Clock
    _kept: _Kept = field(default_factory=_Kept, init=False, repr=False)

    def __call__(self) -> TwilioAccount:
        """The account as it is now. Raises CarrierRefused, for now, where it cannot be read."""
        now, kept = self.clock.now(), self._kept
        if kept.account is None or kept.until is None or now >= kept.until:
            kept.account, kept.until = self._read(), now + KEPT_FOR
        return kept.account

    def _read(self) -> TwilioAccount:
        try:
            text = self.client.get_secret_value(SecretId=self.secret_id).get("SecretString", "")
            found = json.loads(text)
            return TwilioAccount(account_sid=str(found["account_sid"]), auth_token=str(found["auth_token"]))
        except (BotoCoreError, ClientError, ValueError, KeyError, TypeError):
            raise CarrierRefused("account_unreadable", may_pass=True) from None
