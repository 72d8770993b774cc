"""An organization that dials: a use case, a number of its own, and campaigns that are started in the browser."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import count

from playwright.sync_api import Page

from slotline.domain.access.users import Role
from slotline.domain.dialing.numbers import CarrierName, Number
from slotline.domain.dialing.use_cases import UseCase
from tests.support.browser.backstage import Backstage, Practice
from tests.support.browser.people import sign_in
from tests.support.browser.visits import Visits
from tests.support.worlds.api import target_of
from tools.provision import Provision

DIALING = "/console/{app}/dialing"
GOOD_ROWS = "phone_number;first_name\n+573005550101;Jane\n+573005550102;Luis\n+573005550103;Ana\n"
MIXED_ROWS = f"{GOOD_ROWS}+573005550101;Jane\n12;Nobody\n+999111222333;Odd\n+573005550104;Eva\n"
"""Two of them cannot be dialed, and one comes twice."""
_LINES = count(100)


@dataclass(frozen=True, slots=True)
class Dialer:
    """The organization of a practice, and what its campaigns need."""

    practice: Practice
    use_case_id: str
    number_id: str


def dialer(backstage: Backstage) -> Dialer:
    """An organization that nobody else knows, whose calls may go out at any hour."""
    practice = backstage.practice()
    provision = Provision.of(target_of(backstage.system))
    organization_id = provision.apps.get(practice.app_id).organization_id
    e164 = f"+1202555{next(_LINES):04}"
    provision.number_owners.hand_over([e164], organization_id)
    use_case = UseCase(
        id="",
        organization_id=organization_id,
        name="Reminders of appointments",
        callee_start="00:00",
        callee_end="24:00",
        params={"message": "Hello {first_name}, your appointment is on {day}."},
    )
    number = Number(
        id="",
        organization_id=organization_id,
        phone_number=e164,
        carrier=CarrierName.TWILIO,
        name="Reception",
        calls_per_second=10,
        lines=50,
    )
    return Dialer(practice, provision.create_use_case(use_case).id, provision.create_number(number).id)


def new_campaign(
    visit: Visits,
    backstage: Backstage,
    ours: Dialer,
    table: str = GOOD_ROWS,
    *,
    interval: int = 0,
    statuses: Collection[int] = (),
) -> Page:
    """The form of a new campaign, filled in by somebody new. `interval`: minutes between two calls."""
    page = sign_in(visit, backstage, f"{DIALING}/campaigns/new", Role.ADMIN, ours.practice, statuses=statuses)
    page.get_by_label("Name").fill("May, first round")
    page.get_by_label("Table", exact=True).fill(table)
    if interval:
        page.get_by_text("Pace, retries and duplicates").click()
        page.get_by_label("Minutes between two calls").fill(str(interval))
    return page


def checked(visit: Visits, backstage: Backstage, ours: Dialer, table: str = GOOD_ROWS, interval: int = 0) -> Page:
    """What the campaign would be like."""
    page = new_campaign(visit, backstage, ours, table, interval=interval)
    page.get_by_role("button", name="Check the table").click()
    page.get_by_role("heading", name="Before it starts").wait_for()
    return page


def started(visit: Visits, backstage: Backstage, ours: Dialer, table: str = GOOD_ROWS, interval: int = 0) -> Page:
    """The page of a campaign that has begun."""
    page = checked(visit, backstage, ours, table, interval=interval)
    page.get_by_role("button", name="Start with").click()
    page.get_by_text("The campaign is started.").wait_for()
    return page
