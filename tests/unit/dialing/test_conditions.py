"""JMESPath as a condition: what holds, what does not, and what is not let in."""

import tracemalloc
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.conditions.asking import matches
from slotline.conditions.judging import flaw
from slotline.conditions.trees import NotACondition, tree_of
from slotline.domain.dialing.retry_rules import LONGEST_QUERY, Reach
from tests.support.properties import tried

REACH = Reach(attempts=3)
CALL = {
    "status": "No answer",
    "attempt": 2,
    "metadata": {"from": "+12025550100", "to": "+12025550143", "tags": ["a"], "custom": {"orderId": "456"}},
    "params": {"vip": True, "tier": "gold", "zero": 0, "empty": "", "amount": "250", "null": None, "price": 9.5},
}


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("status == 'No answer'", True),
        ("status == 'Busy'", False),
        ("status == 'No answer' && attempt < `3`", True),
        ("status == 'Busy' || params.tier == 'gold'", True),
        ("!(params.vip)", False),
        ("!params.vip", False),
        ("!params.missing", True),
        ("metadata.custom.orderId == '456'", True),
        ("contains(['Busy'], status)", False),
        ('contains(`["Busy", "No answer"]`, status)', True),
        ("contains(['Busy', 'No answer'], status)", True),
        ("metadata.tags[0] == 'a'", True),
        ("metadata.tags[-1] == 'a'", True),
        ("metadata.tags[1] == 'a'", False),
        ("starts_with(status, 'No')", True),
        ("params.zero", True),
        ("params.empty", False),
        ("params.missing", False),
        ("params", True),
        ("`true`", True),
        ("status | @ == 'No answer'", True),
        ("not_null(params.missing, 'none') == 'none'", True),
        ("(params.missing || 'none') == 'none'", True),
        ("params.vip == `true`", True),
        ("params.vip == `1`", False),
        ("type(params.vip) == 'boolean'", True),
        ("ceil(params.price) == `10`", True),
        ("floor(params.price) == `9`", True),
        ("abs(params.price) == `9.5`", True),
        ("to_string(params.zero) == '0'", True),
        ("ends_with(params.tier, 'ld')", True),
        ("length(params.tier) == `4`", True),
    ],
)
def test_a_condition_holds_by_jmespaths_own_truth(query: str, holds: bool) -> None:
    assert matches(query, CALL) is holds


@pytest.mark.parametrize(
    "written",
    ["No answer", "no answer", "NO_ANSWER", "no-answer", "No-Answer", " no  answer ", "NO__ANSWER"],
)
@pytest.mark.parametrize(
    "query",
    ["status == '{}'", "'{}' == status", "contains(['Busy', '{}'], status)", "contains('Busy,{}', status)"],
)
def test_statuses_are_compared_without_regard_to_case_hyphens_and_underscores(query: str, written: str) -> None:
    condition = query.format(written)
    assert flaw(condition, REACH) is None
    assert matches(condition, CALL) is True
    assert matches(condition, {**CALL, "status": "Failed"}) is False
    assert matches("status != 'NO_ANSWER'", CALL) is False


@pytest.mark.parametrize(
    "query", ["contains(status, 'ANSWER')", "starts_with(status, 'NO_')", "ends_with(status, '-answer')"]
)
def test_what_is_searched_in_a_status_is_read_as_a_status_is(query: str) -> None:
    assert flaw(query, REACH) is None
    assert matches(query, CALL) is True
    assert matches(query, {**CALL, "status": "Busy"}) is False


@pytest.mark.parametrize(
    "query",
    [
        "params.amount > `100`",
        "params.amount == `250`",
        "attempt < params.tier",
        "params.missing > `1`",
        "metadata.tags > `1`",
        "length(attempt) == `1`",
        "contains(params.zero, 'x')",
        "contains(params.tier, `1`)",
        "starts_with(params.vip, 't')",
        "ceil(params.tier) == `1`",
        "to_number(params.tier) > `1`",
        "to_number(params.null) > `1`",
        "params.tier.x == 'y'",
        "params.tier[0] == 'g'",
        "to_string(metadata) == 'x'",
        "to_string(not_null(params.missing, metadata.tags)) == 'x'",
    ],
)
def test_a_comparison_of_what_does_not_fit_does_not_hold_and_the_other_side_of_an_or_still_does(query: str) -> None:
    assert matches(query, CALL) is False
    assert matches(f"{query} || status == 'No answer'", CALL) is True


@pytest.mark.parametrize("cell", ["250", " 250 ", "250.0", "+250", "2.5e2", "2.5E+2"])
def test_a_cells_number_is_read_by_to_number(cell: str) -> None:
    call = {**CALL, "params": {"amount": cell}}
    assert matches("to_number(params.amount) == `250`", call) is True
    assert matches("ceil(to_number(params.amount)) > `249`", call) is True


@pytest.mark.parametrize(
    "cell", ["", "inf", "-Infinity", "nan", "1e400", "9" * 41, "1_000", "1,000", "$5", "0x10", "٣", "1.", ".", "--1"]
)
def test_what_is_no_plain_number_is_none_and_no_rule_fails_by_it(cell: str) -> None:
    call = {**CALL, "params": {"amount": cell}}
    for query in ("ceil(to_number(params.amount)) > `1`", "to_number(params.amount) < `1`"):
        assert matches(query, call) is False


@pytest.mark.parametrize(
    "query",
    [
        "status == 'Busy' && attempt < `3`",
        "contains(params.missing, 'x')",
        "status | @ == 'Busy'",
        "length(params.name) > `3`",
        "params.amount > `100`",
        "contains('gold,silver', params.tier)",
        "contains(metadata.tags, 'vip')",
        "metadata.to != metadata.from",
        "starts_with(metadata.to, '+1')",
        "attempt != `9`",
        "status != 'Completed'",
        "status == `Busy`",
        "params.tier",
        "!params.tier",
        "to_string(attempt) == '2'",
        "status == params.last_status",
        "params.\"First Name\" == 'Ana'",
    ],
)
def test_a_condition_that_some_call_makes_true_has_no_flaw(query: str) -> None:
    assert flaw(query, REACH) is None


REFUSED = [
    # What was sent, and words that the answer has.
    ("", "is neither a list"),
    ("status = 'Busy'", "=="),
    ("status === 'Busy'", "=="),
    ("status == 'Busy' and attempt < `3`", "&&"),
    ("attempt < 3", "backticks"),
    ("status == 'Busy", "is neither"),
    ("\ud800", "is neither"),
    ("param.vip == 'yes'", "did you mean params"),
    ("Status == 'Busy'", "did you mean status"),
    ("result.score > `3`", "status, attempt, metadata and params"),
    ('status == "Busy"', "single quotes, as in status == 'Busy'"),
    ("status == Busy", "single quotes, as in status == 'Busy'"),
    ("Busy || Failed", "single quotes"),
    ("status == 'Busy' || 'Failed'", "did you mean status == 'Failed'"),
    ("status == 'NoAnswer'", "did you mean No answer"),
    ("status != 'Bussy'", "did you mean Busy"),
    ("contains(['Busy', 'NoAnswer'], status)", "did you mean No answer"),
    ("contains('Busy,NoAnswer', status)", "did you mean No answer"),
    ("contains(status, 'anser')", "Busy or Failed or No answer"),
    ("starts_with(status, 'Q')", "never holds"),
    ("status == 'Completed'", "calls that are Completed are never dialled again"),
    ("status == 'unknown'", "calls that are Unknown are never dialled again"),
    ("status == `3`", "status is a text"),
    ("status == `null`", "status is a text"),
    ("attempt == '3'", "attempt == `3`"),
    ("attempt != '3'", "attempt == `3`"),
    ("attempt == `0`", "attempt is 1 to 3"),
    ("attempt == `4`", "by max_retries"),
    ("attempt > `3`", "attempt is 1 to 3"),
    ("attempt < `1`", "attempt is 1 to 3"),
    ("attempt == `1.5`", "attempt is 1 to 3"),
    ("contains(`[0, 9]`, attempt)", "attempt is 1 to 3"),
    ("attempt == status", "never holds"),
    ("status == status", "with itself"),
    ("params.a <= params.a", "with itself"),
    ("'a' == 'a'", "two literals"),
    ("`1` < `2`", "two literals"),
    ("contains('abc', 'b')", "two literals"),
    ("length('abc') == `3`", "two literals"),
    ("attempt < '3'", "numbers stand in backticks, as in `3`"),
    ("status < 'C'", "only numbers have an order"),
    ("params.due < '2027-01-01'", "only numbers have an order"),
    ("metadata.colour == 'red'", "from, to, tags, custom"),
    ("metadata.tag == 'red'", "did you mean tags"),
    ("metadata.to == 'Ana'", "phone number"),
    ("params.a.b == 'x'", "it has no b"),
    ("params.tags[0] == 'a'", "it has no [0]"),
    ("status.text == 'Busy'", "it has no text"),
    ("metadata == params", "compare what is in it"),
    ("params.x == `[1]`", "never holds"),
    ("type(params.x) == 'array'", "never holds"),
    ("length(status) == `5`", "4 or 6 or 9 or 14"),
    ("length(params.name) == `-1`", "never holds"),
    ("abs(params.x) == `-1`", "never holds"),
    ("to_number(status) == `1`", "takes a text that may be a number"),
    ("not_null(attempt, params.x) == 'gold'", "never holds"),
    ("not_null(status, params.x) == 'gold'", "there is no status gold"),
    ("not_null('gold', attempt) < `2`", "only numbers have an order"),
    ("not_null(params.x, attempt, params.y) == `null`", "never holds"),
    ("`false`", "never true"),
    ("!(attempt > `0`)", "never true"),
    ("!contains(['Busy', 'Failed', 'No answer', 'AMD Terminated'], status)", "never true"),
    ("nope(status)", "there is no function nope()"),
    ("starts_wth(status, 'B')", "did you mean starts_with"),
    ("length(status, status)", "takes 1 argument, not 2"),
    ("contains(status)", "takes 2 arguments, not 1"),
    ("[status, attempt]", "without"),
    ("{a: status}", "without"),
    ("params.tags[]", "without"),
    ("params.tags[0:2]", "without"),
    ("params.*", "without"),
    ("params.tags[?@ == 'a']", "without"),
    ("map(&@, params.tags)", "without"),
    ("params.x == `{}`", "a literal"),
    ("params.x == `[[1]]`", "a literal"),
    ("params.x == `1e400`", "15 digits"),
    ("params.x == `NaN`", "15 digits"),
    ("params.x < `" + "9" * 30 + "`", "15 digits"),
    ("contains(`[" + "1," * 50 + "1]`, attempt)", "50 items"),
]


@pytest.mark.parametrize(("query", "words"), REFUSED, ids=[query[:40] for query, _ in REFUSED])
def test_what_is_no_condition_or_never_holds_is_refused_in_words_that_say_what_would(query: str, words: str) -> None:
    found = flaw(query, REACH)
    assert found is not None
    assert words in found


def test_what_only_other_kinds_of_values_make_true_is_told_once_the_values_are_known() -> None:
    table = Reach(attempts=3, parameters={"amount": frozenset({"string"}), "vip": frozenset({"string"})})
    json = Reach(attempts=3, parameters={"amount": frozenset({"number"}), "vip": frozenset({"boolean", "null"})})
    for query in ("params.amount > `100`", "params.amount == `100`"):
        assert "to_number(params.amount)" in str(flaw(query, table))
        assert flaw(query, json) is None
        assert flaw(query, REACH) is None, "nobody knows the values when a rule is saved"
    assert flaw("to_number(params.amount) > `100`", table) is None
    assert flaw("params.vip == `true`", table) is not None
    assert "did you mean vip" in str(flaw("params.vpi == 'yes'", table))


GROWING = [
    inner
    for depth in range(1, 41)
    for inner in (
        "to_string(to_array(" * depth + "params.amount" + "))" * depth + " == 'x'",
        "join(params.big, to_array(" * depth + "params.big" + "))" * depth + " == 'x'",
        "@ | [@,@]" * depth + " | length(@) > `1`",
        "not_null(" * depth + ", ".join(["to_string(params.big)"] * 3) + ")" * depth + " == 'x'",
        "params.big == 'x'" + " || contains(to_string(params.big), to_string(params.big))" * depth,
    )
]


def test_two_hundred_conditions_that_grow_are_refused_or_worked_out_in_little_time_and_memory(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Both at saving and at work, where a rule may be stored that nobody would take today."""
    assert len(GROWING) == 200
    big = {**CALL, "params": {f"big{n}": '\\"' * 2_000 for n in range(195)} | {"big": '\\"' * 2_000, "amount": "9"}}
    slowest, largest, refused = 0.0, 0, 0
    for query in GROWING:
        tree_of.cache_clear()
        tracemalloc.start()
        began = process_time()
        refused += flaw(query, REACH) is not None
        _at_work(query, big)
        slowest = max(slowest, process_time() - began)
        largest = max(largest, tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    with capsys.disabled():
        print(f"\n{refused} of 200 refused; at most {slowest * 1000:.1f} ms, {largest / 1024:.0f} KiB each")  # noqa: T201 - figures that somebody wants to see
    assert slowest < 0.25, "seconds of processor time, judged and asked, with memory being traced"
    assert largest < 2 * 1024 * 1024


def _at_work(query: str, call: dict[str, Any]) -> bool | None:
    try:
        return matches(query, call)
    except (NotACondition, TypeError):
        return None


JUDGED = [
    " || ".join(["contains(to_string(attempt), to_string(length(metadata.tags)))"] * 7),
    " || ".join(["to_string(length(params.a)) == to_string(length(params.b))"] * 7),
    " || ".join([f"contains(`{list(range(30))}`, attempt)"] * 3),
    " || ".join(["contains('" + ",".join(["Busy"] * 20) + "', status)"] * 3),
    "status == '" + "x" * 450 + "'",
    "!" * 39 + "status",
    "contains(type(@), type(params.a)) || " * 12 + "params.a",
]


@pytest.mark.parametrize("query", JUDGED, ids=[query[:40] for query in JUDGED])
def test_judging_takes_little_time_and_memory_however_many_values_there_are_to_look_at(query: str) -> None:
    assert len(query) <= LONGEST_QUERY
    began = process_time()
    tracemalloc.start()
    flaw(query, Reach(attempts=200))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert process_time() - began < 1.5, "with memory being traced, which takes several times as long"
    assert peak < 16 * 1024 * 1024


@pytest.mark.parametrize("sign", ["(", "[", "!", "{", "not_null(", "params."])
def test_nesting_is_bounded_before_it_is_parsed(sign: str) -> None:
    query = (sign * LONGEST_QUERY)[:LONGEST_QUERY]
    assert flaw(query, REACH) is not None
    assert flaw("a" * (LONGEST_QUERY + 1), REACH) is not None


@tried(400)
@given(st.text(alphabet="status attempt params.metadata[]{}()&|!@*?<>='`0123456789,:\"\\$-", max_size=60))
def test_no_text_makes_judging_fail_and_at_work_it_is_refused_or_worked_out(query: str) -> None:
    flaw(query, REACH)
    assert _at_work(query, CALL) in (True, False, None)
