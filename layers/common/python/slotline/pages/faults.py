"""What the rules of the API refuse in a form, in the reader's words and beside the fields that it is about."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from slotline.domain.shared.errors import Detail, DomainError, InvalidRequest
from slotline.pages.fields import Field
from slotline.pages.refusals import MISSING, fault_text
from slotline.words.catalogue import Catalogue, fill

ANYWHERE = ""
"""The name of what no field of the form is about."""
_NUMBERS = frozenset(
    {"greater_than_equal", "less_than_equal", "int_type", "int_parsing", "int_parsing_size", "int_from_float"}
)
Bounds = Mapping[str, tuple[int, int]]
"""The least and the most of a number, by its field."""


class Named(Protocol):
    """A field that an error's link leads to."""

    @property
    def name(self) -> str:
        """As faults have it."""
        ...

    @property
    def label(self) -> str:
        """What its reader calls it."""
        ...

    @property
    def id(self) -> str:
        """Of its element."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What is wrong with a form, by its fields. `place`: the field that one of the API's fields is."""

    words: Catalogue
    bounds: Bounds = field(default_factory=dict)
    place: Callable[[str], str] = lambda name: name
    of_code: Mapping[str, str] = field(default_factory=dict)
    """The field that an error is about whose code alone says so."""
    found: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.found)

    def of(self, error: DomainError) -> "Faults":
        """Those that the error tells of. An error of another kind than a bad field's is raised again if it says none
        of them."""
        if error.code in self.of_code:
            return self.with_said(self.of_code[error.code], error.code)
        details = [detail for detail in error.details if detail.field]
        if not details and not isinstance(error, InvalidRequest):
            raise error
        told = {self.place(detail.field or ""): self._text(detail) for detail in reversed(details)}
        return self.with_(told or {ANYWHERE: self._said("other")})

    def with_(self, found: Mapping[str, str]) -> "Faults":
        """These, too."""
        return replace(self, found={**self.found, **found})

    def with_said(self, name: str, fault: str) -> "Faults":
        """One more, by the name of its words."""
        return self.with_({name: self._said(fault)})

    def at(self, fields: Iterable[Field]) -> list[Field]:
        """The fields with what is wrong with each."""
        return [replace(one, error=self.found.get(one.name)) for one in fields]

    def listed(self, fields: Iterable["Named"]) -> Sequence[tuple[str | None, str]]:
        """All of it, for the top of the page: the id of a field's element, and what is wrong; first what no field is
        about."""
        ids = {one.name: (one.id, one.label) for one in fields}
        anywhere = [(None, text) for name, text in self.found.items() if name not in ids]
        there = [(ids[name][0], f"{ids[name][1]}: {text}") for name, text in self.found.items() if name in ids]
        return [*anywhere, *there]

    def _text(self, detail: Detail) -> str:
        name, code = self.place(detail.field or ""), detail.code
        if name in self.bounds and code in _NUMBERS | MISSING:
            least, most = self.bounds[name]
            return fill(self._said("number"), {"least": f"{least:,}", "most": f"{most:,}"})
        return fault_text(detail, self.words)

    def _said(self, name: str) -> str:
        return self.words.text("faults", name)
