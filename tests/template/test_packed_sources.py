"""What a packed build does ahead of a cold start: no answer changes, and no line's number."""

import importlib.util
import json
import marshal
import os
import runpy
import shutil
import subprocess
import sys
from importlib.util import source_hash
from pathlib import Path
from textwrap import dedent

import pytest

from slotline.dataclass_methods import FILE
from tests.support.aws.moto_tables import ROOT
from tools import dataclass_methods, packed_sources
from tools.pack import (
    COMPILED_WHERE_USED,
    IMPORTED_WHERE_USED,
    NOT_IMPORTED,
    OF_TYPES,
    OF_TYPING,
    OURS,
    TABLES,
    WITH_DATACLASSES,
    leave_out_modules,
    put_off,
    write_templates,
    write_words,
)

LAYER = ROOT / "layers" / "common" / "python"
RUNTIME = LAYER / OURS / "dataclass_methods.py"
KINDS = '''
import dataclasses
from dataclasses import dataclass, field
from typing import ClassVar

SLOTS = {"slots": True}

@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call."""
    starts: int
    ends: int = 0
    names: list[str] = field(default_factory=list, compare=False)
    secret: str = field(default="", repr=False)
    known: ClassVar[dict[str, int]] = {}

@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(Call):
    times: int = 1
    def __post_init__(self):
        assert self.times > 0

@dataclass(order=True)
class Version:
    major: int
    minor: int = 0

@dataclass(frozen=True, slots=True)
class Empty:
    pass

@dataclass(eq=False)
class Alone:
    name: str

@dataclasses.dataclass(**SLOTS)
class Pinned:
    _: dataclasses.KW_ONLY
    name: str
    loud: dataclasses.InitVar[bool] = False
    def __post_init__(self, loud):
        self.name = self.name.upper() if loud else self.name
'''
QUESTIONS = """
import json, sys
from dataclasses import FrozenInstanceError, asdict, replace
compiled = []
sys.addaudithook(lambda event, about: compiled.append(about) if event == "compile" and "<string>" in about else None)

from slotline.dataclass_methods import use_compiled
use_compiled()
from kinds import Alone, Call, Empty, Moved, Pinned, Version

call = Call(starts=3, names=["a"], secret="s")
other = Call(starts=3, secret="s")
answers = [repr(call), call == other, hash(call) == hash(other), asdict(call), repr(replace(Moved(starts=1), times=2))]
answers += [repr(sorted([Version(2), Version(1, 3), Version(1)])), Version(1) >= Version(0, 9)]
answers += [Empty() == Empty(), Alone("a") == Alone("a"), Pinned(name="a", loud=True).name]
answers += [Call.__match_args__, Call.__slots__, Call.__init__.__qualname__]
for wrong in (
    lambda: Call(3),
    lambda: Call(),
    lambda: Moved(starts=1, times=0),
    lambda: setattr(call, "ends", 1),
    lambda: delattr(call, "ends"),
    lambda: Pinned("a"),
):
    try:
        wrong()
    except (TypeError, AssertionError, FrozenInstanceError) as error:
        answers.append(f"{type(error).__name__}: {error}")
print(json.dumps([len(compiled), answers]))
"""
SOURCES = """
import dataclasses, importlib, json, pkgutil
made = []
def execute(source, names, found):
    made.append((names["__name__"], source))
    exec(source, names, found)
dataclasses.exec = execute

import slotline
for module in pkgutil.walk_packages(slotline.__path__, "slotline."):
    importlib.import_module(module.name)
print(json.dumps(made))
"""
"""Prints the source that Python writes for each dataclass of our modules, and of what they import."""


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    """A layer with dataclasses of every kind, and the module that looks up their methods."""
    (tmp_path / OURS).mkdir()
    (tmp_path / OURS / "__init__.py").write_text("")
    shutil.copy(RUNTIME, tmp_path / OURS)
    (tmp_path / "kinds.py").write_text(KINDS)
    return tmp_path


def _said(layer: Path, program: str) -> str:
    """What a fresh process on this layer prints."""
    environment = {"PYTHONPATH": str(layer), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=environment, cwd=layer, capture_output=True, text=True, check=True).stdout


def _installed(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    assert spec
    assert spec.origin
    return Path(spec.origin).parent


def test_dataclasses_of_a_build_behave_as_ever_and_compile_nothing(layer: Path) -> None:
    compiled_at_start, answers = json.loads(_said(layer, QUESTIONS))
    assert compiled_at_start > 0
    (layer / OURS / FILE).write_bytes(dataclass_methods.compiled([layer / "kinds.py"]))
    assert json.loads(_said(layer, QUESTIONS)) == [0, answers]


def test_a_dataclass_that_the_build_does_not_know_compiles_its_own_methods(layer: Path) -> None:
    before = _said(layer, QUESTIONS)
    (layer / OURS / FILE).write_bytes(dataclass_methods.compiled([]))
    assert _said(layer, QUESTIONS) == before


@pytest.mark.parametrize("share", [0, 1, 10, 50, 99])
def test_a_file_that_was_cut_off_costs_time_and_changes_no_class(layer: Path, share: int) -> None:
    compiled_at_start, answers = json.loads(_said(layer, QUESTIONS))
    whole = dataclass_methods.compiled([layer / "kinds.py"])
    (layer / OURS / FILE).write_bytes(whole[: len(whole) * share // 100])
    compiled, said = json.loads(_said(layer, QUESTIONS))
    assert said == answers
    assert 0 < compiled <= compiled_at_start


def test_methods_that_another_version_of_python_has_compiled_are_not_taken(layer: Path) -> None:
    before = _said(layer, QUESTIONS)
    whole = dataclass_methods.compiled([layer / "kinds.py"])
    listed = 4 + int.from_bytes(whole[:4])
    places = {importlib.util.source_hash(key): place for key, place in marshal.loads(whole[4:listed]).items()}
    others = marshal.dumps(places)
    (layer / OURS / FILE).write_bytes(len(others).to_bytes(4) + others + b"\0" * len(whole[listed:]))
    assert _said(layer, QUESTIONS) == before


def test_the_build_writes_its_methods_where_they_are_looked_for() -> None:
    assert dataclass_methods.FILE == FILE


def test_the_build_knows_every_dataclass_that_a_function_may_import() -> None:
    """Whatever a class looks like, the source that Python writes for it is one that the build has compiled."""
    packages = (OURS, *WITH_DATACLASSES)
    files = [file for package in packages for file in _installed(package).rglob("*.py")]
    known = marshal.loads(dataclass_methods.compiled(files)[4:])  # the codes come after
    made = [(by, source) for by, source in json.loads(_said(LAYER, SOURCES)) if by.partition(".")[0] in packages]
    assert len(made) > 300
    assert [by for by, source in made if source_hash(source.encode()) not in known] == []


@pytest.mark.parametrize(
    ("statement", "use", "said"),
    [
        ("import wsgiref.util as later", "later.guess_scheme({})", "http"),
        ("from wsgiref import util", "util.guess_scheme({})", "http"),
        ("from wsgiref.util import guess_scheme", "guess_scheme({})", "http"),
        ("import wsgiref.util", "wsgiref.util.guess_scheme({})", "http"),
        ("import wsgiref; import wsgiref.util", "wsgiref.util.guess_scheme({})", "http"),
        ("from wsgiref import util as later", "later.guess_scheme({})", "http"),
    ],
)
def test_what_is_imported_is_imported_where_it_is_used_and_not_before(
    tmp_path: Path, statement: str, use: str, said: str
) -> None:
    program = f"""
        import sys
        {statement}

        def scheme():
            return {use}

        print("wsgiref.util" in sys.modules, scheme(), "wsgiref.util" in sys.modules, scheme.__code__.co_firstlineno)
    """
    file = tmp_path / "module.py"
    file.write_text(dedent(program))
    packed_sources.import_where_used(file, use.partition(".")[0].partition("(")[0])
    printed = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, check=True).stdout
    assert printed == f"False {said} True 5\n"


def test_one_name_of_several_is_imported_where_it_is_used_and_the_others_as_before(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "later.py").write_text("LATER = 7\nNOW = 1\n")
    module = package / "module.py"
    module.write_text("from .later import (\n    LATER as SOON,\n    NOW,\n)\ndef said():\n    return SOON\n")
    packed_sources.import_where_used(module, "SOON")
    program = "from package import module; print(module.NOW, hasattr(module, 'SOON'), module.said())"
    assert _said(tmp_path, program) == "1 False 7\n"
    assert module.read_text().splitlines()[4] == "def said():"


@pytest.mark.parametrize("before", ["", "from __future__ import annotations\n"])
def test_annotations_do_not_import_what_is_put_off(tmp_path: Path, before: str) -> None:
    program = """
        import json
        import nowhere
        from typing import Optional

        def said(one: Optional[nowhere.Thing] = None, *, of: nowhere.Thing = None) -> nowhere.Thing:
            kept: nowhere.Thing = json.loads("7")
            return kept
    """
    file = tmp_path / "module.py"
    file.write_text(before + dedent(program))
    packed_sources.import_where_used(file, "nowhere")
    said = runpy.run_path(str(file))["said"]
    assert (said(), said.__annotations__["return"]) == (7, "nowhere.Thing")


@pytest.mark.parametrize("use", ["KEPT = path.sep", "class Kept(path.Path): ...", "def said(one=path.sep): ..."])
def test_a_name_that_a_module_uses_as_it_is_imported_cannot_be_put_off(tmp_path: Path, use: str) -> None:
    file = tmp_path / "module.py"
    file.write_text(f"from os import path\n\n{use}\n")
    with pytest.raises(LookupError, match="path is used as the module is imported"):
        packed_sources.import_where_used(file, "path")


def test_an_import_that_is_left_out_leaves_none_in_its_place(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text("from nowhere import Maker, other\nfrom nowhere import other\nclass Kept:\n    by: type = Maker\n")
    packed_sources.leave_out_import(file, "Maker")
    packed_sources.leave_out_import(file, "other")
    with pytest.raises(LookupError):
        packed_sources.leave_out_import(file, "Maker")
    assert runpy.run_path(str(file))["Kept"].by is None


def test_what_typing_has_is_taken_from_it(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text("from typing_extensions import (\n    Protocol,\n)\nimport sys\n")
    packed_sources.take_from_typing(file)
    assert file.read_text().splitlines() == ["from typing import Protocol", "", "", "import sys"]
    for source in ("from typing_extensions import deprecated_by_nobody\n", "import typing\n"):
        file.write_text(source)
        with pytest.raises(LookupError, match="nothing is taken from typing_extensions that typing has"):
            packed_sources.take_from_typing(file)


def test_documentation_is_left_out_and_no_line_changes_its_number(tmp_path: Path) -> None:
    program = """
        '''A module.

        In two paragraphs.
        '''

        class Kept:
            "A class."

            async def said(self):
                '''Says it.'''

        def told():
            '''Told, é.
            '''
            text = "no documentation"
            return text
    """
    file = tmp_path / "module.py"
    file.write_text(dedent(program).lstrip())
    packed_sources.drop_docstrings(file)
    found = runpy.run_path(str(file))
    kept, told = found["Kept"], found["told"]
    assert [one.__doc__ for one in (kept, kept.said, told)] == ["", "", ""]
    assert (found["__doc__"], told(), told.__code__.co_firstlineno) == ("", "no documentation", 12)


@pytest.mark.parametrize("source", ["import json\n", "import os, path\n", "def later():\n    import path\n"])
def test_a_name_that_no_statement_imports_alone_is_refused(tmp_path: Path, source: str) -> None:
    file = tmp_path / "module.py"
    file.write_text(source)
    with pytest.raises(LookupError, match="no statement imports path alone"):
        packed_sources.import_where_used(file, "path")


def test_a_pattern_is_compiled_where_it_is_used_and_not_before(tmp_path: Path) -> None:
    program = """
        import re

        SIGN = "[+]"
        NUMBER = re.compile(
            SIGN + "1", re.ASCII
        )

        def found(text):
            return bool(NUMBER.fullmatch(text)), NUMBER.pattern
    """
    file = tmp_path / "module.py"
    file.write_text(dedent(program))
    packed_sources.compile_where_used(file, "NUMBER")
    module = runpy.run_path(str(file))
    assert ("NUMBER" in module, module["found"].__code__.co_firstlineno) == (False, 9)
    assert (module["found"]("+1"), module["found"]("1")) == ((True, "[+]1"), (False, "[+]1"))


@pytest.mark.parametrize("source", ["OTHER = re.compile('')\n", "NUMBER = 1\n", "NUMBER = str('')\n"])
def test_a_pattern_that_no_statement_compiles_is_refused(tmp_path: Path, source: str) -> None:
    file = tmp_path / "module.py"
    file.write_text(source)
    with pytest.raises(LookupError, match="no statement compiles NUMBER"):
        packed_sources.compile_where_used(file, "NUMBER")


WORDS = """
import json, sys
from slotline.words.catalogue import catalogue_for, languages
print(json.dumps([{one: catalogue_for(one).words for one in sorted(languages())}, "tomllib" in sys.modules]))
"""


def test_messages_of_a_build_say_the_same_words_without_reading_toml(tmp_path: Path) -> None:
    shutil.copytree(LAYER / OURS, tmp_path / OURS, ignore=shutil.ignore_patterns("__pycache__"))
    words, reads_toml = json.loads(_said(tmp_path, WORDS))
    assert (words.keys() >= {"en", "es"}, reads_toml) == (True, True)
    write_words(tmp_path)
    assert json.loads(_said(tmp_path, WORDS)) == [words, False]


PAGES = """
import json, sys
from datetime import UTC, datetime, timedelta
from starlette.requests import Request
from zoneinfo import ZoneInfo
from slotline.domain.booking.apps import App, Preset
from slotline.domain.booking.slots import Slots, epoch_minute
from slotline.pages.booking.choosing import choose_time, services_page
from slotline.pages.booking.shown import Setting
from slotline.pages.booking.ways import Way
from slotline.pages.kit import Asked

NOW = datetime(2027, 5, 20, 15, tzinfo=UTC)
preset = Preset(preset_id="first", name="First <visit>", description="You & us", duration_minutes=30)
app = App(app_id="app", organization_id="one", name="Our \\"clinic\\"", timezone="America/Bogota", preset=preset)
starts = [(epoch_minute(NOW + timedelta(hours=hours)), 0) for hours in (2, 3, 30)]
slots = Slots(agent_ids=["ana"], length_minutes=30, starts=starts)
asked = Asked(Request({"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}), {})
said = []
for language in ("en", "es", "ar"):
    setting = Setting(
        app=app,
        preset=preset,
        language=language,
        zone=ZoneInfo(app.timezone),
        way=Way(app_id="app", service="first", page_pass="pass", lang=language),
        now=NOW,
    )
    ways = {one: f"?lang={one}" for one in ("en", "es", "ar")}
    picker = choose_time(asked, setting, lambda chosen: lambda start, end: slots, lambda setting: [])
    said += [page.html() for page in (picker, services_page(app, [(preset, "/first")], language, ways))]
print(json.dumps([said, "jinja2.lexer" in sys.modules]))
"""


def test_pages_of_a_build_say_the_same_and_its_templates_are_python(tmp_path: Path) -> None:
    shutil.copytree(LAYER / OURS, tmp_path / OURS, ignore=shutil.ignore_patterns("__pycache__"))
    written, _ = json.loads(_said(tmp_path, PAGES))
    assert "First &lt;visit&gt;" in written[0]
    write_templates(tmp_path)
    assert not list((tmp_path / OURS / "pages").rglob("*.html"))
    shutil.copytree(_installed("jinja2"), tmp_path / "jinja2", ignore=shutil.ignore_patterns("__pycache__"))
    leave_out_modules(tmp_path)
    put_off(tmp_path)
    assert json.loads(_said(tmp_path, PAGES)) == [written, False]


def test_typed_dictionaries_lose_their_fields_and_nothing_else(tmp_path: Path) -> None:
    program = """
        from typing import TypedDict

        class Asked(TypedDict, total=False):
            '''What was asked.'''
            name: "NoSuchType"
            of: dict[
                str, int
            ]

        class Kept:
            name: str = "kept"

        def asked():
            return Asked(name=1)
    """
    file = tmp_path / "module.py"
    file.write_text(dedent(program))
    packed_sources.drop_fields_of_typed_dicts(file)
    found = runpy.run_path(str(file))
    assert (found["Asked"].__annotations__, found["Asked"].__doc__) == ({}, "What was asked.")
    assert (found["Kept"].__annotations__, found["asked"]()) == ({"name": str}, {"name": 1})
    assert found["asked"].__code__.co_firstlineno == 14


def test_a_table_is_left_out_with_the_imports_that_it_alone_needs(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    imports = "from os import sep\nfrom nowhere import a\nfrom json import loads\n"
    file.write_text(f"{imports}TABLE = {{1: a, 2: loads}}\nN = loads('7')")
    packed_sources.leave_out_table(file, "TABLE")
    found = runpy.run_path(str(file))
    assert (found["N"], found["sep"], "TABLE" in found) == (7, os.sep, False)
    with pytest.raises(LookupError, match="no statement assigns TABLE"):
        packed_sources.leave_out_table(file, "TABLE")


@pytest.mark.parametrize("before", ['"""A handler."""\n\n', "", "# é\n"])
def test_a_function_imports_our_package_first_on_the_line_of_its_first_import(tmp_path: Path, before: str) -> None:
    file = tmp_path / "app.py"
    file.write_text(f"{before}from typing import (\n    Any,\n)\n\ndef handler() -> Any: ...\n")
    for _ in range(2):
        packed_sources.import_first(file, OURS)
    lines = file.read_text().splitlines()[before.count("\n") :]
    assert lines == [f"import {OURS}; from typing import Any", "", "", "", "def handler() -> Any: ..."]


def test_what_is_put_off_is_of_the_layers_requirements(tmp_path: Path) -> None:
    """If a package no longer had such a module, a build would put off nothing, and nobody would see it."""
    for module, name in IMPORTED_WHERE_USED:
        packed_sources.import_where_used(_copy(module, tmp_path), name)
    for module, name in COMPILED_WHERE_USED:
        packed_sources.compile_where_used(_copy(module, tmp_path), name)
    for module, name in TABLES:
        packed_sources.leave_out_table(_copy(module, tmp_path), name)
    for module, name in NOT_IMPORTED:
        packed_sources.leave_out_import(_copy(module, tmp_path), name)
    for module in OF_TYPING:
        packed_sources.take_from_typing(_copy(module, tmp_path))
    for module in OF_TYPES:
        copy = _copy(module, tmp_path)
        before = copy.read_text()
        packed_sources.drop_fields_of_typed_dicts(copy)
        assert copy.read_text() != before


def _copy(module: str, folder: Path) -> Path:
    package, _, part = module.partition("/")
    return Path(shutil.copy(_installed(package) / part, folder))
