"""The console's settings about people, and the audit log."""

from playwright.sync_api import Page

from slotline.domain.access.users import Role, UserStatus
from tests.support.browser.backstage import Backstage
from tests.support.browser.people import member, sign_in
from tests.support.browser.states import state
from tests.support.browser.visits import Visits

USERS = "/console/{app}/settings/users"
AUDIT = "/console/{app}/settings/audit"


@state("people")
def people(visit: Visits, backstage: Backstage) -> Page:
    """People of all kinds, as their owner sees them."""
    practice = backstage.practice()
    member(backstage, practice, Role.AGENT)
    member(backstage, practice, Role.SUPERVISOR, name="Maximiliano de la Fuente y Montenegro-Villanueva")
    member(backstage, practice, Role.ADMIN, name="سارة العلي", status=UserStatus.SUSPENDED)
    member(backstage, practice, Role.SUPERVISOR, name="Ines Invited", status=UserStatus.INVITED, password_hash=None)
    owner = member(backstage, practice, Role.OWNER, second_factor=True)
    return sign_in(visit, backstage, USERS, owner, practice)


@state("people-one")
def person(visit: Visits, backstage: Backstage) -> Page:
    """Somebody whose role was changed."""
    page = people(visit, backstage)
    page.get_by_role("link", name="Maximiliano").click()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("status").first.wait_for()
    return page


@state("people-invite-wrong")
def inviting(visit: Visits, backstage: Backstage) -> Page:
    """An invitation that says too little."""
    page = sign_in(visit, backstage, f"{USERS}/invite", Role.OWNER, statuses={400})
    page.get_by_label("Name").fill("Ines Invited")
    page.get_by_label("E-mail address").evaluate("field => { field.type = 'text'; field.value = 'ines'; }")
    page.get_by_role("button", name="Send the invitation").click()
    page.locator("[aria-invalid=true]").first.wait_for()
    return page


@state("audit")
def audit(visit: Visits, backstage: Backstage) -> Page:
    """What was done in an app, by its tools and by somebody in the console."""
    practice = backstage.practice()
    page = sign_in(visit, backstage, f"/console/{{app}}/agents/{practice.agent_ids[0]}", Role.ADMIN, practice)
    page.get_by_label("Tags").fill("spanish, mortgages")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("status").first.wait_for()
    page.goto(AUDIT.format(app=practice.app_id))
    return page
