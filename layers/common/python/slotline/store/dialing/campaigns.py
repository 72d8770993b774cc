"""Campaigns among the other rows of their organization, newest last; and the import of a campaign's file.

A campaign and the import that it begins with are one transaction: from then on the import is a row that is due.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from slotline.aws import code_of, raising_store_busy
from slotline.domain.dialing.calls import DialPosition
from slotline.domain.dialing.campaigns import Campaign, CampaignState, Resumption, Stretch, Walk
from slotline.domain.dialing.csv_encodings import CsvEncoding
from slotline.domain.dialing.duplicates import Duplicate, DuplicatePolicy, Duplicates, RowPlace
from slotline.domain.dialing.imports import Import, ImportFormat, ImportState
from slotline.domain.dialing.own_metadata import OwnMetadata
from slotline.domain.dialing.retry_rules import RetryRule
from slotline.domain.dialing.rows import Source
from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.due import Due
from slotline.domain.shared.errors import Detail
from slotline.domain.shared.instants import format_instant, parse_instant
from slotline.domain.shared.paging import Listed
from slotline.domain.shared.plain_json import plain
from slotline.ports.shared import RaceLost
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient, Item, from_values, to_values
from slotline.store.dynamodb.keys import due_fields
from slotline.store.dynamodb.rows import count_rows, due_row, get_row, page_rows
from slotline.store.dynamodb.transactions import ConditionsFailed, Labelled, transact
from slotline.store.shared.audit import audit_parts

if TYPE_CHECKING:
    from slotline.store.dynamodb.streams import Change

_TEXTS = ("faults", "beside", "duplicates")
"""What an import's row holds as JSON."""


@dataclass(frozen=True, slots=True)
class DynamoCampaigns:
    """`Campaigns` and `KeptCampaigns` on DialingTable, with the audit log on AccessTable."""

    client: DynamoDBClient
    table: str
    access_table: str

    def get(self, organization_id: str, campaign_id: str) -> Campaign | None:
        """One strongly consistent GetItem."""
        row = get_row(self.client, self.table, keys.campaign(organization_id, campaign_id))
        return campaign_from_item(row) if row else None

    def list(self, organization_id: str, limit: int, after: str | None) -> Listed[Campaign]:
        """One consistent Query, from the last row to the first."""
        first = keys.campaign(organization_id, "")
        found = page_rows(self.client, self.table, first, limit, after, newest_first=True)
        return Listed(rows=[campaign_from_item(row) for row in found.rows], next=found.next)

    def count(self, organization_id: str, most: int) -> int | None:
        """Two consistent Queries at most, which bring no rows back."""
        return count_rows(self.client, self.table, keys.campaign(organization_id, ""), most)

    def due(self, due: Due) -> Campaign | None:
        """One strongly consistent GetItem."""
        row = due_row(self.client, self.table, due)
        return campaign_from_item(row) if row else None

    def open(self, campaign: Campaign) -> bool:
        """One conditional PutItem."""
        try:
            with raising_store_busy():
                self.client.put_item(**parts.put_new(self.table, campaign_to_item(campaign))["Put"])
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            return False
        return True

    def replace(
        self, campaign: Campaign, replaces: int, new: Import | None = None, entry: AuditEntry | None = None
    ) -> None:
        """One transaction."""
        row = campaign_to_item(campaign)
        put = parts.put(self.table, row, "revision = :replaces", replaces=replaces)
        labelled: list[Labelled] = [("campaign", put), *audit_parts(self.access_table, entry)]
        if new:
            labelled.append(("import", parts.put_new(self.table, _import_to_item(new))))
        try:
            transact(self.client, labelled)
        except ConditionsFailed as refused:
            raise RaceLost from refused

    def import_of(self, organization_id: str, campaign_id: str) -> Import | None:
        """One strongly consistent GetItem."""
        row = get_row(self.client, self.table, keys.dial_import(organization_id, campaign_id))
        return import_from_item(row) if row else None

    def claim_import(self, due: Due, claim_id: str, until: datetime) -> Import | None:
        """One conditional UpdateItem: whoever holds it is due again when its time is over.

        If its answer was lost, botocore's repeat finds the import claimed, and by whom.
        """
        key = {"pk": due.pk, "sk": due.sk}
        fields = due_fields(key, until)
        try:
            with raising_store_busy():
                answer = self.client.update_item(
                    TableName=self.table,
                    Key=to_values(key),
                    UpdateExpression="SET claim_id = :claim, due_at = :until, due_bucket = :bucket ADD revision :one",
                    ConditionExpression="due_at = :due",
                    ExpressionAttributeValues=to_values(
                        {
                            ":claim": claim_id,
                            ":until": until,
                            ":bucket": fields["due_bucket"],
                            ":due": format_instant(due.at),
                            ":one": 1,
                        }
                    ),
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            there: Any = error.response
            row = from_values(there.get("Item", {}))
            return import_from_item(row) if row.get("claim_id") == claim_id else None
        return import_from_item(from_values(answer["Attributes"]))

    def keep_import(self, kept: Import, replaces: int) -> None:
        """One conditional write."""
        part = parts.put(self.table, _import_to_item(kept), "revision = :replaces", replaces=replaces)
        try:
            transact(self.client, [("import", part)])
        except ConditionsFailed as refused:
            raise RaceLost from refused


def campaign_to_item(campaign: Campaign) -> Item:
    """The row of a campaign."""
    key = keys.campaign(campaign.organization_id, campaign.id)
    fields = {name: value for name, value in plain(campaign).items() if name != "due_at"}
    return {**key, **due_fields(key, campaign.due_at), **fields}


def campaign_from_item(row: Mapping[str, Any]) -> Campaign:
    """The campaign of a row."""
    known = {name: row[name] for name in Campaign.__dataclass_fields__ if row.get(name) is not None}
    instants = ("created_at", "updated_at", "first_at", "last_at", "due_at")
    return Campaign(
        **{
            **known,
            "state": CampaignState(row["state"]),
            "rules": tuple(RetryRule(**rule) for rule in row["rules"]),
            "metadata": _metadata_from(row.get("metadata") or {}),
            "duplicates": DuplicatePolicy(row.get("duplicates") or DuplicatePolicy.KEEP),
            "walk": _walk_from(row["walk"]) if row.get("walk") else None,
            "resumption": _resumption_from(row["resumption"]) if row.get("resumption") else None,
            **{name: parse_instant(row[name]) for name in instants if row.get(name)},
        }
    )


def _metadata_from(fields: Mapping[str, Any]) -> OwnMetadata:
    return OwnMetadata(tags=tuple(fields.get("tags") or ()), custom=fields.get("custom") or {})


def _walk_from(fields: Mapping[str, Any]) -> Walk:
    return Walk(
        began_at=parse_instant(fields["began_at"]),
        seen=fields["seen"],
        after=_position_from(fields["after"]),
        claim_id=fields.get("claim_id"),
    )


def _resumption_from(fields: Mapping[str, Any]) -> Resumption:
    taken = (Stretch(first=parse_instant(one["first"]), last=parse_instant(one["last"])) for one in fields["taken"])
    return Resumption(at=parse_instant(fields["at"]), after=_position_from(fields["after"]), taken=tuple(taken))


def _position_from(after: Mapping[str, Any] | None) -> DialPosition | None:
    if after is None:
        return None
    return DialPosition(scheduled_at=parse_instant(after["scheduled_at"]), call_id=after["call_id"])


def moved_campaign(change: "Change") -> Campaign | None:
    """The campaign that a change of a row has brought to another state."""
    if change.old is None or change.new is None or not keys.is_campaign(change.new["sk"]):
        return None
    return campaign_from_item(change.new) if change.new["state"] != change.old["state"] else None


def _import_to_item(kept: Import) -> Item:
    """Faults and duplicates are JSON in one text each: they may hold anything, and nobody searches in them."""
    key = keys.dial_import(kept.organization_id, kept.campaign_id)
    fields = {name: value for name, value in plain(kept).items() if name not in {"due_at", *_TEXTS}}
    texts = {name: json.dumps(plain(getattr(kept, name))) for name in _TEXTS}
    return {**key, **due_fields(key, kept.due_at), **fields, **texts}


def import_from_item(row: Mapping[str, Any]) -> Import:
    """The import of a row."""
    known = {name: row[name] for name in Import.__dataclass_fields__ if row.get(name) is not None}
    instants = ("planned_at", "updated_at", "due_at", "dials_from")
    return Import(
        **{
            **known,
            "state": ImportState(row["state"]),
            "format": ImportFormat(row["format"]),
            "encoding": CsvEncoding(row["encoding"]) if row.get("encoding") else None,
            "faults": tuple(Detail(**fault) for fault in json.loads(row["faults"])),
            "beside": tuple((e164, number) for e164, number in json.loads(row.get("beside") or "[]")),
            "duplicates": _duplicates_from(json.loads(row.get("duplicates") or "{}")),
            **{name: parse_instant(row[name]) for name in instants if row.get(name)},
        }
    )


def _duplicates_from(fields: Mapping[str, Any]) -> Duplicates:
    listed = (
        Duplicate(
            e164=found["e164"],
            times=found["times"],
            rows=tuple(RowPlace(source=Source(place["source"]), row=place["row"]) for place in found["rows"]),
        )
        for found in fields.get("listed", ())
    )
    return Duplicates(listed=tuple(listed), total=fields.get("total", 0))
