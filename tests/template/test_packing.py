"""What of a build goes to Lambda: no more than is used, and compiled so that it is taken as it is."""

import importlib.util
import re
import struct
from pathlib import Path

import pytest

from tests.support.aws.moto_tables import ROOT
from tools import pack
from tools.pack import SERVICES, UNUSED

UNCHECKED = 0b01
"""PEP 552: the second word of the file says that it has a hash, and that nobody compares it."""


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A build of SAM's, in small."""
    layer = tmp_path / "CommonLayer" / "python"
    models = [*sorted(SERVICES), "ec2", "iam"]
    for folder in (*(f"botocore/data/{name}" for name in models), *UNUSED, "slotline", "phonenumbers/data"):
        (layer / folder).mkdir(parents=True)
        (layer / folder / "module.py").write_text("SAID = 1\n")
    (layer / "botocore/data/endpoints.json").write_text("{}")
    (tmp_path / "JwksFunction").mkdir()
    (tmp_path / "JwksFunction" / "app.py").write_text("SAID = 2\n")
    (tmp_path / "template.yaml").write_text("Resources: {}\n")
    return tmp_path


def test_models_of_services_that_nobody_calls_and_data_that_nobody_reads_are_left_out(build: Path) -> None:
    pack.pack(build)
    layer = build / "CommonLayer" / "python"
    assert {one.name for one in (layer / "botocore/data").iterdir() if one.is_dir()} - {"__pycache__"} == SERVICES
    assert (layer / "botocore/data/endpoints.json").exists()
    assert not any((layer / name).exists() for name in UNUSED)
    assert (layer / "phonenumbers/data/module.py").exists()


def test_every_module_is_compiled_and_its_bytecode_is_taken_whatever_the_date_of_its_source(build: Path) -> None:
    pack.pack(build)
    for source in build.rglob("*.py"):
        compiled = Path(importlib.util.cache_from_source(str(source)))
        (flags,) = struct.unpack("<I", compiled.read_bytes()[4:8])
        assert flags == UNCHECKED, source


def test_a_layer_that_has_grown_too_large_is_told(build: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack, "LARGEST_LAYER", 100)
    with pytest.raises(SystemExit, match="what has grown"):
        pack.pack(build)


def test_what_cannot_be_compiled_is_told(build: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (build / "JwksFunction" / "app.py").write_text("def (:\n")
    with pytest.raises(SystemExit, match="JwksFunction cannot be compiled"):
        pack.pack(build)
    assert "SyntaxError" in capfd.readouterr().out


def test_the_models_that_stay_are_those_of_the_clients_that_the_code_makes() -> None:
    made = set()
    for folder in ("layers/common/python/slotline", "functions"):
        for source in (ROOT / folder).rglob("*.py"):
            made |= set(re.findall(r'client\(\s*"([a-z0-9-]+)"', source.read_text(encoding="utf-8")))
    assert made == SERVICES


def test_nobody_imports_what_is_left_out() -> None:
    words = {name.replace("/", ".") for name in UNUSED} | {"phonenumbers.geocoder", "phonenumbers.carrier"}
    for folder in ("layers/common/python/slotline", "functions"):
        for source in (ROOT / folder).rglob("*.py"):
            text = source.read_text(encoding="utf-8")
            assert not any(f"import {word}" in text or f"from {word}" in text for word in words), source
