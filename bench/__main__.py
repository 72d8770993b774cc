"""`make bench`: what Slotline takes beside its peers, measured on this machine in one run, into docs/performance.md.

    make bench                                  every row
    make bench BEFORE=COMMIT                    and what that commit takes, in the same run
    make bench ROWS="booking attempt"           some rows only; nothing is written
    make bench ROWS=growth                      10³ to 10⁵ calls; ten minutes, and 10 GB of memory

Sides of a comparison are processes that take turns; figures are medians of processor time, unless a row says otherwise.
What is not installed here, such as PostgreSQL or Node, leaves its figure out and says so.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROWS = ("booking", "search", "pages", "attempt", "csv", "cold-starts", "throughput")
GROWTH = "growth"
"""Takes ten minutes and much memory, so it is measured and written by itself."""


def main() -> int:
    """Measure, print, and write the page if everything was measured."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("rows", nargs="*", metavar="ROW", help=f"{', '.join(ROWS)}, or {GROWTH}")
    asked.add_argument("--before", default="", metavar="COMMIT", help="a commit to measure in the same run")
    asked.add_argument("--quick", action="store_true", help="few rounds, to see that it runs; nothing is written")
    chosen = asked.parse_args()
    if unknown := {*chosen.rows} - {*ROWS, GROWTH}:
        asked.error(f"there is no row {', '.join(sorted(unknown))}")
    from bench import growth, report, table
    from bench.results import Part

    before = report.short(chosen.before) if chosen.before else ""
    with ExitStack() as ends:
        checkout = ends.enter_context(checked_out(before)) if before else None
        ends.enter_context(psycopg())
        about = report.circumstances(before)
        if chosen.rows == [GROWTH]:
            parts = growth.parts(quick=chosen.quick, before=checkout, about=about)
        else:
            run = table.Run(is_quick=chosen.quick, before=checkout)
            rows = []
            for name in chosen.rows or ROWS:
                report.tell(f"{name} …")
                rows += table.rows(name, run)
            parts = [Part(name="comparisons", lines=[about, "", *report.comparisons(rows)])]
    for part in parts:
        report.tell("\n".join(part.lines))
    if not chosen.quick and (not chosen.rows or chosen.rows == [GROWTH]):
        report.write(parts)
    return 0


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """The sources of another commit, while the block lasts."""
    with tempfile.TemporaryDirectory(prefix="slotline-bench-") as folder:
        checkout = Path(folder) / "before"
        subprocess.run(("git", "worktree", "add", "--detach", "--quiet", checkout, commit), cwd=ROOT, check=True)
        try:
            yield checkout
        finally:
            subprocess.run(("git", "worktree", "remove", "--force", checkout), cwd=ROOT, check=True)


@contextmanager
def psycopg() -> Iterator[None]:
    """A Python that has psycopg, named by BENCH_PYTHON; without the network there is none, and its row says so."""
    if os.environ.get("BENCH_PYTHON"):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="slotline-bench-") as folder:
        python = Path(folder) / "bin" / "python"
        pinned = ROOT / "requirements" / "bench.txt"
        subprocess.run((sys.executable, "-m", "venv", folder), check=True)
        install = (python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", pinned)
        if subprocess.run(install, capture_output=True, check=False).returncode == 0:
            os.environ["BENCH_PYTHON"] = str(python)
        try:
            yield
        finally:
            os.environ.pop("BENCH_PYTHON", None)


if __name__ == "__main__":
    sys.exit(main())
