"""The execution environments in use: started when all others are busy, killed when they overrun."""

import asyncio
import contextlib
import json
import os
import signal
import time
import uuid
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.host import shares
from local.host.outcomes import (
    LARGEST_PAYLOAD,
    EventTooLargeError,
    FunctionFailedError,
    NoEnvironmentError,
    UnknownFunctionError,
    failure,
)
from local.host.preloader import Environment, Preloader
from local.template import Template

_LONGEST_WAIT_SECONDS = 29.0
_COLD_AT_ONCE = 4
"""New environments together. Their first event is their dearest; one that is warm may be free sooner."""
_COLD_SECONDS = 0.5
"""After that a new environment counts as busy, not as cold: its first event is a slow one."""


class Pool:
    """Runs functions by their logical id. One event loop's; not safe across threads."""

    def __init__(self, log_file: Path, most: int = 32) -> None:
        self._log_file = log_file
        self._most = most
        self._template: Template | None = None
        self._preloader: Preloader | None = None
        self._idle: list[Environment] = []
        self._alive: set[Environment] = set()
        self._starting: set[asyncio.Task[None]] = set()
        self._cold: set[Environment] = set()
        self._retired: set[Preloader] = set()
        self._waiting: deque[asyncio.Future[Environment]] = deque()
        self._offset = 0.0
        self._events = asyncio.Semaphore(shares.of_all_events(most))
        self._shares: dict[tuple[str, int], asyncio.Semaphore] = {}

    def move_clock(self, offset: float) -> None:
        """From their next event on, handlers are this many seconds ahead of the machine's clock."""
        self._offset = offset

    @property
    def functions(self) -> list[str]:
        """The logical ids that can be invoked."""
        return sorted(self._template.functions) if self._template else []

    async def prepare(self) -> None:
        """Start the preloading process early; it warms up while the environment is still unknown."""
        self._preloader = await Preloader.start(self._log_file)

    async def load(
        self, template: Template, environment: Mapping[str, str], names: Mapping[str, str]
    ) -> dict[str, dict[str, Any]]:
        """Serve this template from now on; invocations that are running finish in the old code.

        `names` gives the physical name of each function. Answers the error document of every function
        that cannot be imported; invoking it fails with the same.
        """
        if self._preloader is None or self._preloader.ordered:
            self._retire()
            await self.prepare()
        preloader = self._preloader
        assert preloader is not None  # noqa: S101 - prepare() has just set it
        self._template = template
        errors = await preloader.load(template, environment, names)
        self._grow()
        return errors

    async def invoke(
        self, logical_id: str, event: bytes, request_id: str | None = None, deadline: float | None = None
    ) -> bytes:
        """Run a function; its JSON. Raises one of the outcomes of `local.host.outcomes`.

        `deadline` (epoch seconds) is cut to the function's own Timeout.
        """
        function = self._template.functions.get(logical_id) if self._template else None
        if function is None:
            raise UnknownFunctionError(logical_id)
        if len(event) > LARGEST_PAYLOAD:
            raise EventTooLargeError(logical_id)
        environment = await self._acquire()
        limit = function.timeout_seconds
        if deadline is not None and deadline > time.time():  # one in the past was set before the clock was moved on
            limit = min(limit, deadline - time.time())
        head = {
            "function": logical_id,
            "request_id": request_id or str(uuid.uuid4()),
            "deadline": time.time() + limit,
            "offset": self._offset,
        }
        frame = json.dumps(head).encode()[:-1] + b', "event": ' + event + b"}"
        try:
            async with asyncio.timeout(limit):  # unlike wait_for, it makes no task
                ok, payload = await environment.exchange(frame)
        except TimeoutError:
            self._discard(environment)
            message = f"Task timed out after {function.timeout_seconds:.2f} seconds"
            raise FunctionFailedError(failure("Sandbox.Timedout", message)) from None
        except (OSError, EOFError) as gone:
            self._discard(environment)
            message = "The execution environment ended before it answered"
            raise FunctionFailedError(failure("Runtime.ExitError", message)) from gone
        except asyncio.CancelledError:
            self._discard(environment)
            raise
        self._cold.discard(environment)
        self._release(environment)
        if not ok:
            raise FunctionFailedError(json.loads(payload))
        return payload

    async def invoke_for_event(
        self, logical_id: str, event: bytes, request_id: str | None = None, deadline: float | None = None
    ) -> bytes:
        """The same for what a queue, a stream or a schedule brings: it waits while its function has its share of the
        environments, or all events together have theirs, so that requests always find some.
        """
        try:
            async with contextlib.AsyncExitStack() as taken:
                async with asyncio.timeout(_LONGEST_WAIT_SECONDS):
                    for share in (self._share_of(logical_id), self._events):
                        await taken.enter_async_context(share)
                return await self.invoke(logical_id, event, request_id, deadline)
        except TimeoutError:
            raise NoEnvironmentError from None

    def _share_of(self, logical_id: str) -> asyncio.Semaphore:
        function = self._template.functions.get(logical_id) if self._template else None
        most = shares.of_one_function(self._most)
        if function is not None and function.most_from_queues is not None:
            most = min(most, function.most_from_queues)
        return self._shares.setdefault((logical_id, most), asyncio.Semaphore(most))

    async def close(self) -> None:
        """End every process of the pool, busy ones too."""
        for environment in list(self._alive):
            self._discard(environment)
        for task in self._starting:
            task.cancel()
        for preloader in [*self._retired, *([self._preloader] if self._preloader else [])]:
            await preloader.close()
        self._preloader = None

    async def _acquire(self) -> Environment:
        while self._idle:
            environment = self._idle.pop()  # the one used last: the rest stay cold and small
            if environment.usable(self._preloader):
                return environment
            self._discard(environment)
        future: asyncio.Future[Environment] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self._grow()
        try:
            return await asyncio.wait_for(future, _LONGEST_WAIT_SECONDS)
        except TimeoutError:
            raise NoEnvironmentError from None
        except asyncio.CancelledError:
            if future.done() and not future.cancelled() and future.exception() is None:
                self._release(future.result())
            raise

    def _release(self, environment: Environment) -> None:
        """Give a free environment to whoever waits longest, or keep it."""
        if not environment.usable(self._preloader):
            self._discard(environment)
            return
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_result(environment)
                self._grow()
                return
        self._idle.append(environment)

    def _grow(self) -> None:
        """Start environments for those who wait, a few at a time and never more than allowed."""
        preloader = self._preloader
        if preloader is None or not preloader.loaded:
            return
        wanted = min(len(self._waiting), _COLD_AT_ONCE - len(self._cold)) - len(self._starting)
        room = self._most - len(self._alive) - len(self._starting)
        for _ in range(min(wanted, room)):
            task = asyncio.create_task(self._start(preloader))
            self._starting.add(task)
            task.add_done_callback(self._starting.discard)

    async def _start(self, preloader: Preloader) -> None:
        try:
            environment = await preloader.fork()
        except (OSError, EOFError):
            self._fail_waiting(preloader)
            return
        self._alive.add(environment)
        current = asyncio.current_task()
        if current is not None:
            self._starting.discard(current)
        self._cold.add(environment)
        asyncio.get_running_loop().call_later(_COLD_SECONDS, self._warmed, environment)
        self._release(environment)

    def _warmed(self, environment: Environment) -> None:
        if environment in self._cold:
            self._cold.discard(environment)
            self._grow()

    def _fail_waiting(self, preloader: Preloader) -> None:
        """The preloader is gone: nobody will come for those who wait. An edit starts another."""
        while preloader is self._preloader and self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                error = failure("Runtime.ExitError", "The process that loads the functions has ended")
                future.set_exception(FunctionFailedError(error))

    def _retire(self) -> None:
        """Let go of the old code: idle environments now, busy ones when they are done."""
        while self._idle:
            self._discard(self._idle.pop())
        if self._preloader is not None:
            self._preloader.retire()
            self._retired = {one for one in self._retired if not one.ended} | {self._preloader}
            self._preloader = None

    def _discard(self, environment: Environment) -> None:
        self._alive.discard(environment)
        self._cold.discard(environment)
        if not environment.ended:  # its number may belong to somebody else by now
            with contextlib.suppress(ProcessLookupError):
                os.kill(environment.pid, signal.SIGKILL)
        environment.close()
        self._grow()
