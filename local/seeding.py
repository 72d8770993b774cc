"""Fills the fresh tables with the demo data that `.local/demo.json` describes."""

import importlib
import sys
import traceback
from typing import Any

from local.console import say
from local.errors import LocalError
from local.surroundings import REGION
from local.template import Template


def sow(
    function: str, template: Template, emulator_url: str, environment: dict[str, str], base_url: str
) -> dict[str, Any]:
    """Call `module:function` and hand back what it says about the data. An empty name sows nothing.

    The function gets a `tools.target.Target` and the addresses that end up in the file.
    """
    if not function:
        return {}
    # Tools write through the layer's own code, as a function would.
    sys.path[:0] = [str(folder) for folder in template.layers if str(folder) not in sys.path]
    module, _, name = function.partition(":")
    try:
        target = importlib.import_module("tools.target").Target(
            endpoint_url=emulator_url,
            region=REGION,
            scheduling_table=environment.get("SCHEDULING_TABLE", ""),
            dialing_table=environment.get("DIALING_TABLE", ""),
            access_table=environment.get("ACCESS_TABLE", ""),
        )
        seed = getattr(importlib.import_module(module), name)
        demo: dict[str, Any] = seed(
            target, api_base_url=base_url, video_base_url=base_url, inbox_url=base_url + "/__local/inbox"
        )
    except Exception as error:
        say(traceback.format_exc().rstrip())
        raise LocalError(f"The demo data cannot be written: {error}") from error
    return demo
