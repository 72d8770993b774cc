"""What the local runtime itself answers, beside the API: everything under `/__local/`."""

from collections.abc import Mapping

from local.carrier import LocalCarrier
from local.clock import LocalClock
from local.gateway.app import START, Page
from local.gateway.clock_page import ClockPage
from local.gateway.components_page import PATH as COMPONENTS
from local.gateway.components_page import ComponentsPage
from local.gateway.embed_page import EmbedPage
from local.gateway.inbox_page import InboxPage
from local.gateway.start_page import StartPage
from local.inbox import Inbox


def pages(inbox: Inbox, carrier: LocalCarrier, clock: LocalClock, start: StartPage) -> Mapping[str, Page]:
    """Its pages, by path."""
    return {
        START: start,
        "/__local/inbox": InboxPage(inbox, carrier),
        "/__local/clock": ClockPage(clock),
        COMPONENTS: ComponentsPage(),
        "/__local/embed": EmbedPage(start.demo),
    }
