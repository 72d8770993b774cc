"""Credentials of a provider, kept in AWS Secrets Manager."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slotline.channels.aws_errors import told_apart
from slotline.channels.genesys_dispatch import ClientCredentials
from slotline.ports.messages import MessengerBusyError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@dataclass(frozen=True, slots=True)
class AwsSecret:
    """A secret of the form `{"client_id": "...", "client_secret": "..."}`, read anew each time."""

    client: "SecretsManagerClient"
    secret_id: str

    def __call__(self) -> ClientCredentials:
        """The credentials as they are now. Raises MessengerBusyError where they cannot be read."""
        with told_apart(frozenset()):
            text = self.client.get_secret_value(SecretId=self.secret_id).get("SecretString", "")
        found = _parsed(text)
        if found is None:
            raise MessengerBusyError("the secret does not hold a client_id and a client_secret")
        return found


def _parsed(text: str) -> ClientCredentials | None:
    try:
        found = json.loads(text)
        return ClientCredentials(client_id=str(found["client_id"]), client_secret=str(found["client_secret"]))
    except (ValueError, KeyError, TypeError):
        return None
