"""The hooks of use cases over the handler: whom they may reach, and what of them is shown to whom."""

from typing import Any

import pytest

from tests.handlers.dialing.conftest import OTHERS, Dialer, reading, scheduling, writing
from tests.support.handlers import Endpoint, Reply, partner
from tests.support.memory.webhooks import Receiver

URL, ELSEWHERE = "https://example.com/hook", "https://elsewhere.example/hook"
SECRET, HIDDEN = "Bearer 7f9c2ba4e88f827d", "********"
CALL = {"phone_number": "+1 202 555 0143"}


def hooks(*headers: tuple[str, str], url: str = URL) -> list[dict[str, Any]]:
    return [{"url": url, "headers": [{"key": key, "value": value} for key, value in headers]}]


@pytest.fixture
def path(dialer: Dialer) -> str:
    """A use case with a hook that has a secret."""
    place = f"/api/v1/use-cases/{dialer.use_case_id}"
    changed = writing("PATCH")(place, {"hooks": hooks(("Authorization", SECRET))})
    assert changed.status == 200, changed.text
    return place


def kept(ports: Any, dialer: Dialer) -> list[tuple[str, dict[str, str]]]:
    """What is stored."""
    found = ports.use_cases.get("organization-1", dialer.use_case_id)
    return [(hook.url, dict(hook.headers)) for hook in found.hooks]


def test_what_a_header_says_is_shown_in_no_answer(path: str, dialer: Dialer) -> None:
    body = {"name": "K", "hooks": hooks(("X-Api-Key", SECRET)), "callee_start": "00:00", "callee_end": "24:00"}
    once = {"idempotency-key": "k"}
    answers: list[Reply] = [
        reading()(path),
        reading()("/api/v1/use-cases"),
        writing("PATCH")(path, {"name": "Kim"}),
        writing()("/api/v1/use-cases", body, headers=once),
        writing()("/api/v1/use-cases", body, headers=once),
        dialer.schedule(calls=[CALL], key="c"),
        dialer.schedule(calls=[CALL], key="c"),
        scheduling()("/api/v1/dial/outbound", dialer.body(**CALL)),
        writing("DELETE")(path),
    ]
    for reply in answers:
        assert reply.status in {200, 201}, reply.text
        assert SECRET not in reply.text
        assert HIDDEN in reply.text


def test_a_value_that_comes_back_hidden_keeps_what_is_there(path: str, dialer: Dialer, ports: Any) -> None:
    shown = reading()(path).json["data"]["use_case"]
    assert shown["hooks"] == hooks(("Authorization", HIDDEN))
    changed = writing("PATCH")(path, {"name": "Kim", "hooks": shown["hooks"]})
    assert changed.status == 200
    assert kept(ports, dialer) == [(URL, {"Authorization": SECRET})]
    more = hooks(("authorization", HIDDEN), ("X-Team", "sales"))
    assert writing("PATCH")(path, {"hooks": more}).status == 200
    assert kept(ports, dialer) == [(URL, {"authorization": SECRET, "X-Team": "sales"})]


@pytest.mark.parametrize(
    "sent",
    [hooks(("X-New", HIDDEN)), hooks(("Authorization", HIDDEN), url=ELSEWHERE)],
    ids=["a new key", "another address"],
)
def test_a_hidden_value_under_a_new_key_or_address_is_refused(
    path: str, dialer: Dialer, ports: Any, sent: list[dict[str, Any]]
) -> None:
    reply = writing("PATCH")(path, {"hooks": sent})
    assert (reply.status, reply.error["details"][0]["field"]) == (400, "hooks[0].headers[0].value")
    assert kept(ports, dialer) == [(URL, {"Authorization": SECRET})]


def test_a_new_use_case_has_nothing_to_keep(dialer: Dialer) -> None:
    del dialer
    reply = writing()("/api/v1/use-cases", {"name": "K", "hooks": hooks(("X-Team", HIDDEN))})
    assert (reply.status, reply.error["details"][0]["code"]) == (400, "nothing_kept")


def test_a_hook_that_leads_inside_is_refused_when_added_and_when_changed(
    path: str, receiver: Receiver, dialer: Dialer, ports: Any
) -> None:
    inside = "http://169.254.169.254/latest"
    receiver.refused.add(inside)
    sent = [*hooks(("X-Team", "a")), *hooks(url=inside)]
    for reply in (
        writing()("/api/v1/use-cases", {"name": "K", "hooks": sent}),
        writing("PATCH")(path, {"hooks": sent}),
    ):
        assert reply.status == 400
        (detail,) = reply.error["details"]
        assert (detail["field"], detail["code"]) == ("hooks[1].url", "address_refused")
    assert kept(ports, dialer) == [(URL, {"Authorization": SECRET})]


@pytest.mark.parametrize("url", ["", "https://exa mple.com/", "https://\u00e9.example/", 7, None])
def test_a_hook_has_an_address(dialer: Dialer, url: object) -> None:
    del dialer
    reply = writing()("/api/v1/use-cases", {"name": "K", "hooks": [{"url": url}]})
    assert reply.status == 400
    assert reply.error["details"][0]["field"].startswith("hooks")


@pytest.mark.parametrize("headers", [[("Host", "a")], [("X-A", "b\r\nc")], [("X-A", "1"), ("x-a", "2")]])
def test_headers_that_would_break_the_request_are_refused(dialer: Dialer, headers: list[tuple[str, str]]) -> None:
    del dialer
    reply = writing()("/api/v1/use-cases", {"name": "K", "hooks": hooks(*headers)})
    assert reply.status == 400
    assert reply.error["details"][0]["field"].startswith("hooks[0].headers[")


def test_another_organization_neither_sees_nor_turns_nor_uses_a_hook(path: str, dialer: Dialer, ports: Any) -> None:
    """The matrix of tenants, for hooks: every way to a use case, with the credential of another organization."""
    turned = {"hooks": hooks(("Authorization", HIDDEN), url=ELSEWHERE)}
    answers = [
        reading(**OTHERS)(path),
        writing("PATCH", **OTHERS)(path, turned),
        writing("PATCH", **OTHERS)(path, {"hooks": []}),
        writing("DELETE", **OTHERS)(path),
        scheduling(**OTHERS)("/api/v1/dial/scheduled", dialer.body(calls=[CALL])),
        scheduling(**OTHERS)("/api/v1/dial/outbound", dialer.body(**CALL)),
        Endpoint("dialing/preflight", "POST", partner(**OTHERS))("/api/v1/dial/preflight", dialer.body(calls=[CALL])),
    ]
    assert [reply.status for reply in answers] == [404, 404, 404, 404, 400, 400, 400]
    for reply in [*answers, reading(**OTHERS)("/api/v1/use-cases")]:
        assert URL not in reply.text
        assert SECRET not in reply.text
    theirs = writing(**OTHERS)("/api/v1/use-cases", {"name": "K", "hooks": hooks(("Authorization", HIDDEN))})
    assert theirs.status == 400, "the same address in another organization keeps nothing"
    assert kept(ports, dialer) == [(URL, {"Authorization": SECRET})]
