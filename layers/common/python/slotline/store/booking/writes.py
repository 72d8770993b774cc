"""The parts that bookings write: calls, days, customers, turns and messages. `change_day` is the slot lock itself;
`slotline.store.booking.bookings` tells why."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from slotline.domain.booking.agent_days import DayChange
from slotline.domain.booking.blocks import DayBlock
from slotline.domain.booking.calls import Call
from slotline.domain.booking.claims import Hold
from slotline.domain.booking.customer_limits import LONGEST_WINDOW, CustomerChange
from slotline.domain.booking.reminders import Reminder, ReminderPlan
from slotline.domain.booking.sendings import Feedback, HeardFeedback
from slotline.domain.booking.sent_codes import SentCode
from slotline.ports.booking import LetGo, Turn
from slotline.store.booking import items
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import AttributeValues, to_values
from slotline.store.dynamodb.parts import Part


def put_call(table: str, call: Call, replaces: int | None) -> Part:
    """Put a new call, or the next revision of one that still is at the revision the decision saw."""
    item = items.call_to_item(call)
    return (
        parts.put_new(table, item)
        if replaces is None
        else parts.put(table, item, "revision = :replaces", replaces=replaces)
    )


def change_day(table: str, app_id: str, change: DayChange) -> Part:
    """Put the claim and move its hours' guards, if no guard has moved since it was read; drop what is given back."""
    names, values, conditions = _guarded(change)
    update = ["ADD " + ", ".join(f"{name} :one" for name in names)] if names else []
    puts: dict[str, object] = {}
    if change.put:
        names["#claim"] = items.claim_attribute(change.put.id)
        puts["claim"] = items.claim_to_value(change.put)
    if change.ended:
        names["#ended"] = items.ended_attribute(change.ended[0])
        puts["ended"] = items.minute_of(change.ended[1])
    if puts:
        values |= to_values({f":{name}": value for name, value in puts.items()})
        update.append("SET " + ", ".join(f"#{name} = :{name}" for name in puts))
    if change.drop:
        names |= {f"#d{number}": items.claim_attribute(claim_id) for number, claim_id in enumerate(change.drop)}
        update.append("REMOVE " + ", ".join(f"#d{number}" for number in range(len(change.drop))))
    part: Part = {
        "TableName": table,
        "Key": to_values(keys.agent_day(app_id, change.agent_id, change.day)),
        "UpdateExpression": " ".join(update),
        "ExpressionAttributeNames": names,
    }
    if conditions:
        part["ConditionExpression"] = " AND ".join(conditions)
    if values:
        part["ExpressionAttributeValues"] = values
    return {"Update": part}


def _guarded(change: DayChange) -> tuple[dict[str, str], AttributeValues, list[str]]:
    """The names of the guards that move, and on which conditions, with their values."""
    names: dict[str, str] = {}
    values: AttributeValues = {}
    conditions: list[str] = []
    for hour, version in change.guards.items():
        names[f"#g{hour}"] = items.guard_attribute(hour)
        if version:
            values[f":v{version}"] = {"N": str(version)}
            conditions.append(f"#g{hour} = :v{version}")
        else:
            conditions.append(f"attribute_not_exists(#g{hour})")
    if (most := change.local_guard_at_most) is not None:
        names["#local"] = items.LOCAL_GUARD
        values[":most"] = {"N": str(most)}
        never_moved = "attribute_not_exists(#local) OR " if most >= 0 else ""
        conditions.append(f"({never_moved}#local <= :most)")
    if names:
        values[":one"] = {"N": "1"}
    return names, values, conditions


def block_day(table: str, app_id: str, block: DayBlock) -> Part:
    """Put what blocks a day, whatever is there, and move its hours' guards: see `slotline.domain.booking.blocks`."""
    names = {f"#g{hour}": items.guard_attribute(hour) for hour in block.hours}
    names |= {f"#c{number}": items.claim_attribute(claim.id) for number, claim in enumerate(block.claims)}
    values: dict[str, object] = {
        f":c{number}": items.claim_to_value(claim) for number, claim in enumerate(block.claims)
    }
    guards = ", ".join(f"#g{hour} :one" for hour in block.hours)
    claims = ", ".join(f"#c{number} = :c{number}" for number in range(len(block.claims)))
    return {
        "Update": {
            "TableName": table,
            "Key": to_values(keys.agent_day(app_id, block.agent_id, block.day)),
            "UpdateExpression": f"ADD {guards} SET {claims}",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": to_values({**values, ":one": 1}),
        }
    }


def list_months(table: str, app_id: str, months: Sequence[str]) -> Part:
    """Note that the app's calendar has calls in these months."""
    return {
        "Update": {
            "TableName": table,
            "Key": to_values(keys.months(app_id)),
            "UpdateExpression": "ADD months :months",
            "ExpressionAttributeValues": {":months": {"SS": list(months)}},
        }
    }


def count_customer(table: str, app_id: str, change: CustomerChange) -> Part:
    """Count one more booking of a customer, if nobody counted one since the window was read."""
    return parts.count_in_window(
        table,
        keys.customer(app_id, change.identity),
        items.booking_attribute(change.call_id),
        change.at,
        version=change.version,
        expires=int((change.at + LONGEST_WINDOW).timestamp()),
        drop=[attribute(old) for old in change.drop for attribute in _attributes_of(change)],
        beside=(items.hold_attribute(change.call_id), items.hold_to_value(change.hold)) if change.hold else None,
    )


def _attributes_of(change: CustomerChange) -> list[Callable[[str], str]]:
    """What a window has of each thing that it counts."""
    return [items.booking_attribute, items.hold_attribute] if change.hold else [items.booking_attribute]


def uncount_customer(table: str, call: Call, identity: str) -> Part:
    """Take a cancelled call out of a customer's window. Where time to live took the window, what is left ends too."""
    return _uncount(table, keys.customer(call.app_id, identity), call.id, call.created_at)


def uncount_hold(table: str, app_id: str, gone: LetGo, now: datetime) -> list[Part]:
    """Take a hold out of the windows of its holders, if it is in that of the first: it is spent or let go once."""
    found = [
        _uncount(table, keys.customer(app_id, identity), gone.hold.id, now, items.hold_attribute(gone.hold.id))
        for identity in gone.identities
    ]
    found[0]["Update"]["ConditionExpression"] = "attribute_exists(#booking)"
    return found


def drop_hold(table: str, app_id: str, hold: Hold) -> Part:
    """Nobody has to see to this hold's end any more."""
    return {"Delete": {"TableName": table, "Key": to_values(keys.hold(app_id, hold.agent_id, hold.id))}}


def _uncount(table: str, key: Mapping[str, str], counted: str, at: datetime, beside: str | None = None) -> Part:
    return {
        "Update": {
            "TableName": table,
            "Key": to_values(key),
            "UpdateExpression": "SET #ends = if_not_exists(#ends, :expires) "
            f"REMOVE #booking{', #beside' if beside else ''} ADD #version :one",
            "ExpressionAttributeNames": {
                "#booking": items.booking_attribute(counted),
                "#ends": "expires_at",
                "#version": "version",
                **({"#beside": beside} if beside else {}),
            },
            "ExpressionAttributeValues": to_values({":one": 1, ":expires": int((at + LONGEST_WINDOW).timestamp())}),
        }
    }


def spend_code(table: str, sent: SentCode, at: datetime) -> Part:
    """Use up a code, if no other booking has: in the booking's own transaction."""
    key = keys.sent_code(sent.app_id, sent.id)
    return parts.update(
        table, key, "SET spent_at = :at", "attribute_exists(pk) AND attribute_not_exists(spent_at)", at=at
    )


def give_turn(table: str, app_id: str, turn: Turn, at: datetime) -> Part:
    """Count a round-robin turn, if the agent has had no other since it was read.

    Only the winner's count is checked: the others' grow by turns and shrink by cancelled ones alone, and who had more
    than the winner then is not behind the winner by more than what was cancelled meanwhile.
    """
    had_none = (
        "(attribute_not_exists(turns) OR turns <= :turns)"  # what cancelled calls gave back may leave less than none
    )
    none_back = "(attribute_not_exists(turns_back) OR turns_back = :back)"
    had = "turns = :turns" if turn.turns else had_none
    back = "turns_back = :back" if turn.turns_back else none_back
    return {
        "Update": {
            "TableName": table,
            "Key": to_values(keys.agent(app_id, turn.agent_id)),
            "UpdateExpression": "SET last_turn_at = :at, turns = :given, turns_back = :left",
            "ConditionExpression": f"{had} AND {back}",
            "ExpressionAttributeValues": to_values(
                {
                    ":at": at,
                    ":given": turn.counted + 1,
                    ":turns": turn.turns,
                    ":back": turn.turns_back,
                    ":left": turn.turns_back_left,
                }
            ),
        }
    }


def take_turn_back(table: str, app_id: str, agent_id: str) -> Part:
    """Count a turn no longer: it is owed."""
    return {
        "Update": {
            "TableName": table,
            "Key": to_values(keys.agent(app_id, agent_id)),
            "UpdateExpression": "ADD turns :less, turns_back :one",
            "ConditionExpression": "attribute_exists(pk)",
            "ExpressionAttributeValues": to_values({":less": -1, ":one": 1}),
        }
    }


def plan_reminders(table: str, call: Call, plan: ReminderPlan, now: datetime) -> list[Part]:
    """Put the messages that are planned, in place of earlier ones of their kind; wake no other up any more."""
    puts = [parts.put_row(table, items.reminder_to_item(reminder)) for reminder in plan.put]
    drops = [
        {
            "Update": {
                "TableName": table,
                "Key": to_values(keys.reminder(call.app_id, call.id, reminder_id)),
                "UpdateExpression": "SET dropped_at = :now REMOVE due_at, due_bucket",
                "ExpressionAttributeValues": to_values({":now": now}),
            }
        }
        for reminder_id in plan.drop
    ]
    return [*puts, *drops]


def settle_reminder(table: str, reminder: Reminder) -> Part:
    """Write what became of a message, if whoever claimed it still holds it. One dropped since does not wait again."""
    still_waits = " AND attribute_exists(due_at)" if reminder.due_at else ""
    return parts.put(
        table, items.reminder_to_item(reminder), f"claim_id = :claim{still_waits}", claim=reminder.claim_id
    )


def hear_feedback(table: str, heard: HeardFeedback) -> list[Part]:
    """Note what came back of a sending, if it still is news, and whom nothing more is sent to.

    A complaint stands in place of a bounce, and never the other way around.
    """
    sending, suppression = heard.sending, heard.suppression
    key = keys.sending(sending.app_id, sending.call_id, sending.id)
    note = parts.update(
        table,
        key,
        "ADD heard :news",
        "attribute_exists(pk) AND NOT contains(heard, :feedback)",
        feedback=heard.feedback.value,
    )
    note["Update"]["ExpressionAttributeValues"][":news"] = {"SS": [heard.feedback.value]}
    if suppression is None:
        return [note]
    row = items.suppression_to_item(suppression)
    if suppression.feedback is Feedback.COMPLAINED:
        return [note, parts.put_row(table, row)]
    fields = {name: value for name, value in row.items() if name not in {"pk", "sk"}}
    kept = {
        "TableName": table,
        "Key": to_values({"pk": row["pk"], "sk": row["sk"]}),
        "UpdateExpression": "SET " + ", ".join(f"#{name} = if_not_exists(#{name}, :{name})" for name in fields),
        "ExpressionAttributeNames": {f"#{name}": name for name in fields},
        "ExpressionAttributeValues": to_values({f":{name}": value for name, value in fields.items()}),
    }
    return [note, {"Update": kept}]
