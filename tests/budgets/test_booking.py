"""What a booking costs on a warm function, against its three requests sent by boto3 alone.

Processor time of the two, turn by turn in one run (`bench/booking.py` shows more sides).
"""

import pytest

from bench.booking import measure

pytestmark = pytest.mark.slow

MOST = 0.8
"""Measured: see docs/decisions/0040. What is above it is no noise."""


def test_a_whole_booking_takes_less_than_its_requests_by_boto3() -> None:
    figures = measure(40)
    ratio = figures.ratio("ours", "boto3")
    print(f"\n{ratio:.2f} of boto3's three requests")  # noqa: T201 - shown by pytest -s
    assert ratio <= MOST
