"""Who a website's visitor is, and how many of its requests are a visitor's."""

import pytest

from slotline.domain.access.identity import RateLimits
from slotline.domain.access.rate_limits import Window
from slotline.domain.access.websites import Purpose, Website, WidgetKey, visitor_of
from slotline.domain.booking.apps import App, Preset

KEY = "slw_example"
APP = App(app_id="a", organization_id="o", name="A", timezone="UTC", preset=Preset(preset_id="p", name="P"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("203.0.113.7", "::ffff:203.0.113.7"),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
        ("2001:DB8:1:2::", "2001:db8:1:2::1"),
        ("fe80::1%eth0", "fe80::2"),
    ],
)
def test_these_are_one_visitor(one, other):
    assert visitor_of(one, KEY) == visitor_of(other, KEY)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("203.0.113.7", "203.0.113.8"),
        ("2001:db8:1:2::1", "2001:db8:1:3::1"),
        ("::ffff:203.0.113.7", "::ffff:203.0.113.8"),
        ("no address", "another"),
    ],
)
def test_these_are_two(one, other):
    assert visitor_of(one, KEY) != visitor_of(other, KEY)


def test_a_visitor_is_another_at_every_key():
    assert visitor_of("203.0.113.7", KEY) != visitor_of("203.0.113.7", "slw_other")


@pytest.mark.parametrize(
    ("limits", "share"),
    [
        (RateLimits(60, 1_000, 10_000), (10, 100, 1_000)),
        (RateLimits(600, 6_000, 60_000), (60, 600, 6_000)),
        (RateLimits(5, 20, 50), (10, 10, 10)),
    ],
)
def test_a_visitor_has_a_tenth_and_ten_at_least(limits, share):
    website = Website(app=APP, key=WidgetKey(key_hash="h", app_id="a", limits=limits))
    visitors, whole = website.allowances("v", Purpose.START)
    assert tuple(visitors.limits[window] for window in Window) == share
    assert tuple(whole.limits[window] for window in Window) == (limits.minute, limits.hour, limits.day)
    assert len({part.principal for purpose in Purpose for part in website.allowances("v", purpose)}) == 2 * len(Purpose)


@pytest.mark.parametrize(
    ("limits", "share", "whole"),
    [
        (RateLimits(60, 1_000, 10_000), (60, 1_000, 10_000), (600, 10_000, 100_000)),
        (RateLimits(600, 6_000, 60_000), (600, 6_000, 60_000), (6_000, 60_000, 600_000)),
        (RateLimits(5, 20, 50), (60, 600, 3_000), (600, 6_000, 30_000)),
        (RateLimits(60, 1_000, 0), (60, 1_000, 3_000), (600, 10_000, 0)),
    ],
)
def test_a_visitor_looks_at_pages_as_often_as_the_key_may_be_used_and_leaves_nine_tenths_to_others(
    limits, share, whole
):
    website = Website(app=APP, key=WidgetKey(key_hash="h", app_id="a", limits=limits))
    visitors, everybody = website.allowances("v", Purpose.PAGE)
    assert tuple(visitors.limits[window] for window in Window) == share
    assert tuple(everybody.limits[window] for window in Window) == whole
