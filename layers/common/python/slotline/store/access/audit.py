"""Rows of the audit log, as parts of the transactions whose changes they tell of."""

from collections.abc import Mapping
from typing import Any

from slotline.domain.access.audit import AuditEntry, Author, AuthorType, Surface
from slotline.domain.access.users import Role
from slotline.domain.shared.instants import format_instant, parse_instant
from slotline.domain.shared.plain_json import plain
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.parts import Part


def audit_part(table: str, entry: AuditEntry) -> Part:
    """Append an entry: its row is new, or the transaction fails."""
    return parts.put_new(table, audit_item(entry))


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
        "author_role": author.role.value if author.role else None,
        "surface": author.surface.value,
        "network": author.network,
        "action": entry.action,
        "subject_type": entry.subject_type,
        "subject_id": entry.subject_id,
        "before": plain(entry.before),
        "after": plain(entry.after),
    }


def audit_from_item(item: Mapping[str, Any]) -> AuditEntry:
    """The entry of a row."""
    role = item.get("author_role")
    return AuditEntry(
        entry_id=item["entry_id"],
        at=parse_instant(item["at"]),
        organization_id=item["organization_id"],
        app_id=item.get("app_id"),
        author=Author(
            type=AuthorType(item["author_type"]),
            surface=Surface(item["surface"]),
            id=item.get("author_id"),
            role=Role(role) if role else None,
            network=item.get("network"),
        ),
        action=item["action"],
        subject_type=item["subject_type"],
        subject_id=item["subject_id"],
        before=item.get("before", {}),
        after=item.get("after", {}),
    )
