"""A way into moto for what tests ask most: rows are read and written without HTTP between botocore and moto.

botocore checks a request, writes it down and tells its events as ever. Then, in place of a signature, a request as a
web server has it, its parsing, an answer's writing and its parsing, moto's handler is asked at once. What fails is
asked once more on the long way, so that every error is the one that moto tells. It holds from its import on, while moto
does.
"""

import json
import re
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

from botocore import xform_name
from botocore.endpoint import Endpoint
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.exceptions import ServiceException
from moto.core.models import botocore_stubber as moto_itself
from moto.dynamodb.responses import DynamoHandler
from werkzeug.exceptions import HTTPException

_ONE = ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan")
_MANY = ("BatchGetItem", "BatchWriteItem", "TransactWriteItems", "TransactGetItems")
_BYTES = re.compile(rb'"BS?": ')
"""Of a value that is bytes, or several: those are written down in another alphabet."""
_METADATA = {"HTTPStatusCode": 200, "HTTPHeaders": {}, "RetryAttempts": 0, "RequestId": "in-memory"}
_ANSWERED = SimpleNamespace(status_code=HTTPStatus.OK, headers={})
_NOT_SENT = SimpleNamespace()
"""What handlers of `before-send` are told of."""

_make_request = Endpoint.make_request
_stub = BotocoreStubber.__call__


def _request(endpoint: Any, model: Any, said: dict[str, Any]) -> Any:
    is_short = model.service_model.service_name == "dynamodb" and model.name in {*_ONE, *_MANY}
    if not moto_itself.enabled or not is_short or _BYTES.search(said["body"]):
        return _make_request(endpoint, model, said)
    endpoint._event_emitter.emit(f"before-send.dynamodb.{model.name}", request=_NOT_SENT)
    handler = DynamoHandler()
    handler.body = handler.params = json.loads(said["body"])
    handler.current_account, handler.region = DEFAULT_ACCOUNT_ID, said["context"]["client_region"]
    handler.headers, handler.querystring, handler.uri_match = said["headers"], {}, {}
    try:
        answer = getattr(handler, xform_name(model.name))().result
    except (ServiceException, HTTPException):
        return _make_request(endpoint, model, said)
    found = {name: answer[name] for name in model.output_shape.members if answer.get(name) is not None}
    return _ANSWERED, {**found, "ResponseMetadata": {**_METADATA}}


def _stub_what_is_sent(stub: Any, event_name: str, request: Any, **more: Any) -> Any:
    return None if request is _NOT_SENT else _stub(stub, event_name, request, **more)


Endpoint.make_request = _request
BotocoreStubber.__call__ = _stub_what_is_sent
