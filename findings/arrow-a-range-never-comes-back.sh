#!/usr/bin/env bash
# Guess: half past two in Vienna, from 28 to 31 March 2026, a day at a time: four times, and the one that Vienna does not
# have, on the 29th, is moved or left out. The others are at half past two.
# Seen with arrow 1.4.0: three times. The 29th is moved to half past three, and so is the 30th, which has a half past two;
# the 31st is missing, for half past three is beyond the end.
# `shift(days=1)` for each day from the first has all of them.
# So: days are counted on the calendar, and each gets its time of day by itself.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check arrow==1.4.0 tzdata==2026.6
said="$(PYTHONTZPATH="" "$folder/venv/bin/python" - <<'PYTHON'
from datetime import datetime
from zoneinfo import ZoneInfo

import arrow

VIENNA = ZoneInfo("Europe/Vienna")
first, last = (datetime(2026, 3, day, 2, 30, tzinfo=VIENNA) for day in (28, 31))
print("range:", *(f"{one:MM-DD HH:mm}" for one in arrow.Arrow.range("day", first, last)), sep=" | ")
print("shift:", *(f"{arrow.get(first).shift(days=days):MM-DD HH:mm}" for days in range(4)), sep=" | ")
PYTHON
)"
echo "$said"
diff <(echo "$said") - <<'SEEN'
range: | 03-28 02:30 | 03-29 03:30 | 03-30 03:30
shift: | 03-28 02:30 | 03-29 03:30 | 03-30 02:30 | 03-31 02:30
SEEN
