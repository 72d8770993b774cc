"""Calls to be dialled, and the campaigns that they belong to."""

from functools import cache
from typing import Any

from slotline.ports.dialing import DialCalls
from slotline.storage.s3_uploads import S3Uploads
from slotline.store.dialing.calls import DynamoDialCalls
from slotline.store.dialing.campaigns import DynamoCampaigns
from slotline.wiring import common


@cache
def dial_calls() -> DialCalls:
    """The calls."""
    return DynamoDialCalls(common.dynamodb(), common.settings().dialing_table)


@cache
def campaigns() -> DynamoCampaigns:
    """The campaigns."""
    return DynamoCampaigns(common.dynamodb(), common.settings().dialing_table, common.settings().access_table)


@cache
def _s3() -> Any:
    return common.client("s3")


@cache
def uploads() -> S3Uploads:
    """Files that wait for their import."""
    return S3Uploads(_s3, common.settings().uploads_bucket, common.clock())
