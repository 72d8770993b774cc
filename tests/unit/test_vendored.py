"""Files of others are what was taken in, with their licences, and the next version can be taken in."""

import json
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from tools.vendor import LIST, Vendored, VendorError, all_vendored, fetch

ALL = list(all_vendored())
FOLDERS = sorted({one.folder for one in ALL})


@pytest.mark.parametrize("vendored", ALL, ids=lambda one: one.package)
def test_a_vendored_file_is_the_one_that_was_taken_in(vendored: Vendored) -> None:
    assert sha256(vendored.path.read_bytes()).hexdigest() == vendored.entry["sha256"]
    assert vendored.entry["version"]
    assert vendored.entry["licence"]
    assert vendored.licence_path.read_text()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_a_folder_of_vendored_files_has_nothing_that_is_not_listed(folder: Path) -> None:
    listed = {path for one in ALL if one.folder == folder for path in (one.path, one.licence_path)}
    assert set(folder.iterdir()) == {*listed, folder / LIST}


def test_what_browser_tests_check_pages_with_and_what_pages_refresh_with_is_vendored() -> None:
    assert {one.package for one in ALL} >= {"axe-core", "htmx.org"}


@pytest.fixture
def old(tmp_path: Path) -> Vendored:
    """A package of which an old version is there."""
    folder = tmp_path / "tests" / "vendored"
    folder.mkdir(parents=True)
    entry = {"range": "2", "file": "dist/thing.js", "licence_file": "LICENSE", "version": "2.0.0", "sha256": "old"}
    (folder / LIST).write_text(json.dumps({"thing": entry, "other": {"range": "1"}}))
    return Vendored(folder, "thing", entry)


NPM = """#!{python}
import io, json, sys, tarfile
from pathlib import Path
*options, wanted = sys.argv[1:]
folder = Path(options[options.index("--pack-destination") + 1])
with tarfile.open(folder / "package.tgz", "w:gz") as file:
    for name, text in json.loads({files!r}).items():
        member = tarfile.TarInfo(f"package/{{name}}")
        member.size = len(text)
        file.addfile(member, io.BytesIO(text.encode()))
Path({asked!r}).write_text(wanted)
"""


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """A program of that name, which packs these files; the file in which it notes what it was asked for."""
    programs, asked = tmp_path / "programs", tmp_path / "asked"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))

    def packs(**files: str) -> Path:
        program = programs / "npm"
        program.write_text(NPM.format(python=sys.executable, files=json.dumps(files), asked=str(asked)))
        program.chmod(0o700)
        return asked

    return packs


ABOUT = json.dumps({"version": "2.1.0", "license": "MIT"})


def test_the_newest_version_of_the_range_is_taken_in_with_its_licence_and_hash(old, npm) -> None:
    asked = npm(**{"package.json": ABOUT, "dist/thing.js": "new", "LICENSE": "words"})
    assert fetch(old) == "2.1.0"
    assert asked.read_text() == "thing@2"
    (taken, other) = all_vendored(old.folder.parents[1])
    assert (taken.path.read_text(), taken.licence_path.read_text()) == ("new", "words")
    assert taken.entry["sha256"] == sha256(b"new").hexdigest()
    assert (taken.entry["version"], taken.entry["licence"], taken.entry["range"]) == ("2.1.0", "MIT", "2")
    assert other.entry == {"range": "1"}


def test_a_package_without_the_file_changes_nothing(old, npm) -> None:
    npm(**{"package.json": ABOUT, "LICENSE": "words"})
    with pytest.raises(VendorError, match="no file dist/thing"):
        fetch(old)
    assert [path.name for path in old.folder.iterdir()] == [LIST]
    assert next(all_vendored(old.folder.parents[1])).entry == old.entry


def test_a_machine_without_npm_is_told_so(old, monkeypatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(VendorError, match="npm fetches packages, and was not found"):
        fetch(old)
