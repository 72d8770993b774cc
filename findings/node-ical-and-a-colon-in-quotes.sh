#!/usr/bin/env bash
# Guess: a start whose zone has a colon in its name, which RFC 5545 (3.2) allows between quotes, is read as a start; at
# worst its zone is not known, and the time stays as it is written.
# Seen with node-ical 0.26.1: the line is cut at the colon within the quotes. The event's start is no date but the text
# 00:20260701T100000, and nobody says so. icalendar (Python) writes this very line for a time with an offset. ical.js
# reads the same line as ten o'clock.
# So: a reader of calendars checks that a start is a date before it computes with it; ours are written in UTC.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-fund --no-audit node-ical@0.26.1 ical.js@2.2.1
cat >read.mjs <<'NODE'
import ICAL from "ical.js";
import ical from "node-ical";

const file = [
  "BEGIN:VCALENDAR",
  "VERSION:2.0",
  "PRODID:-//Example//Example//EN",
  "BEGIN:VEVENT",
  "UID:meeting@example.com",
  "DTSTAMP:20260101T000000Z",
  'DTSTART;TZID="UTC+02:00":20260701T100000',
  "END:VEVENT",
  "END:VCALENDAR",
].join("\r\n");
const event = Object.values(ical.parseICS(file)).find((one) => one.type === "VEVENT");
console.log("node-ical:", typeof event.start, event.start);
const same = new ICAL.Component(ICAL.parse(file)).getFirstSubcomponent("vevent");
console.log("ical.js:", new ICAL.Event(same).startDate.toString());
NODE
said="$(TZ=UTC node read.mjs)"
echo "$said"
diff <(echo "$said") - <<'SEEN'
node-ical: string 00:20260701T100000
ical.js: 2026-07-01T10:00:00
SEEN
