"""Moto with the tokens of transactions, which it takes and forgets: a request sent twice succeeds, and acts once."""

import json
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.dynamodb.responses import DynamoHandler

from tests.support.memory.tokens import RequestTokens, TokenReused

TOKENS = RequestTokens()
"""Of the run: `aws_in_memory` forgets them with the rows that they wrote."""

_transact = DynamoHandler.transact_write_items


def _once(handler: Any) -> Any:
    token, items = handler.body.get("ClientRequestToken"), json.dumps(handler.body["TransactItems"], sort_keys=True)
    if token is None:
        return _transact(handler)
    try:
        return TOKENS.once(token, items, lambda: _transact(handler)) or ActionResult({})
    except TokenReused:
        raise JsonRESTError("IdempotentParameterMismatchException", "the token came with another request") from None


DynamoHandler.transact_write_items = _once
