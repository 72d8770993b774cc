"""`python -m tools.release STAGE SAM [AGAIN]`: deploy the build in .aws-sam as a release, by the command SAM.

SAM publishes a version of a function if the function's own code has changed. But most of our code is in the layer, and
parameters reach it through the environment: the alias `live`, which everybody calls, would not move for a change of
those. So one digest of all that functions run with, the release, publishes all of them: of the build (functions, layer,
template) and of the stage's parameters. An equal build with equal parameters is the same release, and publishes
nothing. See docs/decisions/0034.

SAM is given every parameter of the template, with its default if the stage says nothing: of a parameter that is left
out, `sam deploy` takes the value that the stack has. One that was taken out of samconfig.toml would stay for ever.

`make deploy` runs this with the Python that SAM is installed for: it needs SAM's reader of templates, and no more.
"""

import hashlib
import os
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from local.template import read_yaml

ROOT = Path(__file__).parents[1]
LENGTH = 16
"""Hexadecimal digits. SAM takes the first ten into the names of versions."""
LONGEST_STACK_NAME = 60
"""Characters, so that the names that the template derives from it are short enough for their services."""

_ANOTHER = re.compile(r"\s[A-Za-z0-9]+=")
"""How a second parameter begins in an entry: SAM would take it for one."""


def release_of(build: Path, parameters: Mapping[str, str], again: str = "") -> str:
    """The digest of a folder's files, by their names and contents, and of parameters.

    `again` makes it another one. CloudFormation takes a failed release back, but keeps its versions, and Lambda
    publishes none that equals the newest one ("Version already exists"; API reference, PublishVersion).
    """
    digest = hashlib.sha256()
    given = sorted(f"{name}={value}".encode() for name, value in parameters.items())
    for part in (*_files(build), *given, *([again.encode()] if again else [])):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:LENGTH]


def _files(folder: Path) -> Iterator[bytes]:
    for path in sorted(found for found in folder.rglob("*") if found.is_file()):
        yield path.relative_to(folder).as_posix().encode()
        yield path.read_bytes()


def parameters_of(configuration: Path, stage: str) -> dict[str, str]:
    """The `parameter_overrides` of a stage of samconfig.toml. Raises SystemExit if a release cannot be made of them."""
    found: dict[str, str] = {}
    settings = _settings(configuration, stage)
    if len(settings.get("stack_name", "")) > LONGEST_STACK_NAME:
        raise SystemExit(
            f"{configuration.name}: stack_name of {stage} may have {LONGEST_STACK_NAME} characters at most"
        )
    overrides = settings.get("parameter_overrides", [])
    for entry in overrides if isinstance(overrides, list) else [overrides]:
        parameter = _parameter(entry)
        if parameter is None:
            raise SystemExit(
                f'{configuration.name}: parameter_overrides of {stage} must be a list such as ["Stage=staging"], '
                f"one parameter an entry, with no double quote and no backslash in its value; not {entry!r}"
            )
        name, value = parameter
        if name in found:
            raise SystemExit(f"{configuration.name}: {stage} has {name} twice")
        found[name] = value
    if "Release" in found:
        raise SystemExit(f"{configuration.name}: leave Release out of {stage}; it is computed from the build")
    return found


def _settings(configuration: Path, stage: str) -> dict[str, Any]:
    try:
        stages = tomllib.loads(configuration.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SystemExit(f"{configuration.name} cannot be read: {error}") from None
    try:
        found: dict[str, Any] = stages[stage]["deploy"]["parameters"]
    except (KeyError, TypeError):
        raise SystemExit(f"{configuration.name} has no [{stage}.deploy.parameters]") from None
    return found


def _parameter(entry: Any) -> tuple[str, str] | None:
    """A parameter's name and its value, which may be in quotes; None if SAM would make something else of the entry."""
    if not isinstance(entry, str):
        return None
    name, equals, value = entry.strip().partition("=")
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1]
    elif _ANOTHER.search(value):
        return None
    taken = equals and re.fullmatch("[A-Za-z0-9]+", name) and not re.search(r'["\\\n]', value)
    return (name, value) if taken else None


def whole(template: Path, given: Mapping[str, str]) -> dict[str, str]:
    """Every parameter of a template but the release: as it is given, else its default.

    Raises SystemExit if one is unknown, which SAM would pass over, or has no value.
    """
    known = read_yaml(template.read_text(encoding="utf-8")).get("Parameters", {})
    for name in sorted(given.keys() - known.keys()):
        raise SystemExit(f"The template has no parameter {name}")
    defaults = {name: str(said["Default"]) for name, said in known.items() if "Default" in said}
    for name in sorted(known.keys() - {"Release"} - defaults.keys() - given.keys()):
        raise SystemExit(f"The parameter {name} has no default: give it a value in samconfig.toml")
    return {**defaults, **given}


def main(arguments: list[str]) -> None:
    """Become `sam deploy`, with the release among its parameters."""
    stage, sam, *again = arguments
    build = ROOT / ".aws-sam" / "build"
    if not (build / "template.yaml").is_file():
        raise SystemExit("There is no build to deploy: make build")
    parameters = whole(build / "template.yaml", parameters_of(ROOT / "samconfig.toml", stage))
    release = release_of(build, parameters, *again)
    print(f"Release {release}", flush=True)
    # Parameters of the command line replace those of samconfig.toml, so all of them are here. In quotes: without, SAM
    # would end a value at its first space.
    overrides = [f'{name}="{value}"' for name, value in {**parameters, "Release": release}.items()]
    asked = [sam, "deploy", "--config-env", stage, "--parameter-overrides", *overrides]
    os.execv(sam, asked)  # noqa: S606 - its questions need this terminal


if __name__ == "__main__":
    main(sys.argv[1:])
