"""What of a build goes to Lambda: no more than is used, and compiled so that it is taken as it is."""

import importlib.util
import inspect
import marshal
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.aws.moto_tables import ROOT, template
from tools import pack
from tools.pack import GATHERING, MACHINES, SERVICES, UNUSED, UNUSED_MODULES

UNCHECKED = 0b01
"""PEP 552: the second word of the file says that it has a hash, and that nobody compares it."""


def _cached(source: Path) -> Path:
    """Where its bytecode is."""
    return Path(importlib.util.cache_from_source(str(source)))


def _native(machine: str) -> bytes:
    """The head of a module that runs on this machine."""
    return struct.pack("<4s14xH44x", b"\x7fELF", MACHINES[machine])


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A build of SAM's, in small."""
    layer = tmp_path / "CommonLayer" / "python"
    models = [*sorted(SERVICES), "ec2", "iam"]
    folders = (f"botocore/data/{name}" for name in models)
    for folder in (*folders, *UNUSED, "slotline/domain", "phonenumbers/data", "boto3-1.0.dist-info"):
        (layer / folder).mkdir(parents=True)
        (layer / folder / "module.py").write_text("def said():\n    return 1 / 0\n")
    (layer / "botocore/data/endpoints.json").write_text("{}")
    (layer / "phonenumbers/data/module.pyi").write_text("")
    (layer / "six.py").write_text("SAID = 1\n")
    (layer / "_native.so").write_bytes(_native("aarch64"))
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
    assert {one.name for one in (layer / "phonenumbers/data").iterdir()} == {"module.pyc"}
    assert not list(layer.glob("*.dist-info"))


def test_our_modules_are_compiled_beside_their_sources_and_those_of_others_in_their_place(build: Path) -> None:
    pack.pack(build)
    layer = build / "CommonLayer" / "python"
    ours = [build / "JwksFunction" / "app.py", layer / "slotline/domain/module.py"]
    assert set(build.rglob("*.py")) == set(ours)
    compiled = [_cached(source) for source in ours]
    others = {layer / "six.pyc", layer / "phonenumbers/data/module.pyc"}
    assert {one for one in build.rglob("*.pyc") if "botocore" not in one.parts} == {*compiled, *others}


def test_bytecode_is_taken_whatever_the_date_of_its_source(build: Path) -> None:
    pack.pack(build)
    for compiled in build.rglob("*.pyc"):
        (flags,) = struct.unpack("<I", compiled.read_bytes()[4:8])
        assert flags == UNCHECKED, compiled


def test_code_names_the_place_where_it_runs_whichever_machine_has_compiled_it(build: Path) -> None:
    pack.pack(build)
    layer = build / "CommonLayer" / "python"
    for compiled, runs_at in (
        (layer / "six.pyc", "/opt/python/six.py"),
        (layer / "phonenumbers/data/module.pyc", "/opt/python/phonenumbers/data/module.py"),
        (_cached(layer / "slotline/domain/module.py"), "/opt/python/slotline/domain/module.py"),
        (_cached(build / "JwksFunction/app.py"), "/var/task/app.py"),
    ):
        assert marshal.loads(compiled.read_bytes()[16:]).co_filename == runs_at


def test_modules_of_others_are_imported_without_their_sources(build: Path) -> None:
    pack.pack(build)
    layer = build / "CommonLayer" / "python"
    run = [sys.executable, "-I", "-c", "import sys; sys.path.insert(0, sys.argv[1]); import six; print(six.SAID)"]
    assert subprocess.run([*run, str(layer)], capture_output=True, text=True, check=True).stdout == "1\n"


def test_a_build_may_be_packed_twice(build: Path) -> None:
    assert pack.pack(build) == pack.pack(build)


def test_a_package_that_gathers_its_modules_imports_each_when_its_name_is_asked_for(build: Path) -> None:
    package = build / "CommonLayer" / "python" / "phonenumbers"
    package.mkdir(exist_ok=True)
    package.joinpath("__init__.py").write_text(
        "from phonenumbers.tools import VERSION, event\n"
        "from .cal import Calendar as Diary, event as now\n"
        "from .event import event\n"
        "said = VERSION\n"
    )
    package.joinpath("tools.py").write_text("VERSION = 7\nevent = 'of the tools'\n")
    package.joinpath("cal.py").write_text("class Calendar: ...\nevent = 'today'\n")
    package.joinpath("event.py").write_text("event = 'not the module'\n")
    pack.pack(build)
    questions = """
        import sys; sys.path.insert(0, sys.argv[1]); import phonenumbers
        print(phonenumbers.said, "phonenumbers.cal" in sys.modules, phonenumbers.event)
        from phonenumbers import Diary, now
        print(Diary.__name__, now, "Diary" in vars(phonenumbers), hasattr(phonenumbers, "Calendar"))
    """
    run = [sys.executable, "-I", "-c", inspect.cleandoc(questions), str(package.parent)]
    said = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    assert said == "7 False not the module\nCalendar today True False\n"


def test_the_packages_that_gather_are_of_the_layers_requirements() -> None:
    """A name that is a package's no longer would put off nothing, and nobody would see it."""
    for package in GATHERING:
        spec = importlib.util.find_spec(package.replace("/", "."))
        assert spec, package
        assert spec.submodule_search_locations, package


def test_the_modules_that_are_left_out_are_of_the_layers_requirements() -> None:
    for package, names in UNUSED_MODULES.items():
        spec = importlib.util.find_spec(package.replace("/", "."))
        assert spec, package
        assert spec.submodule_search_locations, package
        (folder,) = spec.submodule_search_locations
        assert {name for name in names if not Path(folder, f"{name}.py").exists()} == set()


def test_what_is_native_to_another_machine_is_told(build: Path) -> None:
    (build / "CommonLayer/python/_native.so").write_bytes(_native("x86_64"))
    with pytest.raises(SystemExit, match=r"CommonLayer/python/_native\.so does not run on aarch64"):
        pack.pack(build)
    assert pack.pack(build, "x86_64")


def test_the_machine_that_a_build_is_for_is_that_of_the_functions() -> None:
    assert template()["Globals"]["Function"]["Architectures"] == ["arm64"]
    assert inspect.signature(pack.pack).parameters["machine"].default == "aarch64"


def test_a_build_is_compiled_by_the_python_that_the_functions_run_on() -> None:
    """Bytecode of another is passed over, and what has no source then is missing."""
    runtime = template()["Globals"]["Function"]["Runtime"]
    makefile = (ROOT / "Makefile").read_text()
    assert f"PYTHON313 := $(shell for p in {runtime} " in makefile
    assert '"$(PYTHON313)" -m tools.pack' in makefile


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
    modules = {f"{package}/{name}" for package, names in UNUSED_MODULES.items() for name in names}
    words = {name.replace("/", ".") for name in modules.union(UNUSED)} | {
        "phonenumbers.geocoder",
        "phonenumbers.carrier",
    }
    left_out = re.compile(rf"(?:import|from) (?:{'|'.join(map(re.escape, sorted(words)))})\b")
    for folder in ("layers/common/python/slotline", "functions"):
        for source in (ROOT / folder).rglob("*.py"):
            assert not left_out.search(source.read_text(encoding="utf-8")), source
