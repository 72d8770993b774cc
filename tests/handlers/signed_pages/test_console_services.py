"""The console's services: the list, a new one, its sections and questions, and who is told of whose change."""

from typing import Any

import pytest
from markupsafe import escape

from slotline.domain.access.identity import secret_hash
from slotline.domain.access.users import Role
from slotline.domain.booking.apps import AgentMessage, Preset
from slotline.domain.booking.questions import Question, QuestionType
from slotline.wiring.access.keys import keep_credentials
from tests.handlers.signed_pages.conftest import SignIn
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.audit import AUTHOR, an_entry
from tests.support.builders.people import Browser, Reply
from tests.support.handlers import APP_ID
from tests.support.shown_pages import Form

LIST = f"/console/{APP_ID}/services"
ASSIGNED, MOVED = AgentMessage.ASSIGNED, AgentMessage.MOVED


@pytest.fixture
def service(people: TablePorts) -> str:
    """The address of a service's page: one that is not active."""
    preset = Preset(preset_id="preset-2", name="Mortgages", slug="mortgages", public=True)
    people.presets.add(APP_ID, preset, people.clock.now(), None, an_entry())
    return f"{LIST}/preset-2"


def kept(people: TablePorts, preset_id: str = "preset-2") -> Preset:
    """The preset as it is."""
    found = people.presets.find(APP_ID, preset_id)[1]
    assert found
    return found.preset


def form_at(reply: Reply, action: str, **fields: str) -> Form:
    """The form of a page that is sent there and says this."""
    forms = [form for form in reply.page.forms if form.action == action]
    return next(form for form in forms if all(form.value(name) == value for name, value in fields.items()))


def section(browser: Browser, service: str, name: str) -> Form:
    """The form of a section."""
    return form_at(browser.get(f"{service}/{name}"), f"{service}/{name}")


def test_a_service_is_added_listed_activated_and_removed(people: TablePorts, sign_in: SignIn):
    browser = sign_in()
    form = form_at(browser.get(f"{LIST}/new"), f"{LIST}/new")
    typed = {"name": "Onboarding", "title.en": "Welcome", "duration_minutes": "45"}
    page = browser.press(form, **typed)
    assert "The service is there." in page.text
    assert browser.press(form, **typed).url == page.url, "a second press adds no other"
    way = page.url.partition("?")[0]
    added = kept(people, way.rpartition("/")[2])
    assert (added.name, added.title, added.duration_minutes, added.public) == ("Onboarding", "Welcome", 45, False)
    assert "Onboarding" in browser.get(LIST).text
    active = people.presets.all(APP_ID)[0]
    assert active
    assert "This is the active service now." in browser.press(form_at(page, f"{way}/activate")).text
    assert "cannot be removed" in browser.follow(browser.post(f"{way}/remove")).text
    browser.post(f"{LIST}/{active.preset.preset_id}/activate")
    removal = form_at(browser.get(way), f"{way}/remove")
    assert "The service is removed." in browser.press(removal).text
    assert "The service is removed." in browser.press(removal).text


def test_a_section_is_saved_and_what_is_wrong_stands_at_its_field(people: TablePorts, sign_in: SignIn, service: str):
    browser = sign_in()
    wrong = browser.press(section(browser, service, "time"), duration_minutes="2", horizon_days="60")
    assert (wrong.status, "Length in minutes: Enter a whole number from 5 to 480." in wrong.text) == (400, True)
    assert kept(people).horizon_days == 730
    saved = browser.press(form_at(wrong, f"{service}/time"), duration_minutes="50")
    assert "Saved." in saved.text
    assert (kept(people).duration_minutes, kept(people).horizon_days) == (50, 60)
    messages = {"reminders.invitation": ["email", "sms"], "agent_messages": ["assigned"], "reply_to": "agent"}
    browser.press(section(browser, service, "messages"), **messages)
    assert (kept(people).reminders, kept(people).reply_to) == ({"invitation": ["email", "sms"]}, "agent")
    limits = {"limit.most": ["3", ""], "limit.per": ["week", "day"]}
    browser.press(section(browser, service, "rules"), **limits)
    assert [(one.max_bookings, one.per) for one in kept(people).customer_limits] == [(3, "week")]
    look = browser.press(section(browser, service, "look"), branding_color="red", allowed_embed_origins="nowhere")
    assert "Colour: This is not written as it has to be." in look.text
    assert "Websites that may show it: Write origins such as" in look.text


def test_what_has_to_be_there_is_missed_at_its_field_if_it_is_emptied(
    people: TablePorts, sign_in: SignIn, service: str
):
    browser, before = sign_in(), kept(people)
    for name, label in (("name", "Name"), ("language", "Language")):
        emptied = browser.press(section(browser, service, "texts"), **{name: "  ", "title.en": "Talk to us"})
        assert (emptied.status, f"{label}: Fill this in." in emptied.text) == (400, True), emptied.text
    assert kept(people) == before


def test_a_name_in_addresses_that_another_service_has_is_told_at_its_field(sign_in: SignIn, service: str):
    browser = sign_in()
    other = browser.press(form_at(browser.get(f"{LIST}/new"), f"{LIST}/new"), name="Other").url.partition("?")[0]
    assert service != other
    reply = browser.press(section(browser, other, "texts"), slug="mortgages")
    assert (reply.status, "Another service of the app has this name." in reply.text) == (400, True)


def test_as_many_agents_take_a_services_calls_as_the_api_allows_and_more_are_told_at_their_field(
    people: TablePorts, sign_in: SignIn, service: str
):
    browser, ids = sign_in(), [f"agent-{number}" for number in range(1_000)]
    form = section(browser, service, "assignment")
    assert "Saved." in browser.press(form, agent_ids=ids[:200]).text
    assert len(kept(people).agent_ids) == 200
    more = browser.press(section(browser, service, "assignment"), agent_ids=ids)
    assert (more.status, "This is too long." in more.text) == (400, True), more.text[:500]
    assert len([one for one in form_at(more, f"{service}/assignment").fields if one[0] == "agent_ids"]) == 1_000


def test_two_who_change_different_fields_keep_both(people: TablePorts, sign_in: SignIn, service: str):
    first, second = sign_in(Role.ADMIN), sign_in(Role.OWNER)
    early = section(first, service, "time")
    second.press(section(second, service, "time"), buffer_after_minutes="10")
    assert "Saved." in first.press(early, duration_minutes="20").text
    assert (kept(people).duration_minutes, kept(people).buffer_after_minutes) == (20, 10)


def test_boxes_that_nobody_touched_change_nothing_in_whatever_order_the_api_was_told_them(
    people: TablePorts, sign_in: SignIn
):
    told = {"reminders": {"invitation": ["email", "sms"]}, "agent_ids": ("agent-2", "agent-1")}
    preset = Preset(preset_id="preset-3", name="Loans", agent_messages=(MOVED, ASSIGNED), **told)
    people.presets.add(APP_ID, preset, people.clock.now(), None, an_entry())
    browser, way = sign_in(), f"{LIST}/preset-3"
    for name in ("assignment", "messages"):
        assert "Saved." in browser.press(section(browser, way, name)).text
    assert kept(people, "preset-3") == preset
    browser.press(section(browser, way, "messages"), **{"reminders.invitation": ["sms", "email", "whatsapp"]})
    assert kept(people, "preset-3").reminders == {"invitation": ["email", "sms", "whatsapp"]}


def test_who_changes_what_somebody_else_has_changed_is_told_and_loses_nothing(
    people: TablePorts, sign_in: SignIn, service: str
):
    first, second = sign_in(Role.ADMIN), sign_in(Role.OWNER)
    early = section(first, service, "time")
    second.press(section(second, service, "time"), duration_minutes="60", horizon_days="90")
    told = first.press(early, duration_minutes="20")
    assert told.status == 409
    assert "Somebody else has changed the same meanwhile" in told.text
    assert kept(people).duration_minutes == 60
    form = form_at(told, f"{service}/time")
    assert (form.value("duration_minutes"), form.value("horizon_days")) == ("20", "90")
    assert "Saved." in first.press(form).text
    assert (kept(people).duration_minutes, kept(people).horizon_days) == (20, 90)
    assert "Saved." in first.press(early, duration_minutes="20").text, "what is so already is no clash"


def new_question(browser: Browser, service: str, **typed: Any) -> Reply:
    """One more question."""
    forms = [one for one in browser.get(f"{service}/questions").page.forms if one.action == f"{service}/questions"]
    (new,) = [one for one in forms if one.value("at") == ""]
    return browser.press(new, ("action", "save"), **typed)


def of_question(browser: Browser, service: str, key: str, *, fields: bool = True) -> Form:
    """The form of a question's fields, or that of its buttons."""
    forms = browser.get(f"{service}/questions").page.forms
    return next(one for one in forms if one.value("at") == key and (one.value("key") is not None) == fields)


def test_questions_are_added_changed_moved_and_taken_away(people: TablePorts, sign_in: SignIn, service: str):
    browser = sign_in()
    new_question(browser, service, **{"label.en": "How many seats?", "key": "seats", "type": "number"})
    choice = {"label.en": "Which plan?", "key": "plan", "type": "single_choice", "options": "Small\nLarge"}
    added = new_question(browser, service, required="yes", **choice)
    assert "The question is added." in added.text
    plan = Question(
        key="plan", label="Which plan?", type=QuestionType.SINGLE_CHOICE, required=True, options=("Small", "Large")
    )
    assert [one.key for one in kept(people).questions] == ["seats", "plan"]
    assert kept(people).questions[1] == plan
    browser.press(of_question(browser, service, "plan", fields=False), ("action", "up"))
    assert [one.key for one in kept(people).questions] == ["plan", "seats"]
    wrong = browser.press(of_question(browser, service, "plan"), ("action", "save"), options="")
    assert (wrong.status, "Choices: Fill this in." in wrong.text) == (400, True)
    spanish = {"label.es": "¿Qué plan?", "options": "Small\nLarge\nHuge"}
    browser.press(of_question(browser, service, "plan"), ("action", "save"), **spanish)
    changed = kept(people).questions[0]
    assert (changed.label, changed.options[-1]) == ({"en": "Which plan?", "es": "¿Qué plan?"}, "Huge")
    browser.press(of_question(browser, service, "seats", fields=False), ("action", "remove"))
    assert [one.key for one in kept(people).questions] == ["plan"]


def test_a_question_is_previewed_while_it_is_typed_and_nothing_is_kept(
    people: TablePorts, sign_in: SignIn, service: str
):
    browser = sign_in()
    form = of_question(browser, service, "")
    typed = browser.press(form, ("action", "preview"), **{"label.en": "<b>Half", "type": "number"})
    assert "&lt;b&gt;Half" in typed.body
    for unfinished in ({"label.en": "", "type": "number"}, {"label.en": "x", "type": "nonsense"}):
        assert browser.press(form, ("action", "preview"), **unfinished).status == 200
    assert not kept(people).questions


def test_a_question_that_somebody_else_has_changed_is_told_and_the_others_are_left_alone(
    people: TablePorts, sign_in: SignIn, service: str
):
    first, second = sign_in(Role.ADMIN), sign_in(Role.OWNER)
    for key in ("a", "b"):
        new_question(first, service, **{"label.en": key, "key": key, "type": "date"})
    early_a, early_b = (of_question(first, service, key) for key in ("a", "b"))
    second.press(of_question(second, service, "a"), ("action", "save"), **{"label.en": "Theirs"})
    assert "The question is saved." in first.press(early_b, ("action", "save"), **{"label.en": "Mine"}).text
    told = first.press(early_a, ("action", "save"), **{"label.en": "Mine, too"})
    assert (told.status, "Somebody else has changed this meanwhile." in told.text) == (400, True)
    assert "Mine, too" in told.body
    assert [one.label for one in kept(people).questions] == ["Theirs", "Mine"]


def test_a_service_has_its_link_a_code_and_what_a_website_writes(people: TablePorts, sign_in: SignIn, service: str):
    key = "wk_example-example-example-example-example-123"
    people.access.add_widget_key(secret_hash(key), APP_ID, "2026-04-01T15:00:00.000Z")
    browser = sign_in()
    assert "/book/" not in browser.get(f"{service}/share").body
    assert "The app has no such key." in browser.get(f"{service}/share?widgetKey=wk_wrong").text
    page = browser.get(f"{service}/share?widgetKey={key}&agent=agent-1&say=es")
    link = f"https://video.example.com/book/{APP_ID}/mortgages?widgetKey={key}&agentId=agent-1&lang=es"
    assert escape(link) in page.body
    assert escape(f'<div data-slotline="{escape(link)}"></div>') in page.body
    (way,) = [one for one in page.page.links if "qr.svg" in one]
    code = browser.get(way)
    assert (code.status, code.headers["content-type"]) == (200, "image/svg+xml")
    assert code.headers["content-disposition"] == 'attachment; filename="mortgages.svg"'
    assert code.body.startswith("<svg xmlns=")
    assert browser.get(f"{service}/qr.svg").status == 404, "no key is chosen"


def test_a_key_that_stays_readable_is_chosen_for_the_link(sign_in: SignIn, service: str):
    browser = sign_in()
    key = keep_credentials().add_widget_key("organization-1", APP_ID, "key-1", AUTHOR)
    page = browser.get(f"{service}/share")
    assert f"/book/{APP_ID}/mortgages?widgetKey={key.public}" in page.body
    assert page.page.forms[-1].value("key") == "key-1"


def test_a_supervisor_sees_no_services(sign_in: SignIn, service: str):
    browser = sign_in(Role.SUPERVISOR)
    assert [browser.get(way).status for way in (LIST, service, f"{service}/questions")] == [403] * 3
