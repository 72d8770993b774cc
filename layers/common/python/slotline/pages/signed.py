"""Pages that people sign in to: who may see which, and what all of them show.

A function names for each of its routes the permission that it needs. Whoever has no session is asked to sign in and
then comes back; whoever may not do it reads that; a form that changes something proves that it is of this very session.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from markupsafe import Markup

from slotline.domain.access.permissions import Permission
from slotline.domain.access.sessions import COOKIE, FRAMED_COOKIE, Stage
from slotline.domain.access.users import Role
from slotline.domain.access.visits import Visit, VisitedApp
from slotline.domain.booking.calls import Actor, ActorType, BookingSource
from slotline.domain.shared.audit import Author, AuthorType, Surface
from slotline.domain.shared.networks import network_of
from slotline.pages.kit import Asked, Endpoint, File, Redirect, Routes
from slotline.pages.navigation import sections_for
from slotline.pages.problems import NoRight, StaleForm
from slotline.pages.rendering import Look, Page
from slotline.words.catalogue import Catalogue, catalogue_for

SIGN_IN = "/sign-in"
CSRF_FIELD = "csrf"
SCRIPTS = ("sections.js", "at_once.js")
"""What every page has that people sign in to."""
_ACTORS = {Surface.MY: ActorType.AGENT, Surface.CONSOLE: ActorType.ADMIN}
_SOURCES = {Surface.MY: BookingSource.AGENT, Surface.CONSOLE: BookingSource.ADMIN}


class Admit(Protocol):
    """Who names people by their sessions: `slotline.usecases.access.admit_user.AdmitUser`."""

    def __call__(
        self, cookie: str | None, app_id: str | None = None, stage: Stage = Stage.IN, *, is_used: bool = True
    ) -> Visit | None:
        """The visit; None for whoever is not signed in. Raises NotFound for an app in which they are nothing.
        `is_used`: whether a person asks, and no part of a page for itself: that keeps no session from its end."""
        ...


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """Somebody who may see the page that they ask for."""

    asked: Asked
    visit: Visit
    surface: Surface
    book: str
    """The words of the surface's pages."""

    @property
    def app(self) -> VisitedApp:
        """The app that the address names. Raises LookupError on an address that names none."""
        if self.visit.app is None:
            raise LookupError("this address names no app")
        return self.visit.app

    @property
    def role(self) -> Role:
        """What they are in that app. Raises LookupError likewise."""
        if self.visit.role is None:
            raise LookupError("this address names no app")
        return self.visit.role

    @property
    def agent_id(self) -> str:
        """Which agent of the app they are. Raises NoRight for whoever is none."""
        if self.visit.agent_id is None:
            raise NoRight("You are no agent of this app.")
        return self.visit.agent_id

    @property
    def actor(self) -> Actor:
        """Who acts, as a timeline names them."""
        return Actor(type=_ACTORS[self.surface], id=self.visit.user.user_id, role=self.role.value)

    @property
    def source(self) -> BookingSource:
        """The surface that they book from."""
        return _SOURCES[self.surface]

    @property
    def author(self) -> Author:
        """Who acts, as the audit log names them."""
        return Author(
            type=AuthorType.USER,
            surface=self.surface,
            id=self.visit.user.user_id,
            role=self.visit.role,
            network=network_of(self.asked.source),
        )

    def may(self, permission: Permission) -> bool:
        """Whether they may do that here: for buttons and links."""
        return self.visit.may(permission)

    @cached_property
    def language(self) -> str:
        """Of what they read."""
        return self.asked.language(known=self.visit.user.language, book=self.book)

    @cached_property
    def texts(self) -> Catalogue:
        """What the surface's pages say, in that language."""
        return catalogue_for(self.language, self.book)

    @cached_property
    def dates(self) -> Catalogue:
        """The words that dates are written with, which messages and pages share."""
        return catalogue_for(self.language)

    @cached_property
    def zone(self) -> ZoneInfo:
        """On whose clock they read times: the app's. Raises LookupError on an address that names none."""
        from slotline.words.dates import zone_or_utc  # whoever signs in waits for no zones

        return zone_or_utc(self.app.timezone)

    def page(
        self,
        template: str,
        section: str,
        context: Mapping[str, Any],
        *,
        scripts: tuple[str, ...] = (),
        files: tuple[str, ...] = (),
        live: str | None = None,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> Page:
        """A page of the surface, within the frame that all of them have. `section`: which one of the navigation;
        `live`: the template of the part that refreshes itself, if there is one (`slotline.pages.rendering.Page`)."""
        return Page(
            template=template,
            look=Look(language=self.language, book=self.book, framed_by=self.asked.framed_by, tells_site=False),
            context={**context, **self.frame(section)},
            scripts=(*SCRIPTS, *scripts),
            files=files,
            live=live,
            status=status,
        )

    def frame(self, section: str) -> dict[str, Any]:
        """What templates below `signed.html` need of whoever looks at them."""
        token = self.visit.key.csrf_token
        return {
            "is_in_frame": self.asked.is_in_frame and bool(self.asked.framed_by),
            "user": self.visit.user,
            "role": self.visit.role,
            "app": self.visit.app,
            "section": section,
            "sections": sections_for(self.visit) if self.visit.app else [],
            "may": lambda name: self.may(Permission(name)),
            "csrf": lambda: Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, token),
        }


Answer = Page | Redirect | File
SignedEndpoint = Callable[[SignedIn], Answer]


@dataclass(frozen=True, slots=True)
class Allowed:
    """A page, and the permission that it takes."""

    permission: Permission
    endpoint: SignedEndpoint


SignedRoutes = Mapping[str, Allowed]
"""By method and path as Starlette writes them: `GET /console/{app_id}/calls`."""


def signed_routes(routes: SignedRoutes, admit: Callable[[], Admit], surface: Surface, book: str) -> Routes:
    """The routes as `page_handler` takes them: each behind the door."""
    return {key: _behind_the_door(allowed, admit, surface, book) for key, allowed in routes.items()}


def session_cookie(asked: Asked) -> str | None:
    """The cookie of the session that a browser comes with: in a frame of another site, that of this site's frames."""
    cookies = asked.request.cookies
    return cookies.get(COOKIE) or cookies.get(FRAMED_COOKIE)


def check_form(asked: Asked, visit: Visit) -> None:
    """Raises StaleForm for a form that is not of this session, or not of a page of ours."""
    if not asked.is_from_here or not visit.key.is_csrf_token(asked.field(CSRF_FIELD)):
        raise StaleForm("This form is not of this session.")


def to_sign_in(asked: Asked) -> Redirect:
    """To the sign-in page, which leads back to what was asked for; from a form, to where its page is."""
    here = asked.same_page(*asked.pairs) if asked.pairs else asked.event["rawPath"]
    way = f"{SIGN_IN}?{urlencode({'next': here})}" if asked.request.method == "GET" else SIGN_IN
    return Redirect(way, leaves=True)


def _behind_the_door(allowed: Allowed, admit: Callable[[], Admit], surface: Surface, book: str) -> Endpoint:
    def answer(asked: Asked) -> Answer:
        app_id = asked.part("app_id") if "app_id" in asked.request.path_params else None
        visit = admit()(session_cookie(asked), app_id, is_used=not asked.is_refresh)
        if visit is None:
            return to_sign_in(asked)
        if surface is Surface.MY and visit.app:
            asked.let_frame(visit.app.frame_origins)
        if not visit.may(allowed.permission):
            raise NoRight("Your role in this app does not include this.")
        if asked.request.method == "POST":
            check_form(asked, visit)
        return allowed.endpoint(SignedIn(asked=asked, visit=visit, surface=surface, book=book))

    return answer
