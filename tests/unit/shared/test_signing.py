"""Signatures of requests to AWS: botocore's signers are the reference."""

import random
import string
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import botocore.auth
import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from botocore.utils import percent_encode, percent_encode_sequence

from slotline.aws.signing import Credentials, Scope, encoded, presigned, signed

QUICK, ALL = 1_000, 10_000
"""Requests."""
LETTERS = "abcXYZ0189/+=-_. ~é漢😀"
ODD = f"{string.punctuation} aZ09é漢😀%2F"
"""What may stand in a path or a query, and has to be encoded in one of several ways."""
_RANDOM = random.Random(48)


def text(most: int, letters: str = LETTERS) -> str:
    return "".join(_RANDOM.choices(letters, k=_RANDOM.randint(1, most)))


def name_in_a_path() -> str:
    """Not `.` or `..` alone: those are no names."""
    return "n" + text(20, ODD.replace("/", ""))


class Chance(NamedTuple):
    """Who asks, where, and when."""

    scope: Scope
    credentials: Credentials
    now: datetime
    host: str

    @property
    def theirs(self) -> BotocoreCredentials:
        """For botocore."""
        return BotocoreCredentials(*self.credentials)

    @property
    def said(self) -> dict[str, Any]:
        """For us."""
        return {"scope": self.scope, "credentials": self.credentials, "at": self.now}


@pytest.fixture(params=[QUICK, pytest.param(ALL, marks=pytest.mark.slow)])
def chances(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """As many as there are requests, of services by these names; botocore's clock is at each one's time."""

    def made(*services: str) -> Iterator[Chance]:
        now = datetime(2026, 1, 1, tzinfo=UTC)
        monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: now)
        for _ in range(request.param):
            now += timedelta(seconds=_RANDOM.randint(1, 200_000))
            region = _RANDOM.choice(["eu-west-1", "us-gov-west-1", "cn-north-1"])
            service = _RANDOM.choice(services)
            token = text(200, "abcXYZ019/+=") if _RANDOM.random() < 0.7 else None
            credentials = Credentials(text(20, "ABC123"), text(40), token)
            host = _RANDOM.choice([f"{service}.{region}.amazonaws.com", "127.0.0.1:4566", "[::1]:8000"])
            yield Chance(Scope(service, region), credentials, now, host)

    return made


def as_botocore_has_it(request: AWSRequest) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def test_posts_of_json_are_signed_as_botocore_signs_them(chances: Any) -> None:
    for chance in chances("dynamodb", "kms", "secretsmanager", "sms-voice", "sqs"):
        body = text(300).encode()
        headers = {
            "content-type": "application/x-amz-json-1.0",
            "host": chance.host,
            "x-amz-target": f"DynamoDB_20120810.{text(20, 'abcABC')}",
        }
        request = AWSRequest("POST", f"https://{chance.host}/", dict(headers), body)
        SigV4Auth(chance.theirs, *chance.scope).add_auth(request)
        assert signed(headers, body, **chance.said) == as_botocore_has_it(request)


def test_paths_and_queries_with_odd_characters_are_signed_as_botocore_signs_them(chances: Any) -> None:
    for chance in chances("connect", "scheduler", "ses", "social-messaging"):
        method, body = _RANDOM.choice(["GET", "POST", "PUT", "DELETE"]), text(300).encode()
        names = [name_in_a_path() for _ in range(_RANDOM.randint(1, 3))]
        path = "".join(f"/{encoded(name)}" for name in names)
        assert path == "".join(f"/{percent_encode(name)}" for name in names)
        query = {name_in_a_path(): text(20, ODD) for _ in range(_RANDOM.randint(0, 4))}
        sent = "&".join(f"{encoded(name)}={encoded(value)}" for name, value in query.items())
        assert sent == percent_encode_sequence(query)
        headers = {"content-type": "application/json", "host": chance.host}
        request = AWSRequest(method, f"https://{chance.host}{path}?{sent}", dict(headers), body)
        SigV4Auth(chance.theirs, *chance.scope).add_auth(request)
        ours = signed(headers, body, **chance.said, method=method, path=path, query=query)
        assert ours == as_botocore_has_it(request)


def test_requests_to_s3_are_signed_as_botocore_signs_them(chances: Any) -> None:
    """Their paths are encoded once, and their headers say the hash of the body."""
    for chance in chances("s3"):
        method, body = _RANDOM.choice(["GET", "HEAD", "PUT"]), text(300).encode()
        path = f"/{encoded(text(30, ODD), '/')}"
        headers = {"content-type": "text/csv", "host": chance.host}
        request = AWSRequest(method, f"http://{chance.host}{path}", dict(headers), body)
        S3SigV4Auth(chance.theirs, *chance.scope).add_auth(request)
        theirs = as_botocore_has_it(request)
        headers["x-amz-content-sha256"] = theirs["x-amz-content-sha256"]
        assert signed(headers, body, **chance.said, method=method, path=path) == theirs


def test_addresses_for_somebody_else_are_botocores(chances: Any) -> None:
    for chance in chances("s3"):
        path, seconds = f"/{encoded(text(30, ODD), '/')}", _RANDOM.randint(1, 604_800)
        headers = {"content-length": str(_RANDOM.randint(0, 10**9)), "content-type": "text/csv", "host": chance.host}
        request = AWSRequest("PUT", f"https://{chance.host}{path}", dict(headers))
        S3SigV4QueryAuth(chance.theirs, *chance.scope, expires=seconds).add_auth(request)
        ours = presigned(headers, **chance.said, method="PUT", path=path, seconds=seconds)
        assert ours == urlsplit(request.url).query
