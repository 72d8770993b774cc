"""What the local runtime itself answers, beside the API: everything under `/__local/`."""

import json
from collections.abc import Mapping

from local.gateway.answers import Answer
from local.gateway.app import Page


def inbox() -> Answer:
    """What the local channels sent and whom they called: so far nothing does."""
    body = json.dumps({"messages": [], "calls": []}).encode()
    return Answer(200, (("content-type", "application/json"),), body)


PAGES: Mapping[str, Page] = {"/__local/inbox": inbox}
