#!/usr/bin/env bash
# Guess: a meeting of one hour, every night at half past two in Vienna, lasts an hour in the night when clocks go forward,
# too; and one that says DURATION:PT2H lasts two hours in the night when they go back.
# Seen with recurring-ical-events 3.8.2 and icalendar 7.3.2: in the first night it begins and ends in the same instant,
# 01:30 UTC; in the second it lasts three hours. All other nights are right.
# Why: start and end are each moved by whole days on the clock, and the end is not taken from the start by the time that
# passes. RFC 5545 (3.8.5.3 and 3.3.6) lets the time that passes be the same in all members of the set.
# So: occurrences are made in UTC, from a start and a length; no file of ours carries a rule that others have to unfold.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  icalendar==7.3.2 recurring-ical-events==3.8.2 tzdata==2026.6
said="$(PYTHONTZPATH="" "$folder/venv/bin/python" - <<'PYTHON'
from datetime import UTC, date

import icalendar
import recurring_ical_events

MEETING = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//Example//EN
BEGIN:VEVENT
UID:meeting@example.com
DTSTAMP:20260101T000000Z
DTSTART;TZID={start}
{end}
RRULE:FREQ=DAILY;COUNT=3
END:VEVENT
END:VCALENDAR
"""
MEETINGS = (
    ("Europe/Vienna:20260328T023000", "DTEND;TZID=Europe/Vienna:20260328T033000", date(2026, 3, 28)),
    ("Europe/Vienna:20261024T023000", "DURATION:PT2H", date(2026, 10, 24)),
)
for start, end, first in MEETINGS:
    calendar = icalendar.Calendar.from_ical(MEETING.format(start=start, end=end))
    for one in recurring_ical_events.of(calendar).between(first, date(2026, first.month, 31)):
        began, ended = (moment.astimezone(UTC) for moment in (one.start, one.end))
        print(f"{began:%d %b %H:%M} to {ended:%H:%M} UTC: {ended - began}")
PYTHON
)"
echo "$said"
diff <(echo "$said") - <<'SEEN'
28 Mar 01:30 to 02:30 UTC: 1:00:00
29 Mar 01:30 to 01:30 UTC: 0:00:00
30 Mar 00:30 to 01:30 UTC: 1:00:00
24 Oct 00:30 to 02:30 UTC: 2:00:00
25 Oct 00:30 to 03:30 UTC: 3:00:00
26 Oct 01:30 to 03:30 UTC: 2:00:00
SEEN
