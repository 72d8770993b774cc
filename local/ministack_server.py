"""Serves the emulator's application as a program of its own: `python -m local.ministack_server`.

ministack brings a server written in Python throughout, which took more processor time than the emulator itself. All
requests of all functions pass through this one process, so that time bounds how much the whole system can do. What
serves the gateway serves the emulator too: uvicorn, with a parser in C.
"""

import gc
import os
from functools import lru_cache
from typing import Any

import uvicorn
from ministack.app import app
from ministack.services import dynamodb

from local.sockets import BACKLOG

_COLLECT_AFTER = 50_000
"""Python's 700 new objects are a dozen rows; each look for garbage also walks through rows that stay."""


_READ_FOR_EACH_ROW = ("_tokenize", "_condition_syntax_error")
"""What the emulator makes of the text of a condition, and of nothing else."""


def read_conditions_once() -> None:
    """Keep what was made of a condition's text: the emulator asks it of every row of a partition at each Query.

    That took four fifths of the time. Twenty thousand rows took longer than a client waits for an answer.
    """
    for name in _READ_FOR_EACH_ROW:
        setattr(dynamodb, name, lru_cache(maxsize=1024)(getattr(dynamodb, name)))


def main(application: Any = app) -> None:
    """Serve until a signal ends it; another application may stand before the emulator's."""
    gc.set_threshold(_COLLECT_AFTER)
    gc.freeze()
    read_conditions_once()
    uvicorn.run(
        application,
        host=os.environ["BIND_HOST"],
        port=int(os.environ["GATEWAY_PORT"]),
        http="httptools",
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,  # the emulator says it
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )


if __name__ == "__main__":
    main()
