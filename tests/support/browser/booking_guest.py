"""A guest on the booking page: what they see of it, and what they do at each step."""

from dataclasses import dataclass
from datetime import datetime

from playwright.sync_api import Locator, Page, expect

from slotline.domain.booking.questions import CHOICES, Question, QuestionType
from slotline.words.catalogue import PAGES, Catalogue, catalogue_for
from tests.support.worlds.api import text

QUESTIONS = (
    Question(key="topic", label="What is it about?", type=QuestionType.SHORT_TEXT, required=True),
    Question(key="campaign", label="Campaign", type=QuestionType.SHORT_TEXT, hidden=True),
)
"""One that the guest answers, and one that the link does."""
_OPTIONS = ("By phone", "By letter", "Not at all")
OF_EVERY_TYPE = tuple(
    Question(
        key=str(kind),
        label=f"A question of the type {kind}".replace("_", " "),
        type=kind,
        required=kind in {QuestionType.YES_NO, QuestionType.SHORT_TEXT},
        options=_OPTIONS if kind in CHOICES else (),
        help="As it is on your last letter" if kind is QuestionType.NUMBER else None,
    )
    for kind in QuestionType
)
"""A question of each type."""
SAID_BY_LINK = "&campaign=spring&externalId=deal-4711&metadata[pipeline]=Q3"


@dataclass(frozen=True, slots=True)
class BookingGuest:
    """What is on the page in the guest's language, by its roles and names."""

    page: Page
    language: str = "en"

    @property
    def texts(self) -> Catalogue:
        """What the page says."""
        return catalogue_for(self.language, PAGES)

    def button(self, *path: str) -> Locator:
        """The button with this text of the catalogue."""
        return self.page.get_by_role("button", name=self.texts.text(*path))

    def field(self, name: str) -> Locator:
        """A field of the form: `name`, `email`, `phone`, `notes`, or `q.` and a question's key."""
        return self.page.locator(f"#f-{name.replace('.', '-')}")

    @property
    def days(self) -> Locator:
        """The days on which something is free."""
        return self.page.get_by_role("table").get_by_role("link")

    def day(self, number: int) -> Locator:
        """One of them, by its number in the month."""
        return self.days.filter(has_text=str(number)).locator(f'text="{number}"').locator("xpath=ancestor::a")

    @property
    def times(self) -> Locator:
        """The times of the chosen day."""
        return self.page.locator("#slots").get_by_role("button")

    def time(self, start: datetime) -> Locator:
        """The button of one of them."""
        return self.page.locator(f'#slots button[value="{text(start)}"]')

    @property
    def heading(self) -> Locator:
        """The chosen day, above its times."""
        return self.page.locator("#day")

    @property
    def book(self) -> Locator:
        """The button that books."""
        return self.page.locator("#submit")

    @property
    def notice(self) -> Locator:
        """What stands above the form or the month, if something happened."""
        return self.page.get_by_role("alert")

    @property
    def others(self) -> Locator:
        """The times to take instead of one that was taken."""
        return self.page.locator('button[name="move"]')

    def choose(self, start: datetime) -> None:
        """A time, on the day that it has in UTC, and the way to the form."""
        self.day(start.day).click()
        self.time(start).click()
        expect(self.book).to_be_visible()

    def fill_in(self, email: str, name: str = "Jane Doe", **answers: str) -> None:
        """Who is coming; answers by the keys of their questions."""
        self.field("name").fill(name)
        self.field("email").fill(email)
        for key, answer in answers.items():
            self.field(f"q.{key}").fill(answer)

    def expect_done(self, name: str = "Jane Doe") -> None:
        """The confirmation is shown."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(
            self.texts.text("done", "title").replace("{name}", name)
        )
