"""The most specific route answers."""

import pytest

from local.gateway.routes import RouteTable
from local.template import Route

KEYS = [
    "$default",
    "ANY /{proxy+}",
    "GET /pets/{proxy+}",
    "GET /pets/{id}",
    "ANY /pets/{id}",
    "GET /pets/dog",
    "GET /pets/{id}/toys",
    "POST /strict",
]


def table(*keys: str) -> RouteTable:
    split = [("ANY", "$default") if key == "$default" else tuple(key.split(" ")) for key in keys]
    return RouteTable(Route(method, path, "F", None, 30.0) for method, path in split)


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("GET", "/pets/dog", "GET /pets/dog"),
        ("GET", "/pets/cat", "GET /pets/{id}"),
        ("POST", "/pets/dog", "ANY /pets/{id}"),
        ("GET", "/pets/cat/toys", "GET /pets/{id}/toys"),
        ("GET", "/pets/cat/food", "GET /pets/{proxy+}"),
        ("POST", "/pets/cat/food", "ANY /{proxy+}"),
        ("GET", "/", "$default"),
        ("GET", "/pets/", "ANY /{proxy+}"),
    ],
)
def test_the_most_specific_route_is_chosen(method, path, key):
    assert table(*KEYS).choose(method, path).route.key == key


def test_the_order_of_the_template_does_not_matter():
    assert table(*reversed(KEYS)).choose("GET", "/pets/dog").route.key == "GET /pets/dog"


def test_another_method_falls_to_the_default():
    assert table("POST /strict", "$default").choose("GET", "/strict").route.key == "$default"


def test_without_a_default_nothing_is_found():
    assert table("POST /strict").choose("GET", "/strict") is None


def test_variables_are_decoded_after_the_path_is_split():
    found = table("GET /a/{x}/{rest+}").choose("GET", "/a/1%2F2/b%20c/d")
    assert found.path_parameters == {"x": "1/2", "rest": "b c/d"}


def test_a_trailing_slash_is_another_path():
    assert table("GET /a").choose("GET", "/a/") is None
