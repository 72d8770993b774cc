#!/usr/bin/env bash
# Guess: `event.add("dtstart", …)` with ten o'clock at a fixed offset of two hours, as `datetime.fromisoformat` reads it
# from any API, is written as 08:00 UTC; or at least with a zone that the file defines, and that reads back as it was.
# Seen with icalendar 7.3.2: DTSTART;TZID="UTC+02:00":20260701T100000, which names a zone that no file defines. The
# calendar says itself that the zone is missing, `add_missing_timezones()` adds none and says nothing, and what icalendar
# reads back of its own file is ten o'clock without any zone: another hour for every reader. The same instant in UTC, or
# in a zone of the IANA database, is written and read as it is.
# So: a start is turned into UTC before it goes into a file.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check icalendar==7.3.2 tzdata==2026.6
said="$(PYTHONTZPATH="" "$folder/venv/bin/python" - <<'PYTHON'
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import icalendar

at = datetime.fromisoformat("2026-07-01T10:00:00+02:00")
for moment in (at, at.astimezone(UTC), at.astimezone(ZoneInfo("Europe/Vienna"))):
    event = icalendar.Event()
    event.add("uid", "meeting@example.com")
    event.add("dtstamp", datetime(2026, 1, 1, tzinfo=UTC))
    event.add("dtstart", moment)
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Example//Example//EN")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    missing = sorted(calendar.get_missing_tzids())
    calendar.add_missing_timezones()
    file = calendar.to_ical().decode()
    print(next(line for line in file.splitlines() if line.startswith("DTSTART") and "2026" in line))
    print("  missing:", missing, "still:", sorted(calendar.get_missing_tzids()))
    print("  read back:", icalendar.Calendar.from_ical(file).events[0]["dtstart"].dt.isoformat())
PYTHON
)"
echo "$said"
diff <(echo "$said") - <<'SEEN'
DTSTART;TZID="UTC+02:00":20260701T100000
  missing: ['UTC+02:00'] still: ['UTC+02:00']
  read back: 2026-07-01T10:00:00
DTSTART:20260701T080000Z
  missing: [] still: []
  read back: 2026-07-01T08:00:00+00:00
DTSTART;TZID=Europe/Vienna:20260701T100000
  missing: ['Europe/Vienna'] still: []
  read back: 2026-07-01T10:00:00+02:00
SEEN
