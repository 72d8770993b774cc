"""What somebody looks for in the audit log: whose log, from when to when, and of those rows which."""

from dataclasses import dataclass
from datetime import datetime

from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.instants import format_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSearch:
    """Which rows are wanted: those that are all of this. `since` is the first instant, `until` the first one after."""

    organization_id: str
    app_id: str | None
    """None: the log of the organization."""
    since: datetime | None = None
    until: datetime | None = None
    author_id: str | None = None
    subject_type: str | None = None
    action: str | None = None
    """A whole one, such as `preset.changed`, or what is behind its dot alone."""

    def takes(self, entry: AuditEntry) -> bool:
        """Whether an entry of the log is wanted; its time is the reader's to judge, who goes through it in order."""
        return (
            self.author_id in (None, entry.author.id)
            and self.subject_type in (None, entry.subject_type)
            and self.action in (None, entry.action, verb_of(entry.action))
        )


def verb_of(action: str) -> str:
    """What was done to the subject: `changed` of `preset.changed`."""
    return action.rpartition(".")[2]


def place_of(entry: AuditEntry) -> str:
    """Where an entry is in its log: later ones have greater places."""
    return f"{format_instant(entry.at)}#{entry.entry_id}"
