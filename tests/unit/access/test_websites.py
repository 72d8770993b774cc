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
    assert len({part.principal for purpose in Purpose for part in website.allowances("v", purpose)}) == 6
