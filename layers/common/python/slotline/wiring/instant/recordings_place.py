"""Where recordings are kept: all that the page of a room needs to know of them."""

from functools import cache
from typing import Any

from slotline.ports.instant import RecordingFiles
from slotline.storage.s3_recordings import S3Recordings
from slotline.wiring import common


def _s3() -> Any:
    return common.client("s3")


@cache
def files() -> RecordingFiles:
    """Their files."""
    return S3Recordings(_s3, common.settings().recordings_bucket)
