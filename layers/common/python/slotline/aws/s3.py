"""S3, which speaks no JSON: a file is the body of a request or of an answer, and what is said of it is in headers.

Amazon S3 API Reference, PutObject, HeadObject, GetObject, DeleteObject, the operations of a multipart upload, and
"Error responses". What little XML there is has no attributes that matter, and is read by its tags.
"""

import re
from collections.abc import Mapping, Sequence
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
_ENTITIES = {"lt": "<", "gt": ">", "quot": '"', "apos": "'", "#34": '"', "#39": "'", "amp": "&"}
"""In the order in which they are read: the last one begins all others."""
_PART = re.compile(r"<Part>(.*?)</Part>", re.DOTALL)
_XMLNS = "http://s3.amazonaws.com/doc/2006-03-01/"
_IN_QUERY = {
    "PartNumber": "partNumber",
    "ResponseContentDisposition": "response-content-disposition",
    "UploadId": "uploadId",
}
"""Members that are asked behind the path."""
_IN_HEADERS = {"ContentLength": "content-length", "ContentType": "content-type", "CopySource": "x-amz-copy-source"}
_LATE_ERRORS = {"CompleteMultipartUpload", "UploadPartCopy"}
"""Operations that may answer 200 and then say that they failed after all."""


class S3Client(DirectClient):
    """The part of boto3's client of S3 that the adapters use."""

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
            asked=_query(self._service.operations[client_method], Params),
        )
        return f"{pool.scheme}://{pool.host}{pool.path}{path}?{query}"

    def _written(self, operation: Operation, request: Mapping[str, Any]) -> Sent:
        below, path = self._place(request)
        body = _parts(request["MultipartUpload"]["Parts"]) if "MultipartUpload" in request else request.get("Body", b"")
        headers = {**_headers(request), "x-amz-content-sha256": sha256(body).hexdigest()}
        is_file = operation.name == "GetObject"
        query = _query(operation, request)
        return Sent(operation.method, path, headers, body, below, is_read_in_pieces=is_file, query=query)

    def _understood(self, operation: Operation, answer: Answer) -> Said:
        request_id = answer.headers.get("x-amz-request-id", "")
        content: dict[str, Any] = {}
        failed_late = answer.status < 300 and operation.name in _LATE_ERRORS and b"<Error>" in answer.body
        if answer.status >= 300 or failed_late:
            return Said(500 if failed_late else answer.status, request_id, {"Error": _error(answer)})
        if operation.name in _READ:
            content |= _READ[operation.name](answer.body.decode(errors="replace"))
        elif operation.name in {"GetObject", "HeadObject"}:
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
    return {header: str(request[name]) for name, header in _IN_HEADERS.items() if name in request}


def _query(operation: Operation, request: Mapping[str, Any]) -> dict[str, str]:
    asked = {"uploads": ""} if operation.name == "CreateMultipartUpload" else {}
    return asked | {_IN_QUERY[member]: str(value) for member, value in request.items() if member in _IN_QUERY}


def _parts(parts: Sequence[Mapping[str, Any]]) -> bytes:
    """Which parts make the file."""
    from xml.sax.saxutils import escape  # few starts complete a file

    listed = "".join(
        f"<Part><ETag>{escape(part['ETag'])}</ETag><PartNumber>{part['PartNumber']}</PartNumber></Part>"
        for part in parts
    )
    return f'<CompleteMultipartUpload xmlns="{_XMLNS}">{listed}</CompleteMultipartUpload>'.encode()


def _said(text: str) -> dict[str, str]:
    return {name: _unescaped(value) for name, value in _SAID.findall(text)}


def _unescaped(text: str) -> str:
    """What XML's own five names stand for. All of HTML's take long to import."""
    for name, character in _ENTITIES.items():
        text = text.replace(f"&{name};", character)
    return text


def _begun(text: str) -> dict[str, Any]:
    return {"UploadId": _said(text)["UploadId"]}


def _listed(text: str) -> dict[str, Any]:
    """At most a thousand."""
    parts = [_said(part) for part in _PART.findall(text)]
    known = [{"PartNumber": int(one["PartNumber"]), "Size": int(one["Size"]), "ETag": one["ETag"]} for one in parts]
    return {"Parts": known} if known else {}


def _copied(text: str) -> dict[str, Any]:
    return {"CopyPartResult": {"ETag": _said(text)["ETag"]}}


_READ = {"CreateMultipartUpload": _begun, "ListParts": _listed, "UploadPartCopy": _copied}
"""What is read of an answer, by its operation."""


def _error(answer: Answer) -> dict[str, str]:
    """What the body says. An answer to HEAD has none, and a page of whatever is in between says nothing."""
    said = answer.body.decode(errors="replace")
    found = _said(said) if "<Error>" in said else {}
    about = {name: value for name, value in found.items() if name not in {"RequestId", "HostId"}}
    return {"Code": str(answer.status), "Message": responses.get(answer.status, ""), **about}
