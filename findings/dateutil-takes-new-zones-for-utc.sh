#!/usr/bin/env bash
# Guess: `dateutil.tz.tzfile` shows by a file of zone rules what `zoneinfo` shows by the same file, or it complains.
# Seen with python-dateutil 2.9.0.post0 and tzdata 2026.6: it takes every zone of the package for UTC, without a word.
# Why: a file has a block of 32-bit times for old readers, and a second one of 64-bit times. Files as they are made since
# 2020 ("slim") leave the first block empty (RFC 9636, section 4), and dateutil reads no other.
# So: an oracle of what clocks show reads the second block and the rule behind it (tests/support/oracles/tzif.py).
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check python-dateutil==2.9.0.post0 tzdata==2026.6
said="$("$folder/venv/bin/python" - <<'PYTHON'
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import tzdata
from dateutil.tz import tzfile

noon = datetime(2027, 1, 12, 12, tzinfo=UTC)
for name in ("America/Bogota", "Asia/Kathmandu"):
    file = Path(tzdata.__file__).parent / "zoneinfo" / name
    with file.open("rb") as read:
        print(name, noon.astimezone(ZoneInfo.from_file(read)).strftime("%H:%M"), noon.astimezone(tzfile(str(file))).strftime("%H:%M"))
PYTHON
)"
echo "$said"
diff <(echo "$said") - <<'SEEN'
America/Bogota 07:00 12:00
Asia/Kathmandu 17:45 12:00
SEEN
