"""Websites at routes that partners call, too: a widget key in headers instead of a token (docs/decisions/0056).

A request passes: the key, the origin of its page, the visitor's share of the key's rate limit and the whole of it.
What answers it is what answers partners, with CORS's headers. An `Authorization` header says that it is a partner,
whatever else is sent.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from slotline.domain.access.rate_limits import RateState, Window
from slotline.domain.access.websites import Purpose, Website
from slotline.domain.shared.errors import Detail, DomainError, InvalidRequest, Unauthorized
from slotline.http.access.website_door import check_origin, count, is_among, visitor_in
from slotline.http.core.bodies import parse_json_or_nothing, readable
from slotline.http.core.caller import Caller, Visitor
from slotline.http.core.cors import ANY_ORIGIN, READABLE
from slotline.ports.access import Rates
from slotline.ports.shared import Clock
from slotline.settings import Settings

Event = Mapping[str, Any]
Admit = Callable[[str, str, str | None], Website]
"""Names a website by its app's id and widget key, with the preset of this id or slug; raises Unauthorized."""

_CREDENTIALS = ("X-App-Id", "X-Widget-Key")
_VISIT = re.compile(r"[\x21-\x7e]{16,128}", re.ASCII)


class Tools(Protocol):
    """What admission takes from `slotline.wiring.common`."""

    def clock(self) -> Clock:
        """Now."""
        ...

    def rates(self) -> Rates:
        """Request counters."""
        ...

    def settings(self) -> Settings:
        """What this deployment decided."""
        ...


class WebsiteVisit:
    """A website's request on its way: `slotline.http.core.api.WebsiteRequest`."""

    def __init__(self, event: Event, tools: Tools, admission: Callable[[], Admit], *, of_one_preset: bool) -> None:
        self.headers = {**ANY_ORIGIN, **READABLE}
        self._event, self._tools, self._admission = event, tools, admission
        self._of_one_preset = of_one_preset
        self._sent = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        self._website: Website | None = None
        self._address = ""

    def admit(self) -> Caller:
        """The visitor. Raises Unauthorized, Forbidden for a page of another origin, or InvalidRequest for its visit."""
        app_id, widget_key = self._credentials()
        named = _preset_named(self._event) if self._of_one_preset else None
        website = self._website = self._admission()(app_id, widget_key, named)
        settings = self._tools.settings()
        if self._of_one_preset:
            check_origin(self.headers, self._event, website.embed_origins, settings)
        elif "origin" in self._sent:
            self.headers |= {"Access-Control-Allow-Origin": self._sent["origin"], "Vary": "Origin"}
        self._address = visitor_in(self._event, widget_key)
        limits = website.key.limits

        def may_embed(listed: Iterable[str]) -> bool:
            return is_among(self._event, listed, settings)

        return Caller(
            client_id=website.principal,
            organization_id=website.app.organization_id,
            app_ids=frozenset({website.app.app_id}),
            scopes=frozenset(),
            limits={Window.MINUTE: limits.minute, Window.HOUR: limits.hour, Window.DAY: limits.day},
            visitor=Visitor(address=self._address, visit=self._visit(), may_embed=may_embed),
        )

    def count(self) -> RateState:
        """Count it: first in the visitor's share, then for the whole key."""
        assert self._website is not None  # noqa: S101 - for the type checker: who is not admitted is not counted
        looks = self._event["requestContext"]["http"]["method"] == "GET"
        allowances = self._website.allowances(self._address, Purpose.LOOK if looks else Purpose.BOOK)
        return count(self._tools.rates(), allowances, self._tools.clock().now())[0]

    def _credentials(self) -> tuple[str, str]:
        missing = [name for name in _CREDENTIALS if name.lower() not in self._sent]
        if missing:
            raise Unauthorized(
                f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing. "
                "A website sends both headers: X-App-Id and X-Widget-Key.",
                [Detail("is required", "missing", name) for name in missing],
            )
        return self._sent["x-app-id"], self._sent["x-widget-key"]

    def _visit(self) -> str | None:
        visit = self._sent.get("x-visit-id") or None
        if visit is not None and not _VISIT.fullmatch(visit):
            message = "must be 16 to 128 visible ASCII characters: something random, the same for one visit"
            raise InvalidRequest.of_field("X-Visit-Id", message, "pattern")
        return visit


def _preset_named(event: Event) -> str | None:
    """The preset that a request names in its query or body. What cannot be read names none; its own error says why."""
    said: object = (event.get("queryStringParameters") or {}).get("presetId")
    if said is None and event.get("body"):
        try:
            said = parse_json_or_nothing(readable(event)["body"] or "").get("presetId")
        except DomainError:
            return None
    return said if isinstance(said, str) and 0 < len(said) <= _LONGEST_NAME else None


_LONGEST_NAME = 128
