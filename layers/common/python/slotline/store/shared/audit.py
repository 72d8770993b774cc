"""Rows of the audit log, as parts of the transactions whose changes they tell of.

What a setting was and is, is JSON text: nobody searches in it, DynamoDB nests less deep than JSON, and has no floats.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from slotline.domain.shared.audit import NOBODY, AuditEntry, Author, AuthorType, Surface
from slotline.domain.shared.instants import format_instant, parse_instant
from slotline.domain.shared.plain_json import compact, plain
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.parts import Part
from slotline.store.dynamodb.transactions import Labelled

NOBODYS_ARE_KEPT = timedelta(days=30)
"""Tries at addresses that have no account are nobody's, and anybody can make as many of them as there are addresses."""


def audit_part(table: str, entry: AuditEntry) -> Part:
    """Append an entry: its row is new, or the transaction fails."""
    return parts.put_new(table, audit_item(entry))


def audit_parts(table: str, entry: AuditEntry | None) -> Sequence[Labelled]:
    """The part for a list of labelled ones; none if nothing is to be said."""
    return [("audit", audit_part(table, entry))] if entry else []


def audit_item(entry: AuditEntry) -> dict[str, object]:
    """The row of an entry."""
    at, author = format_instant(entry.at), entry.author
    return {
        **keys.audit(entry.organization_id, entry.app_id, at[:7], f"{at}#{entry.entry_id}"),
        "entry_id": entry.entry_id,
        "at": at,
        "organization_id": entry.organization_id,
        "app_id": entry.app_id,
        "author_type": author.type.value,
        "author_id": author.id,
        "author_role": plain(author.role),
        "surface": author.surface.value,
        "network": author.network,
        "action": entry.action,
        "subject_type": entry.subject_type,
        "subject_id": entry.subject_id,
        "before": compact(plain(entry.before)),
        "after": compact(plain(entry.after)),
        "expires_at": int((entry.at + NOBODYS_ARE_KEPT).timestamp()) if entry.organization_id == NOBODY else None,
    }


def audit_from_item(item: Mapping[str, Any]) -> AuditEntry:
    """The entry of a row."""
    return AuditEntry(
        entry_id=item["entry_id"],
        at=parse_instant(item["at"]),
        organization_id=item["organization_id"],
        app_id=item.get("app_id"),
        author=Author(
            type=AuthorType(item["author_type"]),
            surface=Surface(item["surface"]),
            id=item.get("author_id"),
            role=item.get("author_role"),
            network=item.get("network"),
        ),
        action=item["action"],
        subject_type=item["subject_type"],
        subject_id=item["subject_id"],
        before=json.loads(item["before"]),
        after=json.loads(item["after"]),
    )
