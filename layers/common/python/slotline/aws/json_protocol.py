"""Requests and answers in JSON: a POST whose header names the operation, or REST, whose path does.

"AWS JSON 1.0 and 1.1 protocol" and "AWS restJson1 protocol" of Smithy, as botocore reads them.
"""

from base64 import b64decode, b64encode
from binascii import crc32
from collections.abc import Iterable, Mapping
from datetime import datetime
from http.client import responses
from json import JSONEncoder, loads
from typing import Any

from botocore.exceptions import ResponseStreamingError

from slotline.aws.connections import Answer, Sent
from slotline.aws.repeating import Said
from slotline.aws.services import Operation, Service
from slotline.aws.signing import encoded


class WrittenList(list[Any]):
    """A list in a request, with its text: for whoever needs the text before it is sent, such as for a token of it."""

    def __init__(self, values: Iterable[Any]) -> None:
        super().__init__(values)
        self.text = _SORTED.encode(list(self))


def written(service: Service, operation: Operation, request: Mapping[str, Any]) -> Sent:
    """The request. Raises KeyError if what the path needs is missing, and TypeError for what is no value."""
    headers = {}
    path, content = operation.path, dict(request)
    if service.target:
        headers["x-amz-target"] = f"{service.target}.{operation.name}"
    if service.was_xml:
        headers["x-amzn-query-mode"] = "true"
    if "{" in path:
        names = [name for name in request if f"{{{name}}}" in path]
        path = path.format_map({name: encoded(content.pop(name)) for name in names})
    if operation.method == "GET":
        return Sent(operation.method, path, headers)
    headers["content-type"] = service.content_type
    return Sent(operation.method, path, headers, _body(content).encode())


def _body(content: Mapping[str, Any]) -> str:
    found = next((name for name, value in content.items() if type(value) is WrittenList), None)
    if found is None:
        return _JSON.encode(content)
    rest = _JSON.encode({name: value for name, value in content.items() if name != found})[1:]
    return f"{{{_JSON.encode(found)}:{content[found].text}{',' if len(rest) > 1 else ''}{rest}"


def understood(service: Service, operation: Operation, answer: Answer) -> Said:
    """Raises ResponseStreamingError for an answer that was damaged on its way: by its checksum, or by its form."""
    checksum = answer.headers.get("x-amz-crc32")
    if checksum is not None and str(crc32(answer.body)) != checksum:
        raise ResponseStreamingError(error="the checksum does not fit")
    request_id = answer.headers.get("x-amzn-requestid", "")
    is_good = answer.status < 300
    try:
        content = _members(answer.body)
        blobs = {name: b64decode(content[name]) for name in operation.blobs if is_good and name in content}
    except (TypeError, ValueError):
        if is_good:
            raise ResponseStreamingError(error="the answer is not as it should be") from None
        content, blobs = {"message": responses.get(answer.status, "")}, {}  # a page of whatever is in between
    said = {**content, **blobs} if is_good else _refusal(service, answer, content)
    return Said(answer.status, request_id, said)


def _members(body: bytes) -> dict[str, Any]:
    """Those that are not null. Raises ValueError if the body is no object in JSON."""
    content: Any = loads(body or b"{}")
    if not isinstance(content, dict):
        raise ValueError("no object")  # noqa: TRY004 - as if it were no JSON
    return {name: value for name, value in content.items() if value is not None}


def _refusal(service: Service, answer: Answer, content: dict[str, Any]) -> dict[str, Any]:
    message = content.pop("message", None) or content.pop("Message", None) or ""
    kind = content.pop("__type", None)
    if not service.target:
        kind = answer.headers.get("x-amzn-errortype") or content.get("code") or content.get("Code") or kind
    # `com.amazonaws.sqs#QueueDoesNotExist`, or `ConflictException:http://…`
    code = str(kind or answer.status).partition(":")[0].rpartition("#")[2]
    error = {"Message": str(message), "Code": code}
    was, _, fault = answer.headers.get("x-amzn-query-error", "").partition(";")
    if was and fault:
        error |= {"Code": was, "QueryErrorCode": code, "Type": fault}
    return {**content, "Error": error}


def _in_json(value: Any) -> str | float:
    if isinstance(value, bytes | bytearray):
        return b64encode(value).decode()
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"{type(value).__name__} is no value of AWS's")


_JSON = JSONEncoder(separators=(",", ":"), default=_in_json)
_SORTED = JSONEncoder(separators=(",", ":"), default=_in_json, sort_keys=True)
