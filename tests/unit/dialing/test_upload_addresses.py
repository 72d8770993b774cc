"""Where files are put: at the bucket's own host in its region, which is part of what is signed."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from slotline.wiring.dialing import calls
from tests.support.aws.moto_tables import ENVIRONMENT
from tests.support.handlers import forget_wiring

REGIONS = {
    "us-east-1": "s3.us-east-1.amazonaws.com",
    "eu-west-1": "s3.eu-west-1.amazonaws.com",
    "ap-south-2": "s3.ap-south-2.amazonaws.com",
    "cn-north-1": "s3.cn-north-1.amazonaws.com.cn",
}


@pytest.mark.parametrize("client", ["own", "boto3"])
@pytest.mark.parametrize(("region", "host"), REGIONS.items())
def test_a_file_is_put_at_its_buckets_host_in_the_region(
    monkeypatch: pytest.MonkeyPatch, region: str, host: str, client: str
) -> None:
    for name, value in {
        **ENVIRONMENT,
        "SIGNING_KEY_IDS": "key-1",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "CLIENT_OF_AWS": client,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    forget_wiring()
    try:
        url = urlsplit(calls.uploads().invite("org", "upload", 10, timedelta(hours=1)).url)
    finally:
        forget_wiring()
    assert (url.scheme, url.netloc) == ("https", f"{ENVIRONMENT['UPLOADS_BUCKET']}.{host}")
    assert url.path == "/org/upload"
    assert "host" in parse_qs(url.query)["X-Amz-SignedHeaders"][0].split(";")
