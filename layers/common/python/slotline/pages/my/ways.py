"""Addresses below My schedules of one app, and the head with the tabs that lead to its parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from slotline.pages.my.genesys import said_by_genesys
from slotline.pages.navigation import MY
from slotline.pages.signed import SignedIn
from slotline.words.catalogue import Catalogue

WEEK, TIME_OFF, HOURS, CALENDAR = "week", "time_off", "hours", "calendar"
TABS: Sequence[tuple[str, str]] = ((WEEK, ""), (TIME_OFF, "/time-off"), (HOURS, "/hours"), (CALENDAR, "/calendar"))
"""The parts of My schedules: the name of each in the words, and its path."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Addresses in one app."""

    app_id: str
    carried: Mapping[str, str] = field(default_factory=dict)
    """What each of them says as well."""

    @classmethod
    def of(cls, signed: SignedIn) -> "Ways":
        """Around the page that somebody looks at: within a conversation in Genesys Cloud, they all lead within it."""
        return cls(signed.app.app_id, said_by_genesys(signed.asked))

    def to(self, path: str = "", **query: str | None) -> str:
        """A page of My schedules. `path` begins with a slash, if there is one."""
        pairs = {**{name: value for name, value in query.items() if value is not None}, **self.carried}
        return f"{MY}/{quote(self.app_id)}{path}{f'?{urlencode(pairs)}' if pairs else ''}"

    def week(self, name: str | None = None, **query: str | None) -> str:
        """A week, the present one unless named."""
        return self.to("", week=name, **query)

    def call(self, call_id: str, step: str = "", **query: str | None) -> str:
        """A booking, or a step of changing it."""
        return self.to(f"/calls/{quote(call_id)}{f'/{step}' if step else ''}", **query)

    def time_off(self, absence_id: str | None = None) -> str:
        """One's own absences, or one of them."""
        return self.to(f"/time-off{f'/{quote(absence_id)}' if absence_id else ''}")

    def new(self, **query: str | None) -> str:
        """The form for a new booking."""
        return self.to("/new", **query)

    def calendar(self, act: str = "", **query: str | None) -> str:
        """The address for calendar programs, or what is done with it."""
        return self.to(f"/calendar{act}", **query)

    def head(self, words: Catalogue, chosen: str) -> Mapping[str, object]:
        """What every page begins with. `chosen`: the part that it is of."""
        tabs = [
            {"label": words.text("my", "tabs", name), "way": self.to(path), "is_chosen": name == chosen}
            for name, path in TABS
        ]
        return {"template": "my_head.html", "new": self.new(), "tabs": tabs}
