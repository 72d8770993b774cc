"""The whole local system with its clock in the test's hand, and what came out of it."""

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

from local.process import RunningSystem
from tests.support import patient


def until(condition: Callable[[], bool], what: str, seconds: float = patient.SECONDS) -> None:
    """Wait for a condition. Fails, saying what never came about."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, f"within {seconds:.0f} s this did not come about: {what}"
        time.sleep(0.1)


def lines_of_functions(system: RunningSystem) -> Sequence[str]:
    """What the functions have logged so far, without a line that is half written at this moment."""
    logged = (system.state_dir / "functions.log").read_text(encoding="utf-8", errors="replace")
    return logged[: logged.rfind("\n") + 1].splitlines()


@dataclass(frozen=True)
class Later:
    """A system whose time can be moved on."""

    system: RunningSystem

    def now(self) -> datetime:
        """The system's present."""
        return _instant(patient.get(f"{self.system.base_url}/__local/clock").json()["now"])

    def advance(self, by: timedelta) -> None:
        """Move its clock on."""
        body = {"advance_seconds": by.total_seconds()}
        answer = patient.post(f"{self.system.base_url}/__local/clock", json=body)
        assert answer.status_code == 200, answer.text

    def advance_to(self, at: datetime) -> None:
        """Move its clock on to an instant; a slow machine may have come to it by itself, and time goes forward only."""
        self.advance(max(at - self.now(), timedelta()))

    def sweep(self, times: int = 1) -> None:
        """Let minutes pass, and the sweep of each run."""
        for _ in range(times):
            before = self.invocations("SweepFunction")
            self.advance(timedelta(seconds=61))
            until(lambda so_far=before: self.invocations("SweepFunction") > so_far, "a sweep")

    def messages(self, call_ids: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """What lies in the inbox, of these calls or of all."""
        found = patient.get(f"{self.system.base_url}/__local/inbox").json()["messages"]
        return [message for message in found if call_ids is None or message["call_id"] in set(call_ids)]

    def phone_calls(self) -> list[dict[str, Any]]:
        """Whom the local carrier called."""
        calls: list[dict[str, Any]] = patient.get(f"{self.system.base_url}/__local/inbox").json()["calls"]
        return calls

    def kinds(self, call_id: str) -> Counter[str]:
        """What was sent about a call: how many messages of each kind and channel."""
        return Counter(f"{message['kind']}.{message['channel']}" for message in self.messages([call_id]))

    def client(self, service: str) -> Any:
        """A client of the emulator."""
        return boto3.client(
            service,  # type: ignore[call-overload]  # any service, by its name
            endpoint_url=self.system.emulator_url,
            region_name=self.system.region,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    def in_queue(self, logical_id: str) -> int:
        """How many messages lie in a queue of the template, hidden ones too."""
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        url = self.system.system.resources[logical_id]
        found = self.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)

    def counted(self, metric: str) -> float:
        """The sum of a metric so far, from the functions' own log."""
        lines = lines_of_functions(self.system)
        found = [json.loads(line) for line in lines if line.startswith('{"_aws"') and f'"{metric}"' in line]
        return float(sum(sum(one[metric]) for one in found))

    def invocations(self, logical_id: str) -> int:
        """How often a function has run so far."""
        printed = self.system.log_file.read_text(encoding="utf-8", errors="replace")
        return len(re.findall(rf"^invoke {logical_id} ok", printed, flags=re.MULTILINE))


def lateness(message: Mapping[str, Any], due: datetime) -> float:
    """Seconds from the moment at which a message was due to its arrival."""
    return (_instant(message["at"]) - due).total_seconds()


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that this share of all values does not exceed."""
    return sorted(values)[max(0, round(share * len(values)) - 1)]


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
