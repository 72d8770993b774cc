"""Whether a page can be used by everybody, as far as axe-core can tell."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

VENDORED = Path(__file__).parents[2] / "browser" / "vendored"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_RUN = """
async (tags) => {
  // axe cannot tell what words in a picture stand on: tests/unit/pages/test_plots.py judges those of plots.
  const run = () => axe.run({exclude: ['svg.plot text']}, {
    runOnly: {type: 'tag', values: tags}, resultTypes: ['violations', 'incomplete'], elementRef: false,
  });
  const found = await run();
  const regions = [...document.querySelectorAll('[role=region][tabindex="0"]')].filter(
    (region) => region.scrollWidth > region.clientWidth);
  let undecided = found.incomplete;
  if (regions.length) { // what is cut off at one end of a region that scrolls by itself is judged at the other
    const ends = regions.map((region) => getComputedStyle(region).direction === 'rtl' ? -1 : 1);
    regions.forEach((region, at) => { region.scrollLeft = ends[at] * region.scrollWidth; });
    const there = (await run()).incomplete;
    regions.forEach((region) => { region.scrollLeft = 0; });
    const name = (rule, node) => rule.id + ' ' + JSON.stringify(node.target);
    const still = new Set(there.flatMap((rule) => rule.nodes.map((node) => name(rule, node))));
    undecided = undecided.map((rule) => ({...rule, nodes: rule.nodes.filter((node) => still.has(name(rule, node)))}));
  }
  // A picture of somebody who talks with the reader has no captions: WCAG 1.2.4 is about broadcasts, not about calls.
  const isLive = (node) => {
    const one = document.querySelector(node.target[0]);
    return one && one.tagName === 'VIDEO' && one.autoplay && !one.currentSrc && !one.querySelector('source');
  };
  undecided = undecided.map((rule) => (
    rule.id === 'video-caption' ? {...rule, nodes: rule.nodes.filter((node) => !isLive(node))} : rule));
  return {violations: found.violations, incomplete: undecided, passes: found.passes.length};
}
"""


@cache
def _axe() -> str:
    """axe-core, as it was taken in. It runs in pages that allow no script: DevTools, not the page, evaluates it."""
    listed = json.loads((VENDORED / "vendored.json").read_text(encoding="utf-8"))["axe-core"]
    source = (VENDORED / listed["file"]).read_text(encoding="utf-8")
    return f"{source}\n;axe.configure({{allowedOrigins: ['<unsafe_all_origins>']}});"


def complaints_of_axe(page: Page) -> list[str]:
    """What breaks a rule of WCAG 2.2 AA or good practice, and what axe could not decide: a line for each element."""
    for frame in page.frames:
        frame.wait_for_load_state()
        if not frame.evaluate("() => typeof axe === 'object'"):
            frame.evaluate(_axe())
    found = page.evaluate(_RUN, RULES)
    assert found["passes"], "axe found nothing to check"
    return [*_lines("violation", found["violations"]), *_lines("undecided", found["incomplete"])]


def check_accessible(page: Page) -> None:
    """Fail if axe finds anything, and also if it cannot decide: a page that nobody can judge is no better."""
    found = complaints_of_axe(page)
    assert not found, f"{page.url} is not accessible:\n" + "\n".join(found)


def _lines(kind: str, results: list[dict[str, Any]]) -> Iterator[str]:
    """The rule, the element, and why."""
    for result in results:
        for node in result["nodes"]:
            target = " in ".join(_selector(part) for part in reversed(node["target"]))
            checks = [*node["any"], *node["all"], *node["none"]]
            why = "; ".join(check["message"] for check in checks) or result["help"]
            yield f"{kind} {result['id']} ({result.get('impact')}) at {target}: {why}"


def _selector(part: str | list[str]) -> str:
    return part if isinstance(part, str) else " >>> ".join(part)
