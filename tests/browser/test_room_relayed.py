"""The room over a relay alone: a real coturn carries everything, and may be gone for a while."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from local.process import RunningSystem, running_system
from tests.support.browser.backstage import Backstage
from tests.support.browser.relay import SECRET, Relay, running_relay
from tests.support.browser.talkers import Meet, meeting, start_call
from tests.support.browser.visits import Visits


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    with running_relay(tmp_path_factory.mktemp("relay")) as running:
        yield running


@pytest.fixture(scope="module")
def relayed(relay: Relay) -> Iterator[RunningSystem]:
    """A system whose rooms use this relay and nothing else."""
    relays = {"turn_urls": [relay.url], "secret": SECRET, "only": True}
    with running_system(ready_timeout=120, relays=json.dumps(relays)) as running:
        yield running


@pytest.fixture
def meet(with_devices: Browser, relayed: RunningSystem) -> Iterator[Meet]:
    backstage = Backstage(relayed)
    visits = Visits(with_devices, relayed.base_url, backstage.ahead)
    yield meeting(visits)
    unexpected = visits.end()
    assert not unexpected, "the browser complained:\n" + "\n".join(unexpected)


def test_both_see_and_hear_each_other_through_the_relay_which_heals_after_15_seconds(
    meet: Meet, relayed: RunningSystem, relay: Relay
):
    call = start_call(Backstage(relayed).practice())
    host, guest = meet(call["hostJoinUrl"]), meet(call["guestJoinUrl"])
    for one in (host, guest):
        expect(one.page.locator("#ways")).to_have_attribute("data-state", "green")
        expect(one.page.locator("#ways-text")).to_have_text("The connection is good")
        one.join()
    for one in (host, guest):
        one.expect_moving_picture()
        one.expect_sound()
        assert one.way() == "relay"
    with relay.broken():
        for one in (host, guest):
            one.expect_connecting()
        host.page.wait_for_timeout(10_000)
    for one in (host, guest):
        one.expect_moving_picture()
        one.expect_sound()
        assert one.way() == "relay"


def test_a_relay_that_lets_nothing_through_is_told_before_the_call(meet: Meet, relayed: RunningSystem, relay: Relay):
    call = start_call(Backstage(relayed).practice())
    with relay.broken():
        guest = meet(call["guestJoinUrl"])
        expect(guest.page.locator("#ways")).to_have_attribute("data-state", "red")
        expect(guest.page.locator("#ways-text")).to_contain_text("This network lets no call through.")
