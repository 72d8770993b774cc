"""The parts that transactions are made of: rows put, changed, checked and deleted, and receipts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from slotline.domain.shared.idempotency import KEPT_FOR, IdempotencyKey, Receipt
from slotline.domain.shared.instants import parse_instant
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import Item, to_values

Part = dict[str, Any]


def put(table: str, item: Mapping[str, object], condition: str, **values: object) -> Part:
    """Put a whole row, on a condition."""
    part: Part = {"TableName": table, "Item": to_values(item), "ConditionExpression": condition}
    if values:
        part["ExpressionAttributeValues"] = to_values({f":{name}": value for name, value in values.items()})
    return {"Put": part}


def put_row(table: str, item: Mapping[str, object]) -> Part:
    """Put a whole row, whatever stands there."""
    return {"Put": {"TableName": table, "Item": to_values(item)}}


def put_new(table: str, item: Mapping[str, object]) -> Part:
    """Put a row that must not be there."""
    return put(table, item, "attribute_not_exists(pk)")


def check(
    table: str, key: Mapping[str, str], condition: str, names: Mapping[str, str] | None = None, **values: object
) -> Part:
    """A row that must be as the condition says."""
    return {"ConditionCheck": _conditional(table, key, condition, names or {}, values)}


def delete(table: str, key: Mapping[str, str], **expected: object) -> Part:
    """Take away a row that must be there, and have these attributes; None: must not have it."""
    has = (
        f"{name} = :{name}" if value is not None else f"attribute_not_exists({name})"
        for name, value in expected.items()
    )
    return {"Delete": _conditional(table, key, " AND ".join(("attribute_exists(pk)", *has)), {}, expected)}


def delete_row(table: str, key: Mapping[str, str]) -> Part:
    """Take away a row, if it is there."""
    return {"Delete": {"TableName": table, "Key": to_values(key)}}


def delete_if(table: str, key: Mapping[str, str], condition: str, **values: object) -> Part:
    """Take away a row that must be as the condition says."""
    return {"Delete": _conditional(table, key, condition, {}, values)}


def update(
    table: str,
    key: Mapping[str, str],
    expression: str,
    condition: str,
    names: Mapping[str, str] | None = None,
    **values: object,
) -> Part:
    """Change a row in place, on a condition."""
    return {"Update": {**_conditional(table, key, condition, names or {}, values), "UpdateExpression": expression}}


def change(
    table: str,
    key: Mapping[str, str],
    attributes: Mapping[str, object],
    condition: str,
    **values: object,
) -> Part:
    """Set attributes of a row, and only those, on a condition; None takes one away."""
    names = {f"#n{number}": name for number, name in enumerate(attributes)}
    places = dict(zip(attributes, names, strict=True))
    kept = {f":{places[name][1:]}": value for name, value in attributes.items() if value is not None}
    sets = ", ".join(f"#{place[1:]} = {place}" for place in kept)
    gone = ", ".join(places[name] for name, value in attributes.items() if value is None)
    expression = " ".join(filter(None, (f"SET {sets}" if sets else "", f"REMOVE {gone}" if gone else "")))
    typed = {**to_values(kept), **to_values({f":{name}": value for name, value in values.items()})}
    part = _conditional(table, key, condition, names, {})
    if typed:
        part["ExpressionAttributeValues"] = typed
    return {"Update": {**part, "UpdateExpression": expression}}


def count_in_window(
    table: str,
    key: Mapping[str, str],
    name: str,
    at: datetime,
    *,
    version: int,
    expires: int,
    drop: Sequence[str] = (),
    beside: tuple[str, object] | None = None,
) -> Part:
    """Count something more in a sliding window, by its name, if nothing was counted since this version was read.

    `beside`: one more attribute of the window, with its value.
    """
    names = {"#name": name, "#version": "version", **{f"#d{number}": old for number, old in enumerate(drop)}}
    remove = " REMOVE " + ", ".join(f"#d{number}" for number in range(len(drop))) if drop else ""
    values = {"at": at, "one": 1, "expires": expires, **({"version": version} if version else {})}
    also = ""
    if beside:
        names["#beside"], values["beside"] = beside
        also = ", #beside = :beside"
    condition = "#version = :version" if version else "attribute_not_exists(#version)"
    return update(
        table,
        key,
        f"SET #name = :at, expires_at = :expires{also} ADD #version :one{remove}",
        condition,
        names,
        **values,
    )


def _conditional(
    table: str, key: Mapping[str, str], condition: str, names: Mapping[str, str], values: Mapping[str, object]
) -> Part:
    part: Part = {"TableName": table, "Key": to_values(key), "ConditionExpression": condition}
    if names:
        part["ExpressionAttributeNames"] = dict(names)
    if typed := to_values({f":{name}": value for name, value in values.items()}):
        part["ExpressionAttributeValues"] = typed
    return part


def receipt_item(receipt: Receipt) -> Item:
    """The row of a first answer."""
    return {
        **keys.receipt(receipt.key.principal, receipt.key.route, receipt.key.key),
        "fingerprint": receipt.key.fingerprint,
        "answer": receipt.result,
        "answered_at": receipt.answered_at,
        "expires_at": int((receipt.answered_at + KEPT_FOR).timestamp()),
    }


def put_receipt(table: str, receipt: Receipt, now: datetime) -> Part:
    """Keep the first answer to a key. One whose day is over may still lie there: time to live deletes late."""
    free = "attribute_not_exists(pk) OR expires_at <= :now"
    return put(table, receipt_item(receipt), free, now=int(now.timestamp()))


def receipt_from_row(row: Item | None, key: IdempotencyKey, now: datetime) -> Receipt | None:
    """The receipt of a row; None where there is none, or its day is over."""
    if row is None or row["expires_at"] <= now.timestamp():
        return None
    first = IdempotencyKey(principal=key.principal, route=key.route, key=key.key, fingerprint=row["fingerprint"])
    # A record of a call was once kept beside the others' answers; those live for another day after the change.
    result = {"call": row["call"]} if "call" in row else row["answer"]
    return Receipt(key=first, result=result, answered_at=parse_instant(row["answered_at"]))
