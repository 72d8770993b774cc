"""What `make run` prints."""

import sys
from collections.abc import Mapping
from typing import Any


def say(text: str) -> None:
    """One message to the person at the terminal."""
    print(text, file=sys.stderr, flush=True)


def tell_failure(function: str, error: Mapping[str, Any]) -> None:
    """A function's error document, with the lines of its traceback."""
    trace = "".join(error.get("stackTrace") or [])
    say(f"{function} failed: {error.get('errorType')}: {error.get('errorMessage')}\n{trace}".rstrip())
