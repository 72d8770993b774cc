"""The functions as Lambda has them, built for this machine: the layer's pinned wheels and our code, packed.

`make build` builds for Lambda's processor, whose code runs nowhere else. This build has the same requirements, the same
sources, and the same `tools.pack`. It is kept under .local until something of it changes. Nobody can write into it,
as on Lambda; but root can, so whoever runs it says that no bytecode is to be written.
"""

import hashlib
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support.aws.moto_tables import ROOT
from tests.support.aws.template import functions
from tests.support.interpreters import found

_KEPT = ROOT / ".local" / "built"
_LAYER = ROOT / "layers" / "common" / "python"
_REQUIREMENTS = _LAYER / "requirements.txt"
_MACHINES = {"arm64": "aarch64", "AMD64": "x86_64"}
"""Names that other systems have for processors."""


@dataclass(frozen=True)
class Built:
    """A build that is there."""

    python: str
    """The interpreter that it is made for, and runs with."""
    folder: Path

    @property
    def layer(self) -> Path:
        """What Lambda has under /opt/python."""
        return self.folder / "CommonLayer" / "python"

    def function(self, folder: str) -> Path:
        """What Lambda has under /var/task."""
        return self.folder / functions()[folder].logical_id


def python() -> str:
    """The interpreter of the functions, if this machine has it; else the one that runs the tests."""
    return next(iter(found("3.13")), sys.executable)


@cache
def packed() -> Built:
    """What `make build` would put on Lambda, if Lambda were this machine."""
    return _kept("packed", pack=True)


@cache
def plain() -> Built:
    """The same as `sam build` leaves it: sources alone, and all that comes with them."""
    return _kept("plain", pack=False)


def _kept(name: str, *, pack: bool) -> Built:
    sources = [*_files(ROOT / "tools"), *_files(_LAYER), *_files(ROOT / "functions")]
    folder = _KEPT / f"{name}-{_digest(sources)}"
    if not folder.exists():
        _forget_others(folder, name)
        making = folder.with_suffix(".part")
        shutil.rmtree(making, ignore_errors=True)
        shutil.copytree(_installed(_REQUIREMENTS), making / "CommonLayer" / "python")
        shutil.copytree(_LAYER, making / "CommonLayer" / "python", dirs_exist_ok=True, ignore=_bytecode)
        for function in functions().values():
            own, task = ROOT / "functions" / function.folder, making / function.logical_id
            if (own / _REQUIREMENTS.name).exists():
                shutil.copytree(_installed(own / _REQUIREMENTS.name), task)
            shutil.copytree(own, task, dirs_exist_ok=True, ignore=_bytecode)
        if pack:
            _run(python(), "-m", "tools.pack", str(making), "--machine", _machine())
        for one in [*making.rglob("*"), making]:
            one.chmod(one.stat().st_mode & ~0o222)
        making.rename(folder)
    return Built(python(), folder)


def _installed(requirements: Path) -> Path:
    """Requirements of the layer or a function: wheels of the pinned hashes, and nothing that would have to be built."""
    name = f"installed-{requirements.parent.name}"
    folder = _KEPT / f"{name}-{_digest([requirements])}"
    if not folder.exists():
        _forget_others(folder, name)
        making = folder.with_suffix(".part")
        shutil.rmtree(making, ignore_errors=True)
        pip = (python(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile")
        _run(*pip, "--require-hashes", "--only-binary", ":all:", "--target", str(making), "-r", str(requirements))
        making.rename(folder)
    return folder


def _digest(files: Iterable[Path]) -> str:
    found = hashlib.sha256(f"{python()} {_machine()}".encode())
    for file in files:
        found.update(f"{file.relative_to(ROOT)}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()[:16]


def _files(folder: Path) -> Iterator[Path]:
    yield from (one for one in sorted(folder.rglob("*")) if one.is_file() and "__pycache__" not in one.parts)


_bytecode = shutil.ignore_patterns("__pycache__")


def _forget_others(folder: Path, name: str) -> None:
    for other in _KEPT.glob(f"{name}-*"):
        for one in [other, *other.rglob("*")]:
            if one.is_dir():
                one.chmod(0o755)
        shutil.rmtree(other)
    folder.parent.mkdir(parents=True, exist_ok=True)


def _machine() -> str:
    return _MACHINES.get(platform.machine(), platform.machine())


def _run(*command: str) -> None:
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
