"""Every page in every state that an event leads to: its headers, and what it gives away of its address."""

import base64
import gzip
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from slotline.pages.assets import policy_hash, url_of
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import to_values
from slotline.words.catalogue import PAGES, languages
from tests.support.aws.moto_tables import ROOT, kept_rows, put_back
from tests.support.aws.template import functions
from tests.template.conftest import APP_ID, EVENTS, WIDGET_KEY, World
from tests.template.test_events import EXPECTED, SEE_OTHER

FILES = "pages/static"
FOLDERS = sorted(folder for folder in functions() if folder.startswith("pages/") and folder != FILES)
CASES = [(folder, name) for folder in FOLDERS for name in EXPECTED[folder] if not name.startswith("export")]
"""What is exported is a file, and no page."""
LONGEST_PUBLIC = 60
"""Characters of a part of a path that may be told: ids and slugs are shorter, passes and tokens longer."""
GOES_SOMEWHERE = {"href", "action", "formaction", "data-here"}
"""Attributes that are addresses; the script of the form replaces the page's own by the last."""
ABOUT_SOMEBODY = {200, 400, 409}
"""Statuses of pages that go on, beside those that only refuse: a form with what is wrong in it has one, too."""
FRAMED = {"pages/book", "pages/room"}
"""Whose pages the sites of a preset may show in a frame."""
KNOWS_BROWSERS = {"pages/sign_in", "pages/single_sign_on"}
"""Whose pages keep cookies."""
PERMISSIONS = "camera=(), microphone=(), geolocation=()"
DEVICES = "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), geolocation=()"
"""Of the room alone."""

SHOWN = [(folder, name) for folder, name in CASES if EXPECTED[folder][name] != SEE_OTHER]
LANGUAGES = dict(zip(SHOWN, cycle(sorted(languages(PAGES))), strict=False))
"""Each has its share of the states."""

Answer = dict[str, Any]


def of_states(cases: list[tuple[str, str]]) -> pytest.MarkDecorator:
    """A test of each of these states."""
    return pytest.mark.parametrize(("folder", "name"), cases, ids=[f"{folder}/{name}" for folder, name in cases])


def reads(folder: str, name: str) -> bool:
    """Whether the event is a GET."""
    event = json.loads((EVENTS / folder / f"{name}.json").read_text())
    return str(event["requestContext"]["http"]["method"]) == "GET"


every_state = of_states(CASES)
every_page = of_states(SHOWN)
every_read = of_states([case for case in CASES if reads(*case)])


class Document(HTMLParser):
    """What a test looks for in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.language: str | None = None
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self._within = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self._within = tag if found.get("type") != "application/json" else "data"
        if tag == "html":
            self.language = found["lang"]
        self.attributes += [(tag, name, value) for name, value in found.items()]

    def handle_data(self, data: str) -> None:
        if self._within == "script":
            self.scripts.append(data)
        elif self._within == "style":
            self.styles.append(data)
        else:
            self.text += data

    def handle_endtag(self, _tag: str) -> None:
        self._within = ""


def asked(
    world: World, folder: str, name: str, method: str | None = None, path: str | None = None, **headers: str
) -> dict[str, Any]:
    """What is answered to this event, with other headers, by another method or at another path."""
    event = world.event(f"{folder}/{name}")
    event["rawPath"] = path or event["rawPath"]
    event["headers"] |= {name.replace("_", "-"): value for name, value in headers.items()}
    if method:
        event["requestContext"]["http"]["method"] = method
    answer = world.invoke(folder, event)
    answer["headers"] = {name.lower(): value for name, value in answer["headers"].items()}
    return answer


@pytest.fixture(scope="module")
def kept() -> dict[tuple[str, str], Answer]:
    """What was answered, by folder and name."""
    return {}


@pytest.fixture
def answer(world: World, kept: dict[tuple[str, str], Answer], folder: str, name: str) -> Answer:
    """What is answered to the event as it is: asked for once, because every test begins with the same rows."""
    if (folder, name) not in kept:
        kept[folder, name] = asked(world, folder, name)
    return kept[folder, name]


@pytest.fixture(scope="module")
def rows_of_framed(aws: Any, rows: dict[str, Any]) -> dict[str, Any]:
    """What the tables hold when every preset lists a site that may frame its pages, and one that is none."""
    put_back(rows)
    origins = to_values({":origins": ["https://shop.example", "https://x.example; script-src *"]})
    aws.update_item(
        TableName="SchedulingTable",
        Key=to_values(keys.app(APP_ID)),
        UpdateExpression="SET preset.allowed_embed_origins = :origins",
        ExpressionAttributeValues=origins,
    )
    for row in aws.scan(TableName="SchedulingTable")["Items"]:
        if row["sk"]["S"].startswith(("PRESET#", "SLUG#")):
            aws.update_item(
                TableName="SchedulingTable",
                Key={part: row[part] for part in ("pk", "sk")},
                UpdateExpression="SET allowed_embed_origins = :origins",
                ExpressionAttributeValues=origins,
            )
    return kept_rows()


def framed_by(folder: str, answer: dict[str, Any]) -> str:
    """Who may frame an answer of an app that lists no origins. A refusal is about nobody, and may be met in a frame."""
    return "'self' *" if folder == "pages/book" and answer["statusCode"] not in ABOUT_SOMEBODY else "'none'"


def secrets_of(event: dict[str, Any]) -> Iterator[str]:
    """What in an address is nobody else's: a pass, a token, a widget key."""
    parts = unquote(event["rawPath"]).split("/")
    yield from (part for part in parts if len(part) > LONGEST_PUBLIC or parts[1:3] == ["b", part])
    if WIDGET_KEY in event["rawQueryString"]:
        yield WIDGET_KEY


@every_state
def test_every_answer_is_kept_nowhere_and_tells_no_other_site_where_it_is_from(answer: Answer, folder: str):
    assert (
        answer["headers"].items()
        >= {
            "cache-control": "no-store",
            "referrer-policy": "same-origin",
            "strict-transport-security": "max-age=31536000",
            "x-content-type-options": "nosniff",
            "x-robots-tag": "noindex",
            "content-type": "text/html; charset=utf-8",
        }.items()
    )
    assert "content-encoding" not in answer["headers"]
    assert ("cookies" in answer) <= (folder in KNOWS_BROWSERS)
    assert not any(header.startswith(("access-control-", "set-cookie")) for header in answer["headers"])


@every_page
def test_a_page_may_do_what_it_needs_and_says_its_language_twice(world: World, folder: str, name: str):
    answer = asked(world, folder, name, accept_language=LANGUAGES[folder, name])
    page = Document(answer["body"])
    loads = any((tag, name) == ("script", "src") for tag, name, _ in page.attributes)
    hashes = dict.fromkeys(policy_hash(script) for script in page.scripts if script)
    run = " ".join((*(["'self'"] if loads else []), *hashes)) or "'none'"
    (style,) = page.styles
    is_room = 'id="room-data"' in answer["body"]
    worker = "worker-src 'self'; " if is_room else ""
    asks = "'self' https://recordings-bucket.s3.eu-west-1.amazonaws.com" if is_room else "'self'"
    assert answer["headers"]["content-security-policy"] == (
        f"default-src 'none'; style-src 'self' {policy_hash(style)}; script-src {run}; connect-src {asks}; "
        f"img-src 'self' data: https:; form-action 'self'; base-uri 'none'; {worker}"
        f"frame-ancestors {framed_by(folder, answer)}"
    )
    assert answer["headers"]["permissions-policy"] == (DEVICES if is_room else PERMISSIONS)
    assert answer["headers"]["content-language"] == page.language
    assert not [found for found in page.attributes if found[1] == "style" or found[1].startswith("on")]


@every_state
def test_a_page_of_a_service_is_framed_by_the_origins_of_its_preset_alone_and_the_guests_by_nobody(
    world: World, rows_of_framed: dict[str, Any], folder: str, name: str
):
    put_back(rows_of_framed)
    answer = asked(world, folder, name)
    if answer["statusCode"] in ABOUT_SOMEBODY:
        ancestors = "'self' https://shop.example" if folder in FRAMED else "'none'"
        assert answer["headers"]["content-security-policy"].endswith(f"frame-ancestors {ancestors}")


@every_state
def test_what_is_secret_in_an_address_is_in_the_page_only_as_a_way_on(
    world: World, answer: Answer, folder: str, name: str
):
    page = Document(answer["body"])
    for secret in secrets_of(world.event(f"{folder}/{name}")):
        assert secret not in page.text + "".join(page.scripts)
        told = {attribute for _, attribute, value in page.attributes if secret in unquote(value)}
        assert told <= (GOES_SOMEWHERE if answer["statusCode"] in ABOUT_SOMEBODY else set())
        if secret == WIDGET_KEY:
            assert not told or name == "services", "the list leads to each service by the link that it was opened by"


@every_read
def test_head_is_answered_as_get_is_without_the_body(world: World, answer: Answer, folder: str, name: str):
    head, get = asked(world, folder, name, "HEAD"), answer
    assert (head["body"], head["statusCode"]) == ("", get["statusCode"])
    assert get["body"] or get["statusCode"] == 303
    for header in ("content-security-policy", "content-type", "cache-control", "content-language", "vary"):
        assert head["headers"].get(header) == get["headers"].get(header)


@every_read
def test_a_method_that_nothing_answers_is_a_405(world: World, folder: str, name: str):
    answer = asked(world, folder, name, "DELETE")
    assert answer["statusCode"] == 405
    assert answer["headers"]["allow"].startswith("GET, HEAD")
    assert answer["headers"]["cache-control"] == "no-store"
    assert answer["headers"]["x-content-type-options"] == "nosniff"


@every_page
def test_a_page_is_compressed_for_who_takes_that(world: World, folder: str, name: str):
    compressed = asked(world, folder, name, accept_encoding="gzip")
    assert compressed["headers"]["content-encoding"] == "gzip"
    assert gzip.decompress(base64.b64decode(compressed["body"])).startswith(b"<!doctype html>")


@of_states([next(state for state in SHOWN if state[0] == folder) for folder in FOLDERS])
def test_a_page_is_not_compressed_for_who_refuses_that(world: World, folder: str, name: str):
    assert "content-encoding" not in asked(world, folder, name, accept_encoding="gzip;q=0, br")["headers"]


def test_a_file_is_kept_for_a_year_under_a_name_that_has_its_hash(world: World):
    path = url_of("base.css")
    assert re.search(r"\.[0-9a-f]{12}\.css$", path)
    answer = asked(world, FILES, "stylesheet", path=path, accept_encoding="gzip")
    assert answer["statusCode"] == 200
    assert (
        answer["headers"].items()
        >= {
            "cache-control": "public, max-age=31536000, immutable",
            "content-type": "text/css; charset=utf-8",
            "content-encoding": "gzip",
            "vary": "Accept-Encoding",
            "x-content-type-options": "nosniff",
            "strict-transport-security": "max-age=31536000",
        }.items()
    )
    plain = asked(world, FILES, "stylesheet", path=path)
    assert gzip.decompress(base64.b64decode(answer["body"])).decode() == plain["body"]
    head = asked(world, FILES, "stylesheet", "HEAD", path=path)
    assert (head["headers"], head["body"]) == (plain["headers"], "")


def test_a_file_that_is_not_there_is_kept_nowhere(world: World):
    answer = asked(world, FILES, "no_such_file")
    assert (answer["statusCode"], answer["headers"]["cache-control"]) == (404, "no-store")
    assert answer["headers"]["x-content-type-options"] == "nosniff"


def test_every_file_that_a_page_loads_is_there_for_good(world: World, kept: dict[tuple[str, str], Answer]):
    loaded = {
        value
        for folder, name in CASES
        for tag, attribute, value in Document(
            (kept.get((folder, name)) or asked(world, folder, name))["body"]
        ).attributes
        if (tag, attribute) in {("link", "href"), ("script", "src")} and not value.startswith("data:")
    }
    assert loaded
    for path in loaded:
        answer = asked(world, FILES, "stylesheet", path=path)
        assert (answer["statusCode"], "immutable" in answer["headers"]["cache-control"]) == (200, True), path


def test_each_folder_of_pages_is_looked_at():
    there = {f"pages/{path.name}" for path in (Path(ROOT) / "functions/pages").iterdir() if path.is_dir()}
    assert there - {"pages/__pycache__"} == {*FOLDERS, FILES}
