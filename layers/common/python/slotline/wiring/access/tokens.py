"""Access tokens: the keys that sign them, and the clients that get them."""

from functools import cache
from typing import TYPE_CHECKING, cast

from slotline.store.access.credentials import DynamoAccess
from slotline.tokens.signing import KmsPublicKeys, KmsSigner
from slotline.usecases.access.issue_token import IssueToken
from slotline.wiring import common

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient


@cache
def kms() -> "KMSClient":
    """The signing keys."""
    return cast("KMSClient", common.client("kms"))


@cache
def public_keys() -> KmsPublicKeys:
    """The keys that verify access tokens."""
    return KmsPublicKeys(kms, common.settings().signing_key_ids)


@cache
def issue_token() -> IssueToken:
    """Access tokens for clients that prove themselves."""
    return IssueToken(
        credentials=DynamoAccess(common.dynamodb(), common.settings().access_table),
        signer=KmsSigner(kms, common.settings().signing_key_ids[0]),
        clock=common.clock(),
        ids=common.ids(),
    )
