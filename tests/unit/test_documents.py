"""What the documents name is there: every word of the glossary, every module, every folder."""

import ast
import re
from pathlib import Path

import pytest

from slotline.domain.shared.errors import Conflict
from tools.commands import all_commands

ROOT = Path(__file__).parents[2]
LINES = [line for line in (ROOT / "docs/glossary.md").read_text().splitlines() if re.match(r"\| (?!term \|)", line)]
ROWS = [re.fullmatch(r"\| ([^|]+) \| [^|]+ \| `([\w.]+)` \|", line) for line in LINES]


def defined_in(module: Path) -> set[str]:
    """The names that a module defines at its top level."""
    named = (ast.ClassDef, ast.FunctionDef)
    return {node.name for node in ast.parse(module.read_text()).body if isinstance(node, named)}


@pytest.mark.parametrize(("term", "place"), [row.groups() for row in ROWS if row])
def test_a_term_lives_where_the_glossary_says(term: str, place: str) -> None:
    roots = [ROOT, ROOT / "layers/common/python"]
    if any((root / place.replace(".", "/")).is_dir() for root in roots):
        return
    module, _, name = place.rpartition(".")
    files = [root / f"{module.replace('.', '/')}.py" for root in roots]
    assert any(file.exists() and name in defined_in(file) for file in files), f"{term}: there is no {place}"


def test_no_term_is_there_twice() -> None:
    terms = [row[1].casefold() for row in ROWS if row]
    assert sorted(set(terms)) == sorted(terms)


def test_every_row_names_a_term_a_meaning_and_a_place() -> None:
    assert [line for line, row in zip(LINES, ROWS, strict=True) if row is None] == []
    assert len(ROWS) >= 40


PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
NAMED = [
    (page.relative_to(ROOT).as_posix(), name)
    for page in PAGES
    for name in re.findall(r"`((?:slotline|tests|functions|local|tools)[./][\w./]+)`", page.read_text())
]


@pytest.mark.parametrize(("page", "name"), sorted(set(NAMED)))
def test_what_a_page_names_is_there(page: str, name: str) -> None:
    path = name.rstrip("/") if "/" in name else name.replace(".", "/")
    roots = (ROOT, ROOT / "layers/common/python")
    if any((root / one).exists() for root in roots for one in (path, f"{path}.py")):
        return
    module, _, inside = path.rpartition("/")
    files = [root / file for root in roots for file in (f"{module}.py", f"{module}/__init__.py")]
    assert any(file.exists() and inside in defined_in(file) for file in files), f"{page} names {name}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_link_to_a_file_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def _spelled_keys() -> set[str]:
    """How the partitions and sort keys begin that `keys.py` spells, as far as they are words."""
    spelled = (ROOT / "layers/common/python/slotline/store/dynamodb/keys.py").read_text()
    return set(re.findall(r'"[ps]k": f?"([A-Z]+#?)', spelled))


@pytest.mark.parametrize("begins", sorted(_spelled_keys()))
def test_every_kind_of_row_is_in_a_table_of_the_architecture(begins: str) -> None:
    rows = [line for line in (ROOT / "docs/architecture.md").read_text().splitlines() if line.startswith("| ")]
    assert any(f"`{begins}" in row for row in rows), f"no table has a row whose key begins with {begins}"


OPERATING = "".join((ROOT / f"docs/{page}.md").read_text() for page in ("operating", "deploying", "carriers"))


@pytest.mark.parametrize("command", sorted(f"{one.thing} {one.verb}" for one in all_commands()))
def test_every_command_of_the_operator_is_on_a_page_for_operators(command: str) -> None:
    assert command in OPERATING


def _variables() -> set[str]:
    """What settings are read from."""
    read = (ROOT / "layers/common/python/slotline/settings.py").read_text()
    return set(re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"', read))


@pytest.mark.parametrize("variable", sorted(_variables()))
def test_every_variable_of_the_settings_is_on_a_page_for_operators(variable: str) -> None:
    assert f"`{variable}`" in OPERATING


def _conflicts() -> set[str]:
    """The codes that a 409 has: those of errors, and those that a use case gives one."""
    of_classes = {error.code for error in Conflict.__subclasses__()}
    sources = [*(ROOT / "layers/common/python/slotline").rglob("*.py")]
    raised = [call for source in sources for call in _calls(ast.parse(source.read_text()), "Conflict")]
    codes = [detail.args[1] for conflict in raised for detail in _calls(conflict, "Detail")]
    return of_classes | {code.value for code in codes if isinstance(code, ast.Constant)}


def _calls(tree: ast.AST, name: str) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == name]


def test_every_code_of_a_conflict_is_among_the_rules_of_the_api() -> None:
    rules = "".join((ROOT / page).read_text() for page in ("docs/api.md", "docs/rooms.md"))
    codes = _conflicts()
    assert len(codes) > 20
    assert sorted(code for code in codes if f"`{code}`" not in rules) == []
