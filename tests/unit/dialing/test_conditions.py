"""JMESPath as a condition: what holds, what does not, and what is not let in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.conditions.jmespath_conditions import flaw, matches
from tests.support.properties import tried

CALL = {
    "status": "No answer",
    "attempt": 2,
    "metadata": {"custom": {"orderId": "456"}},
    "params": {"vip": True, "tier": "gold", "zero": 0, "empty": "", "tags": ["a"]},
}


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("status == 'No answer'", True),
        ("status == 'Busy'", False),
        ("status == 'No answer' && attempt < `3`", True),
        ("status == 'Busy' || params.tier == 'gold'", True),
        ("!(params.vip)", False),
        ("metadata.custom.orderId == '456'", True),
        ("contains(['Busy'], status)", False),
        ('contains(`["Busy", "No answer"]`, status)', True),
        ("params.tags[0] == 'a'", True),
        ("starts_with(status, 'No')", True),
        ("params.zero", True),
        ("params.empty", False),
        ("params.missing", False),
        ("params", True),
        ("length(attempt) == `1`", False),
        ("nope(status)", False),
        ("(((", False),
        ("`true`", True),
        ("`false`", False),
    ],
)
def test_a_condition_holds_by_jmespaths_own_truth(query: str, holds: bool) -> None:
    assert matches(query, CALL) is holds


@pytest.mark.parametrize(
    "query",
    [
        "status == 'Busy' && attempt < `3`",
        "contains(params.missing, 'x')",
        "params.tags[0] == 'a'",
        "status | @ == 'Busy'",
        "length(params.name) > `3`",
    ],
)
def test_a_condition_has_no_flaw_for_what_only_the_sample_lacks(query: str) -> None:
    assert flaw(query) is None


@pytest.mark.parametrize(
    "query",
    [
        "",
        "(((",
        "status = 'Busy'",
        "status === 'Busy'",
        "Busy, No answer",
        "nope(status)",
        "length(status, status)",
        "[status, attempt]",
        "{a: status}",
        "params.tags[]",
        "params.*",
        "params.tags[?@ == 'a']",
        "map(&@, params.tags)",
        "[@,@][]|" * 50 + "@",
        "!" * 400 + "status",
        "(" * 400 + "status" + ")" * 400,
        "\ud800",
        "status == 'Busy",
    ],
)
def test_what_is_no_condition_or_could_grow_without_end_is_refused_in_words(query: str) -> None:
    found = flaw(query)
    assert found is not None
    assert found.startswith(("must", "uses", "gives", "is"))


@pytest.mark.filterwarnings("ignore:deprecated string literal syntax")  # it is read as text, and harmless
@tried(400)
@given(st.text(alphabet="status attempt params.metadata[]{}()&|!@*?<>='`0123456789,:\"\\$-", max_size=60))
def test_no_text_makes_judging_or_asking_fail(query: str) -> None:
    flaw(query)
    assert matches(query, CALL) in (True, False)
