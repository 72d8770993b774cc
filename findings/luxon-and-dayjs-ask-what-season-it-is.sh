#!/usr/bin/env bash
# Guess: half past two on 25 October 2026 in Vienna happens twice; Luxon and Day.js take the first or the second, and
# always the same one, for what is read is a text and the name of a zone.
# Seen with luxon 3.7.2 and dayjs 1.11.23: if they read it in January they take the second, 01:30 UTC; in July the first,
# 00:30 UTC. In New York it is the same, and in Sydney, where seasons are the other way round, the other way round.
# Why: both begin with the offset that the zone has now, and keep it if it fits. RFC 5545 (3.3.5), Python's `fold=0` and
# `Temporal` ("compatible") always take the first.
# So: two programs that send wall times may mean two instants by the same text, and one program by the time of year. An
# API takes instants with an offset; where it takes a wall time and a zone, it says which of two it means.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-fund --no-audit luxon@3.7.2 dayjs@1.11.23
cat >read.mjs <<'NODE'
import { DateTime } from "luxon";
import dayjs from "dayjs";
import utc from "dayjs/plugin/utc.js";
import timezone from "dayjs/plugin/timezone.js";

dayjs.extend(utc);
dayjs.extend(timezone);
const RealDate = Date;
const twice = [
  ["Europe/Vienna", "2026-10-25T02:30"],
  ["America/New_York", "2026-11-01T01:30"],
  ["Australia/Sydney", "2026-04-05T02:30"],
];
for (const now of ["2026-01-15T12:00:00Z", "2026-07-15T12:00:00Z"]) {
  const at = RealDate.parse(now);
  globalThis.Date = class extends RealDate {
    constructor(...given) {
      super(...(given.length ? given : [at]));
    }
    static now() {
      return at;
    }
  };
  for (const [zone, text] of twice) {
    const luxon = DateTime.fromISO(text, { zone }).toUTC().toISO().slice(0, 16);
    const day = dayjs.tz(text, zone).toISOString().slice(0, 16);
    console.log(`read on ${now.slice(0, 10)}: ${text} ${zone}: luxon ${luxon}Z dayjs ${day}Z`);
  }
}
NODE
said="$(node read.mjs)"
echo "$said"
diff <(echo "$said") - <<'SEEN'
read on 2026-01-15: 2026-10-25T02:30 Europe/Vienna: luxon 2026-10-25T01:30Z dayjs 2026-10-25T01:30Z
read on 2026-01-15: 2026-11-01T01:30 America/New_York: luxon 2026-11-01T06:30Z dayjs 2026-11-01T06:30Z
read on 2026-01-15: 2026-04-05T02:30 Australia/Sydney: luxon 2026-04-04T15:30Z dayjs 2026-04-04T15:30Z
read on 2026-07-15: 2026-10-25T02:30 Europe/Vienna: luxon 2026-10-25T00:30Z dayjs 2026-10-25T00:30Z
read on 2026-07-15: 2026-11-01T01:30 America/New_York: luxon 2026-11-01T05:30Z dayjs 2026-11-01T05:30Z
read on 2026-07-15: 2026-04-05T02:30 Australia/Sydney: luxon 2026-04-04T16:30Z dayjs 2026-04-04T16:30Z
SEEN
