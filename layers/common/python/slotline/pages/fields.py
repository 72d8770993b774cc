"""The fields of a form: what was typed stays, and what is wrong with it stands beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """Something that can be chosen."""

    value: str
    label: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field as `components.html` shows it. `kind`: the macro that does."""

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    error: str | None = None
    help: str | None = None
    required: bool = False
    is_one_of: bool = False
    """One of several of which one is required: neither required nor optional by itself."""
    is_question: bool = False
    """One of the service's own: its error is told with its label, as there may be several of a kind."""
    options: Sequence[Option] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    """More attributes of its element: `autocomplete`, `inputmode`, `maxlength`."""
    form: str = ""
    """Of several forms on a page: what tells the ids of its elements from those of the others."""

    @property
    def id(self) -> str:
        """Of its element; an error's link leads there."""
        return f"f-{self.form}{self.name.replace('.', '-')}"
