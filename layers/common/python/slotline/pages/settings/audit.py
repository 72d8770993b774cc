"""The audit log: an app's, and that of its organization; newest first, and as a file."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from http import HTTPStatus
from itertools import groupby
from urllib.parse import urlencode

from slotline.domain.access.audit_search import AuditSearch, verb_of
from slotline.domain.access.permissions import Permission
from slotline.domain.access.users import User
from slotline.domain.shared.audit import AuditEntry, AuthorType
from slotline.domain.shared.csv_lines import csv_line
from slotline.domain.shared.instants import format_instant, parse_instant
from slotline.domain.shared.intervals import DAY
from slotline.domain.shared.plain_json import compact
from slotline.domain.shared.wall_time import day_start
from slotline.pages.fields import Field, Option
from slotline.pages.kit import File, date_or_none
from slotline.pages.rendering import Page
from slotline.pages.signed import Answer, SignedIn
from slotline.ports.access import Users
from slotline.usecases.access.read_audit_log import MOST_EXPORTED, ReadAuditLog, TooManyEntries
from slotline.words.dates import date_of, time_of, zone_of

SECTION = "audit"
LONGEST_SHOWN = 300
"""Characters of a value; the file has all of them."""
COLUMNS = (
    *("at", "author_type", "author_id", "author", "role", "surface", "network"),
    *("action", "subject_type", "subject_id", "before", "after"),
)
_BOM = "\ufeff"  # or spreadsheets take the file's letters for those of another encoding
_CSV = "text/csv; charset=utf-8"
_FIELDS = ("since", "until", "author", "kind", "action")
_ID_SHOWN = 8
"""Characters at the end of an id: those of about the same time begin alike."""


@dataclass(frozen=True)
class AuditPage:
    """A log as somebody asks for it. `is_organizations`: the organization's, or else the app's."""

    signed: SignedIn
    read: ReadAuditLog
    users: Users
    is_organizations: bool

    def shown(self) -> Answer:
        """GET: a page of it."""
        return self._page()

    def exported(self) -> Answer:
        """POST: what the filter finds, as a file. If that is too much, the page says so."""
        try:
            found = self.read.export(self._search, self.signed.author)
        except TooManyEntries:
            return self._page(is_too_much=True)
        lines = [csv_line(COLUMNS), *(csv_line(self._cells(entry)) for entry in found)]
        headers = {"Content-Type": _CSV, "Content-Disposition": 'attachment; filename="audit-log.csv"'}
        return File(_BOM + "".join(lines), headers)

    def _page(self, *, is_too_much: bool = False) -> Page:
        found = self.read.page(self._search, _place_or_none(self.signed.asked.query("after")))
        ways = {"app": self._way("audit"), "organization": self._way("audit/organization")}
        here = ways["organization" if self.is_organizations else "app"]
        sees_both = self.signed.may(Permission.SEE_ORGANIZATION_AUDIT)
        return self.signed.page(
            "settings_audit.html",
            SECTION,
            {
                "tabs_shown": [
                    {"label": self._word("tabs", name), "way": way, "is_chosen": way == here}
                    for name, way in ways.items()
                    if sees_both
                ],
                "here": here,
                "filters": self._filters,
                "chosen": self._chosen,
                "days": self._days(found.rows),
                "way_on": f"{here}?{urlencode([*self._chosen.items(), ('after', found.next)])}" if found.next else None,
                "is_later_page": self.signed.asked.query("after") is not None,
                "most_exported": MOST_EXPORTED if is_too_much else None,
            },
            status=HTTPStatus.BAD_REQUEST if is_too_much else HTTPStatus.OK,
        )

    @cached_property
    def _search(self) -> AuditSearch:
        said = self._chosen
        since, until = date_or_none(said.get("since")), date_or_none(said.get("until"))
        return AuditSearch(
            organization_id=self.signed.app.organization_id,
            app_id=None if self.is_organizations else self.signed.app.app_id,
            since=day_start(since, self.signed.zone) if since else None,
            until=day_start(until + DAY, self.signed.zone) if until else None,
            author_id=said.get("author"),
            subject_type=said.get("kind"),
            action=said.get("action"),
        )

    @cached_property
    def _chosen(self) -> Mapping[str, str]:
        """What the filter says, of what it can say."""
        return {name: value for name in _FIELDS if (value := self.signed.asked.id(name))}

    @cached_property
    def _filters(self) -> Sequence[Field]:
        people = sorted(self._people.values(), key=lambda user: user.name.casefold())
        return [
            self._day_field("since"),
            self._day_field("until"),
            self._choice("author", [(user.user_id, user.name) for user in people]),
            self._choice("kind", sorted(self._words["kinds"].items(), key=lambda pair: pair[1])),
            self._choice("action", sorted(self._words["verbs"].items(), key=lambda pair: pair[1])),
        ]

    def _day_field(self, name: str) -> Field:
        label = self._word("filter", name)
        return Field(name=name, label=label, kind="date", value=self._chosen.get(name, ""), is_one_of=True)

    def _choice(self, name: str, named: Iterable[tuple[str, str]]) -> Field:
        """A filter by one of these. One that an address names beside them stays chosen."""
        chosen = self._chosen.get(name, "")
        known = [("", self._word("filter", "all")), *named]
        options = known if chosen in dict(known) else [*known, (chosen, chosen)]
        return Field(
            name=name,
            label=self._word("filter", name),
            kind="select",
            is_one_of=True,
            options=[Option(value=value, label=label, is_chosen=value == chosen) for value, label in options],
        )

    def _days(self, entries: Sequence[AuditEntry]) -> Sequence[Mapping[str, object]]:
        """The entries by day, in the app's zone."""
        days = groupby(entries, key=lambda entry: entry.at.astimezone(self.signed.zone).date())
        return [self._day(day, list(found)) for day, found in days]

    def _day(self, day: date, found: Sequence[AuditEntry]) -> Mapping[str, object]:
        """One of them, with its zone: its clocks may have been others than today's."""
        return {
            "name": date_of(self.signed.dates, day),
            "zone": zone_of(self.signed.dates, found[0].at.astimezone(self.signed.zone)),
            "entries": [*map(self._entry, found)],
        }

    def _entry(self, entry: AuditEntry) -> Mapping[str, object]:
        local = entry.at.astimezone(self.signed.zone)
        fields = sorted({*entry.before, *entry.after})
        person = self._people.get(entry.subject_id)
        return {
            "at": format_instant(entry.at),
            "time": time_of(self.signed.dates, local),
            "who": self._who(entry),
            "role": entry.author.role,
            "kind": self._words["kinds"].get(entry.subject_type, entry.subject_type),
            "verb": self._words["verbs"].get(verb_of(entry.action), verb_of(entry.action)),
            "subject": person.name if person else entry.subject_id[-_ID_SHOWN:],
            "subject_id": entry.subject_id,
            "changes": [(name, self._value(entry.before, name), self._value(entry.after, name)) for name in fields],
            "surface": self._words["surfaces"].get(entry.author.surface.value, entry.author.surface.value),
            "network": entry.author.network,
        }

    def _who(self, entry: AuditEntry) -> str:
        """The author's name; of one who is there no more what they were."""
        author = entry.author
        if author.type is AuthorType.USER and (person := self._people.get(author.id or "")):
            return person.name
        name = self._word("authors", author.type.value)
        return f"{name} {author.id[-_ID_SHOWN:]}" if author.id else name

    def _value(self, values: Mapping[str, object], name: str) -> str | None:
        """A value as text; None for a field that is not there."""
        if name not in values:
            return None
        value = values[name]
        if value is None or value in ("", [], {}):
            return self._word("values", "none")
        if isinstance(value, bool):
            return self._word("values", "yes" if value else "no")
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            value = ", ".join(value)
        text = value if isinstance(value, str) else compact(value)
        return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"

    def _cells(self, entry: AuditEntry) -> Sequence[object]:
        author = entry.author
        return (
            format_instant(entry.at),
            author.type.value,
            author.id,
            self._who(entry),
            author.role,
            author.surface.value,
            author.network,
            entry.action,
            entry.subject_type,
            entry.subject_id,
            json.dumps(entry.before, ensure_ascii=False) if entry.before else None,
            json.dumps(entry.after, ensure_ascii=False) if entry.after else None,
        )

    @cached_property
    def _people(self) -> Mapping[str, User]:
        return {user.user_id: user for user in self.users.of_organization(self.signed.app.organization_id)}

    @property
    def _words(self) -> Mapping[str, Mapping[str, str]]:
        found: Mapping[str, Mapping[str, str]] = self.signed.texts.words["audit"]
        return found

    def _word(self, group: str, name: str) -> str:
        return self._words[group][name]

    def _way(self, page: str) -> str:
        return f"/console/{self.signed.app.app_id}/settings/{page}"


def _place_or_none(text: str | None) -> str | None:
    """A place in a log, if it begins as one does: what is behind the instant only tells entries of it apart."""
    instant, _, _ = (text or "").partition("#")
    try:
        is_one = format_instant(parse_instant(instant)) == instant
    except ValueError:
        return None
    return text if is_one and len(text or "") <= len(instant) + 64 else None
