"""A table is read once on its way to an answer, and what numbering plans say of a number is asked for once."""

import pytest

from slotline.domain.dialing import csv_tables
from slotline.telephony import numbering
from tests.handlers.dialing.conftest import Dialer
from tests.support.handlers import Endpoint, partner
from tests.support.memory.wiring import MemoryPorts

ROWS = 600
"""More than are written while their request waits, and more than anything here remembers of single numbers."""


def table(rows: int = ROWS) -> str:
    lines = (f"+1202555{number:04d},Ana {number},{number}" for number in range(rows))
    return "\n".join(["phone_number,first_name,row", *lines])


@pytest.mark.parametrize(
    ("folder", "path"), [("dialing/schedule", "scheduled"), ("dialing/preflight", "preflight")], ids=lambda it: it
)
def test_each_row_and_each_number_is_looked_at_once(
    dialer: Dialer, monkeypatch: pytest.MonkeyPatch, folder: str, path: str
):
    numbering._planned.cache_clear()
    numbering.refusal_of.cache_clear()
    read: list[int] = []
    row_of = csv_tables._row
    monkeypatch.setattr(csv_tables, "_row", lambda number, *said: read.append(number) or row_of(number, *said))
    said = Endpoint(folder, "POST", partner())(f"/api/v1/dial/{path}", dialer.body(csv_file=table()))
    assert said.status == 200, said.text
    assert read == list(range(2, ROWS + 2))
    assert numbering._planned.cache_info().misses == ROWS


def test_the_rows_of_a_large_request_are_kept_as_they_were_and_bad_ones_are_not(dialer: Dialer, ports: MemoryPorts):
    first_rows = 'phone_number,first_name,row\n12,nobody,\n+12025550199,"García, ""Ana""\n",-1\n'
    made = dialer.schedule(csv_file=first_rows + table().partition("\n")[2], on_error="skip").json
    (kept,) = ports.uploads.files.values()
    first, second, *_ = kept.decode().splitlines()
    ana = '{"phone_number": "+12025550199", "first_name": "Garc\\u00eda, \\"Ana\\"\\n", "row": "-1"}'
    assert first == f'["csv_file", 3, {ana}]'
    assert second == '["csv_file", 4, {"phone_number": "+12025550000", "first_name": "Ana 0", "row": "0"}]'
    assert (made["total"], made["refused"], len(kept.splitlines())) == (ROWS + 1, 1, ROWS + 1)


def test_preflight_names_rows_that_reach_nobody_in_order_whatever_else_is_wrong_with_them(dialer: Dialer):
    rows = ["+573005550143", "+19005551234", "no number", "+12025550100", "+44 20 7946 0960", "+19005551235"]
    listed = Endpoint("dialing/do_not_call", "POST", partner())
    assert listed("/api/v1/do-not-call", {"phone_number": "+442079460960"}).status < 300
    calls = [{"phone_number": number, **({"timezone": "Nowhere"} if n == 4 else {})} for n, number in enumerate(rows)]
    said = Endpoint("dialing/preflight", "POST", partner())("/api/v1/dial/preflight", dialer.body(calls=calls)).json
    found = [(one["row"], one["phone_number"], one["reason"]) for one in said["barred"]]
    assert found == [
        (2, "+19005551234", "premium_number"),
        (5, "+44 20 7946 0960", "do_not_call"),
        (6, "+19005551235", "premium_number"),
    ]
    assert said["refused"] == 4
