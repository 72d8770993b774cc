#!/usr/bin/env bash
# Guess: `dateutil.parser` reads what JavaScript makes of a Date, "Wed Jul 01 2026 10:00:00 GMT+0300", as ten o'clock three
# hours east of Greenwich: as JavaScript does.
# Seen with python-dateutil 2.9.0.post0 beside Node: three hours west, so another instant by six hours, without a warning.
# "+03:00" without the letters before it is read as east. So is nothing that has them: "UTC+3", "EET+0300".
# Why: letters and a sign are taken for a zone as POSIX writes it, in which GMT+3 is what one adds to get to Greenwich.
# So: a text with "GMT+" or "UTC+" in it is refused, not guessed: instants come in ISO 8601.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check python-dateutil==2.9.0.post0
texts=("Wed Jul 01 2026 10:00:00 GMT+0300" "2026-07-01T10:00:00+03:00")
said="$(for text in "${texts[@]}"; do
  echo "$text"
  echo "  JavaScript: $(node -p 'new Date(process.argv[1]).toISOString().slice(0, 16)' "$text")Z"
  echo "  dateutil:   $("$folder/venv/bin/python" - "$text" <<'PYTHON'
import sys
from datetime import timezone

from dateutil import parser

print(parser.parse(sys.argv[1]).astimezone(timezone.utc).isoformat()[:16])
PYTHON
)Z"
done)"
echo "$said"
diff <(echo "$said") - <<'SEEN'
Wed Jul 01 2026 10:00:00 GMT+0300
  JavaScript: 2026-07-01T07:00Z
  dateutil:   2026-07-01T13:00Z
2026-07-01T10:00:00+03:00
  JavaScript: 2026-07-01T07:00Z
  dateutil:   2026-07-01T07:00Z
SEEN
