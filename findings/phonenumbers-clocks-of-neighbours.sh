#!/usr/bin/env bash
# Guess: the time zone that phonenumbers gives for a number is one of the number's own country.
# Seen with phonenumbers 9.0.43: for whole countries it is a neighbour's or a far one's. The clocks differ for part of the year,
# or all of it: Algeria, Libya, Nicaragua and South Sudan are an hour or two off. Kenya and Colombia beside them are right.
# Why: the data that it carries maps prefixes to groups of zones that once had the same clocks.
# So: ask tz's own zone.tab first. If a country has one zone there, that is the zone of its numbers.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check phonenumbers==9.0.43
said="$("$folder/venv/bin/python" - <<'PYTHON'
from phonenumbers import PhoneNumberType, example_number_for_type
from phonenumbers.timezone import time_zones_for_number

for region in ("DZ", "LY", "MA", "EH", "NI", "SS", "PS", "KE", "CO"):
    print(region, *time_zones_for_number(example_number_for_type(region, PhoneNumberType.MOBILE)))
PYTHON
)"
echo "$said"
diff <(echo "$said") - <<'SEEN'
DZ Europe/Paris
LY Europe/Bucharest
MA Atlantic/Canary
EH Atlantic/Canary
NI America/Chicago
SS Africa/Nairobi
PS Europe/Bucharest
KE Africa/Nairobi
CO America/Bogota
SEEN
