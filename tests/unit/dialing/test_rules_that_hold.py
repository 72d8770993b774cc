"""A thousand made-up retry rules of one comparison each: one that is taken holds for some call, which is found here.

The calls are looked for without a look at how a rule is judged: every status that is dialled again, every attempt, and
for each parameter the rule's own literals and what lies around them, of every kind that a row may hold.
"""

import json
import random
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

from slotline.conditions.asking import matches
from slotline.conditions.judging import flaw
from slotline.domain.dialing.retries import flaw_of, statuses_of
from slotline.domain.dialing.retry_rules import Reach
from slotline.domain.dialing.statuses import RETRIABLE, DialStatus

RULES = 1_000
ATTEMPTS = 3
TRIES = 2_000
NAMES = [
    *("status", "status", "attempt", "attempt", "params.tier", "params.amount", 'params."First Name"'),
    *("metadata.to", "metadata.from", "metadata.tags", "metadata.tags[0]", "metadata.custom.orderId"),
]
ODD_NAMES = [
    *("params", "params.a.b", "params.a[0]", "metadata", "metadata.colour", "status.text"),
    *("Status", "param.tier", "result.score", "Busy", "@"),
]
LITERALS: list[Any] = [
    *(
        "Busy",
        "busy",
        "NO_ANSWER",
        "no-answer",
        "NoAnswer",
        "Completed",
        "Unknown",
        "AMD",
        "answer",
        "",
        "gold",
        "x" * 80,
    ),
    *("3", "100", "+1", "+12025550143", "2", "0143", "string", "number", "array", "null", "true"),
    *(0, 1, 2, 3, 4, -1, 1.5, 100, 4_000, 4_001, 10**15, True, False, None),
    *([], ["Busy"], ["gold", "Busy"], ["NoAnswer"], [1, 2], [9], ["a"], ["1"]),
]
VALUES: list[Any] = [
    *(
        None,
        True,
        False,
        "",
        "gold",
        0,
        -1,
        2.5,
        "7",
        10**16,
        -(10**16),
        2,
        "xyz",
        "call +12025550143",
        "+12025550143",
        "+4420712345",
    ),
    *("string", "number", "boolean", "array", "object", 4, 6, 9, 12, 14, 16, 100),
]
SIGNS = ["==", "!=", "<", "<=", ">", ">="]
OF_ONE = ["length", "to_number", "to_string", "type", "abs", "ceil", "floor", "not_null"]
OF_TWO = ["contains", "starts_with", "ends_with"]


def a_side(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.4:
        literal = chance.choice(LITERALS)
        return f"'{literal}'" if isinstance(literal, str) and chance.random() < 0.9 else f"`{json.dumps(literal)}`"
    name = chance.choice(NAMES if chance.random() < 0.8 else ODD_NAMES)
    if kind >= 0.95:
        first, second = chance.sample([name, chance.choice(NAMES), "'gold'", "`3`"], 2)
        return f"not_null({first}, {second})"
    return name if kind < 0.8 else f"{chance.choice(OF_ONE)}({name})"


def a_rule(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.1:
        words = [*DialStatus, "NO_ANSWER", "no-answer", "NoAnswer", "busy", "Voicemail"]
        return ", ".join(chance.sample(words, chance.randint(1, 3)))
    left, right = a_side(chance), a_side(chance)
    if kind < 0.35:
        comparison = f"{chance.choice(OF_TWO)}({left}, {right})"
    else:
        comparison = f"{left} {chance.choice(SIGNS)} {right}"
    return f"!({comparison})" if chance.random() < 0.15 else comparison


def calls_for(rule: str, tries: int) -> Iterator[dict[str, Any]]:
    """Calls with what the rule itself says, and what lies around it: first the same everywhere, then by chance."""
    said: list[Any] = re.findall(r"'([^']*)'", rule)
    for text in re.findall(r"`([^`]*)`", rule):
        found = json.loads(text)
        said += found if isinstance(found, list) else [found]
    numbers = [one for one in said if isinstance(one, int | float) and not isinstance(one, bool)]
    numbers += [int(text) for text in said if isinstance(text, str) and text.isdigit()]
    near = [other for one in numbers for other in (one, one + 1, one - 1, -one, one + 0.5, str(one))]
    lengths = ["y" * int(one + more) for one in numbers for more in (-1, 0, 1) if 0 <= one + more <= 4_000]
    values = [*VALUES, *said, *near, *lengths, *map(str, RETRIABLE)]
    pools = dict.fromkeys(("tier", "amount", "First Name", "orderId", "tag", "to", "from"), values)
    if "to_number(metadata" in rule:
        pools["tier"] = pools["amount"] = pools["First Name"] = [12025550143, 12025550100]
    for one, status, attempt in product(values, sorted(RETRIABLE), range(1, ATTEMPTS + 1)):
        yield a_call(str(status), attempt, dict.fromkeys(pools, one), [])
    chance = random.Random(rule)
    for _ in range(tries):
        drawn = {name: chance.choice(pool) for name, pool in pools.items()}
        others = [str(one) for one in chance.sample(values, chance.choice([0, 1, 20]))]
        yield a_call(str(chance.choice(sorted(RETRIABLE))), chance.randint(1, ATTEMPTS), drawn, others)


def a_call(status: str, attempt: int, drawn: dict[str, Any], tags: list[str]) -> dict[str, Any]:
    """A call with these values; nothing, null or no text is not there."""
    params = {name: drawn[name] for name in ("tier", "amount", "First Name") if drawn[name] is not None}
    more = {f"name {n}": "x" for n in range(len(tags) * 9)}
    custom = {"orderId": drawn["orderId"]} if isinstance(drawn["orderId"], str) else {}
    all_tags = ([str(drawn["tag"])] if drawn["tag"] is not None else []) + tags
    numbers = {"from": a_number_like(drawn["from"]), "to": a_number_like(drawn["to"])}
    metadata = {**numbers, "tags": all_tags, "custom": custom}
    return {"status": status, "attempt": attempt, "metadata": metadata, "params": {**params, **more}}


def a_number_like(value: Any) -> str:
    """A phone number that is, begins with, ends with or holds the value, if there is one."""
    text = str(value)
    digits = "".join(letter for letter in text if letter in "0123456789")
    for number in (text, f"{text}2025550143"[:16], f"+1202555{digits}"[:16], "+12025550143"):
        if re.fullmatch(r"\+[1-9]\d{6,14}", number):
            return number
    return "+12025550143"


def holds(rule: str, tries: int = TRIES) -> bool:
    listed = statuses_of(rule)
    if listed is not None:
        return bool(listed & RETRIABLE)
    return any(matches(rule, call) for call in calls_for(rule, tries))


def test_each_of_a_thousand_rules_is_refused_or_holds_for_some_call() -> None:
    chance = random.Random(20_270_501)
    rules = [a_rule(chance) for _ in range(RULES)]
    taken = [rule for rule in rules if flaw_of(rule, flaw, Reach(attempts=ATTEMPTS)) is None]
    assert [rule for rule in taken if not holds(rule)] == []
    assert 100 < len(taken) < 900, "enough of both, or nothing is shown"


def test_what_is_said_never_to_hold_holds_for_no_call() -> None:
    chance = random.Random(20_270_502)
    rules = [a_rule(chance) for _ in range(RULES // 3)]
    told = [rule for rule in rules if "never holds" in (flaw_of(rule, flaw, Reach(attempts=ATTEMPTS)) or "")]
    plain = [rule for rule in told if not rule.startswith("!")]
    assert [rule for rule in plain if holds(rule, tries=50)] == []
    assert len(plain) > 15
