"""A room on the whole system: two come in, talk and leave, and then all that was written is looked through."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from local.process import running_system
from tests.support.worlds.api import UNLIMITED, own_app, target_of
from tests.support.worlds.hooks import a_receiver, hooks
from tests.support.worlds.later import Later, until
from tests.support.worlds.written import everything_kept
from tools.provision import Provision

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(600)]

EVENTS = ["call.joined", "call.left", "call.ended"]


@pytest.fixture
def later() -> Iterator[Later]:
    """A system of the test's own: everything that it wrote is read."""
    with running_system(ready_timeout=120, webhooks_to="127.0.0.0/8") as system:
        yield Later(system)


def test_a_websites_key_and_what_opens_a_room_are_written_nowhere(later: Later) -> None:
    app = own_app(later.system)
    key = Provision.of(target_of(later.system)).create_widget_key(app.app_id, UNLIMITED).key
    credentials = {"X-App-Id": app.app_id, "X-Widget-Key": key}
    secrets = {key}
    with (
        app.client() as api,
        a_receiver() as receiver,
        httpx.Client(base_url=later.system.base_url, timeout=60) as browser,
    ):
        hooks(api, "POST", body={"url": receiver.url, "events": EVENTS})
        in_each_way: list[dict[str, Any]] = [
            {"headers": credentials},
            {"params": {"appId": app.app_id, "widgetKey": key}},
            {"json": {"appId": app.app_id, "widgetKey": key}},
        ]
        for how in in_each_way:
            call = browser.post("/api/calls", **how).raise_for_status().json()["data"]
            assert key not in call["guestJoinUrl"]
            secrets |= {call["callSecret"], *walk(browser, call)}
            shown = browser.get(
                f"/api/calls/{call['callId']}", headers=credentials | {"X-Call-Secret": call["callSecret"]}
            )
            assert shown.json()["data"]["status"] == "ended"
        until(lambda: sum(one.event["event"] == "call.ended" for one in receiver.taken) == 3, "the webhooks")
        delivered = [f"{one.headers}{one.body.decode()}" for one in receiver.arrivals]

    written = {"webhooks": "".join(delivered), **everything_kept(later)}
    assert "POST   /c/{callId}/sync 200" in written["output.log"]
    assert "POST /c/{callId}/sync" in written["functions.log"]
    assert "ANY /c/{callId}" in written["functions.log"]
    kept = f'"widget_key": {{"S": "{key}"}}'  # the console shows a website's key again, from one row
    assert written["access"].count(kept) == 1
    written["access"] = written["access"].replace(kept, "")
    assert not {(name, secret[:6]) for name, said in written.items() for secret in secrets if secret in said}


def walk(browser: httpx.Client, call: dict[str, Any]) -> set[str]:
    """Through a call, by every door, as meant and not; what the two had to show for it."""
    room = f"/c/{call['callId']}"
    exchanged = browser.get(call["hostJoinUrl"])
    assert exchanged.status_code == 303
    token = urlsplit(exchanged.headers["location"]).fragment
    assert browser.get(exchanged.headers["location"].partition("#")[0]).status_code == 200
    seats = {side: f"{side}-seat-{call['callId']}-{call['callId']}" for side in ("host", "guest")}

    def ask(verb: str, side: str, **said: Any) -> httpx.Response:
        return browser.post(f"{room}/{verb}", json={"side": side, "seat": seats[side], **said})

    assert ask("ways", "host", token=token).status_code == 200
    for side, more in (("host", {"token": token}), ("guest", {})):
        assert ask("enter", side, **more).json()["data"]["state"] == "in"
    assert ask("enter", "host", token=token[:-1] + "!").status_code == 403
    assert ask("enter", "host", widgetKey=token).status_code == 400
    letter = {"number": 1, "text": "an offer"}
    assert ask("sync", "host", tab=1, send=[letter]).status_code == 200
    assert ask("sync", "guest", tab=1).json()["data"]["mail"][0]["text"] == "an offer"
    assert ask("sync", "guest", tab=9).status_code == 409
    assert ask("leave", "guest", tab=1).status_code == 200
    assert ask("leave", "host", tab=1, how="end").json()["data"] == {"isOver": True}
    return {token, *seats.values()}
