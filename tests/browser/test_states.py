"""Every page in every state, on every screen in every scheme. With SCREENSHOTS_TO, pictures of all go there."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.browser.accessible import complaints_of_axe
from tests.support.browser.backstage import Backstage
from tests.support.browser.keyboard import check_focus_order
from tests.support.browser.layout import complaints_of_layout
from tests.support.browser.states import LOOKS, State, all_states
from tests.support.browser.visits import Visits

EARLY = 7
"""The last day of a month that is early."""
PICTURES = os.environ.get("SCREENSHOTS_TO")


@pytest.fixture(autouse=True)
def early_in_a_month(backstage: Backstage) -> None:
    """A month lies ahead in every calendar, whatever day it is: what is checked and photographed is always alike."""
    now = backstage.clock.now()
    if now.day > EARLY:
        first = (now.replace(day=1) + timedelta(days=32)).replace(day=1)
        backstage.clock.advance_to(first.replace(hour=7, minute=0, second=0, microsecond=0))


@pytest.mark.parametrize("state", all_states(), ids=lambda state: state.name)
def test_everybody_can_use_a_page_in_this_state(state: State, visit: Visits, backstage: Backstage):
    page = state.reach(visit, backstage)
    wrong = []
    for look in LOOKS:
        look.show(page)
        if PICTURES:
            page.screenshot(
                path=Path(PICTURES) / f"{state.name}.{look.name}.png", full_page=True, animations="disabled"
            )
        wrong += [f"{look.name}: {each}" for each in complaints_of_axe(page)]
    wrong += complaints_of_layout(page)
    assert not wrong, "\n".join(wrong)
    check_focus_order(page)
