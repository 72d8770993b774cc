"""Webhooks on the whole system: a receiver verifies what comes, through a rotation and a day on which it was down."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from standardwebhooks import Webhook

from local.process import running_system
from tests.support.worlds.api import Api, own_app, text
from tests.support.worlds.hooks import a_receiver, hooks
from tests.support.worlds.later import Later, percentile, until

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(1800)]

CALLS = 12
EVENTS = [
    f"scheduled.{name}"
    for name in ("created", "confirmed", "rescheduled", "assigned", "updated", "started", "completed", "cancelled")
]


def change(api: Api, call_id: str, start: datetime) -> None:
    """Three events, of three changes."""
    for method, path, body in (
        ("PATCH", call_id, {"guestName": "Jane Roe"}),
        ("PATCH", call_id, {"scheduledAtUtc": text(start)}),
        ("POST", f"{call_id}/confirm", None),
    ):
        answer = api.ask(method, path, body)
        assert answer.status_code == 200, answer.text


def test_a_receiver_on_the_same_machine_is_reached_and_verifies_though_the_clock_was_moved_on() -> None:
    with running_system(ready_timeout=120) as system, a_receiver() as receiver:
        later, app = Later(system), own_app(system)
        later.advance(timedelta(days=3))
        with app.client() as api:
            webhook = hooks(api, "POST", body={"url": receiver.url.replace("127.0.0.1", "localhost"), "events": EVENTS})
            api.book(None, later.now().replace(second=0, microsecond=0) + timedelta(days=10))
            until(lambda: len(receiver.taken) == 1, "word of the booking")
            (arrival,) = receiver.taken
            Webhook(webhook["secret"]).verify(arrival.body, arrival.headers)  # by this machine's clock
            ports = {urlsplit(url).port for url in (system.base_url, system.emulator_url, system.system.functions_url)}
            inside = [f"http://{host}:{port}/" for host in ("localhost", "127.0.0.1", "[::1]") for port in ports]
            for url in [*inside, "http://127.0.0.2:3000/", "http://192.168.0.1/", "http://169.254.169.254/"]:
                body = {"url": url, "events": EVENTS}
                answer = api.client.post(f"/api/v1/video/{api.app_id}/webhooks", json=body)
                assert (answer.status_code, answer.json()["error"]["details"][0]["field"]) == (400, "url"), url


def test_a_receiver_verifies_everything_and_misses_nothing_of_a_day_that_it_was_down() -> None:
    with running_system(ready_timeout=120, webhooks_to="127.0.0.0/8") as system, a_receiver() as receiver:
        later, app = Later(system), own_app(system)
        start = later.now().replace(second=0, microsecond=0) + timedelta(days=10)
        with app.client() as api:
            webhook = hooks(api, "POST", body={"url": receiver.url, "events": EVENTS})
            path, first_secret = f"/{webhook['id']}", webhook["secret"]
            call_ids = [api.book(None, start) for _ in range(CALLS)]
            until(lambda: len(receiver.taken) == CALLS, "word of every booking")
            before = list(receiver.arrivals)
            second_secret = hooks(api, "POST", f"{path}/rotate-secret", {"overlapHours": 1})["secret"]
            change(api, call_ids[0], start + timedelta(hours=1))
            until(lambda: len(receiver.taken) == CALLS + 3, "the first changes")
            during = receiver.arrivals[len(before) :]
        late = [
            int(arrival.headers["webhook-timestamp"]) - datetime.fromisoformat(arrival.event["occurred_at"]).timestamp()
            for arrival in receiver.arrivals
        ]
        receiver.status = 503
        down = len(receiver.arrivals)
        with app.client() as api:
            for number, call_id in enumerate(call_ids[1:], 2):
                change(api, call_id, start + timedelta(hours=number))
        until(lambda: len(receiver.arrivals) >= down + CALLS - 1, "attempts that fail")
        for _ in range(4):
            seen = len(receiver.arrivals)
            later.advance(timedelta(hours=6))
            until(lambda so_far=seen: len(receiver.arrivals) > so_far, "another attempt")
        receiver.status = 200
        events = CALLS + 3 * CALLS
        for _ in range(4):  # attempts are hours apart by now
            later.advance(timedelta(hours=8))
            later.sweep()
        until(lambda: len({arrival.event["id"] for arrival in receiver.taken}) == events, "every event", 240)
        after = [arrival for arrival in receiver.taken if arrival not in before and arrival not in during]

        for call_id in call_ids:
            sequences = [arrival.event["sequence"] for arrival in receiver.of_each("scheduled_call")[call_id]]
            assert sequences == sorted(set(sequences)), "in order, and each once"
            assert len(sequences) == 4
        assert all(one.is_signed_with(first_secret) for one in before)
        assert all(one.is_signed_with(first_secret) and one.is_signed_with(second_secret) for one in during)
        assert all(one.is_signed_with(second_secret) for one in after)
        assert not any(one.is_signed_with(first_secret) for one in after)
        assert not any(one.is_signed_with(second_secret) for one in before)
        with app.client() as api:
            assert hooks(api, "GET", path)["status"] == "active"
        print(  # noqa: T201 - shown by pytest -s
            f"\n{events} events, {len(receiver.arrivals)} requests, {len(receiver.taken)} of them taken; "
            f"the first attempt after p50 {percentile(late, 0.5):.2f} s, p99 {percentile(late, 0.99):.2f} s"
        )
