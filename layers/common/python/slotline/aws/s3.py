"""S3, which speaks no JSON: a file is the body of a request or of an answer, and what is said of it is in headers.

Amazon S3 API Reference, PutObject, HeadObject, GetObject and "Error responses".
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from http.client import responses
from typing import Any
from urllib.parse import urlsplit

from slotline.aws.connections import Answer, Sent
from slotline.aws.direct import DirectClient
from slotline.aws.repeating import Said
from slotline.aws.services import Operation
from slotline.aws.signing import encoded, presigned

_HOSTED = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
"""Buckets that have a host of their own: for a name with a dot there would be no certificate."""
_NUMBERS = re.compile(r"[\d.]+|[0-9a-f:]*:[0-9a-f:.]*")
"""An address, below which there is no host: such as that of an emulator."""
_SAID = re.compile(r"<(\w+)>([^<]*)</\1>")


class S3Client(DirectClient):
    """The part of boto3's client of S3 that `S3Uploads` uses."""

    def generate_presigned_url(
        self,
        client_method: str,
        *,
        Params: Mapping[str, Any],  # noqa: N803 - as boto3 names it
        ExpiresIn: int,  # noqa: N803 - as boto3 names it
    ) -> str:
        """An address that takes such a request from anybody, for so many seconds. Nothing is asked of S3."""
        below, path = self._place(Params)
        pool = self._pool(below)
        query = presigned(
            {"host": pool.host, **_headers(Params)},
            scope=self._scope,
            credentials=self._credentials.now(),
            at=datetime.now(UTC),
            method=self._service.operations[client_method].method,
            path=pool.path + path,
            seconds=ExpiresIn,
        )
        return f"{pool.scheme}://{pool.host}{pool.path}{path}?{query}"

    def _written(self, operation: Operation, request: Mapping[str, Any]) -> Sent:
        below, path = self._place(request)
        body = request.get("Body", b"")
        headers = {**_headers(request), "x-amz-content-sha256": sha256(body).hexdigest()}
        return Sent(operation.method, path, headers, body, below, is_read_in_pieces=operation.method == "GET")

    def _understood(self, operation: Operation, answer: Answer) -> Said:
        request_id = answer.headers.get("x-amz-request-id", "")
        content: dict[str, Any] = {}
        if answer.status >= 300:
            content["Error"] = _error(answer)
        elif operation.method != "PUT":
            content["ContentLength"] = int(answer.headers.get("content-length", "0"))
        if answer.pieces:
            content["Body"] = answer.pieces
        return Said(answer.status, request_id, content)

    def _place(self, request: Mapping[str, Any]) -> tuple[str, str]:
        """The bucket as what stands before the host, and the path."""
        bucket, path = request["Bucket"], f"/{encoded(request['Key'], '/')}"
        if _HOSTED.fullmatch(bucket) and not _NUMBERS.fullmatch(urlsplit(self._endpoint.url).hostname or ""):
            return f"{bucket}.", path
        return "", f"/{bucket}{path}"


def _headers(request: Mapping[str, Any]) -> dict[str, str]:
    names = {"ContentLength": "content-length", "ContentType": "content-type"}
    return {header: str(request[name]) for name, header in names.items() if name in request}


def _error(answer: Answer) -> dict[str, str]:
    """What the body says. An answer to HEAD has none, and a page of whatever is in between says nothing."""
    from html import unescape  # few starts meet an error

    said = answer.body.decode(errors="replace")
    found = {name: unescape(value) for name, value in _SAID.findall(said)} if "<Error>" in said else {}
    about = {name: value for name, value in found.items() if name not in {"RequestId", "HostId"}}
    return {"Code": str(answer.status), "Message": responses.get(answer.status, ""), **about}
