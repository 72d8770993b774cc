"""Chromium as the system's package manager installs it: found on the PATH, never downloaded by Playwright."""

import os
import shutil
from collections.abc import Sequence

from playwright.sync_api import Browser, BrowserType, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")


class NoBrowserError(Exception):
    """No browser was found. Nothing is skipped for that: a run without a browser shows nothing about the pages."""


def found() -> str:
    """Its path. Raises NoBrowserError, which says what to install."""
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    names = ", ".join(NAMES)
    raise NoBrowserError(f"Tests in a browser need one of {names} on the PATH: apt-get install -y chromium")


def launch(playwright: Playwright, *arguments: str) -> Browser:
    """A browser without a window. It keeps its sandbox, except for root, who cannot have one."""
    return _launched(playwright.chromium, arguments)


def launch_beside(other: Browser, *arguments: str) -> Browser:
    """Another one with these arguments, where one runs already: only one Playwright runs in a thread."""
    return _launched(other.browser_type, arguments)


def _launched(kind: BrowserType, arguments: Sequence[str]) -> Browser:
    is_root = os.geteuid() == 0
    return kind.launch(executable_path=found(), chromium_sandbox=not is_root, args=arguments)
