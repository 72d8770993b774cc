"""Dates blocked and added: what is booked there, what is found there, what is left when it is taken back."""

from collections.abc import Mapping

import pytest

from slotline.ports.shared import StoreBusyError
from slotline.wiring.booking import agent_time
from slotline.wiring.booking.bookings import bookings as the_bookings
from tests.handlers.agents.conftest import (
    OTHER_APP_ID,
    book,
    cancel,
    excepting,
    free_slots,
    path,
    reading,
    writing,
)
from tests.support.builders.provisioned import provision
from tests.support.handlers import APP_ID, Reply

pytestmark = pytest.mark.usefixtures("app")

WEEK = {"kind": "blocked", "dateFrom": "2026-05-04", "dateTo": "2026-05-08", "label": "Leave"}
LONG = {"kind": "blocked", "dateFrom": "2026-05-01", "dateTo": "2026-12-31"}
EXCEPTIONS = path("agent-1", "exceptions")


def add(body: Mapping[str, object], key: str | None = None) -> Reply:
    return excepting()(EXCEPTIONS, body, headers={"idempotency-key": key} if key else None)


def added(body: Mapping[str, object], key: str | None = None) -> dict[str, object]:
    reply = add(body, key)
    assert reply.status == 201, reply.text
    return reply.json["data"]


def remove(exception_id: object) -> Reply:
    return excepting("DELETE")(f"{EXCEPTIONS}/{exception_id}")


def listed() -> list[dict[str, object]]:
    return reading()(EXCEPTIONS).json["data"]["exceptions"]


def refusal(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.error["details"][0]["code"]


@pytest.fixture(autouse=True)
def _the_days_are_true(check_days):
    yield
    check_days()


class TestBlocked:
    def test_it_is_shown_as_it_was_made(self):
        data = added(WEEK)
        exception = data["exception"]
        assert exception == {
            "id": exception["id"],
            "kind": "blocked",
            "date_from": "2026-05-04",
            "date_to": "2026-05-08",
            "start": "00:00",
            "end": "24:00",
            "zone": "UTC",
            "label": "Leave",
            "state": "applied",
        }
        assert data["affects"] == {"count": 0, "calls": []}
        assert listed() == [exception]

    def test_nothing_is_booked_into_it(self):
        added(WEEK)
        assert refusal(book("2026-05-04T00:00:00Z")) == (409, "blocked")
        assert refusal(book("2026-05-08T23:30:00Z")) == (409, "blocked")
        assert book("2026-05-03T23:30:00Z").status == 201
        assert book("2026-05-09T00:00:00Z").status == 201
        assert book("2026-05-06T12:00:00Z", "agent-2").status == 201

    def test_nothing_in_it_is_offered(self):
        added(WEEK | {"start": "09:00", "end": "12:00"})
        assert free_slots("2026-05-06T00:00:00Z", "2026-05-07T00:00:00Z")[0] == "2026-05-06T12:00:00.000Z"

    def test_round_robin_passes_over_it(self):
        added(WEEK)
        got = [book(f"2026-05-06T{hour}:00:00Z", None, assignmentMethod="round_robin") for hour in ("10", "11")]
        assert {reply.json["data"]["call"]["assigned_agent_id"] for reply in got} == {"agent-2"}

    def test_a_buffer_does_not_reach_into_it(self):
        added(WEEK)
        assert refusal(book("2026-05-03T23:30:00Z", bufferAfterMinutes=5)) == (409, "blocked")

    def test_hours_of_each_date(self):
        added(WEEK | {"start": "10:00", "end": "11:00"})
        assert refusal(book("2026-05-05T10:30:00Z")) == (409, "blocked")
        assert book("2026-05-05T11:00:00Z").status == 201

    def test_deleting_it_gives_the_time_back(self):
        exception = added(WEEK)["exception"]
        reply = remove(exception["id"])
        assert (reply.status, reply.json["data"]["exception"]) == (200, exception)
        assert book("2026-05-04T10:00:00Z").status == 201
        assert listed() == []
        assert remove(exception["id"]).status == 404

    def test_deleting_one_leaves_the_other(self):
        first, second = added(WEEK), added(WEEK)
        remove(first["exception"]["id"])
        assert refusal(book("2026-05-04T10:00:00Z")) == (409, "blocked")
        assert [exception["id"] for exception in listed()] == [second["exception"]["id"]]

    def test_calls_that_are_there_stay_and_are_named(self):
        inside = book("2026-05-05T10:00:00Z").json["data"]["call"]
        earlier = book("2026-05-04T08:00:00Z").json["data"]["call"]
        reaching_in = book("2026-05-03T23:00:00Z", durationMinutes=50, bufferAfterMinutes=15).json["data"]["call"]
        book("2026-05-09T00:00:00Z")
        book("2026-05-05T10:00:00Z", "agent-2")
        cancelled = book("2026-05-05T12:00:00Z").json["data"]["call"]
        cancel(cancelled["id"])
        affects = added(WEEK)["affects"]
        assert affects == {
            "count": 3,
            "calls": [
                {"id": call["id"], "scheduled_at": call["scheduled_at"]} for call in (reaching_in, earlier, inside)
            ],
        }

    def test_a_call_inside_can_still_be_cancelled(self):
        call = book("2026-05-05T10:00:00Z").json["data"]["call"]
        added(WEEK)
        cancel(call["id"])

    def test_calls_that_are_over_are_not_affected(self, clock):
        book("2026-05-05T10:00:00Z")
        clock.advance(days=13, hours=2)
        assert added(WEEK)["affects"]["count"] == 0

    def test_a_booking_decided_before_it_loses(self, monkeypatch):
        """Between its reading and its writing the time is blocked: the guards of its hours have moved."""
        bookings = type(the_bookings())
        real = bookings.commit
        blocked = []

        def commit(self, write):
            if not blocked:
                blocked.append(added(WEEK))
            return real(self, write)

        monkeypatch.setattr(bookings, "commit", commit)
        assert refusal(book("2026-05-05T10:00:00Z")) == (409, "blocked")
        assert blocked[0]["affects"]["count"] == 0

    def test_the_agents_change_of_meanwhile_is_kept(self):
        added(WEEK)
        writing("PATCH")(path("agent-1"), {"name": "Ada", "workingHours": []})
        writing("DELETE")(path("agent-1"))
        assert len(listed()) == 1


class TestZones:
    @pytest.fixture(autouse=True)
    def _the_days_are_true(self):
        """Only whole days of UTC are told from the rows alone."""

    def test_without_a_zone_it_is_the_apps(self, ports):
        provision(ports, OTHER_APP_ID, timezone="America/Bogota")
        endpoint = excepting(app_ids=OTHER_APP_ID)
        reply = endpoint(path("agent-1", "exceptions", app_id=OTHER_APP_ID), WEEK)
        assert reply.json["data"]["exception"]["zone"] == "America/Bogota"

    def test_dates_are_those_of_its_zone(self):
        added(WEEK | {"dateTo": "2026-05-04", "zone": "Asia/Tokyo"})
        assert refusal(book("2026-05-03T15:00:00Z")) == (409, "blocked")
        assert book("2026-05-03T14:30:00Z").status == 201
        assert book("2026-05-04T15:00:00Z").status == 201

    def test_two_ends_on_one_day_of_utc_are_both_blocked_and_both_given_back(self):
        """From 01:00 to 23:00 in Bogotá: each UTC day has the end of one date's and most of the next one's."""
        exception = added(WEEK | {"zone": "America/Bogota", "start": "01:00", "end": "23:00"})["exception"]
        assert refusal(book("2026-05-05T03:30:00Z")) == (409, "blocked")
        assert refusal(book("2026-05-05T06:00:00Z")) == (409, "blocked")
        assert book("2026-05-05T04:30:00Z").status == 201
        remove(exception["id"])
        assert book("2026-05-05T03:30:00Z").status == 201
        assert book("2026-05-05T06:00:00Z").status == 201

    def test_a_time_that_the_clocks_jump_over_is_refused(self):
        body = WEEK | {"dateFrom": "2027-03-28", "dateTo": "2027-03-28", "zone": "Europe/Berlin"}
        assert refusal(add(body | {"start": "02:00", "end": "03:00"})) == (400, "wall_time_gap")
        assert add(body | {"start": "02:00", "end": "03:01"}).status == 201


class TestExtra:
    def test_it_adds_to_the_working_hours(self):
        saturday = {"kind": "available_extra", "dateFrom": "2026-05-09", "dateTo": "2026-05-09"}
        assert free_slots("2026-05-09T00:00:00Z", "2026-05-10T00:00:00Z") == []
        exception = added(saturday | {"start": "10:00", "end": "11:00"})["exception"]
        offered = free_slots("2026-05-09T00:00:00Z", "2026-05-10T00:00:00Z")
        assert offered == ["2026-05-09T10:00:00.000Z", "2026-05-09T10:30:00.000Z"]
        assert book(offered[0], None, assignmentMethod="round_robin").status == 201
        remove(exception["id"])
        assert free_slots("2026-05-09T00:00:00Z", "2026-05-10T00:00:00Z") == []

    def test_blocked_beats_it(self):
        added(WEEK)
        added(WEEK | {"kind": "available_extra"})
        assert free_slots("2026-05-06T00:00:00Z", "2026-05-07T00:00:00Z") == []
        assert refusal(book("2026-05-06T10:00:00Z")) == (409, "blocked")


class TestIdempotency:
    def test_the_same_key_blocks_once(self):
        book("2026-05-05T10:00:00Z")
        first, second = add(WEEK, "k-1"), add(WEEK, "k-1")
        assert first.text == second.text
        assert first.json["data"]["affects"]["count"] == 1
        assert second.headers["Idempotency-Replayed"] == "true"
        assert len(listed()) == 1

    def test_the_first_answer_stays_what_it_was(self):
        call = book("2026-05-05T10:00:00Z").json["data"]["call"]
        first = add(WEEK, "k-1")
        cancel(call["id"])
        remove(first.json["data"]["exception"]["id"])
        assert add(WEEK, "k-1").text == first.text
        assert listed() == []

    def test_the_same_key_with_another_body_is_refused(self):
        add(WEEK, "k-1")
        assert add(WEEK | {"label": "Other"}, "k-1").status == 422


class TestLong:
    """More days than a transaction takes; here it takes two, so that a working week is long."""

    @pytest.fixture(autouse=True)
    def _two_days_a_transaction(self, monkeypatch):
        monkeypatch.setattr("slotline.usecases.booking.keep_exceptions.DAYS_AT_ONCE", 2)

    def test_all_days_are_blocked_and_all_given_back(self):
        late = book("2026-05-08T23:00:00Z").json["data"]["call"]
        data = added(WEEK)
        assert data["exception"]["state"] == listed()[0]["state"] == "applied"
        assert data["affects"]["calls"] == [{"id": late["id"], "scheduled_at": "2026-05-08T23:00:00.000Z"}]
        starts = [f"2026-05-0{day}T10:00:00Z" for day in range(4, 9)]
        assert {refusal(book(start)) for start in starts} == {(409, "blocked")}
        assert remove(data["exception"]["id"]).status == 200
        assert {book(start).status for start in starts} == {201}

    def test_a_broken_one_is_finished_by_the_same_request(self, ports, monkeypatch):
        with monkeypatch.context() as broken:
            broken.setattr(type(agent_time.agent_time()), "go_on", _busy)
            assert add(WEEK, "k-1").status == 503
        assert [exception["state"] for exception in listed()] == ["applying"]
        assert len([row for row in ports.rows() if row["sk"].startswith("DAY#")]) == 2
        again = add(WEEK, "k-1")
        assert (again.status, again.json["data"]["exception"]["state"]) == (201, "applied")
        assert [exception["state"] for exception in listed()] == ["applied"]
        assert add(WEEK, "k-1").text == again.text

    def test_a_broken_one_is_cleaned_up_by_a_delete(self, monkeypatch):
        with monkeypatch.context() as broken:
            broken.setattr(type(agent_time.agent_time()), "go_on", _busy)
            assert add(WEEK, "k-1").status == 503
        assert remove(listed()[0]["id"]).status == 200
        assert listed() == []
        assert add(WEEK, "k-1").json["data"]["affects"]["count"] == 0
        assert listed() == []

    def test_a_broken_removal_is_finished_by_another(self, monkeypatch):
        exception = added(WEEK)["exception"]
        with monkeypatch.context() as broken:
            broken.setattr(type(agent_time.agent_time()), "remove_exception", _busy)
            assert remove(exception["id"]).status == 503
        assert listed()[0]["state"] == "removing"
        assert remove(exception["id"]).status == 200

    def test_one_that_is_being_removed_gets_no_more_days(self, monkeypatch):
        """A slow request and a removal at once: the removal wins, and no day is left behind."""
        real = type(agent_time.agent_time()).go_on

        def go_on(self, app_id, agent_id, exception_id, days, *, last):
            remove(exception_id)
            return real(self, app_id, agent_id, exception_id, days, last=last)

        monkeypatch.setattr(type(agent_time.agent_time()), "go_on", go_on)
        assert add(WEEK).status == 201
        assert listed() == []


@pytest.mark.slow
def test_245_days(ports):
    late = book("2026-12-31T23:00:00Z").json["data"]["call"]
    data = added(LONG)
    assert data["affects"]["calls"] == [{"id": late["id"], "scheduled_at": "2026-12-31T23:00:00.000Z"}]
    assert len([row for row in ports.rows() if row["sk"].startswith("DAY#")]) == 245
    assert refusal(book("2026-08-15T10:00:00Z")) == (409, "blocked")
    assert remove(data["exception"]["id"]).status == 200
    assert book("2026-08-15T10:00:00Z").status == 201


def _busy(*_args: object, **_named: object) -> None:
    raise StoreBusyError("ordered by a test")


def test_an_agent_has_only_so_many(monkeypatch):
    monkeypatch.setattr("slotline.usecases.booking.keep_exceptions.MOST_EXCEPTIONS", 2)
    added(WEEK)
    added(WEEK)
    assert refusal(add(WEEK)) == (409, "too_many_exceptions")


def test_a_busy_store_is_asked_again(monkeypatch):
    time = agent_time.agent_time()
    real = type(time).add_exception
    tries = []

    def add_exception(*args: object) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise StoreBusyError("ordered by a test")
        real(*args)

    monkeypatch.setattr(type(time), "add_exception", add_exception)
    assert add(WEEK).status == 201


def test_another_apps_agents_and_exceptions_are_not_there(ports):
    mine = added(WEEK)["exception"]
    provision(ports, OTHER_APP_ID)
    both = f"{APP_ID} {OTHER_APP_ID}"
    where = path("agent-1", "exceptions", app_id=OTHER_APP_ID)
    assert excepting("DELETE", app_ids=both)(f"{where}/{mine['id']}").status == 404
    assert excepting(app_ids=APP_ID)(where, WEEK).status == 403
    assert excepting()(path("nobody", "exceptions"), WEEK).status == 404
    assert len(listed()) == 1


def test_a_reader_may_not_block():
    assert excepting(scopes="scheduling:read")(EXCEPTIONS, WEEK).status == 403
    assert excepting("DELETE", scopes="scheduling:read")(f"{EXCEPTIONS}/x").status == 403
