"""All that a running system has written: what must not be in it is looked for there."""

import json
from collections.abc import Iterator
from typing import Any

from tests.support.worlds.later import Later


def everything_kept(later: Later) -> dict[str, str]:
    """All that the system has written anywhere but into messages: by what holds it."""
    system = later.system
    files = [system.log_file, *(path for path in system.state_dir.rglob("*") if path.is_file())]
    kept = {path.name: path.read_bytes().decode("utf-8", "replace") for path in files}
    scans = later.client("dynamodb").get_paginator("scan")
    for name, table in system.tables.items():
        rows = [row for page in scans.paginate(TableName=table) for row in page["Items"]]
        assert rows
        kept[name] = json.dumps(rows, default=_as_text)
    queues = later.client("sqs")
    for url in queues.list_queues().get("QueueUrls", []):
        kept[url] = json.dumps(list(_all_messages(queues, url)), default=str)
    schedules = later.client("scheduler")
    kept["schedules"] = json.dumps(
        [
            schedules.get_schedule(GroupName=one["GroupName"], Name=one["Name"])
            for page in schedules.get_paginator("list_schedules").paginate()
            for one in page["Schedules"]
        ],
        default=str,
    )
    return kept


def _all_messages(queues: Any, url: str) -> Iterator[Any]:
    """All that wait, ten at a time: who receives one hides it from the next."""
    while found := queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        yield from found


def _as_text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
