"""Signing in with an organization's own provider: /sign-in/with. Authlib is in this function's package alone."""

from slotline.domain.access.connections import domain_of
from slotline.http.core.urls import rooms_at
from slotline.pages.kit import Asked, Redirect, Routes, page_handler
from slotline.pages.rendering import Page
from slotline.pages.sign_in import with_provider
from slotline.wiring import common
from slotline.wiring.access import people, single_sign_on


def ask(asked: Asked) -> Page:
    """GET /sign-in/with."""
    return with_provider.ask(asked)


def find(asked: Asked) -> Page:
    """POST /sign-in/with: the provider of an address."""
    return with_provider.find(asked, lambda email: people.connections().of_domain(domain_of(email)))


def go(asked: Asked) -> Page | Redirect:
    """GET /sign-in/with/{connection}: to the provider."""
    return with_provider.go(asked, single_sign_on.leave_for_provider(), _base(asked))


def come_back(asked: Asked) -> Page | Redirect:
    """GET /sign-in/with/{connection}/back: from the provider."""
    return with_provider.come_back(asked, single_sign_on.come_back_from_provider(), _base(asked))


def _base(asked: Asked) -> str:
    """Where the deployment's pages are, by its own settings or API Gateway's word."""
    return rooms_at(common.settings(), asked.event)


ROUTES: Routes = {
    "GET /sign-in/with": ask,
    "POST /sign-in/with": find,
    "GET /sign-in/with/{connection}": go,
    "GET /sign-in/with/{connection}/back": come_back,
}
handler = page_handler(ROUTES, common)
