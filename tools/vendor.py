"""Files of others that are kept here as they are: which version, under which licence, and fetching the next one.

Every folder named `vendored` has a `vendored.json`: for each npm package the range of versions that we follow, the file
that we take, its licence, and what was fetched last. `npm pack` finds the package by its name, and checks what it
downloads. The hash in the list is that of the file as it was taken in, and a test compares the two.

    python -m tools.vendor                 what is vendored
    python -m tools.vendor axe-core        fetch the newest version of the range
    python -m tools.vendor axe-core 4.14.1 fetch this version

To take in another package, add it to `vendored.json` with `range`, `file` and `licence_file`, and fetch it.
"""

import argparse
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
ROOTS = ("layers", "functions", "tests")
"""Where folders of vendored files may be."""
LIST = "vendored.json"
_PATIENCE_SECONDS = 300


class VendorError(Exception):
    """A package could not be taken in; nothing was written."""


@dataclass(frozen=True, slots=True)
class Vendored:
    """One package in one folder."""

    folder: Path
    package: str
    entry: Mapping[str, str]

    @property
    def path(self) -> Path:
        """Where its file is kept, under its own name."""
        return self.folder / Path(self.entry["file"]).name

    @property
    def licence_path(self) -> Path:
        """Where the words of its licence are kept."""
        return self.folder / f"{self.package.replace('/', '-').lstrip('@')}.LICENSE"


def all_vendored(root: Path = ROOT) -> Iterator[Vendored]:
    """Every package that is listed below the folders that are deployed or tested."""
    for part in ROOTS:
        for listed in sorted((root / part).rglob(f"vendored/{LIST}")):
            for package, entry in json.loads(listed.read_text(encoding="utf-8")).items():
                yield Vendored(listed.parent, package, entry)


def fetch(vendored: Vendored, version: str | None = None) -> str:
    """Fetch a version, or the newest one of the range, and write its file, licence and hash. The version that came."""
    wanted = f"{vendored.package}@{version or vendored.entry['range']}"
    with tempfile.TemporaryDirectory(prefix="vendored-") as folder:
        archive = _packed(wanted, Path(folder))
        about = json.loads(_member(archive, "package.json"))
        content = _member(archive, vendored.entry["file"])
        licence = _member(archive, vendored.entry["licence_file"])
    vendored.path.write_bytes(content)
    vendored.licence_path.write_bytes(licence)
    came: str = about["version"]
    said = {"version": came, "licence": about["license"], "sha256": sha256(content).hexdigest()}
    _note(vendored, {**vendored.entry, **said})
    return came


def _packed(wanted: str, folder: Path) -> Path:
    """The package as npm packs it."""
    command = ["npm", "pack", "--loglevel=error", "--ignore-scripts", "--pack-destination", str(folder), wanted]
    try:
        subprocess.run(  # noqa: S603 - a package that `vendored.json` names
            command, check=True, capture_output=True, text=True, timeout=_PATIENCE_SECONDS, cwd=folder
        )
        (archive,) = folder.glob("*.tgz")
    except FileNotFoundError as error:
        raise VendorError("npm fetches packages, and was not found on the PATH") from error
    except subprocess.SubprocessError as error:
        raise VendorError(f"npm could not fetch {wanted}: {getattr(error, 'stderr', None) or error}") from error
    return archive


def _member(archive: Path, name: str) -> bytes:
    """A file of a package, read without unpacking anything."""
    with tarfile.open(archive) as packed:
        try:
            member = packed.extractfile(f"package/{name}")
        except KeyError:
            member = None
        if member is None:
            raise VendorError(f"the package has no file {name}")
        return member.read()


def _note(vendored: Vendored, entry: Mapping[str, str]) -> None:
    path = vendored.folder / LIST
    listed: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    listed[vendored.package] = dict(entry)
    path.write_text(json.dumps(listed, indent=2) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.vendor", description="Vendored files and their versions.")
    parser.add_argument("package", nargs="?", help="fetch this one; without it, all are listed")
    parser.add_argument("version", nargs="?", help="this version, not the newest of its range")
    given = parser.parse_args(arguments)
    found = [one for one in all_vendored() if given.package in (None, one.package)]
    if not found:
        print(f"error: no {LIST} names {given.package}", file=sys.stderr)
        return 1
    for one in found:
        version = one.entry.get("version")
        if given.package:
            try:
                version = fetch(one, given.version)
            except VendorError as refusal:
                print(f"error: {' '.join(str(refusal).split())}", file=sys.stderr)
                return 1
        print(f"{one.package} {version}  {one.path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
