"""Whether a page keeps its shape: on the narrowest screen, magnified, and with larger text."""

from collections.abc import Iterator

from playwright.sync_api import Page

WIDTHS = {"400 %": (320, 256), "a narrow phone": (320, 640), "200 %": (640, 400)}
"""What 1280 by 800 pixels become when they are magnified, and the narrowest phone."""
_LOST = """
() => {
  const root = document.documentElement, wide = root.scrollWidth > root.clientWidth;
  const name = (one) => one.tagName.toLowerCase() + (one.id ? '#' + one.id : '')
    + [...one.classList].map((each) => '.' + each).join('') + ' "' + one.textContent.trim().slice(0, 30) + '"';
  const scrolls = (one) => {
    for (let up = one.parentElement; up && up !== document.body; up = up.parentElement)
      if (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(up).overflowX)) return true;
    return false;
  };
  const lost = [], tooWide = [];
  for (const one of document.body.querySelectorAll('*')) {
    if (!one.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
    const box = one.getBoundingClientRect(), style = getComputedStyle(one);
    const right = Math.max(box.right, box.left + one.scrollWidth);
    if (wide && (right > root.clientWidth + 1 || box.left < -1) && !scrolls(one)) tooWide.push(one);
    const clips = ['hidden', 'clip'].includes(style.overflowX) || ['hidden', 'clip'].includes(style.overflowY);
    const isForEyes = one.clientWidth > 1 && one.clientHeight > 1 && one.textContent.trim();
    if (clips && isForEyes && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1))
      lost.push('cut off: ' + name(one));
  }
  for (const one of tooWide)
    if (!tooWide.some((other) => other !== one && one.contains(other))) lost.push('too wide: ' + name(one));
  if (wide && !tooWide.length) lost.push('the page is ' + root.scrollWidth + ' px wide');
  return lost;
}
"""


def complaints_of_layout(page: Page) -> list[str]:
    """What needs scrolling sideways or is cut off: magnified, on the narrowest phone, and with text twice as large.

    The page has its own size again afterwards.
    """
    return [f"{at}: {one}" for at in _magnified(page) for one in page.evaluate(_LOST)]


def check_reflow(page: Page) -> None:
    """Fail if anything is lost or needs scrolling sideways at 320 pixels, at 200 % and 400 %, or with larger text."""
    found = complaints_of_layout(page)
    assert not found, f"{page.url} does not keep its shape:\n" + "\n".join(found)


def _magnified(page: Page) -> Iterator[str]:
    own = page.viewport_size
    assert own
    try:
        for name, (width, height) in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            yield name
        page.set_viewport_size({"width": 1280, "height": 800})
        page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
        yield "text of 200 %"
    finally:
        page.evaluate("() => { document.documentElement.style.fontSize = ''; }")
        page.set_viewport_size(own)
