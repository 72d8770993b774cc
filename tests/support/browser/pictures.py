"""Pictures of the pages: contact sheets of all of them, and small copies of the chosen ones for the documents.

    make screenshots    .local/screenshots/index.html, and a sheet-….png for each look
    make images         docs/images: what states name as `in_docs`, 80 KB each at most

Chromium draws both, so that no library for pictures is needed.
"""

import argparse
import base64
import sys
from collections.abc import Sequence
from html import escape
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from local.surroundings import ROOT
from tests.support.browser import chromium
from tests.support.browser.states import LOOKS, all_states

TAKEN = ROOT / ".local" / "screenshots"
IMAGES = ROOT / "docs" / "images"
MOST_BYTES = 80 * 1024
WIDEST = 1280
A_SHEET = 12
_STYLE = """
:root { color-scheme: light; font: 14px/1.4 system-ui, sans-serif; background: #ddd; }
body { margin: 16px; display: grid; gap: 16px; align-items: start; }
figure { margin: 0; } figcaption { padding-bottom: 4px; overflow-wrap: anywhere; }
img { width: 100%; max-height: 1200px; object-fit: cover; object-position: top; border: 1px solid #999; }
"""
_COLUMNS = {"desktop": 3, "phone": 6}
_SHRINK = """
async ([source, widest, most]) => {
  const picture = new Image();
  picture.src = source;
  await picture.decode();
  for (let width = Math.min(widest, picture.naturalWidth); width > 100; width = Math.floor(width * 0.8)) {
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = Math.round(picture.naturalHeight * width / picture.naturalWidth);
    canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
    for (const quality of [0.92, 0.85, 0.75, 0.65]) {
      const drawn = canvas.toDataURL('image/webp', quality).split(',')[1];
      if (drawn.length * 3 / 4 <= most) return drawn;
    }
  }
}
"""


def write_sheets(browser: Browser, folder: Path) -> list[Path]:
    """One page of every picture in the folder, and for each look sheets of a dozen, to be looked at as pictures."""
    pictures = sorted(folder.glob("*.*-*.png"))
    (folder / "index.html").write_text(_html(pictures, columns=4), encoding="utf-8")
    written = [folder / "index.html"]
    page = browser.new_page(viewport={"width": 1600, "height": 900})
    for look in LOOKS:
        ours = [picture for picture in pictures if picture.stem.endswith(f".{look.name}")]
        for first in range(0, len(ours), A_SHEET):
            sheet = folder / f"sheet-{look.name}-{first // A_SHEET + 1}"
            html = sheet.with_suffix(".html")
            html.write_text(_html(ours[first : first + A_SHEET], columns=_COLUMNS[look.screen.name]), encoding="utf-8")
            page.goto(html.as_uri())
            written.append(sheet.with_suffix(".png"))
            page.screenshot(path=written[-1], full_page=True)
            html.unlink()
    page.close()
    return written


def shrunk(browser: Browser, picture: bytes, most: int = MOST_BYTES) -> bytes:
    """A PNG as WebP of at most so many bytes: less faithful first, then smaller."""
    page = browser.new_page()
    source = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
    drawn = page.evaluate(_SHRINK, [source, WIDEST, most])
    page.close()
    return base64.b64decode(drawn)


def write_images(browser: Browser, taken: Path, images: Path) -> list[Path]:
    """The pictures that states name for the documents. Raises FileNotFoundError for one that was not taken."""
    chosen = [f"{state.name}.{look}" for state in all_states() for look in state.in_docs]
    small = {name: shrunk(browser, (taken / f"{name}.png").read_bytes()) for name in chosen}
    for name, content in small.items():
        (images / f"{name}.webp").write_bytes(content)
    return [images / f"{name}.webp" for name in small]


def _html(pictures: Sequence[Path], columns: int) -> str:
    figures = "".join(
        f'<figure><figcaption>{escape(one.stem)}</figcaption><img src="{escape(one.name)}" alt=""></figure>'
        for one in pictures
    )
    grid = f"body {{ grid-template-columns: repeat({columns}, minmax(0, 1fr)); }}"
    return f'<!doctype html><html lang="en"><title>Pages</title><style>{_STYLE}{grid}</style>{figures}</html>'


def main() -> int:
    """Do what the command line says; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.support.browser.pictures", description="Pictures of the pages."
    )
    parser.add_argument("what", choices=["sheets", "images"])
    given = parser.parse_args()
    if not any(TAKEN.glob("*.png")):
        sys.stderr.write("error: no page was photographed; make screenshots does that\n")
        return 1
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        try:
            written = write_sheets(browser, TAKEN) if given.what == "sheets" else write_images(browser, TAKEN, IMAGES)
        except FileNotFoundError as missing:
            sys.stderr.write(f"error: {missing.filename} is missing: make screenshots takes it\n")
            return 1
        browser.close()
    for path in written:
        sys.stdout.write(f"{path.relative_to(ROOT)}  {path.stat().st_size / 1024:.0f} KB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
