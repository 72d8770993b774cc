#!/usr/bin/env bash
# Guess: in July Dublin keeps "Irish Standard Time" (UTC+1), in January "Greenwich Mean Time" (UTC), as Irish law has it.
# Seen with Babel 2.17.0 and tzdata 2026.6: the two names are the wrong way round; the offsets beside them are right.
# Why: since 2018 the IANA database says that Ireland's winter time is daylight saving of minus one hour. Babel takes the
# name for summer time wherever `dst()` is not zero, which for Dublin is in winter. London beside it is right.
# So: a name of a zone ("standard", "daylight", "summer") is never computed from `dst()`; tell the city and the offset.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check babel==2.17.0 tzdata==2026.6
said="$(PYTHONTZPATH="" "$folder/venv/bin/python" - <<'PYTHON'
from datetime import UTC, datetime

from babel.dates import format_datetime, get_timezone

for zone in ("Europe/Dublin", "Europe/London"):
    for month in (1, 7):
        noon = datetime(2026, month, 15, 12, tzinfo=UTC)
        print(zone, month, format_datetime(noon, "HH:mm xxx zzzz", tzinfo=get_timezone(zone), locale="en"))
PYTHON
)"
echo "$said"
diff <(echo "$said") - <<'SEEN'
Europe/Dublin 1 12:00 +00:00 Irish Standard Time
Europe/Dublin 7 13:00 +01:00 Greenwich Mean Time
Europe/London 1 12:00 +00:00 Greenwich Mean Time
Europe/London 7 13:00 +01:00 British Summer Time
SEEN
