"""Campaigns on the whole system, from the request over HTTP to the last phone that rings.

CAMPAIGN_SLOW says how many numbers a campaign of two days calls, IMPORTED_SLOW how many rows an uploaded file has.
"""

import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from local.process import running_system
from tests.support.oracles.campaigns import Ring, Rule, Terms, judge, ring_of
from tests.support.oracles.dialing import fullest_second
from tests.support.worlds.later import Later, percentile, until

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(1800)]

CALLS = int(os.environ.get("CAMPAIGN_SLOW", "500"))
ROWS = int(os.environ.get("IMPORTED_SLOW", "10000"))
RATE, LINES = 10, 50
DAY = timedelta(days=1)
POLL_SECONDS = 0.5
QUIET_SECONDS = 1.5
"""For so long nothing changes before the clock is moved on."""
STUCK_SECONDS = 30.0
"""What is due and does not change for so long is left to the sweep."""
EARLY = timedelta(seconds=13)
"""Its schedule is overdue then, and fires within ten seconds: the emulator looks no oftener."""
MOMENT = timedelta(seconds=1.5)
ZONES = {
    "+1212555": "America/New_York",
    "+1213555": "America/Los_Angeles",
    "+44207946": "Europe/London",
    "+8134555": "Asia/Tokyo",
}
"""Where a number that begins so is, by the numbering plans of its country."""
HOUR = timedelta(hours=1)
TERMS = Terms(
    rules=[
        Rule(query="Busy", applies=lambda ended, _: ended == "Busy", period=2 * HOUR, most_a_day=1),
        Rule(
            query="status == 'No answer' && attempt < `3`",
            applies=lambda ended, attempt: ended == "No answer" and attempt < 3,
            period=2 * HOUR,
            most_a_day=1,
        ),
        Rule(
            query="No answer, Failed",
            applies=lambda ended, _: ended in ("No answer", "Failed"),
            period=DAY,
            most_a_day=None,
        ),
        Rule(query="Busy, AMD Terminated", applies=lambda ended, _: ended != "Completed", period=DAY, most_a_day=5),
    ],
    max_retries=3,
    opens=clock(9),
    closes=clock(19),
    zone="America/New_York",
)
NEVER_RINGS = "7"
"""Last digit of the numbers that the local carrier refuses."""


@dataclass(frozen=True)
class Dialer:
    """A partner of a running system, over HTTP."""

    later: Later
    http: httpx.Client

    def makes(self, what: str, **body: Any) -> str:
        """A use case or a number; its id."""
        answer = self.http.post(f"/api/v1/{what}s".replace("_", "-"), json=body)
        assert answer.status_code == 201, answer.text
        made: str = answer.json()["data"][what]["id"]
        return made

    def schedules(self, **body: Any) -> dict[str, Any]:
        """A campaign; what was answered."""
        answer = self.http.post("/api/v1/dial/scheduled", json=body)
        assert answer.status_code == 200, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def changes(self, campaign_id: str, verb: str) -> None:
        answer = self.http.post(f"/api/v1/campaigns/{campaign_id}/{verb}")
        assert answer.status_code == 200, answer.text

    def reads(self, campaign_id: str) -> dict[str, Any]:
        answer = self.http.get(f"/api/v1/campaigns/{campaign_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["data"]
        return found

    def claims_that_rang(self, campaign_id: str) -> list[datetime]:
        """When the attempts of a campaign were claimed for which the carrier was asked and took the call."""
        listed = self.http.get("/api/v1/calls", params={"campaign_id": campaign_id, "limit": 200}).json()["data"]
        read = [self.http.get(f"/api/v1/calls/{call['id']}").json()["data"] for call in listed["calls"]]
        attempts = [attempt for call in read for attempt in call["attempts"] if attempt["carrier_call_id"]]
        return [datetime.fromisoformat(attempt["claimed_at"]) for attempt in attempts]

    def due(self) -> list[datetime]:
        """When calls are due, in order. Whether their campaign is over is looked at every hour, and may wait."""
        pages = self.later.client("dynamodb").get_paginator("scan")
        table = self.later.system.tables["dialing"]
        found = pages.paginate(TableName=table, IndexName="due", ProjectionExpression="sk, due_at")
        rows = [row for page in found for row in page["Items"] if not row["sk"]["S"].startswith("CAMPAIGN#")]
        return sorted(datetime.fromisoformat(row["due_at"]["S"]) for row in rows)

    def next_due(self) -> datetime | None:
        """Wait until everything that is due has been done and nothing changes any more; what is due next then."""
        before, changed_at = self.due(), time.monotonic()
        while time.monotonic() < changed_at + QUIET_SECONDS or self._is_behind(before):
            time.sleep(POLL_SECONDS)
            due = self.due()
            if due != before:
                before, changed_at = due, time.monotonic()
            elif time.monotonic() > changed_at + STUCK_SECONDS:
                self.later.sweep()
                changed_at = time.monotonic()
        return before[0] if before else None

    def lives_through(self, ends: datetime) -> None:
        """Let time pass until then, and nothing be skipped that is due on the way."""
        while (due := self.next_due()) is not None and due < ends:
            if due - EARLY > self.later.now():
                fired = self.later.invocations("FireDueFunction")
                self.later.advance_to(due - EARLY)
                while self.later.invocations("FireDueFunction") == fired and self.later.now() < due - MOMENT:
                    time.sleep(POLL_SECONDS)
                if self.later.now() < due - MOMENT:
                    self.later.advance_to(due - MOMENT)
            time.sleep(max(0.0, (due - self.later.now()).total_seconds()))
        self.later.advance_to(ends)

    def _is_behind(self, due: Sequence[datetime]) -> bool:
        return bool(due) and due[0] <= self.later.now()


@pytest.fixture
def dialer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Dialer]:
    """A system of the test's own: nobody else's clock moves with it. Its people are quick."""
    monkeypatch.setenv("LOCAL_CARRIER_RINGS", "0.3")
    monkeypatch.setenv("LOCAL_CARRIER_TALKS", "0.3")
    with running_system(ready_timeout=120) as system:
        headers = {"Authorization": f"Bearer {system.demo['api_key']}"}
        with httpx.Client(base_url=system.base_url, timeout=120, headers=headers) as http:
            yield Dialer(Later(system), http)


def test_a_campaign_of_two_days_keeps_its_rules_hours_and_limits_at_every_number(dialer: Dialer) -> None:
    began = time.monotonic()
    start = next_time(dialer.later.now() + HOUR, 13, 30)
    ends = start + 2 * DAY
    dialer.later.advance_to(start)
    planned = planned_calls(start)
    created = dialer.schedules(
        use_case_id=dialer.makes(
            "use_case", name="Kate", work_start="09:00", work_end="19:00", timezone=TERMS.zone, amd=True
        ),
        number_id=dialer.makes(
            "number", phone_number="+12025550101", carrier="twilio", calls_per_second=RATE, lines=LINES
        ),
        calls=[[as_row(to, at, start) for to, at in planned.items()]],
        retry_logic=[rule.as_json() for rule in TERMS.rules],
        max_retries=TERMS.max_retries,
    )
    dialer.lives_through(ends)

    rang = rings_of(dialer.later.phone_calls())
    assert rang.keys() == {to for to in planned if to[-1] != NEVER_RINGS}
    late = [
        lateness.total_seconds()
        for to, rings in rang.items()
        for lateness in judge(rings, TERMS, planned_at=planned[to], callee_zone=zone_of(to), until=ends - HOUR)
    ]
    starts = [ring.at for rings in rang.values() for ring in rings]
    attempts = dict(sorted(Counter(len(rings) for rings in rang.values()).items()))
    say(
        f"{len(starts)} rings of {len(planned)} numbers in {len(ZONES)} zones over two days, in"
        f" {time.monotonic() - began:.0f} s",
        f"numbers by attempts: {attempts}; {dialer.reads(created['campaign_id'])['progress']}",
        f"lateness p50 {percentile(late, 0.5):.1f} s, p99 {percentile(late, 0.99):.1f} s, most {max(late):.1f} s",
        f"{fullest_second(starts)} starts in the fullest second, of {RATE}",
    )
    assert max(attempts) >= 1 + 2, "some number was called again and again"


def test_an_uploaded_file_becomes_calls_and_its_progress_is_seen_on_the_way(dialer: Dialer) -> None:
    june = f"{dialer.later.now().year + 1}-06"
    table = "phone_number,first_name,company_name,scheduled_date,scheduled_time\r\n" + "".join(
        f"+57300{n:06}0,John {n},Acme,{june}-{1 + n % 28:02},{8 + n % 10:02}:{n % 60:02}\r\n" for n in range(ROWS)
    )
    content = table.encode()
    began = time.monotonic()
    invited = dialer.http.post("/api/v1/dial/uploads", json={"size": len(content)}).json()
    put = httpx.put(invited["url"], content=content, headers=invited["headers"], timeout=60)
    assert put.status_code == 200, put.text
    place = {"use_case_id": dialer.later.system.demo["use_case_id"]}
    place["number_id"] = dialer.later.system.demo["number_id"]
    answered = dialer.schedules(**place, csv_file=invited["csv_file"])
    after_answer = time.monotonic() - began
    assert (answered["createdCalls"], answered["total"]) == ([], 0), "the calls come in the background"
    seen: list[dict[str, Any]] = []
    while (now := dialer.reads(answered["campaign_id"]))["campaign"]["state"] == "importing":
        assert time.monotonic() < began + 300, "the import never ended"
        seen.append(now["import"])
        time.sleep(0.05)  # a piece of a thousand rows is written in well under a second
    after_import = time.monotonic() - began
    asked = time.monotonic()
    found = dialer.reads(answered["campaign_id"])
    assert (found["campaign"]["state"], found["import"]["state"]) == ("running", "done")
    assert (found["import"]["rows"], found["import"]["created"], found["import"]["errors"]) == (ROWS + 1, ROWS, [])
    assert found["progress"] == {"calls": ROWS, "by_status": {"Scheduled": ROWS}, "over": 0}
    say(
        f"{ROWS} rows, {len(content)} bytes: answered after {after_answer:.1f} s, imported after {after_import:.1f} s,"
        f" counted in {time.monotonic() - asked:.1f} s",
        f"progress: {[(one['state'], one['created']) for one in seen[:: max(1, len(seen) // 12)]]}",
    )
    assert {one["state"] for one in seen} >= {"checking", "writing"}
    created = [one["created"] for one in seen]
    assert created == sorted(created)
    assert len(set(created)) > min(3, ROWS // 1000), "progress is seen while it happens"
    minutes = {(n % 28, n % 10, n % 60) for n in range(ROWS)}
    until(lambda: dialer.later.counted("SchedulesMade") >= len(minutes), "a schedule for every minute", 300)
    assert dialer.later.counted("SchedulesMade") == len(minutes)


def test_a_campaign_that_is_paused_or_canceled_and_a_barred_number_are_not_dialled(dialer: Dialer) -> None:
    rang = dialer.later.phone_calls
    numbers = [f"+57300{n:06}0" for n in range(60)]
    created = dialer.schedules(
        use_case_id=dialer.later.system.demo["use_case_id"],
        number_id=dialer.makes(
            "number", phone_number="+12025550101", carrier="twilio", calls_per_second=1, lines=LINES
        ),
        calls=[{"phone_number": to} for to in numbers],
    )
    until(lambda: len(rang()) >= 5, "the first calls")
    dialer.changes(created["campaign_id"], "pause")
    after_pause = dialer.later.now()
    time.sleep(3)
    dialer.later.sweep(5)
    at_pause = len(rang())
    last = max(datetime.fromisoformat(call["at"]) for call in rang())
    listed = [to for to in numbers if to not in {call["to"] for call in rang()}][-10:]
    answer = dialer.http.post("/api/v1/do-not-call", json={"phone_numbers": listed})
    assert answer.status_code == 201, answer.text
    before_resumption = dialer.later.now()
    dialer.changes(created["campaign_id"], "resume")
    until(lambda: len(rang()) >= at_pause + 5, "that it goes on", 120)
    dialer.changes(created["campaign_id"], "cancel")
    after_cancel = dialer.later.now()
    time.sleep(3)
    dialer.later.advance(timedelta(minutes=14))
    dialer.later.sweep(2)
    until(lambda: dialer.reads(created["campaign_id"])["progress"]["over"] == len(numbers), "that all are over", 120)

    starts = [datetime.fromisoformat(call["at"]).astimezone(UTC) for call in rang()]
    in_flight = (last - after_pause).total_seconds()
    after = [(start - after_cancel).total_seconds() for start in starts]
    say(
        f"last ring {in_flight:+.2f} s after the pause was answered, {max(after):+.2f} s after the cancellation;"
        f" {len(starts)} of {len(numbers)} rang"
    )
    claimed = dialer.claims_that_rang(created["campaign_id"])
    assert len(claimed) == len(starts)
    assert not [at for at in claimed if after_pause <= at <= before_resumption or at >= after_cancel], (
        "only what was on its way to the carrier when it was stopped may still ring"
    )
    assert not {call["to"] for call in rang()} & set(listed)
    assert len(starts) == len({call["to"] for call in rang()}) < len(numbers) - len(listed)


def say(*lines: str) -> None:
    """Figures, which pytest shows with -s."""
    print("", *lines, sep="\n")  # noqa: T201 - see above


def planned_calls(start: datetime) -> dict[str, datetime]:
    """Numbers of every zone with every last digit; every seventh is to be called at noon of the second day."""
    noon = datetime.combine((start + DAY).astimezone(ZoneInfo(TERMS.zone)), clock(12), ZoneInfo(TERMS.zone))
    begins = [*ZONES] * CALLS
    numbers = [f"{begins[n]}{n:03}{n // len(ZONES) % 10}" for n in range(CALLS)]
    return {to: noon.astimezone(UTC) if n % 7 == 3 else start for n, to in enumerate(numbers)}


def as_row(to: str, planned_at: datetime, start: datetime) -> dict[str, str]:
    """A call of the request. A row's zone is its callee's clock, so it is the one of its number."""
    if planned_at == start:
        return {"phone_number": to}
    local = planned_at.astimezone(ZoneInfo(zone_of(to)))
    return {
        "phone_number": to,
        "scheduled_date": f"{local:%Y-%m-%d}",
        "scheduled_time": f"{local:%H:%M}",
        "timezone": zone_of(to),
    }


def zone_of(to: str) -> str:
    """Where the number is."""
    return ZONES[to[:-4]]


def rings_of(seen: Sequence[Mapping[str, Any]]) -> dict[str, list[Ring]]:
    """What the carrier saw, by the number that rang."""
    found: dict[str, list[Ring]] = defaultdict(list)
    for call in seen:
        found[call["to"]].append(ring_of(call))
    return found


def next_time(since: datetime, hour: int, minute: int) -> datetime:
    """The next instant with this time of day in UTC."""
    today = since.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return today if today > since else today + DAY
