"""Functions in processes of their own, on a build, before tables that moto keeps in this one."""

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.budgets.process import MARK
from tests.support.aws.built import Built
from tests.support.aws.moto_server import moto_over_http
from tests.support.aws.moto_tables import ENVIRONMENT, put_back
from tests.support.builders.guest_links import LINK_KEYS
from tests.support.builders.relays import RELAYS
from tests.template.conftest import EVENTS
from tests.template.dialed import TWILIO

PROCESS = Path(__file__).with_name("process.py")
EXPECTED: dict[str, dict[str, Any]] = json.loads((EVENTS / "expected.json").read_text())
_CONTACT = {"Id": "contact-1"}
_SAID = {
    "MessageId": "1",
    "messageId": "1",
    "ContactId": "contact-1",
    "Contact": _CONTACT,
    "Contacts": [_CONTACT],
}
"""What services say that are not played in memory: each client takes of it what it knows."""
_SECRETS = {
    ENVIRONMENT["TWILIO_SECRET_ID"]: TWILIO,
    ENVIRONMENT["GUEST_LINK_SECRET_ID"]: LINK_KEYS,
    "RelaySecretArn": RELAYS,
}
_AWAY = {
    **dict.fromkeys(("connect", "ses", "sms-voice", "social-messaging"), _SAID),
    "secretsmanager": lambda asked: {"SecretString": _SECRETS[asked["SecretId"]]},
}


@dataclass(frozen=True)
class Answered:
    """An answer, and the processor time from the beginning of its process."""

    seconds: float
    answer: Any
    modules: Sequence[str] = ()
    """What was imported by then."""

    def is_as(self, outcome: Any) -> bool:
        """Whether it is what events/expected.json says."""
        if isinstance(outcome, int):
            return bool(self.answer["statusCode"] == outcome)
        if isinstance(outcome, str):
            return bool(self.answer["context"].get("error", "named") == outcome)
        return bool(self.answer == outcome)


@dataclass(frozen=True)
class Bench:
    """Tables with what events are about, and the address that they are asked at."""

    url: str
    rows: dict[str, Any]

    def answers(self, built: Built, folder: str, names: Sequence[str]) -> list[Answered]:
        """What one fresh process answers to these events of its function, each on tables as they were."""
        events = (event_of(folder, name) for name in names)
        return self.run(built, _process(built, folder), [json.dumps(event) for event in events])

    def first_answer(self, built: Built, folder: str, name: str) -> Answered:
        """What a fresh process answers to this event of its function; of a batch, to its first message alone."""
        event = event_of(folder, name)
        if "Records" in event:
            event["Records"] = event["Records"][:1]
        (answered,) = self.run(built, _process(built, folder), [json.dumps(event)])
        return answered

    def run(self, built: Built, program: tuple[str, ...], given: Sequence[str]) -> list[Answered]:
        """What a program answers to each of these lines. Raises AssertionError with all that it printed."""
        environment = {
            **ENVIRONMENT,
            "PATH": os.environ["PATH"],
            "SIGNING_KEY_IDS": os.environ["SIGNING_KEY_IDS"],
            "AWS_ENDPOINT_URL": self.url,
            "CLIENT_OF_AWS": "",  # as in Lambda: the default
            "AWS_LAMBDA_FUNCTION_NAME": "measured",
            "PYTHONPATH": str(built.layer),
            "PYTHONDONTWRITEBYTECODE": "1",  # /opt and /var/task cannot be written to; root may write everywhere
        }
        with subprocess.Popen(
            (built.python, *program),
            env=environment,
            cwd=built.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as child:
            return [self._answered(child, line) for line in given]

    def _answered(self, child: "subprocess.Popen[str]", line: str) -> Answered:
        assert child.stdin
        assert child.stdout
        put_back(self.rows)
        child.stdin.write(f"{line}\n")
        child.stdin.flush()
        printed = []
        for said in child.stdout:
            if said.startswith(MARK):
                return Answered(**json.loads(said.removeprefix(MARK)))
            printed.append(said)
        raise AssertionError("".join(printed))


def _process(built: Built, folder: str) -> tuple[str, ...]:
    return str(PROCESS), str(built.function(folder))


def event_of(folder: str, name: str) -> dict[str, Any]:
    """One of the files under events/."""
    event: dict[str, Any] = json.loads((EVENTS / folder / f"{name}.json").read_text())
    return event


@contextmanager
def bench(rows: dict[str, Any]) -> Iterator[Bench]:
    """A bench, while the block lasts."""
    with moto_over_http(_AWAY) as url:
        yield Bench(url, rows)


def good_events(folder: str) -> list[str]:
    """Its events that succeed; for a function that only refuses, those that are refused as they should be."""
    return [name for name, outcome in EXPECTED[folder].items() if _succeeds(outcome)] or list(EXPECTED[folder])


def _succeeds(outcome: Any) -> bool:
    if isinstance(outcome, int):
        return outcome < 300
    return outcome in (None, "named", {"batchItemFailures": []})
