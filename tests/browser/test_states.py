"""Every page in every state, on every screen in every scheme. With SCREENSHOTS_TO, pictures of all go there."""

import os
from pathlib import Path

import pytest

from tests.support.browser.accessible import complaints_of_axe
from tests.support.browser.backstage import Backstage
from tests.support.browser.keyboard import check_focus_order
from tests.support.browser.layout import complaints_of_layout
from tests.support.browser.states import LOOKS, State, all_states
from tests.support.browser.visits import Visits

PICTURES = os.environ.get("SCREENSHOTS_TO")


@pytest.mark.usefixtures("early_in_a_month")
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
