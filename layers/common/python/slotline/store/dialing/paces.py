"""What numbers have given out: one row a number in the whole deployment, and whoever gives out saw it as it was.

A line is given back whatever else has changed: everybody who waits asks of the same row, and who gives back must not
lose against them all. The version goes up with it, so that nobody writes the line back who saw it taken.
"""

from dataclasses import dataclass

from botocore.exceptions import ClientError

from slotline.aws import code_of, raising_store_busy
from slotline.domain.dialing.pace import Pace
from slotline.ports.dialing import KeptPace
from slotline.ports.shared import RaceLost
from slotline.store.dialing import items
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import DynamoDBClient, Item, from_values, to_values


@dataclass(frozen=True, slots=True)
class DynamoPaces:
    """`Paces` on AccessTable."""

    client: DynamoDBClient
    table: str

    def read(self, e164: str) -> KeptPace:
        """One consistent GetItem."""
        key = to_values(keys.pace(e164))
        with raising_store_busy():
            answer = self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True)
        return kept_pace(from_values(answer["Item"]) if "Item" in answer else None)

    def write(self, e164: str, kept: KeptPace) -> None:
        """One conditional PutItem."""
        row = {
            **keys.pace(e164),
            **items.pace_to_fields(kept.pace),
            "version": kept.version + 1,
        }
        stands = "version = :version" if kept.version else "attribute_not_exists(pk)"
        values = {"ExpressionAttributeValues": to_values({":version": kept.version})} if kept.version else {}
        try:
            with raising_store_busy():
                self.client.put_item(
                    TableName=self.table,
                    Item=to_values(row),
                    ConditionExpression=stands,
                    **values,  # type: ignore[arg-type] # one keyword, or none
                )
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            raise RaceLost from error

    def give_back(self, e164: str, attempt: str) -> None:
        """One UpdateItem, on condition that the line is taken."""
        try:
            with raising_store_busy():
                self.client.update_item(
                    TableName=self.table,
                    Key=to_values(keys.pace(e164)),
                    UpdateExpression="REMOVE leases.#attempt ADD version :one",
                    ConditionExpression="attribute_exists(leases.#attempt)",
                    ExpressionAttributeNames={"#attempt": attempt},
                    ExpressionAttributeValues=to_values({":one": 1}),
                )
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise


def kept_pace(row: Item | None) -> KeptPace:
    """The pace of a row; of a number that has given out nothing yet where there is none."""
    if row is None:
        return KeptPace(pace=Pace(), version=0)
    return KeptPace(pace=items.pace_from_fields(row), version=row["version"])
