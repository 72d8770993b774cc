"""What the address of the console's list of calls asks for, and how it is written again."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pytest

from slotline.domain.booking.call_lists import Position
from slotline.domain.booking.calls import BookingSource, CallStatus
from slotline.pages.console.calls_asked import MOST_TURNED, CallsAsked, Column, When, place_or_none, text_of

NOW = datetime(2026, 5, 1, 23, 30, tzinfo=UTC)
BOGOTA, MADRID = ZoneInfo("America/Bogota"), ZoneInfo("Europe/Madrid")


def asked(query: str) -> CallsAsked:
    return CallsAsked.of(parse_qsl(query, keep_blank_values=True))


@pytest.mark.parametrize(
    "query",
    [
        "",
        "when=yesterday&status=no_show",
        "from=2026-05-01&to=2026-05-31&search=jos%C3%A9&agent=a&agent=b&status=confirmed&source=api&col=contact",
        "col=",
        "view=Mine&after=29626800.0.call-1&after=29626860.7.call-2",
    ],
)
def test_an_address_is_written_again_as_it_was_read(query: str):
    assert asked(asked(query).query) == asked(query)


def test_what_cannot_be_read_is_as_if_it_were_not_there():
    nonsense = (
        "when=never&from=2026-02-30&to=x&status=lost&source=&agent=&search=a%00b&after=x&after=1.2.&after=9e9.0.c"
    )
    assert asked(nonsense) == CallsAsked()
    assert asked("col=price").columns == ()


@pytest.mark.parametrize(
    ("when", "first", "end"),
    [
        (When.UPCOMING, "2026-05-01T05:00", None),
        (When.TODAY, "2026-05-01T05:00", "2026-05-02T05:00"),
        (When.TOMORROW, "2026-05-02T05:00", "2026-05-03T05:00"),
        (When.YESTERDAY, "2026-04-30T05:00", "2026-05-01T05:00"),
        (When.THIS_WEEK, "2026-04-27T05:00", "2026-05-04T05:00"),
        (When.ALL, None, None),
    ],
)
def test_a_named_stretch_is_of_days_in_the_zone_of_the_app(when: When, first: str | None, end: str | None):
    query = CallsAsked(when=when).to_query("app", BOGOTA, NOW)
    bounds = [bound and f"{bound:%Y-%m-%dT%H:%M}" for bound in (query.date_from, query.date_to)]
    assert bounds == [first, end]
    assert CallsAsked(when=When.TODAY).to_query("app", MADRID, NOW).date_from == datetime(2026, 5, 1, 22, tzinfo=UTC)


def test_days_that_are_typed_go_before_a_named_stretch_and_both_are_included():
    said = asked("when=today&from=2026-03-28&to=2026-03-29")
    query = said.to_query("app", MADRID, NOW)
    assert query.date_to is not None
    assert query.date_from is not None
    assert query.date_to - query.date_from == timedelta(hours=47), "clocks went forward in between"
    assert asked(said.query) == CallsAsked(first=date(2026, 3, 28), last=date(2026, 3, 29))


def test_the_ends_of_the_calendar_are_days_too():
    for query in ("from=0001-01-01&to=0001-01-01", "from=9999-12-31&to=9999-12-31"):
        assert asked(query).to_query("app", BOGOTA, NOW).app_id == "app"


def test_pages_are_turned_back_to_as_far_as_an_address_holds():
    view = CallsAsked(statuses=(CallStatus.CONFIRMED,), sources=(BookingSource.API,), columns=(Column.AGENT,))
    places = [
        Position(scheduled_at=NOW.replace(minute=0) + timedelta(minutes=minute), call_id=f"call-{minute}", skip=minute)
        for minute in range(MOST_TURNED + 5)
    ]
    for place in places:
        view = asked(view.turned_to(place).query)
    assert view.turned == tuple(places[-MOST_TURNED:])
    assert [one.skip for one in view.turned] == [place.skip for place in places[-MOST_TURNED:]]
    back = view.turned_back()
    assert back is not None
    assert back.turned == view.turned[:-1]
    assert view.first_page.turned_back() is None


def test_a_place_is_read_as_it_was_written_and_nothing_else_is_one():
    place = Position(scheduled_at=NOW, call_id="a.b.c", skip=12)
    assert place_or_none(text_of(place)) == place
    for text in ("", "1", "1.2", "1.2.", "-1.0.c", "1.-1.c", "\u0661.0.c", f"{10**12}.0.c", f"1.0.{'c' * 129}"):
        assert place_or_none(text) is None, text
