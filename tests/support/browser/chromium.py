"""Chromium as the system's package manager installs it: found on the PATH, never downloaded by Playwright."""

import os
import shutil

from playwright.sync_api import Browser, Playwright

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
    is_root = os.geteuid() == 0
    return playwright.chromium.launch(executable_path=found(), chromium_sandbox=not is_root, args=arguments)
