"""The AWS emulator (ministack) as a child process, on a loopback port, keeping nothing."""

import asyncio
import http.client
import socket
import sys
from pathlib import Path

from local.errors import LocalError
from local.surroundings import ACCOUNT_ID, LOOPBACK, REGION, ROOT, child_environment

_TRIES = 3
_PATIENCE_SECONDS = 30.0


class Emulator:
    """A running emulator."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self._process = process
        self._port = port
        self.url = f"http://{LOOPBACK}:{port}"

    @classmethod
    async def start(cls, state_dir: Path, program: str = "local.ministack_server") -> "Emulator":
        """Start one and wait until it is healthy. Raises LocalError naming its log."""
        for _ in range(_TRIES):  # somebody may take the port between choosing and binding it
            emulator = await cls._launch(state_dir, program)
            try:
                if await emulator._healthy():  # noqa: SLF001 - its own
                    return emulator
            except BaseException:
                await emulator.stop()
                raise
            await emulator.stop()
        raise LocalError(f"The emulator does not start; see {state_dir / 'emulator.log'}")

    @classmethod
    async def _launch(cls, state_dir: Path, program: str) -> "Emulator":
        port = _free_port()
        scratch = state_dir / "emulator"
        scratch.mkdir(parents=True, exist_ok=True)
        with (state_dir / "emulator.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "local.tethered", program),
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env=child_environment()
                | {
                    "GATEWAY_PORT": str(port),
                    "BIND_HOST": LOOPBACK,
                    "MINISTACK_HOST": "localhost",
                    "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
                    "MINISTACK_REGION": REGION,
                    "IOT_MTLS_ENABLED": "0",
                    "SFTP_ENABLED": "0",
                    "PERSIST_STATE": "0",
                    "LOG_LEVEL": "WARNING",
                    # It would tidy up containers of its own on a developer's Docker.
                    "DOCKER_HOST": "unix:///nonexistent",
                    "TMPDIR": str(scratch),
                },
                start_new_session=True,  # Ctrl-C in the terminal is for the command alone
            )
        return cls(process, port)

    async def _healthy(self) -> bool:
        """Wait for its health page. False: the process ended."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _PATIENCE_SECONDS
        while loop.time() < until:
            if self._process.returncode is not None:
                return False
            if await asyncio.to_thread(_answers, self._port):
                return True
            await asyncio.sleep(0.02)
        return False

    def move_clock(self, offset: float) -> None:
        """Be this many seconds ahead of the machine's clock."""
        if self._process.stdin is not None:
            self._process.stdin.write(f"{offset}\n".encode())

    async def ended(self) -> None:
        """Wait until the process is gone, whatever ended it."""
        await self._process.wait()

    async def stop(self) -> None:
        """End it; it keeps nothing, so it need not be asked twice."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        if self._process.returncode is None:
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), 1)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


class SharedEmulator:
    """The emulator of another system: this one neither moves its clock nor stops it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def move_clock(self, offset: float) -> None:
        """Leave it to the system that started the emulator."""

    async def ended(self) -> None:
        """Wait for ever: the system that started it looks after it."""
        await asyncio.Event().wait()

    async def stop(self) -> None:
        """Leave it running."""


async def start_or_share(url: str, state_dir: Path) -> Emulator | SharedEmulator:
    """The emulator at this address, or, without one, an emulator of our own. Raises LocalError."""
    return SharedEmulator(url) if url else await Emulator.start(state_dir)


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind((LOOPBACK, 0))
        return int(sock.getsockname()[1])


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", "/_ministack/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    except http.client.HTTPException:
        return False
    finally:
        connection.close()
