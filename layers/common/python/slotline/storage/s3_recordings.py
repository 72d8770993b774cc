"""Files of recordings, in a bucket: put there by browsers, part by part, and made one file by us.

A multipart upload (Amazon S3 User Guide, "Uploading and copying objects using multipart upload") whose parts are put by
pre-signed addresses. What is no part yet is put beside it, as the tail of so many parts; if nothing else comes, it is
copied behind them, for the last part may be small. A life-cycle rule takes away tails and uploads that nobody ends.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004 - botocore's own

from slotline.aws import NoTimeLeftError
from slotline.aws.signing import encoded
from slotline.domain.instant.recordings import DOWNLOADED_WITHIN, PUT_WITHIN, Recording
from slotline.ports.shared import StoreBusyError

FILES, TAILS = "recordings", "tails"
_GONE = frozenset({"404", "NoSuchKey", "NoSuchUpload", "NotFound"})
_NO_FILE = frozenset({"EntityTooSmall", "InvalidPart", "InvalidPartOrder"})
"""What was put makes no file: whoever put it has broken their own recording."""
_BUSY = frozenset({"503", "InternalError", "RequestTimeout", "ServiceUnavailable", "SlowDown", "ThrottlingException"})


@dataclass(frozen=True, slots=True)
class S3Recordings:
    """`RecordingFiles` in one bucket. The client is made for the first."""

    s3: Callable[[], Any]
    bucket: str

    def origin(self) -> str:
        """As the addresses that are signed for the bucket have it; nothing is asked of S3."""
        url = urlsplit(self._url("put_object", {"Bucket": self.bucket, "Key": "x"}, 1))
        return f"{url.scheme}://{url.netloc}"

    def begin(self, recording: Recording) -> str:
        """One CreateMultipartUpload."""
        with _as_the_port_says():
            answer = self.s3().create_multipart_upload(**self._file(recording), ContentType=recording.media_type)
        return str(answer["UploadId"])

    def part_url(self, recording: Recording, part: int, size: int) -> str:
        """Signed here; nothing is asked of S3."""
        place = {**self._upload(recording), "PartNumber": part, "ContentLength": size}
        return self._url("upload_part", place, PUT_WITHIN.total_seconds())

    def tail_url(self, recording: Recording, after: int, size: int) -> str:
        """Signed here; nothing is asked of S3."""
        return self._url(
            "put_object", {**self._tail(recording, after), "ContentLength": size}, PUT_WITHIN.total_seconds()
        )

    def complete(self, recording: Recording) -> int:
        """A ListParts, an UploadPartCopy, a CompleteMultipartUpload, a HeadObject."""
        try:
            with _as_the_port_says():
                parts = self._parts(recording)
                parts += self._tail_as_part(recording, len(parts))
                if parts:
                    listed = [{"ETag": part["ETag"], "PartNumber": part["PartNumber"]} for part in parts]
                    self.s3().complete_multipart_upload(**self._upload(recording), MultipartUpload={"Parts": listed})
                else:
                    self.s3().abort_multipart_upload(**self._upload(recording))
        except ClientError as refused:
            code = _code(refused)
            if code in _NO_FILE:
                with _as_the_port_says():
                    self.s3().abort_multipart_upload(**self._upload(recording))
                return 0
            if code not in _GONE:
                raise
        return self._size(recording)

    def download_url(self, recording: Recording) -> str:
        """Signed here; nothing is asked of S3."""
        name = f'attachment; filename="{recording.call_id}-{recording.name}"'
        asked = {**self._file(recording), "ResponseContentDisposition": name}
        return self._url("get_object", asked, DOWNLOADED_WITHIN.total_seconds())

    def delete(self, recording: Recording) -> None:
        """One DeleteObject."""
        with _as_the_port_says():
            self.s3().delete_object(**self._file(recording))

    def _parts(self, recording: Recording) -> list[Mapping[str, Any]]:
        """Those from the first to the one before the first that is missing."""
        found: Sequence[Mapping[str, Any]] = self.s3().list_parts(**self._upload(recording)).get("Parts", [])
        return [part for place, part in enumerate(found, 1) if part["PartNumber"] == place]

    def _tail_as_part(self, recording: Recording, after: int) -> Sequence[Mapping[str, Any]]:
        """What was put behind so many parts, as the next one; nothing if there is nothing."""
        tail = self._tail(recording, after)
        try:
            copied = self.s3().upload_part_copy(
                **self._upload(recording),
                PartNumber=after + 1,
                CopySource=f"{self.bucket}/{encoded(tail['Key'], '/')}",
            )
        except ClientError as refused:
            if _code(refused) in {"404", "NoSuchKey"}:
                return []
            raise
        return [{"PartNumber": after + 1, "ETag": copied["CopyPartResult"]["ETag"]}]

    def _size(self, recording: Recording) -> int:
        try:
            with _as_the_port_says():
                return int(self.s3().head_object(**self._file(recording))["ContentLength"])
        except ClientError as refused:
            if _code(refused) in _GONE:
                return 0
            raise

    def _url(self, method: str, asked: Mapping[str, object], seconds: float) -> str:
        return str(self.s3().generate_presigned_url(method, Params=asked, ExpiresIn=int(seconds)))

    def _file(self, recording: Recording) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": f"{FILES}/{recording.path}"}

    def _upload(self, recording: Recording) -> dict[str, Any]:
        return {**self._file(recording), "UploadId": recording.upload_id}

    def _tail(self, recording: Recording, after: int) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": f"{TAILS}/{recording.path}.{after}"}


def _code(refused: ClientError) -> str:
    return str(refused.response.get("Error", {}).get("Code", ""))


@contextmanager
def _as_the_port_says() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if _code(error) in _BUSY:
            raise StoreBusyError(_code(error)) from error
        raise
    except (ConnectionError, HTTPClientError, NoTimeLeftError) as error:
        raise StoreBusyError(type(error).__name__) from error
