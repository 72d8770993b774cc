"""Who asks: what the environment says, as in Lambda; anybody else as botocore finds them.

botocore looks into the environment first, too (Boto3 documentation, "Credentials"). It is not imported for that.
"""

import os
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from botocore.exceptions import NoCredentialsError

from slotline.aws.signing import Credentials


class FoundCredentials:
    """Credentials as they are at each request: they are rotated, by the environment or by whoever lends them."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ
        self._last: Credentials | None = None

    def now(self) -> Credentials:
        """Raises NoCredentialsError, or what else botocore raises while it looks for them."""
        said = self._environ.get
        access_key, last = said("AWS_ACCESS_KEY_ID"), self._last
        if last and last.access_key == access_key:  # every secret and every session has a key of its own
            return last
        if access_key and (secret_key := said("AWS_SECRET_ACCESS_KEY")):
            token = said("AWS_SECURITY_TOKEN") or said("AWS_SESSION_TOKEN")
            self._last = Credentials(access_key, secret_key, token or None)
            return self._last
        if self._elsewhere is None:
            raise NoCredentialsError
        frozen = self._elsewhere.get_frozen_credentials()
        return Credentials(frozen.access_key, frozen.secret_key, frozen.token or None)

    @cached_property
    def _elsewhere(self) -> Any:
        """A profile, a role, a container: they refresh themselves when they are asked."""
        from botocore.session import Session  # a tenth of a second that Lambda does not pay

        return Session().get_credentials()
