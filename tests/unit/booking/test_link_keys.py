"""The keys of guests' links as a process has them: read from Secrets Manager now and then."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from slotline.domain.booking.guest_links import KEPT_FOR, LinkKeys, keys_of
from slotline.ports.shared import StoreBusyError
from slotline.tokens.kept_secret import ASKED_AGAIN_AFTER, KeptSecret
from tests.support.builders.apps import SetClock

SECRET_ID = "GuestLinkSecret"
NOW = datetime(2027, 5, 3, 15, tzinfo=UTC)


def _secret(name: str) -> dict[str, str]:
    return {"SecretString": json.dumps({"id": 1, "secret": name * 64})}


def kept_by(client: Any, clock: SetClock) -> KeptSecret[LinkKeys]:
    """The keys of a secret, as this client reads it."""
    return KeptSecret(client, SECRET_ID, clock, keys_of, "the keys of guests' links", KEPT_FOR)


class _Kept:
    """A client of boto3 that answers what is put in, the keys that are read from it, and how often it was asked."""

    def __init__(self) -> None:
        nobody = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
        made: Any = boto3.client("secretsmanager", region_name="eu-west-1", **nobody)
        self.answers = Stubber(made)
        self.answers.activate()
        self.asked = 0
        made.meta.events.register("provide-client-params.secrets-manager", self._count)
        self.clock = SetClock(NOW)
        self.keys = kept_by(lambda: made, self.clock)

    def says(self, name: str) -> None:
        self.answers.add_response("get_secret_value", _secret(name), {"SecretId": SECRET_ID})

    def fails(self, code: str) -> None:
        self.answers.add_client_error("get_secret_value", service_error_code=code)

    def secret(self) -> str:
        return self.keys().keys[0].secret[0]

    def _count(self, **_: Any) -> None:
        self.asked += 1


def test_keys_are_read_once_in_five_minutes_and_a_rotation_is_noticed_after_that():
    kept = _Kept()
    kept.says("a")
    assert [kept.secret(), kept.secret()] == ["a", "a"]
    kept.clock.instant += KEPT_FOR - timedelta(seconds=1)
    assert (kept.secret(), kept.asked) == ("a", 1)
    kept.says("b")
    kept.clock.instant += timedelta(seconds=1)
    assert (kept.secret(), kept.secret(), kept.asked) == ("b", "b", 2)


@pytest.mark.parametrize("code", ["InternalServiceError", "ThrottlingException", "AccessDeniedException"])
def test_keys_that_were_read_are_used_on_while_they_cannot_be_read_again(code: str):
    kept = _Kept()
    kept.says("a")
    kept.secret()
    kept.clock.instant += KEPT_FOR
    kept.fails(code)
    assert [kept.secret(), kept.secret()] == ["a", "a"]
    kept.clock.instant += ASKED_AGAIN_AFTER - timedelta(seconds=1)
    assert (kept.secret(), kept.asked) == ("a", 2), "a service in trouble is not asked again at once"
    kept.clock.instant += timedelta(seconds=1)
    kept.says("b")
    assert (kept.secret(), kept.asked) == ("b", 3)


def test_a_secret_that_somebody_spoiled_ends_nobodys_way_in():
    kept = _Kept()
    kept.says("a")
    kept.secret()
    kept.clock.instant += KEPT_FOR
    kept.answers.add_response("get_secret_value", {"SecretString": "spoiled"}, {"SecretId": SECRET_ID})
    assert kept.secret() == "a"


@pytest.mark.parametrize(
    "code", ["InternalServiceError", "ThrottlingException", "ResourceNotFoundException", "AccessDeniedException"]
)
def test_a_process_that_has_read_none_yet_knows_none_while_they_cannot_be_read(code: str):
    kept = _Kept()
    kept.fails(code)
    for seconds in (0, 9):
        kept.clock.advance(seconds=seconds)
        with pytest.raises(StoreBusyError):
            kept.keys()
    assert kept.asked == 1, "a service in trouble is left alone for a while"
    kept.clock.advance(seconds=1)
    kept.says("a")
    assert (kept.secret(), kept.asked) == ("a", 2)


def test_a_connection_that_fails_is_no_fault_of_ours():
    def lost() -> Any:
        raise EndpointConnectionError(endpoint_url="https://secretsmanager.eu-west-1.amazonaws.com")

    with pytest.raises(StoreBusyError):
        kept_by(lost, SetClock(NOW))()


def test_a_secret_without_keys_is_read_again_once_it_has_some():
    kept = _Kept()
    kept.answers.add_response("get_secret_value", {"SecretString": "{}"}, {"SecretId": SECRET_ID})
    with pytest.raises(StoreBusyError) as refused:
        kept.keys()
    assert isinstance(refused.value.__cause__, ValueError)
