"""Tags and fields that a sender wants to find again with a call: of a campaign, of an object, of a table's columns."""

import pytest

from slotline.domain.dialing.own_metadata import LARGEST, OwnMetadata
from slotline.domain.dialing.rows import CallRequest, Row, RowRefused, Source, read_request
from tests.support.builders.dialing import a_row


def read(**cells: object) -> CallRequest:
    return read_request(a_row(**cells), lambda _: None)


def test_an_object_says_it_under_metadata_and_it_is_no_parameter() -> None:
    request = read(metadata={"tags": ["vip", "vip", "May"], "custom": {"orderId": "456"}}, name="Ana")
    assert request.metadata == OwnMetadata(tags=("vip", "May"), custom={"orderId": "456"})
    assert request.params == {"name": "Ana"}


def test_a_table_says_it_in_columns_of_its_own() -> None:
    cells = {"metadata.tags": " vip | May || ", "metadata.custom.Order ID": "456", "metadata.custom.empty": " "}
    row = Row(source=Source.CSV, number=2, cells={"phone_number": "+12025550100", **cells})
    request = read_request(row, lambda _: None)
    assert request.metadata == OwnMetadata(tags=("vip", "May"), custom={"Order ID": "456"})
    assert request.params == {}


@pytest.mark.parametrize("nothing", [None, {}, "", {"tags": None, "custom": None}, {"tags": []}])
def test_nothing_said_is_nothing_kept(nothing: object) -> None:
    assert read(metadata=nothing).metadata == OwnMetadata()


def test_a_calls_tags_come_behind_its_campaigns_and_its_fields_go_before_them() -> None:
    campaign = OwnMetadata(tags=("May", "vip"), custom={"list": "A", "order": "0"})
    row = OwnMetadata(tags=("vip", "gold"), custom={"order": "456"})
    both = campaign.with_more(row)
    assert both == OwnMetadata(tags=("May", "vip", "gold"), custom={"list": "A", "order": "456"})


@pytest.mark.parametrize(
    ("cells", "field", "code"),
    [
        ({"metadata": "vip"}, "metadata", "type"),
        ({"metadata": ["vip"]}, "metadata", "type"),
        ({"metadata": {"tag": ["vip"]}}, "metadata.tag", "unknown"),
        ({"metadata": {"tags": "vip"}}, "metadata.tags", "type"),
        ({"metadata": {"tags": [1]}}, "metadata.tags", "type"),
        ({"metadata": {"tags": [" "]}}, "metadata.tags", "length"),
        ({"metadata": {"tags": ["x" * 101]}}, "metadata.tags", "length"),
        ({"metadata": {"tags": [str(n) for n in range(51)]}}, "metadata.tags", "too_many"),
        ({"metadata": {"custom": ["x"]}}, "metadata.custom", "type"),
        ({"metadata": {"custom": {"order": 456}}}, "metadata.custom.order", "type"),
        ({"metadata": {"custom": {"order": "x" * 1_001}}}, "metadata.custom.order", "too_long"),
        ({"metadata": {"custom": {"": "x"}}}, "metadata.custom", "name"),
        ({"metadata": {"custom": {"x" * 101: "x"}}}, "metadata.custom", "name"),
        ({"metadata": {"custom": {str(n): "x" for n in range(51)}}}, "metadata.custom", "too_many"),
        ({"metadata": {"custom": {str(n): "x" * 1_000 for n in range(17)}}}, "metadata", "too_large"),
        ({"metadata.tag": "vip"}, "metadata.tag", "unknown"),
        ({"metadata.tags": 5}, "metadata.tags", "type"),
    ],
)
def test_what_cannot_be_kept_is_a_fault_of_the_row(cells: dict[str, object], field: str, code: str) -> None:
    with pytest.raises(RowRefused) as refused:
        read(**cells)
    (detail,) = refused.value.details
    assert (detail.field, detail.code, detail.extra["row"]) == (field, code, 1)


def test_the_largest_that_is_kept_is_sixteen_kilobytes() -> None:
    OwnMetadata(custom={str(n): "x" * 1_000 for n in range(16)}).check()
    assert LARGEST == 16_384
