#!/usr/bin/env bash
# Guess: the runs that `prev()` goes back over are those that `next()` went forward over.
# Seen with cron-parser 5.10.6: "30 2 * * *" in Europe/Vienna, in the night when clocks go back: `next()` runs once, at
# 00:30 UTC; `prev()` from the day after finds two runs, 01:30 UTC and 00:30 UTC. So "when did it last run?" is answered,
# from then on, with a run that there never was. On the days around it both ways agree.
# So: what has run is read from what was written down when it ran, and never computed from the schedule.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-fund --no-audit cron-parser@5.10.6
cat >read.cjs <<'NODE'
const { CronExpressionParser } = require("cron-parser");

const schedule = (currentDate) => CronExpressionParser.parse("30 2 * * *", { currentDate, tz: "Europe/Vienna" });
const three = (step) => Array.from({ length: 3 }, () => step().toISOString().slice(0, 16) + "Z");
const forward = schedule("2026-10-24T12:00:00Z");
const backward = schedule("2026-10-26T12:00:00Z");
console.log("forward: ", three(() => forward.next()).join(" "));
console.log("backward:", three(() => backward.prev()).join(" "));
NODE
said="$(node read.cjs)"
echo "$said"
diff <(echo "$said") - <<'SEEN'
forward:  2026-10-25T00:30Z 2026-10-26T01:30Z 2026-10-27T01:30Z
backward: 2026-10-26T01:30Z 2026-10-25T01:30Z 2026-10-25T00:30Z
SEEN
