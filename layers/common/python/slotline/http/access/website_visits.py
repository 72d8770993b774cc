"""Whether a request at a route that partners call, too, is a website's (docs/decisions/0056).

It is if it comes with a widget key, in headers, and without an `Authorization` header, which says that a partner sends
it. What admits it is imported then: partners' requests start without it.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from slotline.http.access.website_visit import Admit, Tools, WebsiteVisit

Event = Mapping[str, Any]
WebsiteVisits = Callable[[Event], "WebsiteVisit | None"]
_CREDENTIALS = frozenset({"x-app-id", "x-widget-key"})


def website_visits(tools: "Tools", admission: "Callable[[], Admit]", *, of_one_preset: bool = True) -> WebsiteVisits:
    """Who admits websites to a route.

    `of_one_preset`: the route is about the preset that the request names, or else the active one, whose origins bind;
    otherwise its handler looks at the origins of each.
    """

    def visit(event: Event) -> "WebsiteVisit | None":
        sent = {name.lower() for name, value in (event.get("headers") or {}).items() if value.strip()}
        if "authorization" in sent or not sent & _CREDENTIALS:
            return None
        from slotline.http.access.website_visit import WebsiteVisit

        return WebsiteVisit(event, tools, admission, of_one_preset=of_one_preset)

    return visit
