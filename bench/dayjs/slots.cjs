// The free slots of agents as a loop over days and steps finds them with dayjs: the peer of the search.
//
//     node slots.cjs QUESTION.json          serves: a line in, milliseconds of processor time out
//     node slots.cjs QUESTION.json --print  prints what it finds
//
// It is what one would write by hand: a window of a date asks its zone once, a claim is parsed once, and a step is compared
// only with what its day holds. The steps of a day hang on its opening; a day here has one window, which lies in it whole.
// A loop over the steps of each window alone, all in UTC, takes about half as long.
const fs = require("node:fs");
const readline = require("node:readline");
const dayjs = require("dayjs");
dayjs.extend(require("dayjs/plugin/utc"));
dayjs.extend(require("dayjs/plugin/timezone"));

const question = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));

function search({ from, to, length, step, agents }) {
  const start = dayjs.utc(from);
  const end = dayjs.utc(to);
  const found = [];
  agents.forEach((agent, place) => {
    const busy = byDay(agent.busy.map((claim) => ({ start: dayjs.utc(claim.start), end: dayjs.utc(claim.end) })));
    const windows = byDay(windowsOf(agent, start, end));
    for (let day = start; day.isBefore(end); day = day.add(1, "day")) {
      const nextDay = day.add(1, "day");
      const open = windows.get(numberOf(day)) ?? [];
      if (!open.length) continue;
      const taken = [...(busy.get(numberOf(day)) ?? []), ...(busy.get(numberOf(nextDay)) ?? [])];
      const first = day.add(open[0].start.diff(day, "minute") % step, "minute");
      for (let slot = first; slot.isBefore(nextDay); slot = slot.add(step, "minute")) {
        const slotEnd = slot.add(length, "minute");
        if (slotEnd.isAfter(end)) break;
        const worked = open.some((window) => !slot.isBefore(window.start) && !slotEnd.isAfter(window.end));
        if (worked && !taken.some((claim) => slot.isBefore(claim.end) && slotEnd.isAfter(claim.start)))
          found.push([slot.valueOf() / 60000, place]);
      }
    }
  });
  return found.sort((one, other) => one[0] - other[0] || one[1] - other[1]);
}

function numberOf(instant) {
  return Math.floor(instant.valueOf() / 86400000);
}

// A stretch over midnight is in both of its days.
function byDay(stretches) {
  const days = new Map();
  for (const stretch of stretches) {
    for (let number = numberOf(stretch.start); number <= numberOf(stretch.end); number++) {
      if (!days.has(number)) days.set(number, []);
      days.get(number).push(stretch);
    }
  }
  return days;
}

// The working hours of each date on the agent's clocks, from the day before the first to the day after the last.
function windowsOf({ hours, zone }, start, end) {
  const windows = [];
  for (let date = start.subtract(1, "day"); !date.isAfter(end); date = date.add(1, "day")) {
    const named = date.format("YYYY-MM-DD");
    for (const window of hours.filter(({ weekday }) => weekday === (date.day() + 6) % 7))
      windows.push({ start: dayjs.tz(`${named} ${window.start}`, zone), end: dayjs.tz(`${named} ${window.end}`, zone) });
  }
  return windows;
}

if (process.argv[3] === "--print") {
  console.log(JSON.stringify(search(question)));
} else {
  readline.createInterface({ input: process.stdin }).on("line", () => {
    const before = process.cpuUsage();
    search(question);
    const { user, system } = process.cpuUsage(before);
    console.log(`took: ${(user + system) / 1000}`);
  });
}
