"""Dialing in the console: a campaign is checked before it is one, and begins once, however often that is asked for."""

from dataclasses import replace
from typing import Any

import pytest

from slotline.domain.access.users import Role
from slotline.store.dialing.settings import NUMBERS, USE_CASES, DynamoDialSettings
from tests.handlers.signed_pages.conftest import SignIn
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.dialing import a_grant, a_number, a_use_case
from tests.support.builders.people import ORGANIZATION, Browser, Reply, a_user
from tests.support.handlers import APP_ID

AT = f"/console/{APP_ID}/dialing"
TABLE = "phone_number;first_name\n+573005550100;Jane\n+57 300 555 0101;Luis\n+573005550100;Jane\n12;Nobody\n"


@pytest.fixture
def dialer(people: TablePorts) -> TablePorts:
    """The organization with a use case that calls at any hour, and a number."""
    both: Any = (people.client, "DialingTable", "AccessTable", people.clock)
    ours = {"organization_id": ORGANIZATION}
    use_case = a_use_case(**ours, callee_start="00:00", callee_end="24:00", params={"message": "Hello {first_name}."})
    DynamoDialSettings(*both, USE_CASES).add(use_case, None)
    DynamoDialSettings(*both, NUMBERS).add(a_number(**ours), None)
    people.grants.put(a_grant(ORGANIZATION, number_id="number"))
    return people


def check(browser: Browser, table: str = TABLE, **typed: str) -> Reply:
    """Fill the form in and have the table checked."""
    form = browser.get(f"{AT}/campaigns/new").page.form("new-campaign")
    said = {"use_case_id": "use-case", "number_id": "number", "name": "May", "table": table, **typed}
    return browser.press(form, **said)


def start(browser: Browser, checked: Reply) -> Reply:
    """Press the button that starts what was checked."""
    form = next(form for form in checked.page.forms if "start" in form.values_of_buttons("action"))
    return browser.press(form, ("action", "start"))


def test_what_is_refused_is_said_in_the_readers_language(dialer: TablePorts, sign_in: SignIn):
    del dialer
    browser = sign_in(a_user(Role.ADMIN, language="es"))
    checked = check(browser)
    assert "Escriba el número con + y el prefijo del país" in checked.text
    assert "La primera fila debe nombrar las columnas" in check(browser, table="nada").text
    barred = browser.post(f"{AT}/do-not-call", {"numbers": "+34 1"})
    assert (barred.status, "prefijo del país" in barred.text) == (400, True)


def rows_of(ports: TablePorts, kind: str) -> list[Any]:
    """Rows of the dialing table of this kind."""
    rows = ports.client.scan(TableName="DialingTable")["Items"]
    return [row for row in rows if row["sk"]["S"].startswith(kind)]


def test_a_table_is_checked_before_anything_is_created(dialer: TablePorts, sign_in: SignIn):
    reply = check(sign_in(Role.SUPERVISOR))
    assert reply.status == 200
    for said in ("1 row cannot be dialed", "Row 5", "1 number comes more than once", "Start with the 2 good rows"):
        assert said in reply.text, reply.text
    assert rows_of(dialer, "DIAL") == rows_of(dialer, "CAMPAIGN") == []


def test_a_campaign_begins_once_however_often_its_button_is_pressed(dialer: TablePorts, sign_in: SignIn):
    browser = sign_in(Role.SUPERVISOR)
    checked = check(browser)
    first, second = start(browser, checked), start(browser, checked)
    assert first.url == second.url
    assert "The campaign is started." in first.text
    assert len(rows_of(dialer, "CAMPAIGN")) == 1
    assert len(rows_of(dialer, "DIAL")) == 2


def test_what_was_typed_stays_if_something_is_to_be_changed_or_cannot_be_taken(dialer: TablePorts, sign_in: SignIn):
    browser = sign_in(Role.SUPERVISOR)
    checked = check(browser)
    form = next(form for form in checked.page.forms if "edit" in form.values_of_buttons("action"))
    again = browser.press(form, ("action", "edit"))
    assert again.page.form("new-campaign").value("table") == TABLE
    for wrong, said in (({"table": "nothing"}, "phone_number"), ({"interval": "1.5"}, "From 0 to 1440.")):
        refused = check(browser, **wrong)
        assert refused.status == 400
        assert said in refused.text
        assert refused.page.form("new-campaign").value("name") == "May"
    assert rows_of(dialer, "CAMPAIGN") == []


def test_a_campaign_is_paused_goes_on_and_is_canceled_and_says_what_it_is(dialer: TablePorts, sign_in: SignIn):
    del dialer
    browser = sign_in(Role.SUPERVISOR)
    way = start(browser, check(browser)).url.partition("?")[0]
    for step, said in (("pause", "is paused"), ("resume", "goes on"), ("cancel", "is canceled")):
        assert said in browser.follow(browser.post(f"{way}/{step}")).text
    refused = browser.post(f"{way}/resume")
    assert refused.status == 200
    assert "Nothing was changed" in refused.text


def test_numbers_that_are_not_to_be_called_are_told_before_a_campaign(dialer: TablePorts, sign_in: SignIn):
    del dialer
    browser = sign_in(Role.SUPERVISOR)
    added = browser.follow(browser.post(f"{AT}/do-not-call", {"numbers": "+57 300 555 0101\n", "reason": "asked"}))
    assert "+573005550101" in added.text
    assert "is on the do-not-call list" in check(browser).text
    wrong = browser.post(f"{AT}/do-not-call", {"numbers": "+573005550102\nnobody"})
    assert wrong.status == 400
    assert "nobody:" in wrong.text
    removed = browser.follow(browser.post(f"{AT}/do-not-call/remove", {"number": "+573005550101"}))
    assert "The list is empty" in removed.text


def test_what_a_table_says_is_text_on_every_page(dialer: TablePorts, sign_in: SignIn):
    del dialer
    browser = sign_in(Role.SUPERVISOR)
    evil = "<script>alert(1)</script>"
    begun = start(browser, check(browser, f"phone_number,{evil}\n+573005550100,{evil}\n", name=evil))
    pages = [begun, browser.get(f"{AT}/campaigns"), browser.get(f"{AT}/calls")]
    pages.append(browser.get(next(link for link in pages[-1].page.links if f"{AT}/calls/" in link)))
    for page in pages:
        assert evil not in page.body
    assert evil in pages[-1].text


def test_a_use_case_and_a_number_are_changed_by_admins_and_by_nobody_below_them(dialer: TablePorts, sign_in: SignIn):
    del dialer
    admin = sign_in(Role.ADMIN)
    form = admin.get(f"{AT}/use-cases/use-case").page.form("setting")
    saved = admin.press(form, name="Karl", work_start="09:00", work_end="17:00")
    assert "Karl" in saved.text
    wrong = admin.press(form, work_end="08:00", work_start="17:00")
    assert (wrong.status, "cannot be saved" in wrong.text) == (400, True)
    number = admin.press(admin.get(f"{AT}/numbers/number").page.form("setting"), name="Main", lines="20")
    assert "Main" in number.text
    foreign = admin.press(admin.get(f"{AT}/numbers/new").page.form("setting"), phone_number="+12025550177")
    assert foreign.status == 400
    assert sign_in(Role.SUPERVISOR).get(f"{AT}/use-cases").status == 403


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Ma\x07y", "Leave out line breaks and control characters."),
        ("\u202eyaM", "Leave out characters that turn the direction of the text around."),
        ("\u200b", "Enter something that can be seen."),
        ("x" * 201, "200"),
    ],
)
def test_a_name_that_the_api_refuses_is_refused_at_its_field(dialer: TablePorts, sign_in: SignIn, name: str, said: str):
    admin = sign_in(Role.ADMIN)
    before = [rows_of(dialer, kind) for kind in ("USECASE#", "NUMBER#")]
    for reply in (
        check(admin, name=name),
        *(
            admin.press(admin.get(f"{AT}/{way}").page.form("setting"), name=name)
            for way in ("use-cases/use-case", "use-cases/new", "numbers/number")
        ),
    ):
        assert (reply.status, said in reply.text) == (400, True), reply.text
    assert [rows_of(dialer, kind) for kind in ("USECASE#", "NUMBER#")] == before


def test_another_organizations_campaigns_are_not_there(dialer: TablePorts, sign_in: SignIn):
    browser = sign_in(Role.SUPERVISOR)
    way = start(browser, check(browser)).url.partition("?")[0]
    other = replace(dialer.users.of_organization(ORGANIZATION)[0], user_id="stranger", email="stranger@example.com")
    assert sign_in(replace(other, organization_id="organization-2")).get(way).status == 404


def test_a_choice_that_no_form_offers_is_told_at_its_field(dialer: TablePorts, sign_in: SignIn):
    del dialer
    admin = sign_in(Role.ADMIN)
    for way, name in (("use-cases/use-case", "amd_behavior"), ("numbers/new", "carrier")):
        form = admin.get(f"{AT}/{way}").page.form("setting")
        wrong = admin.press(form, **{"phone_number": "+12025550177", "name": "Main", name: "1e9"})
        assert (wrong.status, "Choose one of these." in wrong.text) == (400, True), wrong.text


def test_a_text_of_a_use_case_that_somebody_empties_is_gone_and_texts_that_the_form_does_not_have_stay(
    dialer: TablePorts, sign_in: SignIn
):
    use_cases: Any = DynamoDialSettings(dialer.client, "DialingTable", "AccessTable", dialer.clock, USE_CASES)
    before = use_cases.get(ORGANIZATION, "use-case")
    machines = {"en-US": "Call us back.", "es-ES": "Llámenos."}
    params = {**before.params, "tone": "friendly"}
    use_cases.replace(replace(before, revision=2, amd_messages=machines, params=params), before.revision, None)
    admin, way = sign_in(Role.ADMIN), f"{AT}/use-cases/use-case"
    form = admin.get(way).page.form("setting")
    assert (form.value("message"), form.value("machine_message")) == ("Hello {first_name}.", "Call us back.")
    admin.press(form, message="", machine_message="")
    form = admin.get(way).page.form("setting")
    assert (form.value("message"), form.value("machine_message")) == ("", "")
    after = use_cases.get(ORGANIZATION, "use-case")
    assert (after.params, after.amd_messages) == ({"tone": "friendly"}, {"es-ES": "Llámenos."})


def test_a_use_case_or_a_number_is_added_and_removed_once_however_often_a_button_is_pressed(
    dialer: TablePorts, sign_in: SignIn
):
    dialer.grants.put(a_grant(ORGANIZATION, phone_number="+12025550188"))
    admin = sign_in(Role.ADMIN)
    for way, kind, typed in (
        ("use-cases", "USECASE#", {"name": "Reminders"}),
        ("numbers", "NUMBER#", {"name": "Second", "phone_number": "+12025550188"}),
    ):
        form = admin.get(f"{AT}/{way}/new").page.form("setting")
        added = [admin.press(form, **typed) for _ in range(2)]
        assert [(page.status, typed["name"] in page.text) for page in added] == [(200, True)] * 2
        assert len(rows_of(dialer, kind)) == 2
        other = admin.press(form, **{**typed, "name": "Another"})
        assert (other.status, "This form was sent before" in other.text) == (409, True)
        page = next(link for link in added[0].page.links if f"/{way}/01" in link)
        removal = next(one for one in admin.get(page).page.forms if one.action == f"{page}/remove")
        assert [admin.press(removal).url for _ in range(2)] == [f"{AT}/{way}?done=removed"] * 2
        assert len(rows_of(dialer, kind)) == 1


def test_who_saves_a_use_case_or_a_number_that_somebody_else_has_changed_is_told_and_loses_nothing(
    dialer: TablePorts, sign_in: SignIn
):
    del dialer
    admin, other = sign_in(Role.ADMIN), sign_in(a_user(Role.ADMIN, "other"))
    for way in (f"{AT}/use-cases/use-case", f"{AT}/numbers/number"):
        form = admin.get(way).page.form("setting")
        assert other.press(other.get(way).page.form("setting"), name="Theirs").status == 200
        told = admin.press(form, name="Mine")
        assert (told.status, "Somebody else has changed this" in told.text) == (409, True)
        assert other.get(way).page.form("setting").value("name") == "Theirs"
        again = told.page.form("setting")
        assert again.value("name") == "Mine", "what was typed stays"
        assert [admin.press(again).status for _ in range(2)] == [200, 200], "the second press finds it done"
        assert other.get(way).page.form("setting").value("name") == "Mine"


def test_a_filter_by_a_number_that_is_gone_is_seen_and_stays_when_the_form_is_sent(dialer: TablePorts, sign_in: SignIn):
    del dialer
    form = next(one for one in sign_in().get(f"{AT}/calls?number=gone").page.forms if one.action == f"{AT}/calls")
    assert form.value("number") == "gone"
