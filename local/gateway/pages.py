"""What the local runtime itself answers, beside the API: everything under `/__local/`."""

from collections.abc import Mapping

from local.carrier import LocalCarrier
from local.clock import LocalClock
from local.gateway.app import Page
from local.gateway.clock_page import ClockPage
from local.gateway.inbox_page import InboxPage
from local.inbox import Inbox


def pages(inbox: Inbox, carrier: LocalCarrier, clock: LocalClock) -> Mapping[str, Page]:
    """Its pages, by path."""
    return {"/__local/inbox": InboxPage(inbox, carrier), "/__local/clock": ClockPage(clock)}
