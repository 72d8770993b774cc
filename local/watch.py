"""Notices edits of the code that the system runs."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from watchfiles import Change, awatch


async def watch(root: Path, template: Path, changed: Callable[[set[Path]], None], begun: Callable[[], object]) -> None:
    """Report each burst of edits under `layers/` and `functions/`, and of the template, until cancelled.

    `begun` is called once every later edit is noticed. The template's folder is watched, not the file: an editor that
    saves by renaming would replace what a watch on the file holds on to.
    """
    folders = [folder for folder in (root / "layers", root / "functions") if folder.is_dir()]

    def is_template(_: Change, path: str) -> bool:
        return Path(path).name == template.name

    async def code() -> None:
        async for found in awatch(*folders, step=50):
            changed({Path(path) for _, path in found})

    async def routes() -> None:
        async for _ in awatch(template.parent, watch_filter=is_template, step=50, recursive=False):
            changed({template})

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(routes())
        if folders:
            tasks.create_task(code())
        # A task sets up its watch in its first step, and the loop takes first steps in their order: this comes after.
        asyncio.get_running_loop().call_soon(begun)
