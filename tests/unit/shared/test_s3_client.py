"""Our own client of S3: its addresses are botocore's, and a file is read in pieces or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import botocore.auth
import botocore.session
import pytest
from botocore.exceptions import ResponseStreamingError

from slotline.aws import PATIENCE, client_config
from slotline.aws.clients import own_client
from slotline.clock import InvocationDeadline
from slotline.domain.shared.deadlines import RECORDING
from tests.support.aws.faulty_server import Fault, FaultyServer, Words

FILE = {"Bucket": "uploads-bucket", "Key": "org/a file+ü~.csv"}
_SESSION = boto3.session.Session(botocore_session=botocore.session.Session())


@pytest.fixture(autouse=True)
def environ(monkeypatch: pytest.MonkeyPatch) -> None:
    """A region and keys."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


def own() -> Any:
    return own_client("s3", InvocationDeadline(), PATIENCE._replace(read_seconds=0.2), RECORDING)


def address(client: Any, bucket: str) -> str:
    file = {**FILE, "Bucket": bucket, "ContentLength": 10, "ContentType": "text/csv"}
    return str(client.generate_presigned_url("put_object", Params=file, ExpiresIn=600))


AWS = [("us-east-1", ""), ("eu-west-1", ""), ("cn-north-1", ""), ("eu-west-1", "https://s3.example.com/below")]
NEARBY = [("eu-west-1", f"http://{host}:4566/") for host in ("127.0.0.1", "[::1]", "localhost")]


@pytest.mark.parametrize("token", ["", "a token/+="])
@pytest.mark.parametrize(
    ("region", "endpoint", "bucket"),
    [
        *((*place, bucket) for place in [*AWS, *NEARBY] for bucket in ("uploads-bucket", "Uploads", "12")),
        *((*place, "uploads.bucket") for place in AWS),  # which no certificate of AWS's would be for
    ],
)
def test_an_address_to_put_a_file_at_is_botocores(
    monkeypatch: pytest.MonkeyPatch, region: str, endpoint: str, bucket: str, token: str
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    monkeypatch.setenv("AWS_SESSION_TOKEN", token)
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    ours = address(own(), bucket)
    (at,) = parse_qs(urlsplit(ours).query)["X-Amz-Date"]
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: datetime.fromisoformat(at))
    theirs = _SESSION.client(
        "s3",
        region_name=region,
        endpoint_url=endpoint or None,
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        aws_session_token=token or None,
        config=client_config(service="s3"),
    )
    assert ours == address(theirs, bucket)
    for method, more in (
        ("upload_part", {"UploadId": "up load/+=", "PartNumber": 12, "ContentLength": 5_242_880}),
        ("get_object", {"ResponseContentDisposition": 'attachment; filename="001-host.mp4"'}),
    ):
        asked = {"Params": {**FILE, "Bucket": bucket, **more}, "ExpiresIn": 60}
        ours = own().generate_presigned_url(method, **asked)
        (at,) = parse_qs(urlsplit(ours).query)["X-Amz-Date"]
        monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda at=at: datetime.fromisoformat(at))
        assert urlsplit(ours)[:3] == urlsplit(url := theirs.generate_presigned_url(method, **asked))[:3]
        assert parse_qs(urlsplit(ours).query) == parse_qs(urlsplit(url).query)


def test_what_botocore_writes_into_the_settings_of_a_client_is_in_no_other_clients(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def host() -> str | None:
        session = botocore.session.Session()
        return urlsplit(session.create_client("s3", config=client_config(service="s3")).meta.endpoint_url).hostname

    with monkeypatch.context() as environment:
        environment.setenv("AWS_USE_DUALSTACK_ENDPOINT", "true")
        assert host() == "s3.dualstack.eu-west-1.amazonaws.com"
    assert host() == "s3.eu-west-1.amazonaws.com"


class TestReading:
    CONTENT = b"a,b\r\n" * 100_000

    @contextmanager
    def reading(self, monkeypatch: pytest.MonkeyPatch, *faults: Fault | None) -> Iterator[tuple[FaultyServer, Any]]:
        """A server of one file, and a client of it."""
        plan = [*faults, None, None, None]
        with FaultyServer(plan.__getitem__, words=Words(self.CONTENT)).running() as server:
            monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
            client = own()
            yield server, client
            client.close()

    def test_a_file_comes_in_pieces_and_its_connection_serves_the_next(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with self.reading(monkeypatch) as (server, client):
            for _ in range(2):
                pieces = list(client.get_object(**FILE)["Body"].iter_chunks(1 << 16))
                assert b"".join(pieces) == self.CONTENT
                assert max(map(len, pieces)) <= 1 << 16
            assert server.connections == 1

    def test_a_file_that_is_left_half_read_leaves_no_connection_to_be_used_again(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with self.reading(monkeypatch) as (server, client):
            body = client.get_object(**FILE)["Body"].iter_chunks(10)
            next(body)
            body.close()
            assert client.head_object(**FILE)["ContentLength"] == len(self.CONTENT)
            assert server.connections == 2

    def test_half_a_file_is_never_taken_for_all_of_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with self.reading(monkeypatch, Fault.HALF) as (_, client):
            body = client.get_object(**FILE)["Body"]
            with pytest.raises(ResponseStreamingError):
                list(body.iter_chunks(1 << 16))

    def test_until_a_file_begins_it_is_asked_for_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with self.reading(monkeypatch, Fault.RESET_BEFORE, Fault.SLOW) as (server, client):
            assert b"".join(client.get_object(**FILE)["Body"].iter_chunks(1 << 20)) == self.CONTENT
            assert len(server.requests) == 3
