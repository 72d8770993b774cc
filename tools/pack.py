"""Make a build of SAM's start fast: leave out of the layer what nobody here uses, put off what few need, and compile.

`/opt` cannot be written to on Lambda, so without compiled code each cold start compiles every module it imports. SAM
zips files with dates of 1980: bytecode that is checked against the dates of its sources is then thrown away. So it is
compiled to be taken as it is (PEP 552, unchecked hash). `make build` and `make deploy` run this with the Python that
the functions run on: its bytecode is read by no other.
"""

import argparse
import compileall
import json
import re
import shutil
import struct
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import Any

from tools import dataclass_methods, packed_sources

SERVICES = frozenset(
    {
        "connect",
        "dynamodb",
        "kms",
        "pinpoint-sms-voice-v2",
        "s3",
        "scheduler",
        "secretsmanager",
        "sesv2",
        "socialmessaging",
        "sqs",
    }
)
"""Of whose models botocore makes clients here; it carries those of four hundred."""

_POWERTOOLS = "aws_lambda_powertools/utilities"
UNUSED = (
    "phonenumbers/carrierdata",  # which carrier a number is of
    "phonenumbers/geodata",  # and which town
    "phonenumbers/shortdata",  # numbers of three digits to six, such as those of the police
    "boto3/data",  # of resources: the code makes clients alone
    "boto3/examples",
    "cffi",  # it builds bindings; those of argon2 and cryptography are built, and need its C module alone
    "pycparser",  # it reads C for cffi
    "pydantic/v1",  # the pydantic of before, for models that still derive from it
    "dateutil/zoneinfo",  # zone rules, which come from tzdata here
    # Of Powertools only the resolver and the events are used.
    f"{_POWERTOOLS}/auth_alpha",
    f"{_POWERTOOLS}/batch",
    f"{_POWERTOOLS}/circuit_breaker",
    f"{_POWERTOOLS}/data_masking",
    f"{_POWERTOOLS}/feature_flags",
    f"{_POWERTOOLS}/idempotency",
    f"{_POWERTOOLS}/kafka",
    f"{_POWERTOOLS}/parameters",
    f"{_POWERTOOLS}/parser",
    f"{_POWERTOOLS}/streaming",
    "urllib3/contrib/emscripten",  # for Python in a browser
    "anyio",  # for answers of Starlette that stream, files, and endpoints that block
    "bin",  # commands
)
"""Folders of the layer. A part that is missed after all fails the tests of the built artifact (tests/budgets)."""
UNUSED_MODULES = {
    # What makes templates: a build has them as Python.
    "jinja2": (
        *("_identifier", "bccache", "compiler", "constants", "ext", "idtracking", "lexer", "meta", "nativetypes"),
        *("optimizer", "parser", "sandbox", "visitor"),
    ),
    "phonenumbers": ("shortnumberinfo",),
    "pydantic": ("mypy",),  # for checkers
    "starlette": ("authentication", "config", "endpoints", "schemas", "staticfiles", "templating", "testclient"),
    "starlette/middleware": (
        *("authentication", "base", "cors", "gzip", "httpsredirect", "opentelemetry", "sessions", "trustedhost"),
        "wsgi",
    ),
}
"""By their package."""

UNREAD = (
    "*.dist-info",  # what pip needs to know; pydantic, too, would read each of them for plug-ins at its first model
    "requirements.txt",  # and for pip
    "**/*.pyi",  # types, for checkers
    "**/py.typed",
    "botocore/data/*/*/examples-1.json",  # for documentation
)
GATHERING = (
    f"{_POWERTOOLS.partition('/')[0]}/event_handler",  # resolvers for AppSync, Bedrock and others, and asyncio
    f"{_POWERTOOLS}/data_classes",  # the events of forty services
    "aws_lambda_powertools",  # tracing
    "jinja2",  # all that templates are made with
    "phonenumbers",  # finding numbers in texts, and formatting them while they are typed
)
"""Packages whose `__init__` gathers the names of all their modules: each is imported when its name is asked for."""
IMPORTED_WHERE_USED = (
    ("aws_lambda_powertools/package_logger.py", "set_package_logger"),  # for its own debug log, and with it the logger
    ("pydantic/plugin/_loader.py", "importlib_metadata"),  # for plug-ins, and with it all that reads archives
    ("urllib3/http2/__init__.py", "version"),  # of a library for HTTP/2, from the same
    # To make templates: a build has them as Python.
    ("jinja2/environment.py", "Lexer"),
    ("jinja2/environment.py", "Parser"),
    ("jinja2/environment.py", "TokenStream"),
    ("jinja2/environment.py", "generate"),
    ("jinja2/environment.py", "get_lexer"),
    # For answers of Starlette that stream, files, and endpoints that block.
    ("starlette/_utils.py", "anyio"),
    ("starlette/concurrency.py", "anyio"),
    ("starlette/requests.py", "anyio"),
    ("starlette/responses.py", "anyio"),
    ("starlette/responses.py", "guess_type"),
    # For its own reading of forms, with temporary files; ours is `slotline.pages.kit`. And for cookies.
    ("starlette/requests.py", "FormParser"),
    ("starlette/requests.py", "MultiPartException"),
    ("starlette/requests.py", "MultiPartParser"),
    ("starlette/requests.py", "http_cookies"),
    ("starlette/responses.py", "http"),
    ("starlette/middleware/errors.py", "html"),  # for tracebacks as pages, with the names of all characters
)
"""Modules, and what each imports that few of its functions use."""
NOT_IMPORTED = (("jinja2/environment.py", "CodeGenerator"),)
"""Modules, and what each names as it is imported and none of its functions uses here: this one makes templates."""
OF_TYPING = ("mangum/types.py",)
"""Modules that take from `typing_extensions` what `typing` has."""
_ADDRESSES = "urllib3/util/url.py"
_NUMBERS = "phonenumbers/phonenumberutil.py"
COMPILED_WHERE_USED = (
    # For numbers as people write them; ours are read by `slotline.domain.shared.phones`.
    (_NUMBERS, "_EXTN_PATTERN"),
    (_NUMBERS, "_RFC3966_DOMAINNAME_PATTERN"),
    (_NUMBERS, "_VALID_PHONE_NUMBER_PATTERN"),
    (_NUMBERS, "_SINGLE_INTERNATIONAL_PREFIX"),  # for numbers as they are dialled from abroad
    # For addresses that urllib3 takes apart; `slotline.egress` connects to those that it has resolved.
    (_ADDRESSES, "_HOST_PORT_RE"),
    (_ADDRESSES, "_IPV6_ADDRZ_RE"),
    (_ADDRESSES, "_IPV6_RE"),
)
"""Modules, and regular expressions that few of their functions use and nobody else: to compile them takes long."""
TABLES = (("phonenumbers/data/__init__.py", "_ALT_NUMBER_FORMATS"),)
"""Modules, and a table of each that nobody here reads: this one is for finding numbers in texts."""
OF_TYPES = ("pydantic_core/core_schema.py",)
"""Modules of typed dictionaries, whose fields nobody asks for as a program runs. Python compiles each, all the same."""
WITH_DATACLASSES = ("annotated_types", "aws_lambda_powertools", "pydantic", "starlette")
"""Packages of others whose dataclasses a cold start makes."""

OURS = "slotline"
"""The package that keeps its sources, so that a traceback shows our lines. Of other people's it names file and line.
Functions import it first: what it does for cold starts is for all that they import."""

MACHINES = {"aarch64": 0xB7, "x86_64": 0x3E}
"""What may run a native module: the field `e_machine` of its head (ELF specification, chapter 4)."""
LARGEST_LAYER = 18_000_000
"""Bytes, zipped: a cold start fetches all of them."""


def pack(build: Path, machine: str = "aarch64") -> int:
    """Pack SAM's build folder; the size of its layer, zipped.

    Raises SystemExit if something cannot be compiled, if it is native to another machine, or if the layer is too large.
    """
    layer = build / "CommonLayer" / "python"
    functions = sorted(one for one in build.iterdir() if one.is_dir() and one != layer.parent)
    _leave_to_the_layer(functions, {one.name for one in layer.iterdir()})
    _leave_out(layer)
    write_templates(layer)
    leave_out_modules(layer)
    put_off(layer)
    _write_dataclass_methods(layer)
    write_words(layer)
    _compile_others(layer)
    _compile(layer / OURS, f"/opt/python/{OURS}")
    for function in functions:
        with suppress(SyntaxError):  # told as it is compiled
            packed_sources.import_first(function / "app.py", OURS)
        _compile(function, "/var/task")
    for alien in _natives_of_others(build, machine):
        raise SystemExit(f"{alien.relative_to(build)} does not run on {machine}")
    size = _zipped(layer.parent)
    if size > LARGEST_LAYER:
        raise SystemExit(f"The layer has {size:,} bytes zipped, more than {LARGEST_LAYER:,}: what has grown?")
    return size


def _leave_to_the_layer(functions: Sequence[Path], has: Collection[str]) -> None:
    """Of a function's own requirements take away what the layer has: one compilation pins both, so it is the same."""
    for function in functions:
        for double in [one for one in function.iterdir() if one.name in has or one.suffix == ".dist-info"]:
            shutil.rmtree(double) if double.is_dir() else double.unlink()


def _leave_out(layer: Path) -> None:
    for folder in [*_unused_models(layer), *(layer / name for name in UNUSED)]:
        shutil.rmtree(folder, ignore_errors=True)
    for pattern in UNREAD:
        for unread in list(layer.glob(pattern)):
            shutil.rmtree(unread) if unread.is_dir() else unread.unlink()


def leave_out_modules(layer: Path) -> None:
    """What is not used of packages that are, once templates are written."""
    for package, names in UNUSED_MODULES.items():
        for name in names:
            (layer / package / f"{name}.py").unlink(missing_ok=True)


def _unused_models(layer: Path) -> Iterator[Path]:
    for folder in (layer / "botocore" / "data").iterdir():
        if folder.is_dir() and folder.name not in SERVICES:
            yield folder


def put_off(layer: Path) -> None:
    """Change sources as the lists above have it. Those of others are gone once a build was packed."""
    for package in GATHERING:
        if (layer / package / "__init__.py").exists():
            packed_sources.gather_on_demand(layer / package)
    for change, places in (
        (packed_sources.import_where_used, IMPORTED_WHERE_USED),
        (packed_sources.leave_out_import, NOT_IMPORTED),
        (packed_sources.compile_where_used, COMPILED_WHERE_USED),
        (packed_sources.leave_out_table, TABLES),
    ):
        for module, name in places:
            if (layer / module).exists():
                change(layer / module, name)
    for whole, modules in (
        (packed_sources.drop_fields_of_typed_dicts, OF_TYPES),
        (packed_sources.take_from_typing, OF_TYPING),
    ):
        for there in filter(Path.exists, (layer / module for module in modules)):
            whole(there)
    for source in _of_others(layer):
        packed_sources.drop_docstrings(source)


def _of_others(layer: Path) -> list[Path]:
    """Other people's sources."""
    return [source for source in layer.rglob("*.py") if layer / OURS not in source.parents]


def _write_dataclass_methods(layer: Path) -> None:
    kept = layer / OURS / dataclass_methods.FILE
    if not kept.exists():  # else packed before
        folders = (layer / name for name in (OURS, *WITH_DATACLASSES))
        kept.write_bytes(
            dataclass_methods.compiled(file for folder in folders for file in sorted(folder.rglob("*.py")))
        )


def write_words(layer: Path) -> None:
    """Words as JSON beside their TOML: `slotline.words.catalogue` reads it sooner."""
    for words in (layer / OURS / "words").glob("*/*.toml"):
        read = tomllib.loads(words.read_text(encoding="utf-8"))
        words.with_suffix(".json").write_text(json.dumps(read, ensure_ascii=False), encoding="utf-8")


def write_templates(layer: Path) -> None:
    """The pages' templates as Python, made by the layer's own Jinja2 in the environment that reads them."""
    pages = layer / OURS / "pages"
    if (pages / "templates").exists():  # else packed before
        program = "from slotline.pages.rendering import compile_templates; compile_templates()"
        environment = {"PYTHONPATH": str(layer), "PYTHONDONTWRITEBYTECODE": "1"}
        subprocess.run([sys.executable, "-c", program], env=environment, check=True)  # noqa: S603 - our own program
        shutil.rmtree(pages / "templates")


def _compile_others(layer: Path) -> None:
    """Other people's modules as bytecode in the place of their sources, where Python imports it from as well."""
    ours = layer / OURS
    _compile(layer, "/opt/python", legacy=True, rx=re.compile(re.escape(f"{ours}/")))
    for source in _of_others(layer):
        source.unlink()


def _compile(folder: Path, runs_at: str, **how: Any) -> None:
    """Compile a folder's code. It names where it will run, so that a traceback does, wherever it was built."""
    unchecked = PycInvalidationMode.UNCHECKED_HASH
    if not compileall.compile_dir(folder, ddir=runs_at, quiet=1, workers=0, invalidation_mode=unchecked, **how):
        raise SystemExit(f"{folder.name} cannot be compiled")


def _natives_of_others(build: Path, machine: str) -> Iterator[Path]:
    for native in build.rglob("*.so*"):
        magic, kind = struct.unpack_from("<4s14xH", native.read_bytes())
        if magic != b"\x7fELF" or kind != MACHINES[machine]:
            yield native


def _zipped(folder: Path) -> int:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(folder))
    return len(packed.getvalue())


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description="Pack a build of SAM's.")
    asked.add_argument("build", type=Path)
    asked.add_argument("--machine", choices=MACHINES, default="aarch64", help="what the functions run on")
    given = asked.parse_args()
    size = pack(given.build, given.machine)
    print(f"Packed: the layer has {size / 1e6:.1f} MB zipped, compiled for Python {sys.version.split()[0]}")
