#!/usr/bin/env bash
# Guess: `fromZonedTime("2026-10-25T02:30", "Europe/Vienna")` is one instant, on whatever machine it is asked: the zone is
# named, and the text has nothing of the machine's own.
# Seen with date-fns-tz 3.2.0 (date-fns 4.4.0): 01:30 UTC on a machine whose clock is in UTC or in Tokyo, 00:30 UTC on one
# in New York. The hour happens twice in Vienna, and where the machine is decides which of the two is meant. Half past two
# on 29 March, which Vienna does not have, is 00:30 UTC everywhere: half past one, an hour before what was typed;
# `Temporal`, Luxon and RFC 5545 (3.3.5) take 01:30 UTC, half past three.
# So: a server and a browser that share this code may book two different instants from one form.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-fund --no-audit date-fns@4.4.0 date-fns-tz@3.2.0
cat >read.mjs <<'NODE'
import { fromZonedTime } from "date-fns-tz";

for (const text of ["2026-10-25T02:30", "2026-03-29T02:30"]) {
  const found = fromZonedTime(text, "Europe/Vienna").toISOString().slice(0, 16);
  console.log(`on a machine in ${process.env.TZ}: ${text} in Vienna is ${found}Z`);
}
NODE
said="$(for zone in UTC Asia/Tokyo America/New_York; do TZ="$zone" node read.mjs; done)"
echo "$said"
diff <(echo "$said") - <<'SEEN'
on a machine in UTC: 2026-10-25T02:30 in Vienna is 2026-10-25T01:30Z
on a machine in UTC: 2026-03-29T02:30 in Vienna is 2026-03-29T00:30Z
on a machine in Asia/Tokyo: 2026-10-25T02:30 in Vienna is 2026-10-25T01:30Z
on a machine in Asia/Tokyo: 2026-03-29T02:30 in Vienna is 2026-03-29T00:30Z
on a machine in America/New_York: 2026-10-25T02:30 in Vienna is 2026-10-25T00:30Z
on a machine in America/New_York: 2026-03-29T02:30 in Vienna is 2026-03-29T00:30Z
SEEN
