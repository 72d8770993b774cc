"""Dispatch to Genesys Cloud, over HTTP to a server that answers as planned."""

import json
import threading
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from urllib3 import PoolManager

from slotline.channels.genesys_dispatch import ClientCredentials, GenesysDispatch, inbound_message
from slotline.domain.booking.reminders import ReminderKind
from slotline.ports.messages import MessageRefused, MessengerBusyError
from tests.support.builders.deadlines import SetDeadline
from tests.support.builders.messages import CALL_ID, JOIN_URL, make_message

TOKEN = {"access_token": "secret-token", "token_type": "bearer", "expires_in": 3600}
SECRET = "very-secret"
PHONE = "+573005550100"


@dataclass
class Genesys:
    """What the server was asked, and what it answers: the next planned status and body, or that all is well."""

    url: str = ""
    asked: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    plans: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)

    def answer(self, path: str) -> tuple[int, Any]:
        is_login = path.endswith("/oauth/token")
        planned = self.plans.get("token" if is_login else "message")
        if planned:
            return planned.pop(0)
        return (200, TOKEN) if is_login else (202, {"id": "genesys-1"})

    @property
    def logins(self) -> int:
        return sum(path.endswith("/oauth/token") for path, _, _ in self.asked)


@dataclass
class Now:
    """A clock that a test moves."""

    at: datetime = datetime(2026, 4, 20, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def genesys() -> Iterator[Genesys]:
    plan = Genesys()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            plan.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            status, content = plan.answer(self.path)
            if status == 0:  # hang up without an answer
                self.connection.close()
                return
            payload = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("location", plan.url + "/elsewhere")
            self.send_header("content-length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parent's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    plan.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield plan
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def clock() -> Now:
    return Now()


@pytest.fixture
def pool() -> Iterator[PoolManager]:
    with PoolManager() as found:
        yield found


@pytest.fixture
def deadline() -> SetDeadline:
    return SetDeadline()


@pytest.fixture
def dispatch(genesys: Genesys, clock: Now, pool: PoolManager, deadline: SetDeadline) -> GenesysDispatch:
    return GenesysDispatch(
        pool=pool,
        login_url=genesys.url,
        api_url=genesys.url,
        integration_id="integration/1",
        credentials=lambda: ClientCredentials(client_id="client", client_secret=SECRET),
        clock=clock,
        deadline=deadline,
    )


def test_a_call_is_announced_as_a_message_of_its_guest():
    assert inbound_message(make_message(recipient=PHONE, kind=ReminderKind.REMINDER_15M)) == {
        "channel": {
            "messageId": make_message().id,
            "from": {"nickname": "Ana García", "id": PHONE, "idType": "Phone"},
            "time": "2026-04-20T12:00:00.000Z",
            "metadata": {
                "customAttributes": {
                    "slotline_call_id": CALL_ID,
                    "slotline_app_id": "app_1",
                    "slotline_kind": "reminder_15m",
                    "slotline_scheduled_at": "2026-05-01T15:00:00.000Z",
                    "slotline_join_url": JOIN_URL,
                }
            },
        },
        "type": "Text",
        "text": (
            "Video call in 15 minutes: Ana García, Friday, May 1, 2026, 10:00 AM (Bogota time, UTC-5), 30 min. "
            + JOIN_URL
        ),
        "direction": "Inbound",
    }


def test_a_guest_without_a_number_is_known_by_the_address():
    message: Any = inbound_message(make_message())
    assert message["channel"]["from"]["idType"] == "Email"


def test_a_message_that_there_is_no_time_to_wait_for_is_not_sent(
    dispatch: GenesysDispatch, genesys: Genesys, deadline: SetDeadline
) -> None:
    deadline.seconds = 6.5
    with pytest.raises(MessengerBusyError):
        dispatch.send(make_message())
    assert genesys.asked == []


def test_it_signs_in_and_posts_to_its_integration(dispatch, genesys):
    assert dispatch.send(make_message(recipient=PHONE)) == "genesys-1"
    (login_path, login, form), (path, headers, body) = genesys.asked
    assert (login_path, form) == ("/oauth/token", "grant_type=client_credentials")
    assert login["authorization"] == "Basic Y2xpZW50OnZlcnktc2VjcmV0"
    assert login["content-type"] == "application/x-www-form-urlencoded"
    assert path == "/api/v2/conversations/messages/integration%2F1/inbound/open/message"
    assert headers["authorization"] == "Bearer secret-token"
    assert json.loads(body) == inbound_message(make_message(recipient=PHONE))


def test_a_token_is_used_until_shortly_before_its_end(dispatch, genesys, clock):
    dispatch.send(make_message())
    clock.at += timedelta(minutes=54)
    dispatch.send(make_message())
    assert genesys.logins == 1
    clock.at += timedelta(minutes=1)
    dispatch.send(make_message())
    assert genesys.logins == 2


def test_a_token_that_was_revoked_is_replaced_once(dispatch, genesys):
    dispatch.send(make_message())
    genesys.plans["message"] = [(401, {})]
    assert dispatch.send(make_message()) == "genesys-1"
    assert genesys.logins == 2
    genesys.plans["message"] = [(401, {}), (401, {})]
    with pytest.raises(MessengerBusyError, match="Genesys answered 401"):
        dispatch.send(make_message())


@pytest.mark.parametrize("status", [400, 409, 413, 415, 422])
def test_what_genesys_will_not_take_tomorrow_either_is_refused(dispatch, genesys, status):
    genesys.plans["message"] = [(status, {"message": PHONE})]
    with pytest.raises(MessageRefused) as refused:
        dispatch.send(make_message(recipient=PHONE))
    assert str(refused.value) == f"Genesys answered {status}"


@pytest.mark.parametrize("status", [301, 307, 403, 404, 408, 429, 500, 502, 503, 504])
def test_what_may_go_well_the_next_time_is_busy_and_no_other_address_is_asked(dispatch, genesys, status):
    genesys.plans["message"] = [(status, {"message": PHONE})]
    with pytest.raises(MessengerBusyError) as busy:
        dispatch.send(make_message(recipient=PHONE))
    assert str(busy.value) == f"Genesys answered {status}"
    assert not any(path == "/elsewhere" for path, _, _ in genesys.asked)


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (400, {"error": "invalid_client"}),
        (401, {}),
        (429, {}),
        (500, b"<html>"),
        (200, b"no JSON"),
        (200, {"expires_in": 1}),
    ],
)
def test_without_a_token_it_is_busy_and_nothing_is_posted(dispatch, genesys, status, content):
    genesys.plans["token"] = [(status, content)]
    with pytest.raises(MessengerBusyError, match=f"Genesys gave no token: {status}"):
        dispatch.send(make_message())
    assert len(genesys.asked) == 1


@pytest.mark.parametrize("at", ["token", "message"])
def test_a_lost_connection_is_busy_and_not_tried_again_here(dispatch, genesys, at):
    genesys.plans[at] = [(0, None)]
    with pytest.raises(MessengerBusyError, match="ProtocolError"):
        dispatch.send(make_message())
    assert sum(path.endswith("/oauth/token") == (at == "token") for path, _, _ in genesys.asked) == 1


def test_an_answer_without_an_id_leaves_the_messages_own(dispatch, genesys):
    genesys.plans["message"] = [(200, b"")]
    assert dispatch.send(make_message()) == make_message().id


@pytest.mark.parametrize("at", ["token", "message"])
def test_no_error_and_no_text_shows_a_secret_or_a_guest(dispatch, genesys, at):
    genesys.plans[at] = [(500, {"message": f"{SECRET} {PHONE}"})]
    with pytest.raises(MessengerBusyError) as busy:
        dispatch.send(make_message(recipient=PHONE))
    shown = "".join(traceback.format_exception(busy.value)) + repr(dispatch)
    for secret in (SECRET, PHONE, "secret-token", "García"):
        assert secret not in shown
