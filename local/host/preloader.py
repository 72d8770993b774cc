"""The gateway's side of `local.host.zygote`: starting it, and asking it for environments."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.host.wire import ANSWERED, LENGTH
from local.surroundings import ACCOUNT_ID, REGION, ROOT, child_environment
from local.template import Template


@dataclass(eq=False, slots=True)
class Environment:
    """The line to one execution environment."""

    pid: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    origin: "Preloader"

    async def exchange(self, frame: bytes) -> tuple[bool, bytes]:
        """Hand over an invocation; whether it went well, and its JSON. EOFError: the process ended."""
        self.writer.write(LENGTH.pack(len(frame)) + frame)
        await self.writer.drain()
        answer = await read_frame(self.reader)
        return answer[:1] == ANSWERED, answer[1:]

    def usable(self, preloader: "Preloader | None") -> bool:
        """Whether it runs the present code, and runs at all."""
        return self.origin is preloader and not self.ended

    @property
    def ended(self) -> bool:
        """Whether the process is known to be gone."""
        return self.reader.at_eof()

    def close(self) -> None:
        """Hang up; an environment that hears it ends."""
        self.writer.close()


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """Receive one frame. Raises asyncio.IncompleteReadError, an EOFError."""
    head = await reader.readexactly(LENGTH.size)
    return await reader.readexactly(LENGTH.unpack(head)[0])


class Preloader:
    """A running zygote."""

    def __init__(self, process: asyncio.subprocess.Process, control: socket.socket) -> None:
        self._process = process
        self._control = control
        self.ordered = False
        """Whether it was told what to load. That happens once: other code needs another process."""
        self.loaded = False

    @classmethod
    async def start(cls, log_file: Path) -> "Preloader":
        """Start the process; it imports what is surely needed and waits for its orders."""
        ours, theirs = socket.socketpair()
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "local.host.zygote", str(theirs.fileno()), os.fspath(log_file)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
            env=child_environment(),
            pass_fds=(theirs.fileno(),),
            start_new_session=True,  # Ctrl-C in the terminal is for the command alone
        )
        theirs.close()
        return cls(process, ours)

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self._process.returncode is not None

    async def load(
        self, template: Template, environment: Mapping[str, str], names: Mapping[str, str]
    ) -> dict[str, dict[str, Any]]:
        """Have the handlers imported; the error document of each that cannot be."""
        orders = {
            "environment": dict(environment),
            "layers": [str(folder) for folder in template.layers],
            "functions": [_order(template, logical_id, names) for logical_id in template.functions],
        }
        assert self._process.stdin is not None  # noqa: S101 - started with pipes
        assert self._process.stdout is not None  # noqa: S101 - started with pipes
        self.ordered = True
        self._process.stdin.write(json.dumps(orders).encode() + b"\n")
        report = await self._process.stdout.readline()
        self.loaded = True
        if not report:
            gone = {"errorType": "Runtime.ExitError", "errorMessage": "its import ended the process"}
            return dict.fromkeys(template.functions, gone)
        errors: dict[str, dict[str, Any]] = json.loads(report)["errors"]
        return errors

    async def fork(self) -> Environment:
        """A new environment, ready. Raises OSError or EOFError where the process is gone."""
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._control, [b"f"], [theirs.fileno()])
        reader, writer = await asyncio.open_connection(sock=ours)
        try:
            ready = await read_frame(reader)
        except BaseException:
            writer.close()
            raise
        return Environment(int(ready[1:]), reader, writer, self)

    def retire(self) -> None:
        """No more environments from here; those that are busy live until they are done."""
        self._control.close()
        if not self.loaded and self._process.returncode is None:
            self._process.kill()  # it may be caught in an import that never ends

    async def close(self) -> None:
        """End the process, and with it every environment that came from it."""
        self._control.close()
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), 1)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


def _order(template: Template, logical_id: str, names: Mapping[str, str]) -> dict[str, Any]:
    function = template.functions[logical_id]
    name = names.get(logical_id, logical_id)
    return {
        "logical_id": logical_id,
        "name": name,
        "arn": f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{name}",
        "source": os.fspath(function.source),
        "attribute": function.attribute,
        "memory_mb": function.memory_mb,
    }
