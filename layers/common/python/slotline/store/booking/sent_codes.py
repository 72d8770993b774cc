"""Codes that prove addresses, in DynamoDB. A row has no code: it follows from a key of the deployment."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from slotline.aws import code_of, raising_store_busy
from slotline.domain.booking.apps import Verification
from slotline.domain.booking.customer_limits import CustomerChange
from slotline.domain.booking.sent_codes import LIFE, MOST_TRIES, SentCode
from slotline.domain.shared.due import Due, DueKind
from slotline.domain.shared.idempotency import Receipt
from slotline.domain.shared.instants import format_instant, instant_or_none, parse_instant
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, Clock, RaceLost
from slotline.store.booking import writes
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient, Item, from_values, to_values
from slotline.store.dynamodb.rows import get_row
from slotline.store.dynamodb.transactions import ConditionsFailed, Labelled, transact, write

_HAS_TRIES = "attribute_exists(pk) AND attribute_not_exists(spent_at) AND created_at > :since AND tries < :most"


@dataclass(frozen=True, slots=True)
class DynamoSentCodes:
    """`SentCodes` on AccessTable, whose rows go by themselves; they are counted on SchedulingTable."""

    client: DynamoDBClient
    scheduling_table: str
    access_table: str
    clock: Clock

    def add(self, sent: SentCode, counts: Sequence[CustomerChange], receipt: Receipt | None) -> None:
        """One TransactWriteItems: of two that read the same window, the later one is refused whole."""
        labelled: list[Labelled] = [("new", parts.put_new(self.access_table, _item(sent)))]
        labelled += [("window", writes.count_customer(self.scheduling_table, sent.app_id, count)) for count in counts]
        if receipt:
            labelled.append(("receipt", parts.put_receipt(self.access_table, receipt, self.clock.now())))
        try:
            transact(self.client, labelled)
        except ConditionsFailed as refused:
            if "new" in refused.labels:
                raise AlreadyWritten from refused
            raise (AlreadyAnswered if "receipt" in refused.labels else RaceLost) from refused

    def wake_up(self, app_id: str, code_id: str, at: datetime) -> Due:
        """The place of its row."""
        return Due(kind=DueKind.CODE, **keys.sent_code(app_id, code_id), at=at)

    def due(self, due: Due) -> SentCode | None:
        """One consistent GetItem."""
        row = get_row(self.client, self.access_table, {"pk": due.pk, "sk": due.sk})
        return _sent_code(row) if row and "sent_at" not in row and "spent_at" not in row else None

    def was_sent(self, sent: SentCode, at: datetime) -> None:
        """One conditional UpdateItem. A row that is gone stays so."""
        self._update(sent, "SET sent_at = :at", "attribute_exists(pk)", at=at)

    def take_try(self, app_id: str, code_id: str, now: datetime) -> SentCode | None:
        """One conditional UpdateItem: however many guess at once, no more tries are looked at than a code has."""
        values = {":one": 1, ":since": format_instant(now - LIFE), ":most": MOST_TRIES}
        try:
            with raising_store_busy():
                answer = self.client.update_item(
                    TableName=self.access_table,
                    Key=to_values(keys.sent_code(app_id, code_id)),
                    UpdateExpression="ADD tries :one",
                    ConditionExpression=_HAS_TRIES,
                    ExpressionAttributeValues=to_values(values),
                    ReturnValues="ALL_NEW",
                )
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            return None
        return _sent_code(from_values(answer["Attributes"]))

    def give_back_try(self, sent: SentCode) -> None:
        """One conditional UpdateItem."""
        self._update(sent, "ADD tries :less", "tries > :none", less=-1, none=0)

    def _update(self, sent: SentCode, expression: str, condition: str, **values: object) -> None:
        """One conditional UpdateItem; if the condition does not hold, nothing is to be done."""
        part = parts.update(
            self.access_table, keys.sent_code(sent.app_id, sent.id), expression, condition, None, **values
        )
        with suppress(ConditionsFailed):
            write(self.client, [("", part)])


def _item(sent: SentCode) -> Item:
    return {
        **keys.sent_code(sent.app_id, sent.id),
        "id": sent.id,
        "app_id": sent.app_id,
        "channel": sent.channel.value,
        "recipient": sent.recipient,
        "key_id": sent.key_id,
        "language": sent.language,
        "sender_name": sent.sender_name,
        "created_at": sent.created_at,
        "tries": sent.tries,
        "expires_at": int(sent.expires_at.timestamp()),
    }


def _sent_code(row: Mapping[str, Any]) -> SentCode:
    return SentCode(
        id=row["id"],
        app_id=row["app_id"],
        channel=Verification(row["channel"]),
        recipient=row["recipient"],
        key_id=row["key_id"],
        language=row["language"],
        sender_name=row["sender_name"],
        created_at=parse_instant(row["created_at"]),
        tries=row["tries"],
        sent_at=instant_or_none(row.get("sent_at")),
    )
