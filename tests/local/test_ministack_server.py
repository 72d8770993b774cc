"""What the emulator of `make run` does beside what ministack does."""

import pytest
from ministack.services import dynamodb

from local.ministack_server import read_conditions_once

CONDITION = "pk = :pk AND sk BETWEEN :low AND :high"
VALUES = {":pk": {"S": "a"}, ":low": {"S": "1"}, ":high": {"S": "3"}}


def test_a_condition_is_read_once_however_many_rows_it_is_asked_of(monkeypatch: pytest.MonkeyPatch) -> None:
    tokenize, read = dynamodb._tokenize, list[str]()

    def counted(expression: str) -> object:
        read.append(expression)
        return tokenize(expression)

    monkeypatch.setattr(dynamodb, "_tokenize", counted)
    monkeypatch.setattr(dynamodb, "_condition_syntax_error", dynamodb._condition_syntax_error)
    read_conditions_once()
    rows = [{"pk": {"S": "a"}, "sk": {"S": str(number)}} for number in range(9)]
    found = [dynamodb._evaluate_condition(CONDITION, row, VALUES, {}) for row in rows]
    assert found == [number in {1, 2, 3} for number in range(9)]
    assert read == [CONDITION]
    with pytest.raises(ValueError, match="Syntax error"):
        dynamodb._evaluate_condition("pk = = :pk", rows[0], VALUES, {})
