"""What the local runtime itself answers, beside the API: everything under `/__local/`."""

from collections.abc import Mapping

from local.gateway.app import Page
from local.gateway.inbox_page import InboxPage
from local.inbox import Inbox


def pages(inbox: Inbox) -> Mapping[str, Page]:
    """Its pages, by path."""
    return {"/__local/inbox": InboxPage(inbox)}
