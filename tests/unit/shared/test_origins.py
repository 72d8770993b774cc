"""Origins have one spelling, the browsers' own, however they were written."""

import pytest

from slotline.domain.access.websites import origins
from slotline.domain.shared.origins import normal_origin


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("https://www.example.com", "https://www.example.com"),
        ("https://www.example.com:443", "https://www.example.com"),
        ("https://www.example.com:0443/", "https://www.example.com"),
        ("https://www.example.com/", "https://www.example.com"),
        ("HTTPS://WWW.Example.COM", "https://www.example.com"),
        ("  https://www.example.com ", "https://www.example.com"),
        ("http://www.example.com:80", "http://www.example.com"),
        ("http://www.example.com:443", "http://www.example.com:443"),
        ("https://www.example.com:80", "https://www.example.com:80"),
        ("https://shop.example:8443/", "https://shop.example:8443"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("https://my_site.example", "https://my_site.example"),
    ],
)
def test_an_origin_is_what_a_browser_sends(written, normal):
    assert normal_origin(written) == normal
    assert normal_origin(normal) == normal


@pytest.mark.parametrize(
    "text",
    [
        *("", "*", "null", "example.com", "//example.com", "https://", "https:///", "ftp://example.com"),
        *("https://example.com/path", "https://example.com//", "https://example.com?x", "https://example.com#x"),
        *("https://*.example.com", "https://a.example; script-src *", "https://a.example https://b.example"),
        *("https://user@example.com", "https://example.com:0", "https://example.com:65536", "https://example.com:"),
        *("https://example.com\n", "https://exa mple.com", "https://.example.com", "https://example..com"),
        *("https://-a.example", "https://b\u00fccher.example", "https://example.com:\u0664\u0664\u0663"),
    ],
)
def test_what_is_no_origin_is_refused_and_reaches_no_header(text):
    with pytest.raises(ValueError, match="must be an origin"):
        normal_origin(text)
    assert origins([text]) == frozenset()
