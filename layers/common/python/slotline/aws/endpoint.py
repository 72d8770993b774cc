"""Where a service is: what the environment says, as in Lambda; anything out of the ordinary as botocore resolves it."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from slotline.aws import client_config
from slotline.aws.services import Service

_SUFFIXES = (
    (re.compile(r"(us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d+"), "amazonaws.com"),
    (re.compile(r"us-gov-[a-z]+-\d+"), "amazonaws.com"),
    (re.compile(r"cn-[a-z]+-\d+"), "amazonaws.com.cn"),
)
"""Of the partitions that most deployments are in (botocore/data/partitions.json)."""
_OUT_OF_THE_ORDINARY = (
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
)


class Endpoint(NamedTuple):
    """Whom to ask, and whose certificates to believe: a file, or None for those that botocore brings."""

    url: str
    region: str
    ca_bundle: str | None


def endpoint(service: Service, environ: Mapping[str, str] = os.environ) -> Endpoint:
    """Raises what botocore does, such as NoRegionError."""
    region = environ.get("AWS_DEFAULT_REGION", "")
    url = environ.get(service.variable) or environ.get("AWS_ENDPOINT_URL") or _regional(service.first_part, region)
    config = Path(environ.get("AWS_CONFIG_FILE") or "~/.aws/config").expanduser()
    if not region or not url or any(map(environ.get, _OUT_OF_THE_ORDINARY)) or config.is_file():
        return _as_botocore_resolves_it(service, environ)
    return Endpoint(url, region, environ.get("AWS_CA_BUNDLE") or environ.get("REQUESTS_CA_BUNDLE"))


def is_behind_a_proxy(url: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment sends requests to this address through a proxy."""
    if not any(name.lower().endswith("_proxy") for name in environ):
        return False
    from botocore.utils import get_environ_proxies  # which exceptions there are is not to be said twice

    return url.partition(":")[0] in get_environ_proxies(url)


def _regional(host: str, region: str) -> str | None:
    found = (suffix for pattern, suffix in _SUFFIXES if pattern.fullmatch(region))
    return next((f"https://{host}.{region}.{suffix}" for suffix in found), None)


def _as_botocore_resolves_it(service: Service, environ: Mapping[str, str]) -> Endpoint:
    from botocore.session import Session  # three tenths of a second that Lambda does not pay

    session = Session()
    client = session.create_client(service.name, config=client_config(service=service.name))
    bundle = session.get_config_variable("ca_bundle") or environ.get("REQUESTS_CA_BUNDLE")
    return Endpoint(client.meta.endpoint_url, client.meta.region_name, bundle)
