"""The console's services."""

from typing import Any

from playwright.sync_api import Page

from slotline.domain.booking.questions import Question, QuestionType
from tests.support.browser.backstage import Backstage, Practice
from tests.support.browser.people import sign_in
from tests.support.browser.states import state
from tests.support.browser.visits import Visits

QUESTIONS = (
    Question(key="seats", label={"en": "How many seats?", "es": "¿Cuántas plazas?"}, type=QuestionType.NUMBER),
    Question(
        key="plan",
        label="Which plan?",
        type=QuestionType.SINGLE_CHOICE,
        required=True,
        options=("Small", "Large"),
        help="You can change it later.",
    ),
    Question(key="campaign", label="Campaign", type=QuestionType.SHORT_TEXT, hidden=True),
)


def service(visit: Visits, backstage: Backstage, path: str = "", practice: Practice | None = None, **look: Any) -> Page:
    """A page of the practice's service. `look`: what `visit` takes."""
    practice = practice or backstage.practice(
        title={"en": "First consultation", "es": "Primera consulta"}, questions=QUESTIONS, branding_color="#0f766e"
    )
    return sign_in(
        visit, backstage, f"/console/{{app}}/services/{practice.preset.preset_id}{path}", practice=practice, **look
    )


@state("console-services")
def services(visit: Visits, backstage: Backstage) -> Page:
    """The list."""
    return sign_in(visit, backstage, "/console/{app}/services")


@state("console-service-new")
def new(visit: Visits, backstage: Backstage) -> Page:
    """A new one."""
    return sign_in(visit, backstage, "/console/{app}/services/new")


@state("console-service")
def overview(visit: Visits, backstage: Backstage) -> Page:
    """One as a whole."""
    return service(visit, backstage)


@state("console-service-texts")
def texts(visit: Visits, backstage: Backstage) -> Page:
    """What guests read, in their languages."""
    return service(visit, backstage, "/texts")


@state("console-service-time-wrong")
def time_wrong(visit: Visits, backstage: Backstage) -> Page:
    """A length that no call has."""
    page = service(visit, backstage, "/time", statuses={400})
    page.locator("form.panel").evaluate("(form) => form.noValidate = true")
    page.get_by_label("Length in minutes").fill("2")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").wait_for()
    return page


@state("console-service-clash")
def clash(visit: Visits, backstage: Backstage) -> Page:
    """Somebody else has changed the same meanwhile."""
    practice = backstage.practice()
    early, late = (service(visit, backstage, "/time", practice, statuses={409}) for _ in range(2))
    for page, minutes in ((late, "60"), (early, "20")):
        page.get_by_label("Length in minutes").fill(minutes)
        page.get_by_role("button", name="Save").click()
    early.get_by_role("alert").wait_for()
    return early


@state("console-service-assignment")
def assignment(visit: Visits, backstage: Backstage) -> Page:
    """Who takes it."""
    return service(visit, backstage, "/assignment")


@state("console-service-rules")
def rules(visit: Visits, backstage: Backstage) -> Page:
    """What guests may do, and how often."""
    return service(visit, backstage, "/rules")


@state("console-service-messages")
def messages(visit: Visits, backstage: Backstage) -> Page:
    """Which messages go over which channels."""
    return service(visit, backstage, "/messages")


@state("console-service-look")
def look(visit: Visits, backstage: Backstage) -> Page:
    """Its colour, and who may frame it."""
    return service(visit, backstage, "/look")


@state("console-service-questions")
def questions(visit: Visits, backstage: Backstage) -> Page:
    """Its questions, with the form as guests see it."""
    return service(visit, backstage, "/questions")


@state("console-service-question-open")
def question_open(visit: Visits, backstage: Backstage) -> Page:
    """One of them is being edited."""
    return service(visit, backstage, "/questions?open=plan")


@state("console-service-share")
def share(visit: Visits, backstage: Backstage) -> Page:
    """Its link, the code of it, and what a website writes."""
    practice = backstage.practice()
    return service(visit, backstage, f"/share?widgetKey={practice.widget_key}", practice)
