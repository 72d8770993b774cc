"""The page pass stands for the key at each step; and what GET, HEAD and other methods do."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from slotline.domain.access.identity import secret_hash
from slotline.domain.access.websites import visitor_of
from slotline.http.core.addresses import methods_at
from tests.handlers.pages.conftest import EMAIL, KEY, MONDAY, NAME, SLUG, Guest, Office, Reply, at
from tests.support.builders.apps import SetClock
from tests.support.handlers import APP_ID
from tests.support.memory.everything import everything_kept

STEPS = ["", "/zone", "/form", "/done", "POST /hold", "POST /form"]


def base_of(reply: Reply) -> str:
    """The address of a visit's steps."""
    return reply.page.form("slots").action.partition("/hold")[0]


def take(guest: Guest, base: str, step: str) -> Reply:
    """One of the steps, with all that it needs."""
    said = {"start": at("10:00"), "agent": "agent-1", "name": NAME, "email": EMAIL, "once": "once", "action": "book"}
    method, _, path = step.rpartition(" ")
    if method:
        return guest.post(f"{base}{path}", list(said.items()))
    return guest.get(f"{base}{path}?{urlencode({'start': at('10:00')})}")


@pytest.mark.parametrize("step", STEPS)
class TestEachStep:
    def test_ends_when_the_key_is_revoked(self, guest: Guest, office: Office, step: str) -> None:
        base = base_of(guest.enter())
        office.ports.access.revoke_widget_key(secret_hash(KEY))
        reply = take(guest, base, step)
        assert reply.status == 401
        assert "This link does not work any more" in reply.text
        assert (office.calls(), office.holds()) == ([], [])

    def test_ends_after_two_hours_and_asks_for_the_first_link(
        self, guest: Guest, office: Office, clock: SetClock, step: str
    ) -> None:
        base = base_of(guest.enter())
        clock.advance(hours=2)
        reply = take(guest, base, step)
        assert reply.status == 401
        assert "open the link that you were given once more" in reply.text
        assert "nothing was booked" not in reply.text, "nobody knows that here"
        assert (office.calls(), office.holds()) == ([], [])

    def test_takes_no_pass_of_another_service_or_app(self, guest: Guest, office: Office, step: str) -> None:
        office.add_service("second", title="Second opinion")
        base = base_of(guest.enter())
        for other in (base.replace(f"/{SLUG}/", "/second/"), base.replace(APP_ID, APP_ID[:-1] + "9")):
            reply = take(guest, other, step)
            assert reply.status == 401
            assert "has to be opened by its link" in reply.text
        assert (office.calls(), office.holds()) == ([], [])

    @pytest.mark.parametrize("token", ["x", "A" * 92, "%00", "%ff", "..", "A" * 5_000, "%E0%A4%A", "فحص"])
    def test_takes_no_pass_that_is_none_of_ours(self, guest: Guest, office: Office, step: str, token: str) -> None:
        assert take(guest, f"/book/{APP_ID}/{SLUG}/{token}", step).status in (401, 404)
        assert (office.calls(), office.holds()) == ([], [])

    def test_ends_when_the_service_is_made_private_or_switched_off(
        self, guest: Guest, office: Office, step: str
    ) -> None:
        base = base_of(guest.enter())
        office.set_service(public=False)
        private = take(guest, base, step)
        office.set_service(public=True, schedulingEnabled=False)
        off = take(guest, base, step)
        assert (private.status, "There is no such service" in private.text) == (404, True)
        assert (off.status, "switched off" in off.text) == (403, True)
        assert (office.calls(), office.holds()) == ([], [])

    def test_is_counted_against_the_key(self, guest: Guest, office: Office, step: str) -> None:
        base = base_of(guest.enter())
        before = everything_kept(office.ports.rates)
        take(guest, base, step)
        assert everything_kept(office.ports.rates) != before


@pytest.mark.parametrize("step", ["", "/zone", "/form", "/done"])
def test_head_is_answered_as_get_is_without_the_body(guest: Guest, step: str) -> None:
    shown = take(guest, base_of(guest.enter()), step)
    head = guest.send("HEAD", shown.url)
    assert (head.status, head.body) == (shown.status, "")
    assert head.headers["content-security-policy"] == shown.headers["content-security-policy"]


def walk(guest: Guest) -> list[str]:
    """The addresses that a guest passes from the list of services to the confirmation."""
    guest.book(guest.at_form(tz="America/Bogota", email=EMAIL, name=NAME))
    guest.get(guest.replies[0].page.link("/zone"))
    return [reply.url for reply in guest.replies if reply.status == 200]


def test_no_get_changes_anything_that_is_kept(guest: Guest, office: Office) -> None:
    addresses = [f"/book/{APP_ID}?widgetKey={KEY}", *walk(guest)]
    assert len(addresses) >= 4
    kept = everything_kept(office.ports, frozenset({"rates"}))
    for address in addresses:
        guest.get(address)
        guest.send("HEAD", address)
    assert everything_kept(office.ports, frozenset({"rates"})) == kept


def test_no_later_address_says_the_key_or_who_the_guest_is(guest: Guest) -> None:
    first, *later = walk(guest)
    assert KEY in first
    assert later
    for address in later:
        assert all(secret not in address for secret in (KEY, EMAIL, NAME, "jane", "Jane", "%40"))


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "LINK"])
@pytest.mark.parametrize("step", STEPS)
def test_other_methods_do_nothing(guest: Guest, office: Office, method: str, step: str) -> None:
    base = base_of(guest.enter())
    kept = everything_kept(office.ports, frozenset({"rates"}))
    reply = guest.send(method, f"{base}{step.rpartition(' ')[2]}", "action=book")
    assert reply.status in (404, 405)
    assert everything_kept(office.ports, frozenset({"rates"})) == kept


@pytest.mark.parametrize("step", ["", "/zone", "/done"])
def test_nothing_is_posted_to_a_step_that_only_shows(guest: Guest, office: Office, step: str) -> None:
    base = base_of(guest.enter())
    reply = guest.send("POST", f"{base}{step}", "action=book")
    assert (reply.status, office.calls(), office.holds()) == (404, [], [])


def test_a_time_that_was_chosen_is_not_kept_by_opening_its_address(guest: Guest, office: Office) -> None:
    reply = guest.get(f"{base_of(guest.enter())}/hold?start={at('10:00')}&agent=agent-1")
    assert (reply.status, office.holds()) == (404, [])


@pytest.mark.usefixtures("office")
def test_what_a_405_says_is_answered_is() -> None:
    assert list(methods_at(f"/book/{APP_ID}/{SLUG}/pass/form")) == ["GET", "HEAD", "POST"]


def test_a_visitor_is_counted_by_a_hash_that_neither_key_nor_address_can_be_read_from(
    guest: Guest, office: Office
) -> None:
    guest.at_form()
    kept = everything_kept(office.ports)
    assert guest.address not in kept
    assert KEY not in kept
    assert visitor_of(guest.address, secret_hash(KEY)) not in kept, "the key's hash alone does not give it away"


def test_a_pass_of_a_partners_token_is_none(guest: Guest) -> None:
    assert guest.get(f"/book/{APP_ID}/{SLUG}/pass", authorization="Bearer x").status == 401


def test_a_first_link_may_carry_parameters_that_nobody_knows(guest: Guest) -> None:
    said: dict[str, Any] = {"utm_source": "mail", "fbclid": "x" * 500, "agent": "", "day": MONDAY}
    assert guest.enter(**said).status == 200


def test_two_visits_have_passes_of_their_own(guest: Guest, another: Callable[[str], Guest]) -> None:
    assert base_of(guest.enter()) != base_of(another("192.0.2.1").enter())
