"""What the guest's page says, in the guest's language."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestTexts:
    """The words of a page about one call. Every text is one line."""

    language: str
    sender: str
    title: str
    state: str
    moved: str | None
    facts: tuple[tuple[str, str], ...]
    """Label and value, in the order to show them."""
    join: str
    confirm: str
    calendar: str
