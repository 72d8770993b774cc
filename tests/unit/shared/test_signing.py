"""Signatures of requests to DynamoDB: botocore's signer is the reference."""

import random
from datetime import UTC, datetime, timedelta

import botocore.auth
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from slotline.aws.signing import Credentials, signed

REQUESTS = 10_000
LETTERS = "abcXYZ0189/+=-_. ~é漢😀"
_RANDOM = random.Random(48)


def text(most: int, letters: str = LETTERS) -> str:
    return "".join(_RANDOM.choices(letters, k=_RANDOM.randint(1, most)))


def test_ten_thousand_requests_are_signed_as_botocore_signs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: now)
    for _ in range(REQUESTS):
        now += timedelta(seconds=_RANDOM.randint(1, 200_000))
        region = _RANDOM.choice(["eu-west-1", "us-gov-west-1", "cn-north-1"])
        token = text(200, "abcXYZ019/+=") if _RANDOM.random() < 0.7 else None
        credentials = Credentials(text(20, "ABC123"), text(40), token)
        body = text(300).encode()
        headers = {
            "content-type": "application/x-amz-json-1.0",
            "host": _RANDOM.choice([f"dynamodb.{region}.amazonaws.com", "127.0.0.1:4566", "[::1]:8000"]),
            "x-amz-target": f"DynamoDB_20120810.{text(20, 'abcABC')}",
        }
        request = AWSRequest("POST", f"https://{headers['host']}/", dict(headers), body)
        SigV4Auth(BotocoreCredentials(*credentials), "dynamodb", region).add_auth(request)
        ours = signed(headers, body, path="/", region=region, credentials=credentials, at=now)
        assert ours == {name.lower(): value for name, value in request.headers.items()}
