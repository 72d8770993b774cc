"""`python -m local invoke`: one function, one event, against the running system."""

import http.client
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from local.errors import LocalError
from local.state import read_system

_PLACE = re.compile(r"\$\{(\w+)\}")


def invoke(logical_id: str, event_file: Path, state_dir: Path) -> tuple[bool, str]:
    """Run a function; whether it went well, and its JSON, indented. Raises LocalError.

    Works through the running system's private door, so the function sees the system's data.
    """
    system = read_system(state_dir / "system.json")
    if system is None:
        raise LocalError("Nothing runs here: start it with `make run`")
    try:
        event = fill(event_file.read_text(encoding="utf-8"), _demo(Path(system.demo_file)))
        json.loads(event)
    except OSError as error:
        raise LocalError(f"{event_file} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise LocalError(f"{event_file} is not JSON: {error}") from error
    status, payload = _post(system.functions_url + quote(logical_id, safe=""), event)
    answer = json.loads(payload)
    if status not in {200, 500}:
        raise LocalError(str(answer["errorMessage"]))
    return status == 200, json.dumps(answer, indent=2, ensure_ascii=False)


def fill(text: str, demo: Mapping[str, Any]) -> str:
    """Put demo data where an event says `${app_id}`, `${client_id}` and so on; `${agent_id}` is the first.

    What the demo data does not know stays as it is.
    """
    known = {name: value for name, value in demo.items() if isinstance(value, str)}
    if demo.get("agent_ids"):
        known["agent_id"] = str(demo["agent_ids"][0])
    return _PLACE.sub(lambda place: json.dumps(known.get(place[1], place[0]))[1:-1], text)


def _demo(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _post(url: str, event: str) -> tuple[int, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=910)
    try:
        connection.request("POST", parts.path, event.encode(), {"content-type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    except OSError as error:
        raise LocalError("Nothing runs here any more: start it with `make run`") from error
    finally:
        connection.close()
