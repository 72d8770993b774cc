"""Values of rows in DynamoDB's own types: as boto3's serializers make them, which are the reference here."""

from base64 import b64encode
from datetime import UTC, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Any

import pytest
from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from slotline.store.dynamodb.values import from_values, to_values
from tests.support.properties import tried

LARGEST = 10**38 - 1
numbers = st.integers(-LARGEST, LARGEST) | st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=6
)
scalars = st.none() | st.booleans() | numbers | st.text() | st.binary()
sets = st.sets(st.text(), min_size=1) | st.sets(numbers, min_size=1) | st.sets(st.binary(), min_size=1)
values = st.recursive(
    scalars | sets, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner)
)


class Colour(StrEnum):
    RED = "red"


class Size(IntEnum):
    LARGE = 3


def by_boto3(item: dict[str, Any]) -> dict[str, Any]:
    return {name: TypeSerializer().serialize(value) for name, value in item.items() if value is not None}


def read_by_boto3(values: dict[str, Any]) -> Any:
    def plain(value: Any) -> Any:
        if isinstance(value, Decimal):
            return int(value) if value == value.to_integral_value() else float(value)
        if isinstance(value, dict):
            return {name: plain(inner) for name, inner in value.items()}
        return [plain(inner) for inner in value] if isinstance(value, list) else value

    return {name: plain(TypeDeserializer().deserialize(value)) for name, value in values.items()}


@tried()
@given(st.dictionaries(st.text(), values))
def test_an_item_is_packed_as_boto3_packs_it(item: dict[str, Any]) -> None:
    assert to_values(item) == by_boto3(item)


@tried()
@given(st.dictionaries(st.text(), values))
def test_an_item_is_unpacked_as_boto3_unpacks_it(item: dict[str, Any]) -> None:
    packed = by_boto3(item)
    assert from_values(packed) == read_by_boto3(packed)


def test_none_is_left_out_of_an_item_and_kept_inside_of_it() -> None:
    assert to_values({"a": None, "b": [None]}) == {"b": {"L": [{"NULL": True}]}}


def test_an_instant_is_text_wherever_it_is() -> None:
    instant, text = datetime(2026, 5, 1, 15, tzinfo=UTC), {"S": "2026-05-01T15:00:00.000Z"}
    packed = to_values({"at": instant, "all": (instant, {"in": instant})})
    assert packed == {"at": text, "all": {"L": [text, {"M": {"in": text}}]}}


def test_true_is_no_number_and_what_derives_from_a_text_a_number_or_a_mapping_is_one() -> None:
    item = {"flag": True, "colour": Colour.RED, "size": Size.LARGE, "map": MappingProxyType({"a": 1})}
    expected = {"flag": {"BOOL": True}, "colour": {"S": "red"}, "size": {"N": "3"}, "map": {"M": {"a": {"N": "1"}}}}
    for _ in range(2):  # the second time by what the first has found
        assert to_values(item) == expected


@pytest.mark.parametrize(
    "value",
    [10**38, -(10**38), 10**38 + 1, Decimal("0.1") + 10**38, Decimal("1e126"), Decimal("1e127"), Decimal("1e-131")],
)
def test_a_number_that_the_tables_would_not_give_back_is_refused_as_boto3_refuses_it(value: Any) -> None:
    try:
        said: Any = TypeSerializer().serialize(value)
    except ArithmeticError as refusal:
        with pytest.raises(type(refusal)):
            to_values({"n": value})
    else:
        assert to_values({"n": value}) == {"n": said}


@pytest.mark.parametrize("value", [1.5, object(), {1, "a"}, {1.5}, Decimal("NaN"), Decimal("Infinity"), [1.5]])
def test_what_the_tables_have_no_form_for_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        to_values({"value": value})


@pytest.mark.parametrize("text", ["1.0", "1E+2", "-0", "0.5", "12345678901234567890.25"])
def test_a_number_is_read_however_it_is_written(text: str) -> None:
    assert from_values({"n": {"N": text}}) == read_by_boto3({"n": {"N": text}})


def test_bytes_are_read_as_boto3_gives_them_and_as_json_has_them() -> None:
    raw = b"\x00\xff"
    text = b64encode(raw).decode()
    for said in (Binary(raw), raw, text):
        assert from_values({"one": {"B": said}, "all": {"BS": [said]}}) == {"one": raw, "all": {raw}}


@pytest.mark.parametrize("value", [{}, {"X": "1"}, {"S": "a", "N": "1"}])
def test_a_value_of_no_known_type_is_refused(value: Any) -> None:
    with pytest.raises((KeyError, ValueError)):
        from_values({"value": value})
