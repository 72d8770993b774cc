"""Messages about calls, from their planning to their outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from slotline.aws import code_of, raising_store_busy
from slotline.domain.booking.reminders import Channel, Reminder, ReminderKind, ReminderStatus, planned_id
from slotline.domain.booking.sendings import Sending
from slotline.domain.messages.bounds import AskedMessages, Bound, Counted, CountMessage, identity_of
from slotline.domain.shared.due import Due, bucket_of
from slotline.domain.shared.idempotency import Receipt
from slotline.domain.shared.instants import parse_instant
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, Clock, RaceLost
from slotline.store.booking import items, writes
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient, Item, from_values, to_values
from slotline.store.dynamodb.parts import Part
from slotline.store.dynamodb.rows import Key, get_row, get_rows, row_of
from slotline.store.dynamodb.transactions import ConditionsFailed, Labelled, transact

_MESSAGE = "message_"
PLANNED_INVITATION = planned_id(ReminderKind.INVITATION, Channel.EMAIL)


@dataclass(frozen=True, slots=True)
class DynamoReminders:
    """`Reminders` on SchedulingTable, with receipts on AccessTable."""

    client: DynamoDBClient
    scheduling_table: str
    access_table: str
    clock: Clock

    def asked_for(self, windows: Sequence[Counted]) -> Sequence[AskedMessages]:
        """One strongly consistent BatchGetItem."""
        places = [(window, _key_of(window)) for window in windows]
        found = get_rows(self.client, {self.scheduling_table: [key for _, key in places]})
        return [_window_from_item(window, row_of(found, key)) for window, key in places]

    def add(self, reminders: Sequence[Reminder], receipt: Receipt | None, counts: Sequence[CountMessage] = ()) -> None:
        """One TransactWriteItems. The ids of its messages make it unique, so no other request's is taken for it.

        Two requests that read the same window write on condition of the same version. DynamoDB orders them, and the
        later one is refused whole: it reads again, and sees the earlier one's message in the window.
        """
        labelled: list[Labelled] = [
            ("new", parts.put_new(self.scheduling_table, items.reminder_to_item(reminder))) for reminder in reminders
        ]
        labelled += [("window", _count(self.scheduling_table, count)) for count in counts]
        if receipt:
            labelled.append(("receipt", parts.put_receipt(self.access_table, receipt, self.clock.now())))
        try:
            transact(self.client, labelled)
        except ConditionsFailed as refused:
            raise _meaning(refused.labels) from refused

    def note_invitation(self, reminder: Reminder, recipient: str) -> None:
        """One UpdateItem, which may be repeated."""
        with raising_store_busy():
            self.client.update_item(
                TableName=self.scheduling_table,
                Key=to_values(keys.invited(reminder.app_id, reminder.call_id, reminder.agent_id)),
                UpdateExpression="ADD invited :recipient",
                ExpressionAttributeValues={":recipient": {"SS": [identity_of(recipient)]}},
            )

    def was_invited(self, reminder: Reminder, recipient: str) -> bool:
        """One strongly consistent BatchGetItem: who is noted, and the planned invitation."""
        noted = keys.invited(reminder.app_id, reminder.call_id, reminder.agent_id)
        planned = keys.reminder(reminder.app_id, reminder.call_id, PLANNED_INVITATION)
        found = get_rows(self.client, {self.scheduling_table: [noted, planned]})
        row, invitation = row_of(found, noted), row_of(found, planned)
        if row is not None:
            return reminder.agent_id is not None or identity_of(recipient) in row["invited"]
        return reminder.agent_id is None and invitation is not None and invitation["status"] == ReminderStatus.SENT

    def note_sending(self, sending: Sending) -> None:
        """One PutItem, which may be repeated: nothing is heard of it before it is sent."""
        with raising_store_busy():
            self.client.put_item(TableName=self.scheduling_table, Item=to_values(items.sending_to_item(sending)))

    def sending(self, app_id: str, call_id: str, sending_id: str) -> Sending | None:
        """One strongly consistent GetItem."""
        row = get_row(self.client, self.scheduling_table, keys.sending(app_id, call_id, sending_id))
        return items.sending_from_item(row) if row is not None else None

    def claim(self, due: Due, claim_id: str, until: datetime) -> Reminder | None:
        """One conditional UpdateItem: the claim is the moment at which the message is due again.

        Where its answer was lost, botocore's repeat finds the message claimed, and by whom.
        """
        try:
            with raising_store_busy():
                answer = self.client.update_item(
                    TableName=self.scheduling_table,
                    Key=to_values({"pk": due.pk, "sk": due.sk}),
                    UpdateExpression="SET claim_id = :claim, due_at = :until, due_bucket = :bucket ADD attempts :one",
                    ConditionExpression="due_at = :due",
                    ExpressionAttributeValues=to_values(
                        {
                            ":claim": claim_id,
                            ":until": until,
                            ":bucket": bucket_of(until, due.pk, due.sk),
                            ":one": 1,
                            ":due": due.at,
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
            return items.reminder_from_item(row) if row.get("claim_id") == claim_id else None
        return items.reminder_from_item(from_values(answer["Attributes"]))

    def is_claimed(self, reminder: Reminder) -> bool:
        """One consistent GetItem."""
        with raising_store_busy():
            answer = self.client.get_item(
                TableName=self.scheduling_table,
                Key=to_values(keys.reminder(reminder.app_id, reminder.call_id, reminder.id)),
                ConsistentRead=True,
                ProjectionExpression="claim_id",
            )
        return "Item" in answer and from_values(answer["Item"]).get("claim_id") == reminder.claim_id

    def settle(self, reminder: Reminder) -> None:
        """One conditional PutItem."""
        try:
            with raising_store_busy():
                self.client.put_item(**writes.settle_reminder(self.scheduling_table, reminder)["Put"])
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise


def _key_of(window: Counted) -> Key:
    if window.bound is Bound.CALL:
        return keys.asked_about_call(window.app_id, window.of)
    if window.bound is Bound.RECIPIENT:
        return keys.asked_for_recipient(window.app_id, window.of)
    return keys.asked_in_app(window.app_id)


def _window_from_item(window: Counted, item: Item | None) -> AskedMessages:
    fields = item or {}
    asked = {
        name.removeprefix(_MESSAGE): parse_instant(value) for name, value in fields.items() if name.startswith(_MESSAGE)
    }
    return AskedMessages(counted=window, version=fields.get("version", 0), asked=asked)


def _count(table: str, count: CountMessage) -> Part:
    """Count one more message, if nobody counted one since the window was read."""
    expires = int((count.at + count.counted.bound.length).timestamp()) + 1
    return parts.count_in_window(
        table,
        _key_of(count.counted),
        f"{_MESSAGE}{count.message_id}",
        count.at,
        version=count.version,
        expires=expires,
        drop=[f"{_MESSAGE}{message_id}" for message_id in count.drop],
    )


def _meaning(failed: frozenset[str]) -> Exception:
    """A new message that is there already was written by an earlier try: nothing else could have made its id."""
    if "new" in failed:
        return AlreadyWritten()
    return AlreadyAnswered() if "receipt" in failed else RaceLost()
