"""What a page's HTML shows and lets its reader do: its text, its links, and its forms as a browser would send them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"br", "img", "input", "link", "meta", "path"})
_WITHIN_A_LINE = frozenset({"a", "bdi", "s", "span", "strong", "time"})
_UNREAD = frozenset({"script", "style", "title"})


@dataclass
class Control:
    """An element of a form. `is_sent`: it has a value to send unless its reader changes something."""

    kind: str
    name: str
    value: str
    is_sent: bool
    attributes: Mapping[str, str | None]


@dataclass
class Form:
    """A form with everything in it."""

    id: str
    method: str
    action: str
    controls: list[Control] = field(default_factory=list)

    @property
    def fields(self) -> list[tuple[str, str]]:
        """What a browser sends of it if nobody types anything, but for its buttons."""
        return [(one.name, one.value) for one in self.controls if one.is_sent and one.kind != "button"]

    def value(self, name: str) -> str | None:
        """What a field would send."""
        return dict(self.fields).get(name)

    def control(self, name: str) -> Control:
        """The first of this name. Raises StopIteration."""
        return next(one for one in self.controls if one.name == name)

    def values_of_buttons(self, name: str) -> list[str]:
        """The values of its buttons of this name."""
        return [one.value for one in self.controls if one.kind == "button" and one.name == name]

    def filled(self, typed: Mapping[str, str | Sequence[str]]) -> list[tuple[str, str]]:
        """What a browser sends once these were typed or chosen."""
        kept = [pair for pair in self.fields if pair[0] not in typed]
        more = [(name, one) for name, said in typed.items() for one in ([said] if isinstance(said, str) else said)]
        return [*kept, *more]


class ShownPage(HTMLParser):
    """A page as its reader has it."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.html = html
        self.title, self.lang, self.direction = "", "", ""
        self.links: list[str] = []
        self.elements: list[tuple[str, Mapping[str, str | None]]] = []
        self.forms: list[Form] = []
        self._texts: list[str] = []
        self._open: list[str] = []
        self._form: Form | None = None
        self._select: Control | None = None
        self._area: Control | None = None
        self.feed(html)

    @property
    def text(self) -> str:
        """All that is read, with single spaces."""
        return re.sub(r"\s+", " ", "".join(self._texts)).strip()

    @property
    def names(self) -> set[str]:
        """The names of its elements."""
        return {name for name, _ in self.elements}

    def form(self, form_id: str = "book") -> Form:
        """The form of this id. Raises StopIteration."""
        return next(form for form in self.forms if form.id == form_id)

    def has_form(self, form_id: str) -> bool:
        """Whether there is one."""
        return any(form.id == form_id for form in self.forms)

    def link(self, holding: str) -> str:
        """The first link that holds this. Raises StopIteration."""
        return next(link for link in self.links if holding in link)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an element in."""
        said = dict(attrs)
        if tag not in _WITHIN_A_LINE:
            self._texts.append(" ")
        self.elements.append((tag, said))
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "html":
            self.lang, self.direction = said.get("lang") or "", said.get("dir") or ""
        elif tag == "a" and said.get("href") is not None:
            self.links.append(said["href"] or "")
        elif tag == "form":
            self._form = Form(said.get("id") or "", said.get("method") or "get", said.get("action") or "")
            self.forms.append(self._form)
        elif tag in ("input", "textarea", "select", "button"):
            self._control(tag, said)
        elif tag == "option":
            self._option(said)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an element in that ends at once."""
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        if tag in self._open:
            while self._open.pop() != tag:
                pass
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea" and self._area is not None:
            self._area.value = self._area.value.removeprefix("\n")
            self._area = None

    def handle_data(self, data: str) -> None:
        """Text, of whatever it is in."""
        within = self._open[-1] if self._open else ""
        if within == "title":
            self.title += data
        elif within == "textarea" and self._area is not None:
            self._area.value += data
        elif within not in _UNREAD:
            self._texts.append(data)

    def _control(self, tag: str, said: Mapping[str, str | None]) -> None:
        kind = "button" if tag == "button" else tag if tag != "input" else said.get("type") or "text"
        is_chosen = "checked" in said if kind in ("radio", "checkbox") else tag != "button"
        control = Control(kind, said.get("name") or "", said.get("value") or "", is_chosen and tag != "select", said)
        owner = next((form for form in self.forms if form.id == said.get("form")), None) or self._form
        if owner is not None:
            owner.controls.append(control)
        if tag == "select":
            self._select = control
        elif tag == "textarea":
            self._area = control

    def _option(self, said: Mapping[str, str | None]) -> None:
        if self._select is not None and ("selected" in said or not self._select.is_sent):
            self._select.value, self._select.is_sent = said.get("value") or "", True
