"""What a browser loads to see the first free times."""

import base64
import gzip
import re

import pytest

from tests.handlers.websites.conftest import KEY, Site
from tests.support.handlers import APP_ID, Endpoint

MOST_BYTES = 30_000
GZIP = {"accept-encoding": "gzip, deflate, br"}
HOURS = {
    "office hours": [{"weekday": day, "start": "09:00", "end": "17:00", "zone": "UTC"} for day in range(5)],
    "around the clock": [{"weekday": day, "start": "00:00", "end": "24:00", "zone": "UTC"} for day in range(7)],
}


def loaded(folder: str, path: str, **query: str) -> bytes:
    """What a browser takes from the network for this."""
    reply = Endpoint(folder, "GET", None)(path, query=query, headers=GZIP)
    assert (reply.status, reply.headers.get("content-encoding", reply.headers.get("Content-Encoding"))) == (200, "gzip")
    return base64.b64decode(reply.text)


@pytest.mark.parametrize("language", ["en", "es", "ar"])
@pytest.mark.parametrize("hours", HOURS)
def test_the_first_view_is_two_requests_and_less_than_thirty_kilobytes(site: Site, hours: str, language: str) -> None:
    site.add_preset(slug="visit", public=True, durationMinutes=30)
    site.set_agent("agent-1", working_hours=HOURS[hours])
    page = loaded("pages/book", f"/book/{APP_ID}/visit", widgetKey=KEY, lang=language)
    html = gzip.decompress(page).decode()
    assert 'aria-current="date"' in html
    assert 'name="start"' in html
    from_elsewhere = re.findall(r'<(?:link|script|img|iframe|source|use)[^>]* (?:href|src)="(?!data:|#)([^"]+)"', html)
    (stylesheet,) = from_elsewhere
    assert len(page) + len(loaded("pages/static", stylesheet)) <= MOST_BYTES
