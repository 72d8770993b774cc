"""What headers list, with weights: compressed answers and pages go to those who ask for them."""

import pytest

from slotline.http.core.accepting import takes_gzip, takes_html, weighted


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("gzip", True),
        ("gzip, deflate, br, zstd", True),
        ("deflate, GZIP;q=0.5", True),
        ("*", True),
        ("br, *;q=0.1", True),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip;q=0.000, *", False),
        ("*;q=0", False),
        ("identity", False),
        ("gzipped", False),
        ("gzip;q=much", False),
        ("gzip;q=nan", False),
        ("gzip;q=2", False),
    ],
)
def test_an_answer_is_compressed_only_for_who_can_read_it(said, taken):
    assert takes_gzip({"headers": {"Accept-Encoding": said}}) is taken


@pytest.mark.parametrize("event", [{}, {"headers": None}, {"headers": {}}])
def test_who_says_nothing_takes_neither_compressed_answers_nor_pages(event):
    assert not takes_gzip(event)
    assert not takes_html(event)


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("TEXT/HTML", True),
        ("*/*", False),
        ("application/json, */*;q=0.1", False),
        ("text/html;q=0", False),
        ("text/htmlx", False),
    ],
)
def test_a_page_is_for_who_names_html(said, taken):
    assert takes_html({"headers": {"accept": said}}) is taken


def test_a_list_keeps_its_order_and_is_not_read_without_end():
    assert weighted("b;q=0.5, a , ;q=1, c;level=1;q=0.2") == [("b", 0.5), ("a", 1.0), ("c", 0.2)]
    assert len(weighted("a," * 10_000)) == 20
