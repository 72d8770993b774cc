"""What AWS's errors mean for a message. Each adapter lists the codes that say no to the message itself.

Everything else may be different the next time: a throttle, a lost answer, and also a mistake of set-up or permission,
which somebody puts right while the message waits in its queue, or behind it.

AWS's own texts repeat addresses and numbers, so none of them, and no cause that holds one, leaves here.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from slotline.aws import Patience
from slotline.ports.messages import MessageRefused, MessengerBusyError

SENDING = Patience(connect_seconds=2, read_seconds=10, tries=1)
"""Not repeated here: after a lost answer that would send twice. The queue, which knows how often, asks again."""

_REASON = re.compile(r"[A-Z][A-Z_]{2,80}")


@contextmanager
def told_apart(refusals: frozenset[str]) -> Iterator[None]:
    """Turn every error of AWS into MessageRefused, for these codes, or MessengerBusyError."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        kind = MessageRefused if code in refusals else MessengerBusyError
        raise kind(_said(code, error.response)) from None
    except ParamValidationError as error:  # a value that no provider would take, such as an empty number
        raise MessageRefused(type(error).__name__) from None
    except BotoCoreError as error:
        raise MessengerBusyError(type(error).__name__) from None


def _said(code: str, response: Any) -> str:
    """The code, and AWS's reason where that is one of its own words."""
    reason = response.get("Reason")
    return f"{code}: {reason}" if isinstance(reason, str) and _REASON.fullmatch(reason) else code
