"""When each call of a campaign goes out, and how long all of it takes."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.dialing.hours import hours_of
from slotline.domain.dialing.pace import gap_between
from slotline.domain.dialing.planning import HORIZON, LATE_BY, PlannedCall, Planner, check_interval, preflight
from slotline.domain.dialing.rows import RowRefused
from slotline.domain.dialing.use_cases import UseCase
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.intervals import MINUTE
from slotline.telephony.numbering import zones_of
from tests.support.builders.dialing import MONDAY, a_request, a_use_case
from tests.support.properties import tried

HOUR = timedelta(hours=1)
NOON = MONDAY + 12 * HOUR
SECOND = timedelta(seconds=1)
NINE_TO_FIVE = {"work_start": "09:00", "work_end": "17:00"}


def in_utc(_: str) -> tuple[str, ...]:
    return ("UTC",)


def planner(use_case: UseCase | None = None, **more: object) -> Planner:
    return Planner(use_case or a_use_case(), **{"now": NOON, "zones_of": in_utc, **more})  # type: ignore[arg-type]


def refusal_of(plan: Planner, **cells: object) -> tuple[str | None, str, str]:
    with pytest.raises(RowRefused) as refused:
        plan.plan(a_request(5, **cells))
    (detail,) = refused.value.details
    assert detail.extra == {"source": "calls", "row": 5}
    return detail.field, detail.code, detail.message


def test_without_a_date_a_call_goes_out_now() -> None:
    assert planner().plan(a_request()).at == NOON


def test_outside_the_hours_it_waits_for_the_next_opening_and_the_plan_says_both() -> None:
    call = planner(a_use_case(**NINE_TO_FIVE)).plan(a_request(scheduled_date="2026-05-06", scheduled_time="03:00"))
    assert call.asked_at == datetime(2026, 5, 6, 3, tzinfo=UTC)
    assert call.at == datetime(2026, 5, 6, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cells", "at"),
    [
        ({"scheduled_date": "2026-05-05", "scheduled_time": "10:00"}, datetime(2026, 5, 5, 8, tzinfo=UTC)),
        ({"scheduled_date": "2026-05-05", "scheduled_time": "10:00:30"}, datetime(2026, 5, 5, 8, 0, 30, tzinfo=UTC)),
        (
            {"scheduled_date": "2026-05-05", "scheduled_time": "10:00", "timezone": "America/Bogota"},
            datetime(2026, 5, 5, 15, tzinfo=UTC),
        ),
        ({"scheduled_date": "2026-10-25", "scheduled_time": "02:30"}, datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ({"scheduled_date": "2026-05-05"}, datetime(2026, 5, 4, 22, tzinfo=UTC)),
        ({"scheduled_date": "2026-05-04"}, NOON),
        ({"scheduled_date": "2026-05-05", "timezone": "Pacific/Pago_Pago"}, datetime(2026, 5, 5, 11, tzinfo=UTC)),
    ],
)
def test_a_calls_own_time_is_on_the_clocks_of_its_zone_or_the_use_cases(cells: dict[str, str], at: datetime) -> None:
    """A time that comes twice is the first; a date alone is its first moment, or now where it is today."""
    use_case = a_use_case(timezone="Europe/Berlin", callee_start="00:00", callee_end="24:00")
    assert planner(use_case).plan(a_request(**cells)).at == at


def test_a_time_that_does_not_exist_is_refused_with_its_zone_and_gap() -> None:
    cells = {"scheduled_date": "2027-03-28", "scheduled_time": "02:30", "timezone": "Europe/Berlin"}
    field, code, message = refusal_of(planner(), **cells)
    assert (field, code) == ("scheduled_time", "wall_time_gap")
    assert "Europe/Berlin" in message
    assert "02:00 to 03:00" in message


def test_what_is_over_is_refused_and_what_is_just_over_goes_out_now() -> None:
    just = NOON - LATE_BY
    call = planner().plan(a_request(scheduled_date="2026-05-04", scheduled_time=f"{just:%H:%M:%S}"))
    assert (call.at, call.asked_at) == (NOON, just)
    over = just - SECOND
    assert refusal_of(planner(), scheduled_date="2026-05-04", scheduled_time=f"{over:%H:%M:%S}")[:2] == (
        "scheduled_date",
        "past",
    )
    assert refusal_of(planner(), scheduled_date="2024-01-01", scheduled_time="01:01:01")[1] == "past"
    assert refusal_of(planner(), scheduled_date="2026-05-03")[1] == "past"


def test_a_year_ahead_is_as_far_as_it_goes() -> None:
    last = NOON + HORIZON
    day, clock = f"{last:%Y-%m-%d}", f"{last:%H:%M:%S}"
    assert planner().plan(a_request(scheduled_date=day, scheduled_time=clock)).at == last
    assert refusal_of(planner(), scheduled_date=day, scheduled_time="12:00:01")[:2] == ("scheduled_date", "too_far")
    far = planner(staggered_interval_minutes=1440, turns=367)
    assert refusal_of(far)[:2] == (None, "too_far")


def test_a_callee_whom_the_hours_never_reach_is_refused() -> None:
    use_case = a_use_case(timezone="America/New_York", **NINE_TO_FIVE)
    assert refusal_of(planner(use_case, zones_of=lambda _: ("Asia/Tokyo",)))[:2] == (None, "never_open")


def test_a_number_without_a_place_is_called_by_the_use_cases_clocks() -> None:
    use_case = a_use_case(timezone="America/New_York", **NINE_TO_FIVE)
    planned = planner(use_case, now=MONDAY, zones_of=zones_of).plan(a_request(phone_number="+1 800 555 0140"))
    assert (planned.at, planned.zones) == (MONDAY + 13 * HOUR, ())


def test_a_rows_zone_is_the_callees_clock_also_without_a_time() -> None:
    """A number of New York whose owner lives in Los Angeles is not called at five in the morning there."""
    at_home = a_request(phone_number="+1 212 555 0140", timezone="America/Los_Angeles")
    by_number = a_request(phone_number="+1 212 555 0140")
    plan = planner(a_use_case(timezone="America/New_York"), now=MONDAY + 9 * HOUR, zones_of=zones_of)
    assert [plan.plan(one).at for one in (by_number, at_home)] == [MONDAY + 12 * HOUR, MONDAY + 15 * HOUR]
    assert plan.plan(at_home).zones == ("America/Los_Angeles",)


def test_calls_without_their_own_time_go_out_one_interval_after_the_other() -> None:
    """A call with its own time takes no turn, and neither does one that is refused."""
    plan = planner(staggered_interval_minutes=7)
    asked = [a_request(1), a_request(2, scheduled_date="2026-05-05", scheduled_time="10:00"), a_request(3)]
    times = [plan.plan(request).at for request in asked]
    refusal_of(plan, scheduled_date="2024-01-01")
    times.append(plan.plan(a_request(6)).at)
    assert times == [NOON, datetime(2026, 5, 5, 10, tzinfo=UTC), NOON + 7 * MINUTE, NOON + 14 * MINUTE]


def test_turns_begin_with_the_use_cases_own_hours_whoever_is_called_first() -> None:
    use_case = a_use_case(**NINE_TO_FIVE)
    zones = iter([("America/New_York",), ("UTC",), ("UTC",)])
    plan = planner(use_case, now=MONDAY, zones_of=lambda _: next(zones), staggered_interval_minutes=10)
    times = [plan.plan(a_request()).at for _ in range(3)]
    assert times == [NOON, MONDAY + 9 * HOUR + 10 * MINUTE, MONDAY + 9 * HOUR + 20 * MINUTE]


def test_a_plan_goes_on_where_it_stopped() -> None:
    whole, first = planner(staggered_interval_minutes=3), planner(staggered_interval_minutes=3)
    expected = [whole.plan(a_request()).at for _ in range(10)]
    begun = [first.plan(a_request()).at for _ in range(4)]
    second = planner(staggered_interval_minutes=3, turns=first.turns)
    assert begun + [second.plan(a_request()).at for _ in range(6)] == expected


def test_the_longest_a_call_may_take_is_its_own_or_the_requests_or_the_use_cases() -> None:
    use_case = a_use_case(max_duration_mins=10)
    assert planner(use_case).plan(a_request()).max_duration_mins == 10
    assert planner(use_case, max_duration_mins=20).plan(a_request()).max_duration_mins == 20
    assert planner(use_case, max_duration_mins=20).plan(a_request(max_duration_mins=5)).max_duration_mins == 5


@pytest.mark.parametrize("minutes", [-1, 1441])
def test_an_interval_is_up_to_a_day(minutes: int) -> None:
    check_interval(0)
    check_interval(1440)
    with pytest.raises(InvalidRequest, match="staggered_interval_minutes"):
        check_interval(minutes)


def planned_at(
    *moments: datetime, use_case: UseCase | None = None, zones: tuple[str, ...] = ("UTC",)
) -> list[PlannedCall]:
    hours = hours_of(use_case or a_use_case(callee_start="00:00", callee_end="24:00"), zones)
    planned = []
    for n, at in enumerate(moments):
        opens = hours.next_opening(at)
        assert opens is not None
        request = a_request(n, phone_number=f"+1234567{n % 3}")
        planned.append(
            PlannedCall(request=request, at=opens, asked_at=at, hours=hours, zones=zones, max_duration_mins=10)
        )
    return planned


def test_a_preflight_tells_repeats_and_how_long_it_takes() -> None:
    found = preflight(planned_at(*[NOON] * 4), calls_per_second=1, lines=10, typical_call=2 * MINUTE)
    gap = gap_between(1)
    assert found.starts == (NOON, NOON + gap, NOON + 2 * gap, NOON + 3 * gap)
    assert (found.calls, found.late, found.repeats) == (4, 3, {"+12345670": (0, 3)})
    assert (found.first_at, found.last_at, found.ends_at) == (NOON, NOON + 3 * gap, NOON + 3 * gap + 2 * MINUTE)
    assert found.takes == 3 * gap + 2 * MINUTE


def test_with_every_line_taken_a_call_waits_for_the_first_to_be_free() -> None:
    found = preflight(planned_at(*[NOON] * 3), calls_per_second=5, lines=2, typical_call=2 * MINUTE)
    assert found.starts == (NOON, NOON + gap_between(5), NOON + 2 * MINUTE)


def test_what_the_evening_cuts_off_goes_out_in_the_morning() -> None:
    use_case = a_use_case(**NINE_TO_FIVE)
    planned = planned_at(*[MONDAY + 16 * HOUR + 55 * MINUTE] * 3, use_case=use_case)
    found = preflight(planned, calls_per_second=1, lines=1, typical_call=4 * MINUTE)
    assert found.starts == (planned[0].at, planned[0].at + 4 * MINUTE, MONDAY + 33 * HOUR)


def test_what_would_not_start_within_a_year_has_no_start() -> None:
    use_case = a_use_case(work_start="09:00", work_end="09:01")
    found = preflight(planned_at(*[NOON] * 400, use_case=use_case), calls_per_second=1, lines=1, typical_call=HOUR)
    assert found.starts.count(None) == 400 - 367
    assert found.late == 400


def test_a_campaign_without_calls_takes_no_time() -> None:
    found = preflight([], calls_per_second=1, lines=1, typical_call=MINUTE)
    assert (found.takes, found.first_at, found.ends_at) == (timedelta(0), None, None)


moments = st.integers(0, 40 * 60).map(lambda minute: MONDAY + minute * MINUTE)


@tried(150)
@given(
    st.lists(st.tuples(moments, st.sampled_from(["UTC", "America/New_York", "Asia/Kathmandu"])), max_size=25),
    st.integers(1, 3),
    st.integers(1, 3),
    st.integers(1, 400),
)
def test_a_preflight_keeps_pace_lines_hours_and_times_and_wastes_nothing(
    asked: list[tuple[datetime, str]], rate: int, lines: int, minutes: int
) -> None:
    typical, gap = minutes * MINUTE, gap_between(rate)
    use_case = a_use_case(work_start="07:00", work_end="18:30", callee_start="06:00")
    planned = [call for at, zone in asked for call in planned_at(at, use_case=use_case, zones=(zone,))]
    found = preflight(planned, calls_per_second=rate, lines=lines, typical_call=typical)
    starts = sorted(at for at in found.starts if at is not None)
    assert len(starts) == len(planned)
    assert all(later - earlier >= gap for earlier, later in pairwise(starts))
    assert all(later - earlier >= typical for earlier, later in zip(starts, starts[lines:], strict=False))
    for call, at in zip(planned, found.starts, strict=True):
        assert at is not None
        before = [start for start in starts if start < at]
        number_free = [start + gap for start in before[-1:]]
        line_free = [start + typical for start in before[-lines:][:1]] if len(before) >= lines else []
        free = max([call.at, *number_free, *line_free])
        assert at == call.hours.next_opening(free), "it starts as soon as nothing stands in its way"
