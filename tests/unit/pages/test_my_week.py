"""Where things are on the grid of a week: lanes, and the classes that the stylesheet has for every place."""

import re

from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.booking.week_sheets import Stretch
from slotline.pages.assets import text_of
from slotline.pages.my.lanes import lanes_of

stretches = st.lists(
    st.tuples(st.integers(0, 1440), st.integers(1, 240)).map(lambda pair: Stretch(pair[0], pair[0] + pair[1])),
    max_size=12,
).map(sorted)


def test_two_that_share_time_are_beside_each_other_and_a_third_has_all_the_room():
    assert lanes_of([Stretch(0, 60), Stretch(30, 90), Stretch(90, 120)]) == [(0, 2), (1, 2), (0, 1)]


@given(stretches)
def test_no_two_in_one_lane_share_time_and_no_more_lanes_are_made_than_share_an_instant(found: list[Stretch]):
    placed = lanes_of(found)
    assert len(placed) == len(found)
    for number, (one, (lane, count)) in enumerate(zip(found, placed, strict=True)):
        assert 0 <= lane < count
        at_once = sum(other.start <= one.start < other.end for other in found)
        assert at_once <= count
        for other, (others_lane, others_count) in list(zip(found, placed, strict=True))[:number]:
            if other.start < one.end and one.start < other.end:
                assert (lane != others_lane, count) == (True, others_count)


def test_the_stylesheet_has_a_class_for_every_hour_and_minute_of_the_longest_day():
    have = set(re.findall(r"\.(H|h|lh|m|lm)(\d+)\{--\1:\2\}", text_of("week.css")))
    for kind, most in (("H", 27), ("h", 27), ("lh", 27), ("m", 59), ("lm", 59)):
        assert {(kind, str(number)) for number in range(most + 1)} <= have
