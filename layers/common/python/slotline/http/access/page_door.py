"""What a request for the booking page passes: the widget key or the page pass, and the counts of visitor and key.

It does without the models of the API, because a page starts faster so. Our own pages are no other website's, so no
origin is looked at here: which sites may frame a page is said in its headers, by the preset's list.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from slotline.domain.access.rate_limits import Window
from slotline.domain.access.websites import PageVisit, Purpose, Website, visitor_of
from slotline.domain.booking.apps import Preset
from slotline.domain.booking.page_passes import HandedPass
from slotline.domain.booking.prefills import Prefill
from slotline.http.access.website_door import check_count, count
from slotline.http.core.caller import Caller, Visitor
from slotline.ports.access import Rates
from slotline.ports.shared import Clock

Query = Sequence[tuple[str, str]]
"""Parameters of a link, in their order, as often as they are there."""


class Admission(Protocol):
    """Who names the guest: `slotline.usecases.access.admit_page.AdmitPage`."""

    def enter(self, app_id: str, widget_key: str, service: str | None = None) -> PageVisit:
        """A new visit. Raises Unauthorized."""
        ...

    def hand_out(self, visit: PageVisit, service: str, preset: Preset, query: Query = ()) -> HandedPass:
        """A pass for a service."""
        ...

    def step(self, app_id: str, service: str, token: str) -> tuple[PageVisit, HandedPass]:
        """The visit that a pass is of. Raises NoPass, PassOver or Unauthorized."""
        ...


class Tools(Protocol):
    """What the door takes from `slotline.wiring.common`."""

    def clock(self) -> Clock:
        """Now."""
        ...

    def rates(self) -> Rates:
        """Request counters."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A guest who was let in and counted. `by`: the pass that the next step's address carries; None before a service
    is chosen."""

    visit: PageVisit
    caller: Caller
    by: HandedPass | None = None

    @property
    def website(self) -> Website:
        """The app, its key, and the public preset that the address names, if there is one."""
        return self.visit.website

    @property
    def pass_token(self) -> str:
        """For the addresses of this page. Raises LookupError before a service is chosen."""
        return self._pass.token

    @property
    def ends_at(self) -> datetime:
        """When the pass is over. Raises LookupError before a service is chosen."""
        return self._pass.ends_at

    @property
    def prefill(self) -> Prefill:
        """What the first link said of the guest."""
        return self.by.prefill if self.by else Prefill()

    @property
    def _pass(self) -> HandedPass:
        if self.by is None:
            raise LookupError("no service was chosen yet, and a pass is for one")
        return self.by


@dataclass(frozen=True, slots=True)
class PageDoor:
    """Lets guests into the booking page. Each request is counted once, before anything else is asked for it.

    `source` is API Gateway's own word for the address that a request comes from: `requestContext.http.sourceIp`.
    """

    tools: Tools
    admission: Callable[[], Admission]

    def enter(
        self, source: str, app_id: str, widget_key: str, service: str | None = None, query: Query = ()
    ) -> Admitted:
        """The first step. With a service that is there and public, its pass is handed out at once.

        Raises Unauthorized, RateLimited or StoreBusyError.
        """
        visit = self.admission().enter(app_id, widget_key, service)
        admitted = Admitted(visit=visit, caller=self._counted(visit, source, Purpose.PAGE))
        preset = visit.website.preset
        return admitted if service is None or preset is None else self.for_service(admitted, service, preset, query)

    def for_service(self, admitted: Admitted, service: str, preset: Preset, query: Query = ()) -> Admitted:
        """The same guest with a pass for one of the services, as the page's addresses will name it."""
        handed = self.admission().hand_out(admitted.visit, service, preset, query)
        return Admitted(visit=admitted.visit, caller=admitted.caller, by=handed)

    def step(
        self, source: str, app_id: str, service: str, pass_token: str, purpose: Purpose = Purpose.PAGE
    ) -> Admitted:
        """Every later step. `purpose`: BOOK for one that holds, sends for a code or books.

        Raises NoPass, PassOver, Unauthorized once the key was revoked, RateLimited or StoreBusyError. The website's
        preset is None if the service is gone or not public any more.
        """
        visit, handed = self.admission().step(app_id, service, pass_token)
        return Admitted(visit=visit, caller=self._counted(visit, source, purpose), by=handed)

    def _counted(self, visit: PageVisit, source: str, purpose: Purpose) -> Caller:
        """The guest as use cases know a website's visitor. `check_rate` has nothing left to check."""
        website, address = visit.website, visitor_of(source, visit.visitors_salt)
        check_count(*count(self.tools.rates(), website.allowances(address, purpose), self.tools.clock().now()))
        limits = website.key.limits
        return Caller(
            client_id=website.principal,
            organization_id=website.app.organization_id,
            app_ids=frozenset({website.app.app_id}),
            scopes=frozenset(),
            limits={Window.MINUTE: limits.minute, Window.HOUR: limits.hour, Window.DAY: limits.day},
            visitor=Visitor(address=address, visit=visit.visit, may_embed=_own_page),
        )


def _own_page(_listed: Iterable[str]) -> bool:
    return True
