"""Where services are, and who asks: botocore is the reference."""

from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import NoCredentialsError, NoRegionError

from slotline.aws import client_config
from slotline.aws.credentials import FoundCredentials
from slotline.aws.endpoint import Endpoint, endpoint, is_behind_a_proxy
from slotline.aws.services import DYNAMODB, SERVICES, Service
from slotline.aws.signing import Credentials

REGION = {"AWS_DEFAULT_REGION": "eu-west-1"}
KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
OURS = "http://127.0.0.1:4566"


@pytest.fixture(autouse=True)
def environ(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    """The process's environment, without a word about AWS, in a home where nothing is kept."""
    environ = {"HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true"}
    monkeypatch.setattr("os.environ", environ)
    return environ


EVERY_SERVICE = pytest.mark.parametrize("service", SERVICES.values(), ids=lambda service: service.name)


def as_botocore_has_it(service: Service, session: Any = None, **more: Any) -> str:
    made = (session or botocore.session.Session()).create_client(
        service.name, config=client_config(service=service.name), **more
    )
    return str(made.meta.endpoint_url)


@pytest.mark.slow
@EVERY_SERVICE
def test_every_region_of_every_partition_has_the_address_that_botocore_gives_it(
    environ: dict[str, str], service: Service
) -> None:
    environ |= KEYS
    session = botocore.session.Session()
    partitions = session.get_available_partitions()
    regions = [region for one in partitions for region in session.get_available_regions("dynamodb", one)]
    assert len(regions) > 30
    for region in regions:
        environ["AWS_DEFAULT_REGION"] = region
        address = as_botocore_has_it(service, session, region_name=region)
        assert endpoint(service, environ) == Endpoint(address, region, None)


@pytest.mark.slow  # botocore takes a quarter of a second for each address
@EVERY_SERVICE
@pytest.mark.parametrize(
    "said",
    [
        {"AWS_ENDPOINT_URL": OURS},
        {"AWS_ENDPOINT_URL_{id}": OURS},
        {"AWS_ENDPOINT_URL_{id}": OURS, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"},
        {"AWS_ENDPOINT_URL": OURS, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
        {"AWS_USE_FIPS_ENDPOINT": "true", "AWS_DEFAULT_REGION": "us-east-1"},
        {"AWS_USE_DUALSTACK_ENDPOINT": "true"},
    ],
)
def test_what_the_environment_says_of_addresses_is_heard_as_botocore_hears_it(
    environ: dict[str, str], service: Service, said: dict[str, str]
) -> None:
    model = botocore.session.Session().get_service_model(service.name)
    id_ = model.service_id.upper().replace(" ", "_")  # AWS SDKs and Tools Reference Guide, "Service-specific endpoints"
    environ |= {**KEYS, **REGION, **{name.format(id=id_): value for name, value in said.items()}}
    assert endpoint(service, environ).url == as_botocore_has_it(service)


def test_a_profile_says_where_to_ask_and_whose_certificates_to_believe(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    said = f"[profile p]\nregion = eu-north-1\nendpoint_url = {OURS}\nca_bundle = /ca.pem\n"
    (tmp_path / ".aws" / "config").write_text(said)
    environ |= {**KEYS, "AWS_PROFILE": "p"}
    assert endpoint(DYNAMODB, environ) == Endpoint(OURS, "eu-north-1", "/ca.pem")


def test_certificates_may_be_ones_own(environ: dict[str, str]) -> None:
    environ |= {**REGION, "AWS_CA_BUNDLE": "/ca.pem"}
    assert endpoint(DYNAMODB, environ).ca_bundle == "/ca.pem"


def test_without_a_region_nobody_is_asked(environ: dict[str, str]) -> None:
    environ |= KEYS
    with pytest.raises(NoRegionError):
        endpoint(DYNAMODB, environ)


@pytest.mark.parametrize(
    ("said", "is_behind"),
    [
        ({}, False),
        ({"HTTPS_PROXY": "http://192.0.2.1:3128"}, True),
        ({"http_proxy": "http://192.0.2.1:3128"}, False),
        ({"https_proxy": "http://192.0.2.1:3128", "no_proxy": "amazonaws.com"}, False),
    ],
)
def test_a_proxy_is_seen(environ: dict[str, str], said: dict[str, str], *, is_behind: bool) -> None:
    environ |= said
    assert is_behind_a_proxy("https://dynamodb.eu-west-1.amazonaws.com", environ) is is_behind


class TestCredentials:
    def test_the_environments_are_taken_as_they_are_at_each_request(self) -> None:
        environ = dict(KEYS)
        found = FoundCredentials(environ)
        assert found.now() == Credentials("key", "secret", None)
        environ |= {"AWS_ACCESS_KEY_ID": "next", "AWS_SESSION_TOKEN": "token"}
        assert found.now() == Credentials("next", "secret", "token")
        del environ["AWS_SESSION_TOKEN"]
        environ["AWS_ACCESS_KEY_ID"] = "key"
        assert found.now() == Credentials("key", "secret", None)

    def test_a_profiles_are_found_as_botocore_finds_them(self, environ: dict[str, str], tmp_path: Path) -> None:
        (tmp_path / ".aws").mkdir()
        said = "[p]\naws_access_key_id = a\naws_secret_access_key = b\naws_session_token = c\n"
        (tmp_path / ".aws" / "credentials").write_text(said)
        environ |= {"AWS_PROFILE": "p"}
        assert FoundCredentials(environ).now() == Credentials("a", "b", "c")

    def test_those_that_are_lent_are_asked_for_again_at_each_request(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Lent:
            given = 0

            def get_frozen_credentials(self) -> Any:
                self.given += 1
                return Credentials("key", "secret", f"token {self.given}")

        lent = Lent()
        monkeypatch.setattr("botocore.session.Session.get_credentials", lambda _: lent)
        found = FoundCredentials({})
        assert [found.now().token for _ in range(2)] == ["token 1", "token 2"]

    def test_who_has_none_is_told(self) -> None:
        with pytest.raises(NoCredentialsError):
            FoundCredentials({}).now()
