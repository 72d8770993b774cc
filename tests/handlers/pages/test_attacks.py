"""What a hostile preset, link, form or site tries, and what comes of it."""

from collections.abc import Callable
from io import StringIO
from typing import Any
from urllib.parse import urlencode

import pytest

from slotline.pages.kit import LARGEST_FORM, MOST_FIELDS
from slotline.ports.apps import AgentChange
from slotline.ports.shared import StoreBusyError
from slotline.wiring.booking import pages
from tests.handlers.pages.conftest import EMAIL, MONDAY, NAME, PHONE, SECRETS, SLUG, Guest, Office, Reply, at
from tests.handlers.pages.test_pass import base_of
from tests.support.aws.table_ports import TablePorts
from tests.support.handlers import APP_ID

MARKUP = (
    "</title></script><script>alert(1)</script><img src=x onerror=alert(1)>\"'><svg/onload=alert(1)>{{7919*7907}}{bad}"
)
COMPUTED = str(7_919 * 7_907)
"""What a template would make of it."""


def check_clean(reply: Reply) -> None:
    """Nothing of the markup became an element, an attribute or a script of ours."""
    elements = reply.page.elements
    assert [said for _, said in elements if any("onload" in key or key.startswith("on") for key in said)] == []
    assert [said for name, said in elements if name == "img" and not (said["src"] or "").startswith("https://")] == []
    assert "<script>alert" not in reply.body
    assert COMPUTED not in reply.body


class TestMarkup:
    def test_of_a_preset_is_text_on_every_page(self, guest: Guest, office: Office) -> None:
        question: dict[str, Any] = {
            "key": "why",
            "label": MARKUP,
            "help": MARKUP,
            "type": "single_choice",
            "options": [MARKUP],
        }
        office.set_service(name=MARKUP, title=MARKUP, description=MARKUP, brandingName=MARKUP, questions=[question])
        photo = 'https://example.com/" onerror=alert(1)>.png'
        office.ports.agents.change(APP_ID, "agent-1", AgentChange(values={"name": MARKUP, "photo_url": photo}))
        form = guest.at_form()
        wrong = guest.book(form, name="")
        done = guest.book(form, q__why=MARKUP)
        office.add_service("second", title=MARKUP, description=MARKUP)
        guest.enter(service=None)
        assert (wrong.status, done.status) == (400, 200)
        for reply in guest.replies:
            check_clean(reply)
        assert MARKUP in done.text

    def test_of_a_link_is_text_on_every_page(self, guest: Guest) -> None:
        form = guest.at_form(
            name=MARKUP, email=MARKUP, phone=MARKUP[:40], agent=MARKUP, why=MARKUP, tz=MARKUP[:64], lang=MARKUP[:35]
        )
        assert form.form.value("name") == MARKUP
        wrong = guest.press(form.form, ("action", "book"))
        done = guest.book(wrong, name=MARKUP, email=EMAIL, phone="")
        assert f"You are booked, {MARKUP}" in done.text
        for reply in guest.replies:
            check_clean(reply)

    @pytest.mark.parametrize(
        "name", ["agent", "start", "hold", "until", "once", "verification", "move", "action", "code"]
    )
    def test_of_a_hidden_field_is_text_on_every_page(self, guest: Guest, name: str) -> None:
        guest.book(guest.at_form(), **{name: MARKUP})
        guest.book(guest.at_form("11:00"), **{name: MARKUP, "name": ""})
        for reply in guest.replies:
            check_clean(reply)

    def test_of_a_colour_or_an_origin_reaches_no_style_and_no_header(self, guest: Guest, office: Office) -> None:
        preset = office.ports.store.presets[APP_ID, office.preset_id].preset
        hostile = [
            "https://example.com; script-src *",
            "https://a.example.com",
            "javascript:alert(1)",
            "*",
            "a\r\nb: c",
        ]
        for name, value in (
            ("branding_color", "#fff}</style><script>alert(1)</script>"),
            ("allowed_embed_origins", tuple(hostile)),
        ):
            object.__setattr__(preset, name, value)
        reply = guest.enter()
        assert reply.policy["frame-ancestors"] == "'self' https://a.example.com"
        check_clean(reply)
        assert "</style><script>" not in reply.body


class TestFrames:
    def test_a_page_is_framed_by_nobody_unless_its_service_says_so(self, guest: Guest, office: Office) -> None:
        guest.at_form()
        assert {reply.policy["frame-ancestors"] for reply in guest.replies if reply.status != 303} == {"'none'"}
        office.set_service(allowedEmbedOrigins=["https://example.com"])
        shown = [guest.enter(), guest.at_form("11:00"), guest.book(guest.at_form("12:00"))]
        assert {reply.policy["frame-ancestors"] for reply in shown} == {"'self' https://example.com"}


class TestOtherSites:
    """Without a cookie, a foreign page's form has only the pass of a visit of its own."""

    def test_a_form_without_a_pass_of_ours_is_refused_whatever_else_it_says(self, guest: Guest, office: Office) -> None:
        fields = [("start", at("10:00")), ("agent", "agent-1"), ("name", NAME), ("email", EMAIL), ("once", "x")]
        for url in (f"/book/{APP_ID}/{SLUG}", f"/book/{APP_ID}", f"/book/{APP_ID}/{SLUG}/x/form"):
            assert guest.post(url, fields).status in (401, 404)
        assert office.calls() == []

    def test_a_pass_of_another_visit_reaches_nothing_of_this_one(
        self, guest: Guest, office: Office, another: Callable[[str], Guest]
    ) -> None:
        mine = guest.at_form("10:00", name=NAME, email=EMAIL)
        foreign = base_of(another("203.0.113.9").enter(day=MONDAY))
        shown = guest.get(f"{foreign}/form?start={at('10:00')}&hold={mine.form.value('hold')}&agent=agent-1")
        assert NAME not in shown.body
        assert EMAIL not in shown.body
        assert guest.press(shown.form, ("action", "extend")).status == 409
        assert office.holds() == [("agent-1", "10:00")]

    def test_no_site_reads_an_answer_and_no_cookie_is_set(self, guest: Guest) -> None:
        guest.headers = {"origin": "https://evil.example.com", "cookie": "a=b"}
        guest.book(guest.at_form())
        for reply in guest.replies:
            assert not [name for name in reply.headers if name.startswith("access-control-")]

    @pytest.mark.parametrize("host", ["evil.example.com", "evil.example.com:80", "a\r\nb", "", "[::1", "é"])
    def test_no_redirection_follows_the_host_header(self, guest: Guest, host: str) -> None:
        guest.headers = {"host": host, "x-forwarded-host": host, "x-forwarded-proto": "javascript"}
        slots = guest.enter(day=MONDAY).page.form("slots")
        reply = guest.post(slots.action, [("start", at("10:00"))])
        assert reply.status == 303
        assert reply.location.startswith(f"/book/{APP_ID}/{SLUG}/")

    @pytest.mark.parametrize("name", ["lang", "tz", "agent"])
    @pytest.mark.parametrize("value", ["en\r\nSet-Cookie: a=b", "//evil.example.com", "\r\n\r\n<b>", "\u560d\u560a"])
    def test_no_parameter_splits_an_answer_or_leads_elsewhere(self, guest: Guest, name: str, value: str) -> None:
        slots = guest.enter(day=MONDAY).page.form("slots")
        fields = [("start", at("10:00")), ("agent", "agent-1"), (name, value)]
        reply = guest.post(slots.action, fields)
        for header, said in reply.headers.items():
            assert "\r" not in said, header
            assert "\n" not in said, header
        assert reply.status != 303 or reply.location.startswith(f"/book/{APP_ID}/{SLUG}/")


class TestForms:
    def test_the_largest_form_that_may_be_is_read_and_a_larger_one_is_refused_by_a_page(
        self, guest: Guest, office: Office
    ) -> None:
        form = guest.at_form().form
        fields = form.filled({"name": NAME, "email": EMAIL})
        most = [*fields, *[(f"x{number}", "") for number in range(MOST_FIELDS - len(fields) - 1)], ("action", "book")]
        assert guest.post(form.action, [*fields, *[(f"x{n}", "") for n in range(MOST_FIELDS)]]).status == 400
        assert guest.post(form.action, [*fields, ("notes", "x" * LARGEST_FORM)]).status == 413
        assert office.calls() == []
        assert guest.post(form.action, most).status == 303

    @pytest.mark.parametrize(
        "body", [b"\xff\xfe", b"name=%ff", b"name=%ED%A0%80", b"{}", b"&&&", b"=", b"%00=%00", b"\x00", b"<xml/>"]
    )
    def test_a_form_that_cannot_be_read_books_nothing(self, guest: Guest, office: Office, body: bytes) -> None:
        assert guest.send("POST", guest.at_form().form.action, body).status == 400
        assert office.calls() == []

    @pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/json", "text/plain", ""])
    def test_a_body_of_another_kind_books_nothing(self, guest: Guest, office: Office, kind: str) -> None:
        body = '--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nJane\r\n--x--'
        reply = guest.send("POST", guest.at_form().form.action, body, headers={"content-type": kind})
        assert (reply.status, office.calls()) == (400, [])

    @pytest.mark.parametrize(
        "name", ["name", "email", "phone", "notes", "q.why", "lang", "tz", "agent", "hold", "once"]
    )
    @pytest.mark.parametrize("value", ["\x00", "\U0001f600", "\u202e", "é" * 9_000, "\r\n", "%00", "\U0010ffff"])
    def test_no_field_however_odd_is_a_fault_of_ours(self, guest: Guest, name: str, value: str) -> None:
        assert guest.book(guest.at_form(), **{name: value}).status < 500

    @pytest.mark.parametrize("place", range(3))
    @pytest.mark.parametrize(
        "part", ["%00", "%ff", "%F0%9F%98%80", "..", "%2e%2e%2f", "%0d%0a", "+", "%25", "a;b", "x" * 9_000]
    )
    def test_no_part_of_a_path_however_odd_is_a_fault_of_ours(self, guest: Guest, place: int, part: str) -> None:
        parts = base_of(guest.enter()).removeprefix("/book/").split("/")
        parts[place] = part
        for step in ("", "/form", "/zone", "/done"):
            assert guest.get(f"/book/{'/'.join(parts)}{step}?start={at('10:00')}").status in (401, 404)

    @pytest.mark.parametrize(
        "query", ["%", "&&&", "=", "a=b=c", "%ff=%ff", "start", "x=" + "y" * 9_000, "a[]=1", "\u00e9"]
    )
    def test_no_query_however_odd_is_a_fault_of_ours(self, guest: Guest, query: str) -> None:
        base = base_of(guest.enter())
        assert guest.get(f"{base}?{query}").status == 200
        assert guest.get(f"{base}/zone?{query}").status == 200
        assert guest.get(f"{base}/form?{query}").status == 400


class TestStore:
    """On the adapters, which put what they are given into keys of rows."""

    @pytest.mark.usefixtures("tables")
    @pytest.mark.parametrize(
        "value", ["x" * 3_000, "\x00", "é" * 128, "#", " "], ids=["long", "nul", "wide", "#", "space"]
    )
    def test_no_id_however_odd_is_a_fault_of_the_store(self, guest: Guest, office: Office, value: str) -> None:
        assert isinstance(office.ports, TablePorts)
        office.set_service(assignmentMode="url_forced", verification="email")
        base = base_of(guest.enter(agentId="agent-1"))
        fields = [("start", at("10:00")), ("agent", "agent-1"), ("name", NAME), ("email", EMAIL), ("once", "x")]
        for name in ("agent", "agentId", "hold", "verification", "booking", "once"):
            assert guest.post(f"{base}/form", [*fields, ("code", "1"), (name, value)]).status < 500, name
            assert guest.post(f"{base}/hold", [*fields, (name, value)]).status < 500, name
            for step in ("", "/form", "/done"):
                assert guest.get(f"{base}{step}?{urlencode({'start': at('10:00'), name: value})}").status < 500, name


class TestLogs:
    def test_nothing_of_the_guest_and_no_way_in_is_logged_or_counted(
        self, guest: Guest, log: StringIO, capsys: pytest.CaptureFixture[str]
    ) -> None:
        form = guest.at_form(name=NAME, email=EMAIL, phone=PHONE, externalId="deal-4711")
        done = guest.book(form, notes="a secret note")
        again = guest.book(form, notes="another secret note")
        assert (done.status, again.status) == (200, 409)
        written = log.getvalue() + "".join(capsys.readouterr())
        assert written.count('"message":"answered"') >= 6
        token = done.url.partition("booking=")[2]
        page_pass = base_of(guest.replies[0]).rpartition("/")[2]
        for secret in (*SECRETS, token, page_pass, "secret note", "deal-4711", "192.0.2.1"):
            assert secret not in written

    def test_nor_when_something_unexpected_happens(
        self, guest: Guest, log: StringIO, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        form = guest.at_form()

        def broken() -> None:
            raise RuntimeError(f"{NAME} <{EMAIL}> {form.url}")

        monkeypatch.setattr(pages, "book_on_page", broken)
        reply = guest.book(form)
        assert reply.status == 500
        assert "Something went wrong" in reply.text
        (again,) = reply.page.forms
        assert again.value("name") == NAME, "the same form may be sent once more"
        written = log.getvalue() + "".join(capsys.readouterr())
        assert "RuntimeError" in written
        assert "ServerErrors" in written
        for secret in (*SECRETS, form.url):
            assert secret not in written

    def test_a_busy_store_is_a_page_from_which_the_same_form_books(
        self, guest: Guest, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        form = guest.at_form()

        def busy() -> None:
            raise StoreBusyError("a test says so")

        with monkeypatch.context() as patch:
            patch.setattr(pages, "book_on_page", busy)
            reply = guest.book(form, notes="keep this")
        assert (reply.status, reply.headers["retry-after"]) == (503, "1")
        (again,) = reply.page.forms
        assert guest.follow(guest.post(form.form.action, again.fields)).status == 200
        assert office.call()["call"]["guest_intake_notes"] == "keep this"
