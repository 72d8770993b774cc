"""Links that fill the forms of calendars on the web."""

from datetime import datetime
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest

from slotline.pages.calendars import Entry, google_url, outlook_url

ENTRY = Entry(
    title="Asesoría & más + 1/2",
    start=datetime(2026, 12, 3, 23, 45, tzinfo=ZoneInfo("America/Bogota")),
    minutes=30,
    join_url="https://video.example.com/c/01968c2e-7a00-7000-8000-000000000001",
)


def fields(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query, strict_parsing=True).items()}


def test_googles_form_has_the_title_both_ends_in_utc_and_where_to_join():
    url = google_url(ENTRY)
    assert url.startswith("https://calendar.google.com/calendar/render?action=TEMPLATE&")
    assert fields(url) == {
        "action": "TEMPLATE",
        "text": "Asesoría & más + 1/2",
        "dates": "20261204T044500Z/20261204T051500Z",
        "details": ENTRY.join_url,
        "location": ENTRY.join_url,
    }


def test_outlooks_form_has_the_title_both_ends_in_utc_and_where_to_join():
    url = outlook_url(ENTRY)
    assert url.startswith("https://outlook.live.com/calendar/0/deeplink/compose?")
    assert fields(url) == {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": "Asesoría & más + 1/2",
        "startdt": "2026-12-04T04:45:00Z",
        "enddt": "2026-12-04T05:15:00Z",
        "body": ENTRY.join_url,
        "location": ENTRY.join_url,
    }


@pytest.mark.parametrize("link", [google_url, outlook_url])
def test_a_space_is_never_a_plus_which_outlook_would_show(link):
    assert "+" not in link(ENTRY)
    assert "Asesor%C3%ADa%20%26%20m%C3%A1s%20%2B%201%2F2" in link(ENTRY)
