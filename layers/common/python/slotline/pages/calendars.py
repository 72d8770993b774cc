"""Links that put a call into a calendar on the web, by the forms that Google and Microsoft fill from an address.

What stands in such an address stays with whoever opens it there, so it has what a calendar shows, and never the guest's
own link: the calendar file, which nobody else reads, has that.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

_GOOGLE = "https://calendar.google.com/calendar/render"
_OUTLOOK = "https://outlook.live.com/calendar/0/deeplink/compose"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A call as a calendar shows it. `join_url`: where it takes place."""

    title: str
    start: datetime
    minutes: int
    join_url: str

    @property
    def end(self) -> datetime:
        """When it is over."""
        return self.start + timedelta(minutes=self.minutes)


def google_url(entry: Entry) -> str:
    """Google Calendar's form for a new event, filled."""
    return _address(
        _GOOGLE,
        action="TEMPLATE",
        text=entry.title,
        dates="/".join(f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}" for at in (entry.start, entry.end)),
        details=entry.join_url,
        location=entry.join_url,
    )


def outlook_url(entry: Entry) -> str:
    """Outlook's form on the web for a new event, filled."""
    begins, ends = (f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for at in (entry.start, entry.end))
    return _address(
        _OUTLOOK,
        path="/calendar/action/compose",
        rru="addevent",
        subject=entry.title,
        startdt=begins,
        enddt=ends,
        body=entry.join_url,
        location=entry.join_url,
    )


def _address(form: str, **fields: str) -> str:
    """Outlook shows a `+` as it is, so a space is `%20`."""
    return f"{form}?{urlencode(fields, quote_via=quote, safe='')}"
