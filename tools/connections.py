"""Organizations' own providers of identities: what an operator sets up, shows and takes away."""

import re
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from slotline.domain.access.connections import Connection
from slotline.domain.access.users import Organization
from slotline.ids import new_id
from slotline.ports.shared import Clock, RaceLost
from slotline.store.access.connections import DynamoConnections
from tools import reading
from tools.acts import act
from tools.errors import ToolError

_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
_LOOPBACK = frozenset({"localhost", "127.0.0.1"})


def connect_options(parser: ArgumentParser) -> None:
    """What the provider is, and what it is believed."""
    parser.add_argument("--app", required=True, metavar="ID", help="any app of the organization")
    parser.add_argument("--name", required=True, help="what the sign-in page calls it")
    parser.add_argument("--issuer", required=True, metavar="URL", help="as the provider's metadata has it")
    parser.add_argument("--client-id", required=True)
    parser.add_argument(
        "--domain", action="append", default=[], help="of e-mail addresses that it vouches for; repeatable"
    )
    parser.add_argument(
        "--proves-second-factor", action="store_true", help="it asks for a second factor, so none of ours follows"
    )
    parser.add_argument("--secret-stdin", action="store_true", help="the client's secret is the first line of input")


def disconnect_options(parser: ArgumentParser) -> None:
    """Which one."""
    parser.add_argument("connection", metavar="ID")


def connect(kept: DynamoConnections, clock: Clock, organization_id: str, secret: str, given: Any) -> Connection:
    """A new connection. Raises ToolError for what cannot be one, or a domain that another one has."""
    if not secret:
        raise ToolError("the client's secret is empty")
    connection = Connection(
        connection_id=new_id(),
        organization_id=organization_id,
        name=reading.name_of(given.name),
        issuer=_issuer(given.issuer),
        client_id=given.client_id,
        client_secret=secret,
        domains=frozenset(_domains(given.domain)),
        proves_second_factor=given.proves_second_factor,
    )
    try:
        kept.add(
            connection,
            act(clock).entry("connection.added", connection.connection_id, None, shown(connection), of=_of(connection)),
        )
    except RaceLost as taken:
        raise ToolError("another connection has one of these domains") from taken
    return connection


def disconnect(kept: DynamoConnections, clock: Clock, connection_id: str) -> Connection:
    """Nobody signs in by it any more; sessions stay. Raises ToolError if there is none of this id."""
    connection = kept.find(connection_id)
    if connection is None:
        raise ToolError(f"there is no connection {connection_id}")
    entry = act(clock).entry("connection.removed", connection_id, shown(connection), None, of=_of(connection))
    kept.remove(connection, entry)
    return connection


def shown(connection: Connection) -> dict[str, Any]:
    """A connection as it is shown: its secret never is."""
    return {
        "connection_id": connection.connection_id,
        "name": connection.name,
        "issuer": connection.issuer,
        "client_id": connection.client_id,
        "domains": sorted(connection.domains),
        "proves_second_factor": connection.proves_second_factor,
        "sign_in_path": f"/sign-in/with/{connection.connection_id}",
        "redirect_path": f"/sign-in/with/{connection.connection_id}/back",
    }


def _of(connection: Connection) -> Organization:
    return Organization(organization_id=connection.organization_id)


def _issuer(text: str) -> str:
    parts = urlsplit(text)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not is_safe or not parts.hostname or parts.query or parts.fragment:
        raise ToolError("--issuer must be an https URL without a query, such as https://accounts.example.com")
    return text


def _domains(texts: Sequence[str]) -> Sequence[str]:
    found = [text.strip().lower() for text in texts]
    for domain in found:
        if not _DOMAIN.fullmatch(domain):
            raise ToolError(f"--domain {domain} must be a domain such as example.com")
    return found
