"""What a process says when it starts as a function."""

import json
import os
import subprocess
import sys

from slotline.zone_rules import VERSION


def _said(**environment: str) -> list[str]:
    layer = {"PYTHONPATH": "layers/common/python", "PATH": os.environ["PATH"]}
    program = "import slotline.observability"
    command = [sys.executable, "-c", program]
    return subprocess.run(
        command, env=layer | environment, capture_output=True, text=True, check=True
    ).stdout.splitlines()


def test_a_cold_start_says_which_release_it_is_of_and_by_which_zone_rules():
    (line,) = _said(AWS_LAMBDA_FUNCTION_NAME="slotline-Jwks", RELEASE="0123456789abcdef")
    said = json.loads(line)
    assert (said["message"], said["release"], said["zone_rules"]) == ("started", "0123456789abcdef", VERSION)


def test_a_command_of_the_operator_is_no_cold_start():
    assert _said(RELEASE="0123456789abcdef") == []
