"""Choosing: a service, an agent, a day and a time of it."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from slotline.domain.booking.apps import AssignmentMode
from tests.handlers.pages.conftest import MONDAY, SLUG, Guest, Office, Reply, at
from tests.support.handlers import APP_ID

TUESDAY = "2026-05-05"


def agents(reply: Reply) -> dict[str, str]:
    """The agents who may be chosen, in their order, and who is."""
    faces = [said for name, said in reply.page.elements if name == "a" and said.get("class") == "face-choice"]
    query = {str(said["href"]): dict(parse_qsl(urlsplit(str(said["href"])).query)) for said in faces}
    return {query[str(said["href"])]["agent"]: "chosen" if "aria-current" in said else "" for said in faces}


class TestServices:
    def test_the_only_public_service_leads_straight_to_its_times(self, guest: Guest) -> None:
        reply = guest.enter(service=None)
        assert reply.status == 200
        assert "First visit" in reply.text
        assert reply.page.has_form("slots")

    def test_several_services_are_listed_and_each_leads_on_by_the_link_with_all_that_it_says(
        self, guest: Guest, office: Office
    ) -> None:
        office.add_service("second", title="Second opinion")
        office.add_service("hidden", title="For staff", public=False)
        listed = guest.enter(service=None, email="jane@example.com")
        assert [name in listed.text for name in ("First visit", "Second opinion", "For staff", "Default")] == [
            True,
            True,
            False,
            False,
        ]
        form = guest.choose(guest.get(listed.page.link("/second?") + f"&day={MONDAY}"))
        assert form.form.value("email") == "jane@example.com"

    def test_a_service_that_is_switched_off_is_not_listed_and_the_only_other_one_leads_to_its_times(
        self, guest: Guest, office: Office
    ) -> None:
        office.add_service("second", title="Second opinion", schedulingEnabled=False)
        assert guest.enter(service=None).page.has_form("slots")
        office.set_service(schedulingEnabled=False)
        reply = guest.enter(service=None)
        assert (reply.status, reply.page.forms) == (200, [])
        assert "Nothing can be booked here" in reply.text

    def test_a_service_is_found_by_its_slug_and_by_its_id(self, guest: Guest, office: Office) -> None:
        by_slug, by_id = guest.enter(SLUG), guest.enter(office.preset_id)
        assert by_slug.status == by_id.status == 200
        assert f"/{office.preset_id}/" in by_id.page.form("slots").action
        assert guest.book(guest.choose(guest.enter(office.preset_id, day=MONDAY))).status == 200

    @pytest.mark.parametrize("service", ["nothing", "x" * 300, "..", "%2e%2e", "<b>", "فحص", "%00", "%ff", "a%20b"])
    def test_a_service_that_is_not_there_says_so(self, guest: Guest, service: str) -> None:
        reply = guest.enter(service)
        assert reply.status == 404
        assert "There is no such service" in reply.text

    def test_a_private_service_is_as_none(self, guest: Guest, office: Office) -> None:
        office.set_service(public=False)
        assert guest.enter().status == 404
        assert guest.enter(service=None).page.forms == []

    def test_a_service_that_is_switched_off_says_that_nothing_can_be_booked(self, guest: Guest, office: Office) -> None:
        office.set_service(schedulingEnabled=False)
        reply = guest.enter()
        assert reply.status == 403
        assert "switched off" in reply.text

    @pytest.mark.parametrize("key", ["", "slw_wrong", "x" * 5_000, "\x00", "%ff", "ключ"])
    def test_a_wrong_key_opens_nothing(self, guest: Guest, key: str) -> None:
        reply = guest.get(f"/book/{APP_ID}/{SLUG}?widgetKey={key}")
        assert reply.status == 401
        assert "This link does not work any more" in reply.text

    @pytest.mark.parametrize("app_id", ["nothing", "x" * 5_000, "%00", "%ff", "..", "a b", "فحص"])
    def test_an_app_that_is_not_there_looks_like_a_wrong_key(self, guest: Guest, app_id: str) -> None:
        assert guest.get(f"/book/{app_id}/{SLUG}?widgetKey=slw_example").status == 401


class TestAgents:
    def test_the_agent_who_is_free_first_is_chosen_until_the_guest_chooses_another(
        self, guest: Guest, office: Office
    ) -> None:
        office.take("09:00", "agent-1")
        first = guest.enter(day=MONDAY)
        assert agents(first) == {"agent-1": "chosen", "agent-2": ""}, "free on the first day of all"
        second = guest.get(first.page.link("agent=agent-2"))
        assert agents(second) == {"agent-1": "", "agent-2": "chosen"}
        assert at("09:00") in second.page.form("slots").values_of_buttons("start")
        assert "agent=agent-2" in second.page.form("slots").action

    def test_of_many_agents_one_is_chosen_from_a_list(self, guest: Guest, office: Office) -> None:
        for number in range(3, 9):
            office.add_agent(f"agent-{number}")
        first = guest.enter(day=MONDAY)
        form = next(form for form in first.page.forms if form.method == "get")
        assert form.value("agent") == "agent-1"
        second = guest.press(form, agent="agent-8")
        assert "agent=agent-8" in second.page.form("slots").action
        assert second.page.form("slots").values_of_buttons("start")[0] == at("09:00")

    def test_who_is_free_later_is_not_chosen(self, guest: Guest, office: Office) -> None:
        office.set_agent("agent-1", workingHours=[{"weekday": 4, "start": "16:00", "end": "17:00", "zone": "UTC"}])
        assert agents(guest.enter()) == {"agent-1": "", "agent-2": "chosen"}

    @pytest.mark.parametrize("agent", ["agent-9", "x" * 3_000, "%00", "%ff", "<b>", ""])
    def test_an_agent_whom_nobody_knows_is_as_none(self, guest: Guest, agent: str) -> None:
        reply = guest.get(f"{guest.enter().page.form('slots').action.replace('/hold', '')}&agent={agent}")
        assert agents(reply) == {"agent-1": "chosen", "agent-2": ""}

    def test_an_agent_who_may_not_take_the_call_is_not_offered(self, guest: Guest, office: Office) -> None:
        office.set_service(agentIds=["agent-2"])
        reply = guest.enter(agent="agent-1")
        assert agents(reply) == {}
        assert "Agent-2" in reply.text
        assert "Agent-1" not in reply.text
        assert "agent=agent-2" in reply.page.form("slots").action

    def test_a_service_that_finds_the_agent_names_none(self, guest: Guest, office: Office) -> None:
        office.set_service(assignmentMode="any_available")
        picker = guest.enter(day=MONDAY, agent="agent-1")
        assert agents(picker) == {}
        assert "agent" not in picker.page.form("slots").action.lower()
        form = guest.choose(picker)
        assert "Agent-" not in picker.text + form.text
        assert guest.book(form).status == 200
        assert office.call()["call"]["assignment_method"] == "round_robin"

    def test_the_agent_of_a_link_is_the_only_one(self, guest: Guest, office: Office) -> None:
        office.set_service(assignmentMode=AssignmentMode.URL_FORCED.value)
        picker = guest.enter(day=MONDAY, agentId="agent-2")
        assert agents(picker) == {}
        later = guest.get(picker.page.link("?agent=agent-2&day=2026-05-05"))
        assert "agent=agent-2" in later.page.form("slots").action
        assert guest.book(guest.choose(picker)).status == 200
        assert office.call()["call"]["assigned_agent_id"] == "agent-2"

    def test_a_link_without_its_agent_is_said_to_be_incomplete(self, guest: Guest, office: Office) -> None:
        office.set_service(assignmentMode=AssignmentMode.URL_FORCED.value)
        reply = guest.enter()
        assert reply.status == 400
        assert "missing or broken" in reply.text

    @pytest.mark.parametrize("agent", ["agent-9", "x" * 128, "<b>"])
    def test_a_link_with_an_agent_whom_nobody_knows_leads_nowhere(
        self, guest: Guest, office: Office, agent: str
    ) -> None:
        office.set_service(assignmentMode=AssignmentMode.URL_FORCED.value)
        assert guest.enter(agentId=agent).status == 404

    def test_an_id_that_is_too_long_for_any_agent_is_not_looked_for(self, guest: Guest, office: Office) -> None:
        office.set_service(assignmentMode=AssignmentMode.URL_FORCED.value)
        assert guest.enter(agentId="x" * 129).status == 400


class TestTimes:
    def test_a_day_that_is_asked_for_is_shown_and_else_the_first_that_is_free(self, guest: Guest) -> None:
        first, asked = guest.enter(), guest.enter(day=TUESDAY)
        assert first.page.form("slots").values_of_buttons("start")[0] == at("12:30", "2026-04-22")
        assert asked.page.form("slots").values_of_buttons("start")[0] == at("09:00", TUESDAY)
        assert "Tuesday, May 5" in asked.text

    def test_times_are_those_of_the_guests_zone_and_the_link_may_say_which_that_is(self, guest: Guest) -> None:
        reply = guest.enter(day=MONDAY, tz="America/Bogota")
        assert "4:00 AM" in reply.text
        chosen = guest.get(reply.page.form("slots").action.replace("/hold", "").replace("Bogota", "Lima"))
        assert "tz=America%2FLima" in chosen.page.form("slots").action

    @pytest.mark.parametrize(
        "zone",
        [
            *("../../etc/passwd", "/etc/localtime", "EST", "CET", "Factory", "localtime", "x" * 5_000, "%00", "%ff"),
            *("America/Bogota%0d%0aX-Injected:%201", "America", "<b>", "0", "NaN", "utc"),
        ],
    )
    def test_a_zone_that_is_none_is_the_services_own_and_stays_in_no_address(self, guest: Guest, zone: str) -> None:
        entered = guest.enter(day=MONDAY)
        reply = guest.get(f"{entered.page.form('slots').action.replace('/hold', '')}&day={MONDAY}&tz={zone}")
        assert "9:00 AM" in reply.text
        assert "tz=" not in reply.page.form("slots").action

    @pytest.mark.parametrize(
        "language", ["xx", "x" * 5_000, "../en", "en%0d%0aX-Injected:%201", "%00", "%ff", "<b>", "en;q=1", "es\\"]
    )
    def test_a_language_that_no_page_speaks_stays_in_no_address(self, guest: Guest, language: str) -> None:
        reply = guest.get(f"{guest.enter().page.form('slots').action.replace('/hold', '')}&lang={language}")
        assert (reply.status, reply.page.lang) == (200, "en")
        assert "lang=" not in reply.page.form("slots").action

    @pytest.mark.parametrize(
        "query",
        [f"month={said}" for said in ("0000-13", "0001-01", "9999-12", "2026-02-30", "1.5", "NaN", "-1", "%00", "2026")]
        + [
            f"day={said}"
            for said in (
                "0001-01-01",
                "9999-12-31",
                "2026-02-30",
                "1e9",
                "NaN",
                "%D9%A2026-05-04",
                "%ff",
                "",
            )
        ]
        + ["month=2020-01", "month=2031-01", "day=2020-01-01", "day=2031-01-01", "month=2026-06&month=x", "day=" * 50],
    )
    def test_a_month_or_a_day_that_is_none_or_out_of_reach_is_as_none(self, guest: Guest, query: str) -> None:
        reply = guest.get(f"{guest.enter().page.form('slots').action.replace('/hold', '')}&{query}")
        assert reply.status == 200
        assert reply.page.form("slots").values_of_buttons("start")[0] == at("12:30", "2026-04-22")

    def test_a_month_without_free_times_says_so_and_leads_to_others(self, guest: Guest, office: Office) -> None:
        for agent in ("agent-1", "agent-2"):
            office.set_agent(agent, workingHours=[])
        reply = guest.enter()
        assert reply.status == 200
        assert "Nothing is free at the moment" in reply.text
        later = guest.get(reply.page.link("month=2026-05"))
        assert (later.status, "Nothing is free in this month" in later.text) == (200, True)

    def test_the_zones_are_listed_and_the_one_that_is_chosen_shows_the_times(self, guest: Guest) -> None:
        zones = guest.get(guest.enter(day=MONDAY).page.link("/zone"))
        (form,) = zones.page.forms
        assert form.value("agent") == "agent-1"
        reply = guest.press(form, tz="Asia/Tokyo")
        assert reply.status == 200
        assert "tz=Asia%2FTokyo" in reply.page.form("slots").action

    def test_another_zone_keeps_the_agent_whom_the_link_names(self, guest: Guest, office: Office) -> None:
        office.set_service(assignmentMode=AssignmentMode.URL_FORCED.value)
        zones = guest.get(guest.enter(agentId="agent-2").page.link("/zone"))
        assert "agent=agent-2" in guest.press(zones.page.forms[0], tz="Asia/Tokyo").page.form("slots").action
        assert "agent=agent-2" in guest.get(zones.page.links[-1]).page.form("slots").action

    def test_a_guest_reads_arabic_from_right_to_left_and_the_language_goes_along(self, guest: Guest) -> None:
        reply = guest.enter(day=MONDAY, lang="ar")
        assert (reply.page.lang, reply.page.direction) == ("ar", "rtl")
        form = guest.choose(reply)
        assert (form.page.lang, form.page.direction) == ("ar", "rtl")
        done = guest.book(form)
        assert (done.page.lang, done.page.direction) == ("ar", "rtl")
