"""Every page in every state that it can be in: a name, and a function that brings a page there.

The functions are in `tests/browser/states`. Each state is checked and photographed on a desktop and a phone, in light
and dark, by `tests/browser/test_states.py`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import get_args

from playwright.sync_api import Page

from tests.support.browser.backstage import Backstage
from tests.support.browser.visits import DESKTOP, PHONE, Scheme, Screen, Visits

FOLDER = Path(__file__).parents[2] / "browser" / "states"
Reach = Callable[[Visits, Backstage], Page]
_known: dict[str, "State"] = {}


@dataclass(frozen=True, slots=True)
class Look:
    """What a state is looked at on."""

    screen: Screen
    scheme: Scheme

    @property
    def name(self) -> str:
        """As pictures are named: `phone-dark`."""
        return f"{self.screen.name}-{self.scheme}"

    def show(self, page: Page) -> None:
        """Have an open page look so. The same HTML is laid out again: a state is reached once for all its looks."""
        page.set_viewport_size({"width": self.screen.width, "height": self.screen.height})
        page.emulate_media(color_scheme=self.scheme)


LOOKS = tuple(Look(screen, scheme) for screen, scheme in product((DESKTOP, PHONE), get_args(Scheme)))


@dataclass(frozen=True, slots=True)
class State:
    """A page in one state."""

    name: str
    reach: Reach
    in_docs: Sequence[str]
    """The looks of which docs/images has a picture."""


def state(name: str, *, in_docs: Iterable[str] = ()) -> Callable[[Reach], Reach]:
    """Register a function that brings a page to this state. `in_docs` names looks, such as `phone-light`."""
    chosen = tuple(in_docs)
    unknown = set(chosen) - {look.name for look in LOOKS}
    if unknown or name in _known:
        raise ValueError(f"{name} is there already, or has looks that nothing has: {sorted(unknown)}")

    def registered(reach: Reach) -> Reach:
        _known[name] = State(name, reach, chosen)
        return reach

    return registered


@cache
def all_states() -> Sequence[State]:
    """Every state, in the order of the modules and of what is in them."""
    for module in sorted(FOLDER.glob("*.py")):
        import_module(f"tests.browser.states.{module.stem}")
    return tuple(_known.values())
