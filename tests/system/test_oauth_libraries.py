"""Partners bring their own OAuth library: what it sends must be understood, and what we sign must verify."""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from authlib.integrations.requests_client import OAuth2Session

from local.process import RunningSystem
from tests.support import patient

pytestmark = pytest.mark.system


def session_of(system: RunningSystem, method: str) -> OAuth2Session:
    return OAuth2Session(
        system.demo["client_id"],
        system.demo["client_secret"],
        scope="scheduling:read scheduling:write",
        token_endpoint_auth_method=method,
    )


def published_key(system: RunningSystem, token: str) -> Any:
    return jwt.PyJWKClient(f"{system.base_url}/.well-known/jwks.json").get_signing_key_from_jwt(token).key


@pytest.mark.parametrize(
    ("method", "hour"),
    [("client_secret_basic", 10), ("client_secret_post", 11)],
    ids=["by HTTP Basic", "by form body"],
)
def test_a_standard_library_gets_a_token_and_books_with_it(system: RunningSystem, method: str, hour: int) -> None:
    with session_of(system, method) as session:
        token = session.fetch_token(f"{system.base_url}/api/v1/oauth/token", grant_type="client_credentials")
        assert token["token_type"] == "Bearer"
        assert token["expires_in"] == 3600
        assert token["scope"] == "scheduling:read scheduling:write"

        access_token = token["access_token"]
        claims = jwt.decode(
            access_token,
            published_key(system, access_token),
            algorithms=["ES256"],
            audience=system.base_url,
            issuer=system.base_url,
            options={"require": ["exp", "iat", "iss", "aud", "sub", "jti"]},
        )
        assert claims["client_id"] == claims["sub"] == system.demo["client_id"]
        assert jwt.get_unverified_header(access_token)["typ"] == "at+jwt"

        start = (datetime.now(UTC) + timedelta(days=30)).replace(hour=hour, minute=0, second=0, microsecond=0)
        answer = session.post(
            f"{system.base_url}/api/v1/video/{system.demo['app_id']}/scheduled-calls",
            json={
                "assignedAgentId": system.demo["agent_ids"][0],
                "guestName": "Jane Doe",
                "guestEmail": "jane@example.com",
                "scheduledAtUtc": start.isoformat(),
                "appTimezone": "UTC",
            },
            timeout=patient.SECONDS,
        )
        assert answer.status_code == 201, answer.text
        assert answer.json()["data"]["call"]["assigned_agent_id"] == system.demo["agent_ids"][0]


def test_the_metadata_leads_a_library_to_the_token_endpoint_and_the_keys(system: RunningSystem) -> None:
    with session_of(system, "client_secret_basic") as session:
        metadata = session.request(
            "GET",
            f"{system.base_url}/.well-known/oauth-authorization-server",
            withhold_token=True,
            timeout=patient.SECONDS,
        ).json()
        token = session.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")["access_token"]
        key = jwt.PyJWKClient(metadata["jwks_uri"]).get_signing_key_from_jwt(token).key
        jwt.decode(token, key, algorithms=["ES256"], audience=metadata["issuer"], issuer=metadata["issuer"])
