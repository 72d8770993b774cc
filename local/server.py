"""The HTTP server: uvicorn, for the gateway and for what is behind the private port."""

import asyncio
import contextlib
from collections.abc import Generator

import uvicorn

from local.gateway.app import Gateway, Receive, Scope, Send
from local.host.door import Door
from local.providers import PATH, Providers
from local.sockets import BACKLOG


class Server(uvicorn.Server):
    """uvicorn, leaving signals to the command that runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Install no signal handlers."""
        yield


def make_server(gateway: Gateway, door: Door, providers: Providers, private_port: int) -> Server:
    """A server for all: on the private port the door and the providers answer, on every other the gateway."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["server"][1] != private_port:
            await gateway(scope, receive, send)
        elif scope["path"].startswith(PATH):
            await providers(scope, receive, send)
        else:
            await door(scope, receive, send)

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
