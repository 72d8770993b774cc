"""The HTTP server: uvicorn, for the gateway and for the private door."""

import asyncio
import contextlib
from collections.abc import Generator

import uvicorn

from local.gateway.app import Gateway, Receive, Scope, Send
from local.host.door import Door
from local.sockets import BACKLOG


class Server(uvicorn.Server):
    """uvicorn, leaving signals to the command that runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Install no signal handlers."""
        yield


def make_server(gateway: Gateway, door: Door, private_port: int) -> Server:
    """A server for both: the door answers on the private port, the gateway on every other."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        chosen = door if scope["server"][1] == private_port else gateway
        await chosen(scope, receive, send)

    config = uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    return Server(config)


async def stop(server: Server, serving: asyncio.Task[None]) -> None:
    """Have the server finish what it is answering, for a second at most."""
    server.should_exit = True
    await asyncio.wait({serving}, timeout=2)
