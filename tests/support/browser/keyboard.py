"""A page by keyboard alone: what Tab reaches, in which order, and whether one sees where one is."""

from typing import Any

from playwright.sync_api import Locator, Page

MOST = 200
"""Presses of a key after which nobody goes on."""
PARTS = 4
"""The most stops that one element has: a date's day, month, year and calendar."""
LOOKS_AGAIN = 50
"""How often, every 20 milliseconds, before nothing has the focus."""
_EXPECTED = """
() => {
  const able = 'a[href], area[href], button, input, select, textarea, summary, iframe, audio[controls], '
    + 'video[controls], [tabindex], [contenteditable=""], [contenteditable=true]';
  const open = [...document.querySelectorAll('dialog')].filter((one) => one.matches(':modal')).at(-1) || document;
  const radios = [...document.querySelectorAll('input[type=radio]')];
  const group = (one) => one.type === 'radio' && one.name
    ? radios.filter((other) => other.name === one.name && other.form === one.form) : null;
  const able_now = [...open.querySelectorAll(able)].filter((one) => one.tabIndex >= 0 && !one.matches(':disabled')
    && !one.closest('[inert]') && one.checkVisibility({visibilityProperty: true})
    && (one.tagName !== 'SUMMARY' || one === one.parentElement.querySelector(':scope > summary')));
  window.__stops = able_now.filter((one) => {
    const others = group(one);
    return !others || (others.find((other) => other.checked) || others[0]) === one;
  });
  return window.__stops.length;
}
"""
_NAME = """
(one) => {
  const labels = one.labels && one.labels.length ? [...one.labels].map((each) => each.textContent).join(' ') : '';
  return (one.getAttribute('aria-label') || labels || one.textContent || one.title || one.tagName).trim()
    .replace(/\\s+/g, ' ').slice(0, 80);
}
"""
_STOP = f"""
async () => {{
  const name = {_NAME.strip()};
  const look = (each) => {{
    const style = getComputedStyle(each);
    return [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow, style.borderColor,
      style.backgroundColor, style.color, style.textDecorationLine].join('|');
  }};
  const looks = (each) => [each, each.parentElement, ...(each.labels || [])].filter(Boolean).map(look).join('||');
  const active = document.activeElement, before = window.__last;
  const one = [null, document.body, document.documentElement].includes(active) ? null : active;
  const hasParts = 'input[type=date], input[type=time], input[type=datetime-local], input[type=month], '
    + 'input[type=week], iframe, audio, video';  // the browser, or the frame, shows which part has the focus
  const left = before && before.one !== one && !before.one.matches(hasParts) ? before : null;
  const unseen = left && left.look === looks(left.one) ? name(left.one) : null;
  window.__last = one && {{one, look: looks(one)}};
  if (!one) return {{name: null, at: null, unseen, covered: false, scrolls: false}};
  const isOurs = (top) => top && (one.contains(top) || [...(one.labels || [])].some((label) => label.contains(top)));
  const isCovered = () => {{
    const boxes = [...one.getClientRects()].filter((box) => box.width > 1);  // a link may go over several lines
    return boxes.length > 0 && !boxes.some((box) => isOurs(document.elementFromPoint(
      Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1),
      Math.min(Math.max(box.top + box.height / 2, 0), innerHeight - 1))));
  }};
  // A frame of another site is a process of its own: the page scrolls to its focus, and follows its height, later.
  const last = performance.now() + 2000;
  while (isCovered() && performance.now() < last) await new Promise((done) => setTimeout(done, 20));
  const covered = isCovered();
  const scrolls = one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight;
  return {{name: name(one), at: window.__stops.indexOf(one), unseen, covered, scrolls}};
}}
"""


def check_focus_order(page: Page) -> list[str]:
    """Tab once around the page; the names of the stops in the order of the document.

    Fails if Tab misses something, comes in another order or does not come round, if the focus is not seen, or if
    something covers it.
    """
    page.wait_for_load_state()
    expected = page.evaluate(_EXPECTED)
    stops, wrong = _around(page)
    places = [stop["at"] for stop in stops if stop["at"] >= 0]
    first = places.index(0) if 0 in places else 0
    in_order = places[first:] + places[:first]
    if in_order != list(range(expected)):
        missed = [
            page.evaluate(f"(at) => ({_NAME.strip()})(window.__stops[at])", at)
            for at in range(expected)
            if at not in places
        ]
        wrong.append(f"missed: {missed}" if missed else f"not in the order of the document: {in_order}")
    wrong += [f"covered: {stop['name']}" for stop in stops if stop["covered"]]
    wrong += [f"focusable for no reason: {stop['name']}" for stop in stops if stop["at"] < 0 and not stop["scrolls"]]
    assert not wrong, f"{page.url} by keyboard:\n" + "\n".join(wrong)
    return [stop["name"] for stop in sorted(stops, key=lambda stop: stop["at"]) if stop["at"] >= 0]


def _around(page: Page) -> tuple[list[dict[str, Any]], list[str]]:
    """The stops until Tab comes to the first one again, and those whose focus is not seen."""
    stops: list[dict[str, Any]] = []
    wrong: list[str] = []
    has_left = False
    for _ in range(MOST):
        page.keyboard.press("Tab")
        stop = _stop(page)
        wrong += [f"the focus is not seen: {stop['unseen']}"] if stop["unseen"] else []
        if stop["name"] is None:
            if has_left:
                return stops, wrong
            has_left = True
        elif stops and stop["at"] == stops[0]["at"] and (has_left or len(stops) > 1):
            return stops, wrong
        elif not stops or stop["at"] != stops[-1]["at"]:  # a date has several parts, and so has a frame
            stops.append(stop)
    return stops, [*wrong, f"Tab stays at {stops[-1]['name'] if stops else 'nothing'}"]


def _stop(page: Page) -> dict[str, Any]:
    """Where the focus is now. On its way into a frame of another process it is nowhere for a moment."""
    found: dict[str, Any] = page.evaluate(_STOP)
    unseen = found["unseen"]
    for _ in range(LOOKS_AGAIN if len(page.frames) > 1 else 0):
        if found["name"] is not None:
            break
        page.wait_for_timeout(20)
        found = page.evaluate(_STOP)
    return {**found, "unseen": unseen}


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until this is focused, as somebody without a mouse does. Fails if Tab does not come there.

    A click before it may still be leading here: stops are counted once the page is whole.
    """
    target.wait_for(state="attached")
    page.wait_for_load_state()
    stops = sum(frame.evaluate(_EXPECTED) for frame in page.frames)
    for _ in range(PARTS * stops + 1):
        page.keyboard.press("Tab")
        if target.evaluate("(one) => one === one.ownerDocument.activeElement"):
            return
    raise AssertionError(f"Tab does not come to {target}")
