"""Files that are put into a bucket by their senders, past the API: too large for a request.

A pre-signed PUT (Amazon S3 User Guide, "Sharing objects with presigned URLs") is signed with its length, so that S3
takes exactly as many bytes as were announced. A bucket's life-cycle rule deletes what was put.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004 - botocore's own

from slotline.aws import NoTimeLeftError
from slotline.domain.dialing.imports import Invitation
from slotline.ports.dialing import UploadMissing
from slotline.ports.shared import Clock, StoreBusyError

CONTENT_TYPE = "text/csv"
PIECE = 256 * 1024
_MISSING = frozenset({"404", "NoSuchKey", "NotFound"})
_BUSY = frozenset({"503", "InternalError", "RequestTimeout", "ServiceUnavailable", "SlowDown", "ThrottlingException"})


@dataclass(frozen=True, slots=True)
class S3Uploads:
    """`Uploads` in one bucket: an organization's files begin with its id. The client is made for the first."""

    s3: Callable[[], Any]
    bucket: str
    clock: Clock

    def invite(self, organization_id: str, upload_id: str, size: int, lasts: timedelta) -> Invitation:
        """Signed here; nothing is asked of S3."""
        now: datetime = self.clock.now()
        url: str = self.s3().generate_presigned_url(
            "put_object",
            Params={**self._place(organization_id, upload_id), "ContentLength": size, "ContentType": CONTENT_TYPE},
            ExpiresIn=int(lasts.total_seconds()),
        )
        headers = {"Content-Type": CONTENT_TYPE, "Content-Length": str(size)}
        return Invitation(url=url, headers=headers, expires_at=now + lasts)

    def put(self, organization_id: str, upload_id: str, content: bytes) -> None:
        """One PutObject."""
        with _as_the_port_says():
            self.s3().put_object(**self._place(organization_id, upload_id), Body=content)

    def size_of(self, organization_id: str, upload_id: str) -> int:
        """One HeadObject."""
        with _as_the_port_says():
            answer = self.s3().head_object(**self._place(organization_id, upload_id))
        return int(answer["ContentLength"])

    def read(self, organization_id: str, upload_id: str) -> Iterator[bytes]:
        """One GetObject."""
        with _as_the_port_says():
            answer = self.s3().get_object(**self._place(organization_id, upload_id))
            yield from answer["Body"].iter_chunks(PIECE)

    def _place(self, organization_id: str, upload_id: str) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": f"{organization_id}/{upload_id}"}


@contextmanager
def _as_the_port_says() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in _MISSING:
            raise UploadMissing from error
        if code in _BUSY:
            raise StoreBusyError(code) from error
        raise
    except (ConnectionError, HTTPClientError, NoTimeLeftError) as error:
        raise StoreBusyError(type(error).__name__) from error
