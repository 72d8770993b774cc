"""`/__local/components`: what our pages are built of, from the real templates and the real stylesheet.

`?lang=` shows it in another language, and so in the other direction; `?problem=` a page for something that goes wrong.
Each request makes it in a process of its own, so an edit of the layer is seen at the next look.
"""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs

from local.console import say
from local.gateway.answers import Answer, gateway_error
from local.gateway.events import Request
from local.gateway.html import HEADERS
from local.surroundings import ROOT

PATH = "/__local/components"


@dataclass(frozen=True, slots=True)
class ComponentsPage:
    """Answers `GET /__local/components`. `layer`: what Lambda would put on `sys.path`."""

    layer: Path = ROOT / "layers" / "common" / "python"

    async def __call__(self, request: Request) -> Answer:
        """The page. What is wrong with a template is said in the console."""
        if request.method not in {"GET", "HEAD"}:
            return Answer(405, (("content-type", "text/plain"), ("allow", "GET, HEAD"), *HEADERS), b"only read\n")
        query = parse_qs(request.query)
        asked = [query.get(name, [""])[-1].replace("\0", "") for name in ("problem", "lang")]
        program = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "local.components", *asked, request.header("accept-language") or ""),
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(self.layer)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        written, complaint = await program.communicate()
        if program.returncode:
            say(complaint.decode())
            return gateway_error(500)
        made = json.loads(written)
        return Answer(made["status"], tuple(made["headers"].items()), made["body"].encode())
