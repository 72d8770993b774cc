"""Who asks AWS: our own clients, without boto3, or boto3's if that is set, or needed."""

import os
import subprocess
import sys

import pytest

from slotline.settings import Settings
from tests.support.aws.moto_tables import ENVIRONMENT

PROGRAM = """
import sys
from slotline.wiring import common
import slotline.wiring.booking.bookings, slotline.wiring.messages.reminders, slotline.wiring.shared.timers
from slotline.aws.services import SERVICES
made = {type(one).__name__ for one in (common.dynamodb(), *map(common.client, SERVICES))}
print(sorted(made)[0], "boto3" in sys.modules, "botocore.session" in sys.modules, "urllib3" in sys.modules)
"""


def said_by(**environment: str) -> str:
    layer = {
        "PYTHONPATH": "layers/common/python",
        "PATH": os.environ["PATH"],
        "HOME": "/nowhere",
        "SIGNING_KEY_IDS": "a",
    }
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], env={**layer, **ENVIRONMENT, **environment}, capture_output=True, check=True
    )
    return ran.stdout.decode().strip()


@pytest.mark.parametrize("name", ["", "own"])
def test_neither_boto3_nor_urllib3_is_imported_to_ask_any_service(name: str) -> None:
    assert said_by(CLIENT_OF_AWS=name) == "DirectClient False False False"


@pytest.mark.parametrize(
    "environment",
    [
        {"CLIENT_OF_AWS": "boto3"},
        {"CLIENT_OF_AWS": "own", "DYNAMODB_CLIENT": "boto3"},
        {"CLIENT_OF_AWS": "own", "HTTPS_PROXY": "http://192.0.2.1:3128"},
    ],
)
def test_boto3s_client_is_a_setting_away_and_goes_through_proxies(environment: dict[str, str]) -> None:
    assert said_by(**environment).startswith("Connect True")


@pytest.mark.parametrize("variable", ["CLIENT_OF_AWS", "DYNAMODB_CLIENT"])
def test_a_client_that_there_is_not_is_refused_by_name(variable: str) -> None:
    with pytest.raises(ValueError, match=f"{variable} must be own or boto3, not boto2"):
        Settings.from_environment({**ENVIRONMENT, "SIGNING_KEY_IDS": "a", variable: "boto2"})
