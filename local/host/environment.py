"""One execution environment: a process that takes one event at a time, as in Lambda."""

import json
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

from local.host.handlers import Handler, Loaded
from local.host.outcomes import LARGEST_PAYLOAD, failure
from local.host.wire import ANSWERED, FAILED, READY, read_frame, write_frame
from local.shifted_time import MachineClock, move_to


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """The second argument of a handler ("AWS Lambda context object in Python")."""

    function_name: str
    invoked_function_arn: str
    memory_limit_in_mb: int
    aws_request_id: str
    deadline: float
    """Seconds since the epoch."""
    function_version: str = "$LATEST"
    log_group_name: str = "local"
    log_stream_name: str = "local"
    identity: None = None
    client_context: None = None

    def get_remaining_time_in_millis(self) -> int:
        """Until this invocation is killed; never below zero."""
        return max(0, int((self.deadline - time.time()) * 1000))


def serve(sock: socket.socket, functions: Mapping[str, Loaded]) -> NoReturn:
    """Answer invocations until the gateway's process closes the line, then end this process."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _stamp_with_the_machines_time()
    threading.Thread(target=_end_with_the_gateway, daemon=True).start()
    write_frame(sock, READY + str(os.getpid()).encode())
    while (frame := read_frame(sock)) is not None:
        invocation = json.loads(frame)
        write_frame(sock, _run(functions[invocation["function"]], invocation))
        sys.stdout.flush()
    os._exit(0)


def _stamp_with_the_machines_time() -> None:
    """What leaves the system bears the time of the world, wherever the system's own clock is moved to."""
    common = sys.modules.get("slotline.wiring.common")
    if common is not None:
        common.world_clock = MachineClock  # type: ignore[attr-defined]


def _end_with_the_gateway() -> NoReturn:
    """Standard input is held open by the gateway's process: its end means that one is gone.

    A handler that is still busy then would otherwise outlive the system that it belongs to.
    """
    while os.read(0, 1024):
        pass
    os._exit(0)


def _run(function: Loaded, invocation: Mapping[str, Any]) -> bytes:
    if function.handler is None:
        return FAILED + json.dumps(function.error).encode()
    move_to(invocation["offset"])
    context = LambdaContext(
        function_name=function.name,
        invoked_function_arn=function.arn,
        memory_limit_in_mb=function.memory_mb,
        aws_request_id=invocation["request_id"],
        deadline=invocation["deadline"],
    )
    os.environ["AWS_LAMBDA_FUNCTION_NAME"] = function.name
    os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = str(function.memory_mb)
    answer, error = _call(function.handler, invocation["event"], context)
    return ANSWERED + answer if error is None else FAILED + json.dumps(error).encode()


def _call(handler: Handler, event: object, context: LambdaContext) -> tuple[bytes, dict[str, Any] | None]:
    try:
        result = handler(event, context)
    except (Exception, SystemExit) as problem:  # noqa: BLE001 - Lambda reports whatever a handler raises
        own = traceback.extract_tb(problem.__traceback__)[1:]
        return b"", failure(type(problem).__name__, str(problem), traceback.format_list(own))
    try:
        answer = json.dumps(result, ensure_ascii=False, default=_plain).encode()
    except (TypeError, ValueError) as problem:
        return b"", failure("Runtime.MarshalError", f"Unable to marshal response: {problem}")
    if len(answer) > LARGEST_PAYLOAD:
        message = f"Response payload size exceeded maximum allowed payload size ({LARGEST_PAYLOAD} bytes)."
        return b"", failure("Function.ResponseSizeTooLarge", message)
    return answer, None


def _plain(value: object) -> float:
    """Decimals become numbers, as in Lambda's own runtime; nothing else is converted."""
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
