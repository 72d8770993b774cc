"""One fresh process of a function on a build: import it, have it answer events, say what that took.

Run by the interpreter of the build, with nothing of the tests on its path: `process.py FOLDER`. Each line that it is
given is an event; for each it writes a line that begins with the mark. The time is that of the processor,
since the process began, of all its threads.
"""

import importlib
import json
import sys
import time
from datetime import datetime
from types import SimpleNamespace
from typing import Any

MARK = "answered: "
NOW = datetime.fromisoformat("2026-04-22T12:00:00+00:00")
"""The present of the files under events/."""


class Invocation:
    """The context of an invocation that has time left."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds."""
        return 30_000


class Nearby:
    """Receivers of webhooks that need no network, and the one address that every network refuses."""

    def check(self, url: str) -> None:
        """Raises AddressRefused."""
        from slotline.ports.shared import AddressRefused  # of the build, and loaded by whoever gets here

        if url.startswith("https://169.254.169.254/"):
            raise AddressRefused("the address is a private one")

    def post(self, *_request: object) -> SimpleNamespace:
        """An answer of 200."""
        return SimpleNamespace(status=200, headers={}, excerpt="thanks")


def settle(modules: dict[str, Any]) -> None:
    """The present that the events are about, and receivers nearby."""
    if common := modules.get("slotline.wiring.common"):
        common.clock = common.world_clock = lambda: SimpleNamespace(now=lambda: NOW)
    for name in ("slotline.wiring.webhooks.receivers", "slotline.wiring.dialing.writing"):
        if module := modules.get(name):
            module.egress = Nearby


def main() -> None:
    """Answer until there is nothing more to answer."""
    sys.path[0] = sys.argv[1]
    import app  # of the function's folder

    settle(sys.modules)
    for line in sys.stdin:
        if "/settings/webhooks" in line:  # a page loads what it needs once it is asked: that is settled before
            importlib.import_module("slotline.wiring.webhooks.receivers")
            settle(sys.modules)
        answer = app.handler(json.loads(line), Invocation())
        seconds = time.process_time()
        sys.stdout.write(MARK + json.dumps({"seconds": seconds, "answer": answer, "modules": [*sys.modules]}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
