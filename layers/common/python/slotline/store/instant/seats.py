"""Seats of rooms and what their sides leave for each other, in DynamoDB: rows that end by themselves.

A sign of life is one UpdateItem: it checks the page's secret, keeps the moment, and brings back both seats.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from slotline.aws import code_of, raising_store_busy
from slotline.domain.booking.rooms import Side
from slotline.domain.instant.mail import KEPT_FOR as MAIL_KEPT_FOR
from slotline.domain.instant.mail import MOST_READ, Letter
from slotline.domain.instant.seats import Happened, Happening, Knock, RecordingWish, Seat, Seats
from slotline.domain.shared.instants import instant_or_none, parse_instant
from slotline.ports.shared import RaceLost
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import DynamoDBClient, Item, from_values, to_values
from slotline.store.dynamodb.rows import get_row, write_rows

KEPT_FOR = timedelta(days=7)
"""After the last change: long enough to say who missed a call, and to complete a recording."""
_REFUSED = "ConditionalCheckFailedException"
_MILLISECOND = timedelta(milliseconds=1)
_SEAT = {
    "visitor": "visitor",
    "tab": "tab",
    "name": "name",
    "joined": "joined_at",
    "taken": "taken_at",
    "seen": "seen_at",
    "away": "away_at",
    "left": "left_at",
    "linked": "linked_at",
    "agrees": "agrees",
    "holder": "holder",
}
"""Attributes of a seat, each behind its side's name: `host_seen`. So a sign of life changes its own seat alone."""


@dataclass(frozen=True, slots=True)
class DynamoSeatings:
    """`Seatings` on AccessTable."""

    client: DynamoDBClient
    table: str

    def read(self, call_id: str) -> Seats:
        """One consistent GetItem."""
        row = get_row(self.client, self.table, keys.seats(call_id))
        return _seats(row) if row else Seats()

    def heard(
        self, call_id: str, side: Side, visitor: str, tab: int, now: datetime, *, is_linked: bool
    ) -> Seats | None:
        """One UpdateItem."""
        linked = f", {side}_linked = :now" if is_linked else ""
        row = self._of_page(call_id, side, visitor, tab, f"SET {side}_seen = :now{linked} REMOVE {side}_away", now)
        return _seats(row) if row else None

    def away(self, call_id: str, side: Side, visitor: str, tab: int, now: datetime) -> None:
        """One UpdateItem."""
        self._of_page(call_id, side, visitor, tab, f"SET {side}_away = :now", now)

    def keep(self, call_id: str, before: Seats, after: Seats) -> Seats:
        """One UpdateItem of what has changed alone: a sign of life that came meanwhile stands."""
        kept = replace(after, version=before.version + 1)
        was, item = _item(before), _item(kept)
        changed = {name: value for name, value in item.items() if name == "version" or was.get(name) != value}
        gone = sorted(was.keys() - item.keys())
        sets = ", ".join(f"{name} = :{name}" for name in changed)
        values = {f":{name}": value for name, value in changed.items()}
        condition = "version = :before" if before.version else "attribute_not_exists(version)"
        with raising_store_busy():
            try:
                self.client.update_item(
                    TableName=self.table,
                    Key=to_values(keys.seats(call_id)),
                    UpdateExpression=f"SET {sets}" + (f" REMOVE {', '.join(gone)}" if gone else ""),
                    ConditionExpression=condition,
                    ExpressionAttributeValues=to_values(
                        values | ({":before": before.version} if before.version else {})
                    ),
                )
            except ClientError as refused:
                if code_of(refused) == _REFUSED:
                    raise RaceLost from refused
                raise
        return kept

    def _of_page(
        self, call_id: str, side: Side, visitor: str, tab: int, expression: str, now: datetime
    ) -> Mapping[str, Any] | None:
        with raising_store_busy():
            try:
                answer = self.client.update_item(
                    TableName=self.table,
                    Key=to_values(keys.seats(call_id)),
                    UpdateExpression=expression,
                    ConditionExpression=(
                        f"{side}_visitor = :visitor AND {side}_tab = :tab AND attribute_not_exists({side}_left)"
                    ),
                    ExpressionAttributeValues=to_values({":visitor": visitor, ":tab": tab, ":now": now}),
                    ReturnValues="ALL_NEW",
                )
            except ClientError as refused:
                if code_of(refused) == _REFUSED:
                    return None
                raise
        return from_values(answer["Attributes"])


@dataclass(frozen=True, slots=True)
class DynamoMailboxes:
    """`Mailboxes` on AccessTable."""

    client: DynamoDBClient
    table: str

    def put(self, call_id: str, to: Side, letters: Sequence[Letter], now: datetime) -> None:
        """One BatchWriteItem: a letter that was left before is written over with itself."""
        ends = int((now + MAIL_KEPT_FOR).timestamp())
        rows = [
            {**keys.mail(call_id, to.value, one.place), "text": one.text, "left_at": now, "expires_at": ends}
            for one in {one.place: one for one in letters}.values()
        ]
        if rows:
            write_rows(self.client, self.table, rows)

    def read(self, call_id: str, of: Side, after: str, since: datetime, now: datetime) -> Sequence[Letter]:
        """One consistent Query, and more where a page of it has nothing but what is over, which is deleted late."""
        first = keys.mail(call_id, of.value)
        if after:
            after += "~"  # behind the letter of this place, and before the next one
        asked: dict[str, Any] = {
            "TableName": self.table,
            "ConsistentRead": True,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :after AND :last",
            "FilterExpression": "expires_at > :now AND left_at >= :since",
            "ExpressionAttributeValues": to_values(
                {
                    ":pk": first["pk"],
                    ":after": f"{first['sk']}{after}",
                    ":last": keys.last_of(first),
                    ":now": int(now.timestamp()),
                    ":since": since,
                }
            ),
            "Limit": MOST_READ,
        }
        while True:
            with raising_store_busy():
                answer = self.client.query(**asked)
            if answer["Items"] or "LastEvaluatedKey" not in answer:
                return [_letter(from_values(row)) for row in answer["Items"]]
            asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _letter(row: Mapping[str, Any]) -> Letter:
    tab, _, number = str(row["sk"]).rpartition("#")[2].partition(".")
    return Letter(tab=int(tab), number=int(number), text=row["text"])


def _item(seats: Seats) -> Item:
    """The row of the seats, without its key."""
    item: dict[str, Any] = {"version": seats.version, "talked": seats.talked // _MILLISECOND}
    for side in Side:
        seat = seats.of(side)
        item |= {f"{side}_{name}": getattr(seat, of) for name, of in _SEAT.items()} if seat else {}
    if seats.knock:
        item["knock"] = {
            "side": seats.knock.side.value,
            "visitor": seats.knock.visitor,
            "name": seats.knock.name,
            "at": seats.knock.at,
            "admitted": seats.knock.admitted,
        }
    item["wish"] = seats.wish.value if seats.wish else None
    item |= {"met_at": seats.met_at, "together_since": seats.together_since, "ended_at": seats.ended_at}
    item["untold"] = [
        {
            "what": one.what.value,
            "side": one.side.value if one.side else None,
            "at": one.at,
            "number": one.number,
            "talked": one.talked // _MILLISECOND,
        }
        for one in seats.untold
    ]
    heard = [seat.seen_at for seat in (seats.host, seats.guest) if seat]
    if heard:
        item["expires_at"] = int((max(heard) + KEPT_FOR).timestamp())
    return {name: value for name, value in item.items() if value is not None}


def _seats(row: Mapping[str, Any]) -> Seats:
    return Seats(
        host=_seat(row, Side.HOST),
        guest=_seat(row, Side.GUEST),
        knock=_knock(row.get("knock")),
        met_at=instant_or_none(row.get("met_at")),
        together_since=instant_or_none(row.get("together_since")),
        talked=row.get("talked", 0) * _MILLISECOND,
        ended_at=instant_or_none(row.get("ended_at")),
        wish=RecordingWish(row["wish"]) if row.get("wish") else None,
        untold=tuple(
            Happened(
                what=Happening(one["what"]),
                side=Side(one["side"]) if one.get("side") else None,
                at=parse_instant(one["at"]),
                number=one["number"],
                talked=one["talked"] * _MILLISECOND,
            )
            for one in row.get("untold", ())
        ),
        version=row["version"],
    )


def _seat(row: Mapping[str, Any], side: Side) -> Seat | None:
    if f"{side}_visitor" not in row:
        return None
    found = {of: row.get(f"{side}_{name}") for name, of in _SEAT.items()}
    moments: dict[str, Any] = {of: instant_or_none(value) for of, value in found.items() if of.endswith("_at")}
    return Seat(**{**found, **moments})


def _knock(row: Mapping[str, Any] | None) -> Knock | None:
    if row is None:
        return None
    return Knock(
        side=Side(row["side"]),
        visitor=row["visitor"],
        name=row.get("name"),
        at=parse_instant(row["at"]),
        admitted=row["admitted"],
    )
