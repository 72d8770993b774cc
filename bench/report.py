"""Writes what was measured into docs/performance.md: between marks, so that a run replaces its own part alone."""

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from bench.results import Part, Row

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "performance.md"
HEADINGS = "| what | before | now | beside | peer | ratio before | ratio now | goal | |"


def comparisons(rows: Sequence[Row]) -> list[str]:
    """A table of rows in Markdown."""
    return [HEADINGS, f"|{'---|' * (HEADINGS.count('|') - 1)}", *(_line(row) for row in rows)]


def _line(row: Row) -> str:
    figures = [_with_unit(row.before, row.unit), _with_unit(row.now, row.unit)]
    if row.now is None and row.before is None:
        return f"| {row.what} | | | {row.beside} | | | | {_goal(row)} | not measured: {row.why_not} |"
    ratios = [_ratio(row.ratio_before), _ratio(row.ratio)]
    verdict = {True: "met", False: "**missed**", None: ""}[row.meets_its_goal]
    if row.why_not:
        verdict = f"not measured: {row.why_not}"
    cells = [row.what, *figures, row.beside, _with_unit(row.peer, row.unit), *ratios, _goal(row), verdict]
    return f"| {' | '.join(cells)} |"


def _goal(row: Row) -> str:
    return f"≤ {row.most:g}" if row.most is not None else f"≥ {row.least:g}" if row.least is not None else ""


def _with_unit(figure: float | None, unit: str) -> str:
    return "" if figure is None else f"{rounded(figure)} {unit}".rstrip()


def _ratio(figure: float | None) -> str:
    return "" if figure is None else f"{figure:.2f}" if figure >= 0.095 else f"1/{1 / figure:.0f}"


def rounded(figure: float) -> str:
    """Three digits of it: no run repeats the fourth."""
    if figure >= 100:
        return f"{figure:,.0f}"
    return f"{figure:.1f}" if figure >= 10 else f"{figure:.2f}"


def write(parts: Sequence[Part], page: Path = PAGE) -> None:
    """Replace these parts of the page. Raises ValueError if the page has no such part."""
    text = page.read_text(encoding="utf-8")
    for part in parts:
        begin, end = f"<!-- {part.name} -->\n", f"<!-- end of {part.name} -->\n"
        before, found, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            raise ValueError(f"{page} has no part {part.name}")
        text = "".join((before, begin, "\n", *(f"{line}\n" for line in part.lines), "\n", end, after))
    page.write_text(text, encoding="utf-8")


def circumstances(before: str = "") -> str:
    """Where and with what a run was made. It names no machine."""
    versions = [f"Python {platform.python_version()}", f"boto3 {version('boto3')}", f"ministack {version('ministack')}"]
    versions += [said for said in (_said("node", "--version", "Node"), _said("postgres", "--version", "")) if said]
    commit = f"Commit {_commit()}" + (f", before: {before}" if before else "")
    return f"{commit}. {_processor()}, {os.cpu_count()} cores, {_memory()} GB. {', '.join(versions)}."


def short(commit: str) -> str:
    """A commit's short name. Raises CalledProcessError if there is no such commit."""
    return _git("rev-parse", "--short", commit)


def _commit() -> str:
    head = _git("rev-parse", "--short", "HEAD")
    return f"{head} with changes" if _git("status", "--porcelain", "--", "layers", "functions", "bench") else head


def _git(*arguments: str) -> str:
    return subprocess.run(("git", *arguments), cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:  # not Linux
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def _memory() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def _said(program: str, question: str, name: str) -> str:
    """What a program says its version is; nothing if it is not here."""
    places = os.pathsep.join([os.environ.get("PATH", ""), *map(str, Path("/usr/lib/postgresql").glob("*/bin"))])
    found = shutil.which(program, path=places)
    if not found:
        return ""
    said = subprocess.run((found, question), capture_output=True, text=True, check=False).stdout.strip()
    return f"{name} {said}".strip() if name else re.sub(r"^postgres \((.+?)\) ([\d.]+).*$", r"\1 \2", said)


def tell(line: str) -> None:
    """Say it to whoever runs the bench."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
