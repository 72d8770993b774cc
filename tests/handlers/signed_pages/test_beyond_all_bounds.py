"""What no form of ours sends and nobody can mean: it is as if it were not said, or refused in words."""

from typing import Any
from urllib.parse import urlencode

import pytest

from slotline.domain.access.users import Role
from slotline.store.dynamodb import keys
from tests.handlers.signed_pages.conftest import SignIn
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.people import Browser, a_user
from tests.support.handlers import APP_ID

CONSOLE, MY = f"/console/{APP_ID}", f"/my/{APP_ID}"
ENDS = ("0001-01-01", "9999-12-31")
"""Of Python's calendar: there is no day before the one and behind the other."""
ENDLESS = "9" * 5_000
"""More digits than Python reads as a number."""
LONGEST_KEY = 1_024
"""Bytes of a sort key. DynamoDB answers a longer one with a fault."""


@pytest.fixture
def everybody(sign_in: SignIn) -> Browser:
    """An owner who is an agent too: every page is theirs."""
    return sign_in(a_user(Role.OWNER, agent_ids={APP_ID: "agent-1"}))


def test_a_day_at_an_end_of_the_calendar_and_a_page_behind_all_others_are_as_if_they_were_not_said(everybody: Browser):
    ways = [
        f"{CONSOLE}/agents?page={ENDLESS}",
        f"{CONSOLE}/instant?before=0001-01",
        f"{CONSOLE}/instant?until=0000-01",
        *(
            way.format(day=day)
            for day in ENDS
            for way in (
                f"{CONSOLE}?from={{day}}&to={{day}}",
                f"{CONSOLE}/calls?from={{day}}&to={{day}}",
                f"{CONSOLE}/calls/new?day={{day}}",
                f"{CONSOLE}/dialing/calls?from={{day}}&to={{day}}",
                f"{CONSOLE}/instant?until={{day}}",
                f"{CONSOLE}/instant?before={{day}}",
                f"{CONSOLE}/settings/audit?since={{day}}&until={{day}}",
                f"{MY}/new?day={{day}}",
                f"{MY}/new?start={{day}}T12:00:00Z",
            )
        ),
    ]
    assert {way[:80]: everybody.get(way).status for way in ways} == dict.fromkeys([way[:80] for way in ways], 200)


def test_a_number_a_choice_or_a_day_that_no_form_offers_is_refused_in_words(everybody: Browser):
    number = {"phone_number": "+12025550188", "calls_per_second": "1", "lines": "1"}
    for way, fields in (
        (f"{CONSOLE}/dialing/campaigns/new", {"retries": ENDLESS, "table": "phone_number\n+573005550100"}),
        (f"{CONSOLE}/dialing/campaigns/new", {"duplicates": "twice", "table": "phone_number\n+573005550100"}),
        (f"{CONSOLE}/dialing/numbers/new", {**number, "lines": ENDLESS}),
        *((f"{MY}/time-off", {"form": "quiet", "from": f"{day}T10:00", "until": f"{day}T11:00"}) for day in ENDS),
        *((f"{MY}/time-off", {"form": "dates", "kind": "blocked", "first": day}) for day in ENDS),
    ):
        assert everybody.post(way, {**fields, "once": "1"}).status == 400, (way, fields)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_an_end_of_the_calendar_is_refused_in_words_in_the_first_and_the_last_zone_to_reach_it(
    people: TablePorts, everybody: Browser, zone: str
):
    agent = people.row(keys.agent(APP_ID, "agent-1"))
    assert agent
    people.put(agent | {"timezone": zone})
    for day in ENDS:
        until = {"form": "quiet", "from": f"{day}T00:00", "until": f"{day}T23:59", "once": "1"}
        assert everybody.post(f"{MY}/time-off", until).status == 400, day


def test_no_store_is_asked_for_what_is_longer_than_any_key(people: TablePorts, everybody: Browser):
    asked: list[str] = []
    people.client.meta.events.register("before-parameter-build.dynamodb", lambda params, **_: asked.append(str(params)))
    assert everybody.post("/account/sessions/end", {"session": "x" * 5_000}).status == 303
    stranger = Browser()
    form = stranger.get("/sign-in/with").page.forms[0]
    typed: dict[str, Any] = {"email": f"ada@{'x' * 5_000}"}
    assert stranger.send("POST", form.action, urlencode(form.filled(typed))).status == 404
    assert not [one for one in asked if "x" * LONGEST_KEY in one]
