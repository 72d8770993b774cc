"""What a packed build changes in sources before it compiles them, so that a cold start puts off what few need.

But for `__init__` modules that gather names, each line keeps its number: a traceback names lines as they were written.
"""

import ast
import typing
from collections.abc import Iterable, Iterator
from pathlib import Path

_ON_DEMAND = """

def __getattr__(name):
    if name not in _GATHERED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module, itself = _GATHERED[name]
    found = globals()[name] = getattr(import_module(module, __name__), itself)
    return found
"""
"""PEP 562: what a module does when it is asked for a name that it has not."""


def gather_on_demand(package: Path) -> None:
    """Have a package import the names that it gathers from its modules when somebody asks for them.

    What its own code uses stays where it is. So does a name that a module of the package has as well: once imported,
    the module would be found in its stead.
    """
    init = package / "__init__.py"
    tree = ast.parse(init.read_text(encoding="utf-8"))
    modules = {one.stem for one in package.iterdir()}
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    gathered: dict[str, tuple[str, str]] = {}
    for statement in [one for one in tree.body if isinstance(one, ast.ImportFrom) and one.module != "__future__"]:
        module = "." * statement.level + (statement.module or "")
        later = {one.asname or one.name: one for one in statement.names}
        for name in later.keys() - used - modules - {"*"}:
            gathered[name] = (module, later[name].name)
            statement.names.remove(later[name])
        if not statement.names:
            tree.body.remove(statement)
    if gathered:
        init.write_text(f"{ast.unparse(tree)}{_ON_DEMAND}\n_GATHERED = {gathered!r}\n", encoding="utf-8")


def import_where_used(file: Path, name: str) -> None:
    """Have a module's functions import a name where they use it, and no longer the module itself.

    Annotations that name it become text. Raises LookupError if no statement imports the name, or if the module uses it
    as it is imported: that would put off nothing.
    """
    source = file.read_text(encoding="utf-8")
    tree = ast.parse(source)
    statements, imported = _imports_of(tree, name)
    said = [] if _annotates_later(tree) else [one for one in _annotations(tree) if name in _names(ast.walk(one))]
    passed_over = {id(part) for one in _annotations(tree) for part in ast.walk(one)}
    uses = [node for node in _uses(tree, name) if id(node) not in passed_over]
    later = {id(part) for body in _bodies_of_functions(tree) for part in ast.walk(body)}
    if any(id(use) not in later for use in uses):
        raise LookupError(f"{name} is used as the module is imported")
    changes: list[tuple[ast.stmt | ast.expr, str]] = [(one, repr(ast.unparse(one))) for one in said]
    changes += [(statement, _without(statement, name)) for statement in statements]
    file.write_text(_changed(source, [*changes, *((use, imported) for use in uses)]), encoding="utf-8")


def leave_out_import(file: Path, name: str) -> None:
    """Have a module do without a name that it imports: None is in its place.

    Raises LookupError if no statement imports the name.
    """
    source = file.read_text(encoding="utf-8")
    tree = ast.parse(source)
    statements, _ = _imports_of(tree, name)
    changes: list[tuple[ast.stmt | ast.expr, str]] = [(one, _without(one, name)) for one in statements]
    file.write_text(_changed(source, [*changes, *((use, "None") for use in _uses(tree, name))]), encoding="utf-8")


def take_from_typing(file: Path) -> None:
    """Have a module take from `typing` what it takes from `typing_extensions`, which is for older Pythons.

    Raises LookupError if the Python of this build has not all of it.
    """
    source = file.read_text(encoding="utf-8")
    statements = [
        one
        for one in ast.parse(source).body
        if isinstance(one, ast.ImportFrom) and one.module == "typing_extensions" and not one.level
    ]
    if not statements or not all(hasattr(typing, alias.name) for one in statements for alias in one.names):
        raise LookupError("nothing is taken from typing_extensions that typing has")
    changes = [(one, ast.unparse(one).replace("typing_extensions", "typing", 1)) for one in statements]
    file.write_text(_changed(source, [*changes]), encoding="utf-8")


def drop_docstrings(file: Path) -> None:
    """Leave an empty text of each docstring: nobody reads them on Lambda, and every start would load them.

    Some modules format the documentation of their classes, so it is not None.
    """
    source = file.read_text(encoding="utf-8")
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, documented)]
    docstrings = [node.body[0] for node in nodes if ast.get_docstring(node, clean=False)]
    if docstrings:
        file.write_text(_changed(source, [(one, "''") for one in docstrings]), encoding="utf-8")


def _imports_of(tree: ast.Module, name: str) -> tuple[list[ast.stmt], str]:
    """The statements that bind a name, and an expression for what they bind it to."""
    statements: list[ast.stmt] = []
    expressions: list[str] = []
    for statement in tree.body:
        found = None
        match statement:
            case ast.Import(names=[alias]):
                found = _expression_for(alias, name)
            case ast.ImportFrom(module=module, names=names, level=level):
                if part := next((one.name for one in names if (one.asname or one.name) == name), None):
                    found = f"__import__({module or ''!r}, globals(), None, [{part!r}], {level}).{part}"
        if found:
            statements.append(statement)
            expressions.append(found)
    if not statements:
        raise LookupError(f"no statement imports {name} alone")
    return statements, expressions[0] if len(expressions) == 1 else f"({', '.join(expressions)})[0]"


def _expression_for(alias: ast.alias, name: str) -> str | None:
    """What `import a.b` binds is `a`, and `a.b` only if it is given another name."""
    if (alias.asname or alias.name.partition(".")[0]) != name:
        return None
    return f"__import__({alias.name!r}, fromlist=['*'])" if alias.asname else f"__import__({alias.name!r})"


def _without(statement: ast.stmt, name: str) -> str:
    """An import but for one name."""
    if isinstance(statement, ast.ImportFrom):
        names = [one for one in statement.names if (one.asname or one.name) != name]
        if names:
            return ast.unparse(ast.ImportFrom(statement.module, names, statement.level))
    return "pass"


def _uses(tree: ast.Module, name: str) -> list[ast.Name]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name]


def _annotates_later(tree: ast.Module) -> bool:
    """Whether annotations are text to begin with (PEP 563)."""
    return any(isinstance(one, ast.ImportFrom) and one.module == "__future__" for one in tree.body)


def _annotations(tree: ast.Module) -> list[ast.expr]:
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.arg(annotation=ast.expr() as said) | ast.AnnAssign(annotation=said):
                found.append(said)
            case ast.FunctionDef(returns=ast.expr() as said) | ast.AsyncFunctionDef(returns=ast.expr() as said):
                found.append(said)
    return found


def _bodies_of_functions(tree: ast.Module) -> Iterator[ast.AST]:
    """What runs when a function is called."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from node.body
            case ast.Lambda():
                yield node.body


def compile_where_used(file: Path, name: str) -> None:
    """Have a module's functions compile a regular expression when they use it, and no longer the module itself.

    `re` keeps what was compiled. Raises LookupError if no statement of the module compiles one under this name.
    """
    source = file.read_text(encoding="utf-8")
    tree = ast.parse(source)
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=known)], value=ast.Call() as compiled) if known == name:
                text = ast.unparse(compiled)
                if text.startswith("re.compile("):
                    uses = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name]
                    changes = [(use, text) for use in uses if use is not statement.targets[0]]
                    file.write_text(_changed(source, [(statement, "pass"), *changes]), encoding="utf-8")
                    return
    raise LookupError(f"no statement compiles {name}")


def leave_out_table(file: Path, name: str) -> None:
    """Take a table out of a module, with the imports that it alone needs.

    Raises LookupError if no statement of the module assigns the name.
    """
    source = file.read_text(encoding="utf-8")
    tree = ast.parse(source)
    table = next((one for one in tree.body if isinstance(one, ast.Assign) and _names(one.targets) == {name}), None)
    if table is None:
        raise LookupError(f"no statement assigns {name}")
    used = set[str]().union(*(_names(ast.walk(one)) for one in tree.body if one is not table))
    only_its = _names(ast.walk(table)) - used
    imports = [one for one in tree.body if isinstance(one, ast.ImportFrom)]
    unused = [one for one in imports if {alias.asname or alias.name for alias in one.names} <= only_its]
    file.write_text(_changed(source, [(one, "pass") for one in [table, *unused]]), encoding="utf-8")


def _names(nodes: Iterable[ast.AST]) -> set[str]:
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def drop_fields_of_typed_dicts(file: Path) -> None:
    """Leave typed dictionaries their names alone. Only checkers read the fields; a start would compile each of them."""
    source = file.read_text(encoding="utf-8")
    dicts = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef) and _is_typed_dict(node)]
    fields = [field for one in dicts for field in one.body if isinstance(field, ast.AnnAssign)]
    file.write_text(_changed(source, [(field, "pass") for field in fields]), encoding="utf-8")


def _is_typed_dict(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id == "TypedDict" for base in node.bases)


def import_first(file: Path, package: str) -> None:
    """Have a module import this package before all others."""
    source = file.read_text(encoding="utf-8")
    first = next((one for one in ast.parse(source).body if isinstance(one, ast.Import | ast.ImportFrom)), None)
    if first is not None:
        imports = ast.unparse(first)
        if not imports.startswith(f"import {package}"):
            file.write_text(_changed(source, [(first, f"import {package}; {imports}")]), encoding="utf-8")


def _changed(source: str, changes: list[tuple[ast.stmt | ast.expr, str]]) -> str:
    """The source with other text in the place of these nodes, on the lines where they begin."""
    lines = source.encode().splitlines(keepends=True)
    for node, text in sorted(changes, key=lambda change: (change[0].lineno, change[0].col_offset), reverse=True):
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        rest = lines[last][node.end_col_offset :]
        lines[first] = lines[first][: node.col_offset] + text.encode() + (rest if first == last else b"\n")
        for line in range(first + 1, last + 1):
            lines[line] = b"\n"
    return b"".join(lines).decode()
