"""Headers as API Gateway may leave them, and as they are where nobody asks for that."""

from collections.abc import Iterator

import httpx
import pytest

from tests.local.conftest import serving, write_project
from tests.support import patient


@pytest.fixture(scope="module")
def renaming(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    root = tmp_path_factory.mktemp("renaming")
    with (
        serving(write_project(root), root / "functions.log", renames_headers=True) as live,
        patient.Client(base_url=live.url) as client,
    ):
        yield client


def test_a_header_is_passed_on_under_its_own_name(http: httpx.Client):
    headers = http.get("/odd/challenge").headers
    assert (headers["www-authenticate"], headers["x-kept"]) == ("Bearer", "1")


def test_where_it_is_asked_for_a_header_that_may_be_renamed_is_and_one_that_may_be_dropped_is_not_there(
    renaming: httpx.Client,
):
    headers = renaming.get("/odd/challenge").headers
    assert "www-authenticate" not in headers
    assert "upgrade" not in headers
    assert (headers["x-amzn-remapped-www-authenticate"], headers["x-kept"]) == ("Bearer", "1")


def test_a_request_of_no_body_may_come_with_a_type_that_nobody_sent(http: httpx.Client, renaming: httpx.Client):
    empty = {"content-length": "0"}
    assert http.post("/odd/type", headers=empty).json() is None
    assert renaming.post("/odd/type", headers=empty).text == "application/octet-stream"
    assert renaming.post("/odd/type", headers={**empty, "content-type": "text/csv"}).text == "text/csv"
    assert renaming.post("/odd/type", content=b"a,b", headers={"content-type": "text/csv"}).text == "text/csv"
    assert renaming.get("/odd/type").json() is None
