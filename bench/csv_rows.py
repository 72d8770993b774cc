"""What a table of 10,000 calls costs, from the request to the answer, beside what any program would spend on it.

    .venv/bin/python -m bench.csv_rows                    this build
    .venv/bin/python -m bench.csv_rows OTHER_CHECKOUT     beside another build

The peer reads the rows by `csv`, has phonenumbers parse each number, say whether it is valid, of which kind and in
which zones, and write it in E.164, and dumps the rows as JSON.
Ours is the whole handler, on ports in memory: `schedule` makes the calls of a campaign, `preflight` says what it would
be like. All take turns, each in a process of its own; what counts is the median of their processor times.
"""

import argparse
import csv
import io
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
ROWS = 10_000
TURNS = 5
PEER = "csv + phonenumbers + json"
OURS = ("schedule", "preflight")
FORMS = (
    "+57 300 {left} {right}",
    "+1 (202) {left}-{right}",
    "+447400{six}",
    "+49 151 2{left} {right}",
    "+5511 98{left}{right}",
)
Job = Callable[[str], Any]
_OPEN = ExitStack()
"""What lasts as long as the process."""


def table(seed: int, rows: int = ROWS) -> str:
    """A table as customers send it: mobile numbers of five countries, written in several ways, and three parameters."""
    drawn = random.Random(seed)  # noqa: S311 - a table, no secret
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["phone_number", "first_name", "last_name", "company"])
    for number in range(rows):
        digits = f"{drawn.randrange(200, 1000)}{number % 10_000:04}"
        phone = FORMS[number % len(FORMS)].format(left=digits[:3], right=digits[3:], six=digits[1:])
        writer.writerow([phone, f"Ana {number}", f"García {number}", "Slotline, Inc."])
    return text.getvalue()


def _peer() -> Job:
    import phonenumbers
    from phonenumbers.timezone import time_zones_for_number

    def read(text: str) -> str:
        rows = []
        for row in csv.DictReader(io.StringIO(text)):
            number = phonenumbers.parse(row["phone_number"])
            said = {
                "phone_number": phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
                "valid": phonenumbers.is_valid_number(number),
                "kind": phonenumbers.number_type(number),
                "zones": time_zones_for_number(number),
            }
            rows.append({**row, **said})
        return json.dumps({"calls": rows})

    return read


def _handler(folder: str, path: str) -> Job:
    """One of our handlers, on ports in memory that have a use case and a number."""
    from tests.support.builders.apps import SetClock
    from tests.support.builders.dialing import a_grant, a_number, a_use_case
    from tests.support.handlers import Endpoint, partner
    from tests.support.memory.wiring import MemoryPorts

    ports = MemoryPorts(SetClock())
    _OPEN.enter_context(ports.in_place())
    organization = partner()["organization_id"]
    grant = a_grant(organization)
    ports.grants.put(grant)
    ports.grants.add_number(a_number(organization_id=organization), grant, None)
    use_case = a_use_case(organization_id=organization, callee_start="00:00", callee_end="24:00")
    ports.use_cases.add(use_case, None)
    asks = Endpoint(folder, "POST", partner())

    def read(text: str) -> str:
        said = asks(path, {"use_case_id": "use-case", "number_id": "number", "csv_file": text})
        if said.status != 200:
            raise SystemExit(f"{path} answered {said.status}: {said.text[:500]}")
        return said.text

    return read


def _jobs() -> dict[str, Callable[[], Job]]:
    return {
        PEER: _peer,
        "schedule": lambda: _handler("dialing/schedule", "/api/v1/dial/scheduled"),
        "preflight": lambda: _handler("dialing/preflight", "/api/v1/dial/preflight"),
    }


def _work(name: str, turn: int) -> None:
    """In a process of its own: read a small table, which brings what is imported, and then a whole one."""
    read = _jobs()[name]()
    read(table(turn, rows=20))
    text = table(turn + 1)
    before = time.process_time()
    read(text)
    print(f"\n{time.process_time() - before}")


def measure(checkouts: Sequence[Path], turns: int = TURNS) -> dict[tuple[Path | None, str], float]:
    """Seconds of processor time of the peer, and of each build's handlers: medians of as many turns."""
    places = [(None, PEER), *((checkout, name) for checkout in checkouts for name in OURS)]
    found: dict[tuple[Path | None, str], list[float]] = {place: [] for place in places}
    for turn in range(turns):
        for place in places:
            found[place].append(_seconds(place[0] or ROOT, place[1], turn))
    return {place: statistics.median(seconds) for place, seconds in found.items()}


def _seconds(checkout: Path, name: str, turn: int) -> float:
    paths = {"PYTHONPATH": f"{checkout / 'layers/common/python'}:{checkout}"}
    done = subprocess.run(
        [sys.executable, str(Path(__file__).resolve()), "--work", name, "--turn", str(turn)],
        cwd=checkout,
        env={**os.environ, **paths},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(done.stdout.splitlines()[-1])


def report(found: dict[tuple[Path | None, str], float]) -> Iterator[str]:
    """A line each: seconds, and how many times the peer's they are."""
    peer = found[None, PEER]
    for (checkout, name), seconds in found.items():
        yield f"{checkout or ''} {name}: {seconds:.2f} s, {seconds / peer:.2f} times the peer's".strip()


def main() -> None:
    """Measure this build beside the peer, and beside it others."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", nargs="*", type=Path, help="a checkout of another build")
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--turn", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--work", help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.work:
        _work(said.work, said.turn)
        return
    for line in report(measure([ROOT, *(one.resolve() for one in said.checkout)], said.turns)):
        print(line)


if __name__ == "__main__":
    main()
