"""Changes of many calls, in DynamoDB: the job, which is due while it runs, and a row for each of its calls."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from slotline.aws import code_of, raising_store_busy
from slotline.domain.booking.bulk_jobs import BulkAction, BulkChange, BulkJob, BulkRow, BulkState, RowState
from slotline.domain.booking.calls import Actor, ActorType
from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.due import Due
from slotline.domain.shared.instants import format_instant, instant_or_none, parse_instant
from slotline.ports.shared import RaceLost
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient, Item, from_values, to_values
from slotline.store.dynamodb.keys import due_fields
from slotline.store.dynamodb.rows import get_row, page_rows, write_rows
from slotline.store.dynamodb.transactions import ConditionsFailed, Labelled, transact
from slotline.store.shared.audit import audit_part

_READ_AT_ONCE = 500
"""Rows that one request reads for those in some states."""


@dataclass(frozen=True, slots=True)
class DynamoBulkJobs:
    """`BulkJobs` on SchedulingTable; what is audited goes to AccessTable."""

    client: DynamoDBClient
    table: str
    access_table: str

    def draft(self, job: BulkJob, rows: Sequence[BulkRow]) -> None:
        """A BatchWriteItem for every 25 rows, then one PutItem. Rows of a draft that was cut short go by themselves."""
        write_rows(self.client, self.table, [_row_to_item(job, row) for row in rows])
        with raising_store_busy():
            self.client.put_item(TableName=self.table, Item=to_values(_job_to_item(job)))

    def get(self, app_id: str, job_id: str) -> BulkJob | None:
        """One consistent GetItem."""
        row = get_row(self.client, self.table, keys.bulk_job(app_id, job_id))
        return _job_from_item(row) if row else None

    def recent(self, app_id: str, most: int) -> Sequence[BulkJob]:
        """One consistent Query, from the last row to the first."""
        found = page_rows(self.client, self.table, keys.bulk_job(app_id), most, None, newest_first=True)
        jobs = [_job_from_item(row) for row in found.rows]
        return [job for job in jobs if job.state is not BulkState.DRAFT]

    def rows(
        self, job: BulkJob, *, after: int, limit: int, states: Collection[RowState] | None = None
    ) -> Sequence[BulkRow]:
        """One consistent Query; of some states, as many as it takes to find enough."""
        first = keys.bulk_row(job.app_id, job.rows_id)
        found: list[BulkRow] = []
        place: str | None = _place(after)
        while place is not None:
            at_once = limit if states is None else _READ_AT_ONCE
            page = page_rows(self.client, self.table, first, at_once, place)
            rows = [_row_from_item(row) for row in page.rows]
            found += [row for row in rows if states is None or row.state in states]
            if len(found) >= limit:
                return found[:limit]
            place = page.next
        return found

    def start(self, draft: BulkJob, job: BulkJob, entry: AuditEntry) -> BulkJob:
        """One TransactWriteItems."""
        after = replace(job, revision=draft.revision + 1)
        changed = parts.put(self.table, _job_to_item(after), "revision = :before", before=draft.revision)
        self._transact([("job", changed), ("", audit_part(self.access_table, entry))])
        return after

    def stop(self, job: BulkJob, entry: AuditEntry) -> None:
        """One TransactWriteItems. Its revision stays: whoever is at it keeps what they have done."""
        running = "attribute_exists(due_at) AND attribute_not_exists(is_to_stop)"
        key = keys.bulk_job(job.app_id, job.id)
        changed = parts.change(self.table, key, {"is_to_stop": True}, running)
        self._transact([("job", changed), ("", audit_part(self.access_table, entry))])

    def claim(self, due: Due, claim_id: str, until: datetime) -> BulkJob | None:
        """One conditional UpdateItem. If its answer was lost, the repeat finds the job claimed, and by whom."""
        key = {"pk": due.pk, "sk": due.sk}
        values = {
            ":claim": claim_id,
            ":until": until,
            ":bucket": due_fields(key, until)["due_bucket"],
            ":due": format_instant(due.at),
            ":one": 1,
        }
        try:
            with raising_store_busy():
                answer = self.client.update_item(
                    TableName=self.table,
                    Key=to_values(key),
                    UpdateExpression="SET claim_id = :claim, due_at = :until, due_bucket = :bucket ADD revision :one",
                    ConditionExpression="due_at = :due",
                    ExpressionAttributeValues=to_values(values),
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            there: Any = error.response
            row = from_values(there.get("Item", {}))
            return _job_from_item(row) if row.get("claim_id") == claim_id else None
        return _job_from_item(from_values(answer["Attributes"]))

    def keep(self, job: BulkJob, results: Sequence[BulkRow]) -> BulkJob:
        """One TransactWriteItems, and a consistent GetItem."""
        key = keys.bulk_job(job.app_id, job.id)
        changed = parts.change(self.table, key, _progress(job), "revision = :before", before=job.revision - 1)
        rows = [("", parts.put_row(self.table, _row_to_item(job, row))) for row in results]
        self._transact([("job", changed), *rows])
        there = self.get(job.app_id, job.id)
        if there is None or there.revision != job.revision:
            raise RaceLost
        return there

    def _transact(self, labelled: Sequence[Labelled]) -> None:
        try:
            transact(self.client, labelled)
        except ConditionsFailed as refused:
            raise RaceLost from refused


def _place(number: int) -> str:
    return f"{number:05d}"


def _progress(job: BulkJob) -> Mapping[str, object]:
    """What a worker changes of a job. Whether it is to stop is not among it: somebody may say so meanwhile."""
    due = due_fields(keys.bulk_job(job.app_id, job.id), job.due_at)
    return {
        "state": job.state.value,
        "ended_at": job.ended_at,
        "place": job.place,
        "reach": job.reach,
        "passes": job.passes,
        "done": job.done,
        "unchanged": job.unchanged,
        "refused": job.refused,
        "claim_id": job.claim_id,
        "revision": job.revision,
        "due_at": due.get("due_at"),
        "due_bucket": due.get("due_bucket"),
    }


def _job_to_item(job: BulkJob) -> Item:
    change = job.change
    said = {
        **keys.bulk_job(job.app_id, job.id),
        "id": job.id,
        "app_id": job.app_id,
        "rows_id": job.rows_id,
        "total": job.total,
        "actor_type": job.actor.type.value,
        "actor_id": job.actor.id,
        "actor_role": job.actor.role,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "action": change.action.value if change else None,
        "agent_id": change.agent_id if change else None,
        "reason": change.reason if change else None,
        "expires_at": int(job.expires_at.timestamp()),
        **_progress(job),
    }
    return {name: value for name, value in said.items() if value is not None}


def _job_from_item(row: Mapping[str, Any]) -> BulkJob:
    action = row.get("action")
    change = (
        BulkChange(action=BulkAction(action), agent_id=row.get("agent_id"), reason=row.get("reason"))
        if action
        else None
    )
    return BulkJob(
        id=row["id"],
        app_id=row["app_id"],
        rows_id=row["rows_id"],
        total=row["total"],
        actor=Actor(type=ActorType(row["actor_type"]), id=row.get("actor_id"), role=row.get("actor_role")),
        created_at=parse_instant(row["created_at"]),
        change=change,
        state=BulkState(row["state"]),
        is_to_stop=row.get("is_to_stop", False),
        started_at=instant_or_none(row.get("started_at")),
        ended_at=instant_or_none(row.get("ended_at")),
        place=row["place"],
        reach=row.get("reach"),
        passes=row["passes"],
        done=row["done"],
        unchanged=row["unchanged"],
        refused=row["refused"],
        due_at=instant_or_none(row.get("due_at")),
        claim_id=row.get("claim_id"),
        revision=row["revision"],
    )


def _row_to_item(job: BulkJob, row: BulkRow) -> Item:
    said = {
        **keys.bulk_row(job.app_id, job.rows_id, _place(row.number)),
        "number": row.number,
        "call_id": row.call_id,
        "state": row.state.value,
        "code": row.code,
        "message": row.message,
        "expires_at": int(job.rows_expire_at.timestamp()),
    }
    return {name: value for name, value in said.items() if value is not None}


def _row_from_item(row: Mapping[str, Any]) -> BulkRow:
    return BulkRow(
        number=row["number"],
        call_id=row["call_id"],
        state=RowState(row["state"]),
        code=row.get("code"),
        message=row.get("message"),
    )
