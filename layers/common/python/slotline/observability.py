"""Logs and metrics. A log line says what happened to which id; never a secret, a name, an address or a number.

Stacks share an account: each metric and each log line names the stack that it is of, and its stage. An alarm that left
them out would take one stack's metrics for another's.
"""

import os
import traceback
from collections.abc import Mapping

from slotline.log_lines import LogLines
from slotline.metric_lines import MetricLines
from slotline.zone_rules import VERSION

_NAMED_BY = {"stage": "STAGE", "stack": "STACK"}
"""What a metric is told apart by, and the variable of a function's environment that holds it."""


def deployment() -> dict[str, str]:
    """The stage and the stack that this process belongs to. A command of the operator belongs to none."""
    return {name: os.environ.get(variable) or "none" for name, variable in _NAMED_BY.items()}


logger = LogLines({"service": "slotline", **deployment()})
metrics = MetricLines("Slotline", lambda: {"service": "slotline", **deployment()})

if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:  # a cold start, and not a command of the operator
    logger.info("started", release=os.environ.get("RELEASE"), zone_rules=VERSION)


def log_failure(message: str, error: BaseException, **fields: object) -> None:
    """Log an error by its type and where it came from. Its own text is left out: it may repeat what a guest sent."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    about = {
        "error": type(error).__name__,
        "cause": type(error.__cause__).__name__ if error.__cause__ else None,
        "at": [f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno} {frame.name}" for frame in frames],
    }
    logger.error(message, **{**fields, **about})


def log_unexpected(error: BaseException, **fields: object) -> None:
    """An error that nobody foresaw, answered with a 500: recorded and counted."""
    log_failure("unexpected error", error, **fields)
    count({"ServerErrors": 1})


def count(values: Mapping[str, float]) -> None:
    """Add to the metrics of this invocation, which are written at its end."""
    for name, value in values.items():
        metrics.add(name, value)


def flush() -> None:
    """Write the invocation's metrics, if it had any."""
    metrics.write()
