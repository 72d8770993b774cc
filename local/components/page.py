"""Every component of our pages, and every page for what goes wrong, as the templates and the stylesheet make them."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from slotline.domain.booking.slots import Slots, epoch_minute
from slotline.domain.shared.errors import (
    BodyTooLarge,
    Conflict,
    DomainError,
    Forbidden,
    InvalidRequest,
    LimitReached,
    NoPass,
    NotFound,
    PassOver,
    RateLimited,
    Unauthorized,
    Unavailable,
)
from slotline.pages.booking.picker import Picker, picker_of
from slotline.pages.fields import Field, Option
from slotline.pages.languages import language_for
from slotline.pages.problems import NoBooking, NoRight, NotFramed, StaleForm, no_such_service, problem_page
from slotline.pages.rendering import Look, Page, environment
from slotline.usecases.booking.free_month import free_month
from slotline.words.catalogue import PAGES, catalogue_for, languages

PATH = "/__local/components"
NOW = datetime(2027, 6, 2, 12, tzinfo=UTC)
"""Of the month that is shown: the same in each picture."""
PROBLEMS: Mapping[str, DomainError | None] = {
    "busy": Unavailable("busy"),
    "broken": None,
    "too_many": RateLimited("too many", retry_after_seconds=60),
    "limit": LimitReached("enough", next_allowed_at=NOW + timedelta(hours=1)),
    "unreadable": InvalidRequest("unreadable"),
    "too_large": BodyTooLarge("too large"),
    "wrong_key": Unauthorized("wrong key"),
    "no_pass": NoPass("no pass"),
    "pass_over": PassOver("over"),
    "closed": Forbidden("closed"),
    "no_booking": NoBooking("There is no booking at this address."),
    "not_framed": NotFramed("This site may not show the page in a frame."),
    "no_service": no_such_service(),
    "nothing_here": NotFound("nothing"),
    "conflict": Conflict("conflict"),
    "no_right": NoRight("Your role does not include this."),
    "stale_form": StaleForm("This form is of another session."),
}
"""By the names of their words, what leads to each page."""
_HERE = Path(__file__).parent


def page(problem: str, asked: str | None, accepted: str | None) -> Page:
    """All components, or the page of a problem. `asked` and `accepted`: which language, as for every page of ours."""
    language = language_for(asked, accepted)
    return problem_page(PROBLEMS[problem], language, NOW) if problem in PROBLEMS else components(language)


def components(language: str) -> Page:
    """All components in this language."""
    said = _words()[language]
    return Page(
        template=environment().from_string((_HERE / "page.html").read_text(encoding="utf-8")),
        look=Look(language=language),
        context={
            "said": said,
            "fields": _fields(said),
            "columns": [{"label": label, "is_number": label == said["columns"][-1]} for label in said["columns"]],
            "tabs": [{"label": label, "way": "#calls", "is_chosen": label == said["tab"][0]} for label in said["tab"]],
            "facts": [
                ("calendar", said["choosing"], "2027-06-04"),
                ("clock", said["columns"][-1], said["badge"][0]),
                ("user", said["columns"][0], said["guest"]),
            ],
            "picker": _picker(language),
            "ways": {"month": _month, "day": _day},
            "problems": list(PROBLEMS),
            "ways_to_languages": {tag: f"{PATH}?lang={tag}" for tag in languages(PAGES)},
        },
        scripts=("dialogs.js",),
    )


def _fields(said: Mapping[str, Any]) -> Sequence[Field]:
    return (
        Field(name="name", label=said["name"], value=said["guest"], required=True),
        Field(
            name="email",
            label=said["email"],
            kind="email",
            value="ana@example",
            help=said["email_help"],
            error=said["email_error"],
            required=True,
        ),
        Field(name="phone", label=said["phone"], kind="tel", value="+57 300 555 0100"),
        Field(name="mobile", label=said["phone"], kind="phone", options=_options(("ES +34", "CO +57"))),
        Field(name="country", label=said["country"], kind="select", required=True, options=_options(said["countries"])),
        Field(name="notes", label=said["notes"], kind="area", help=said["email_help"]),
        Field(name="way", label=said["way"], kind="radio", error=said["way_error"], options=_options(said["ways"])),
        Field(name="remind", label=said["remind"], kind="flag", value="yes", help=said["email_help"]),
        Field(name="topics", label=said["topics"], kind="checkbox", options=_options(said["topic"])),
    )


def _options(labels: Sequence[str]) -> Sequence[Option]:
    return [Option(value=label, label=label, is_chosen=label == labels[1]) for label in labels]


def _picker(language: str) -> Picker:
    """A month in which every second day is free."""
    starts = [NOW + timedelta(days=day, hours=hour) for day in range(2, 26, 2) for hour in (-3, -2, 2, 3, 6)]
    slots = Slots(agent_ids=["ada"], length_minutes=30, starts=[(epoch_minute(start), 0) for start in starts])
    length, horizon = timedelta(minutes=30), timedelta(days=90)
    found = free_month(lambda *_: slots, ZoneInfo("UTC"), NOW, length, horizon, None)
    return picker_of(found, None, NOW, catalogue_for(language), catalogue_for(language, PAGES))


def _month(first: date) -> str:
    return f"#month-{first:%Y-%m}"


def _day(at: date) -> str:
    return f"#day-{at}"


@cache
def _words() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads((_HERE / "words.toml").read_text(encoding="utf-8"))
