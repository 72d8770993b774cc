"""`python -m tools.release STAGE SAM`: deploy the build in .aws-sam as a release, by the command SAM.

SAM publishes a version of a function if the function's own code has changed. But most of our code is in the layer, and
parameters reach it through the environment: the alias `live`, which everybody calls, would not move for a change of
those. So one digest of all that functions run with, the release, publishes all of them: of the build (functions, layer,
template) and of the stage's parameters. An equal build with equal parameters is the same release, and publishes
nothing. See docs/decisions/0041.

`make deploy` runs this with the Python that packs the build, so it imports nothing but the standard library.
"""

import hashlib
import os
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
LENGTH = 16
"""Hexadecimal digits. SAM takes the first ten into the names of versions."""


def release_of(build: Path, parameters: Iterable[str]) -> str:
    """The digest of a folder's files, by their names and contents, and of parameters such as `Stage=staging`."""
    digest = hashlib.sha256()
    for part in (*_files(build), *sorted(parameter.encode() for parameter in parameters)):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:LENGTH]


def _files(folder: Path) -> Iterator[bytes]:
    for path in sorted(found for found in folder.rglob("*") if found.is_file()):
        yield path.relative_to(folder).as_posix().encode()
        yield path.read_bytes()


def parameters_of(configuration: Path, stage: str) -> list[str]:
    """The `parameter_overrides` of a stage of samconfig.toml. Raises SystemExit if a release cannot be made of them."""
    stages = tomllib.loads(configuration.read_text(encoding="utf-8"))
    try:
        found = stages[stage]["deploy"]["parameters"].get("parameter_overrides", [])
    except KeyError:
        raise SystemExit(f"{configuration.name} has no [{stage}.deploy.parameters]") from None
    if not isinstance(found, list) or not all(isinstance(one, str) and "=" in one for one in found):
        raise SystemExit(
            f'{configuration.name}: parameter_overrides of {stage} must be a list such as ["Stage=staging"]'
        )
    if any(one.startswith("Release=") for one in found):
        raise SystemExit(f"{configuration.name}: leave Release out of {stage}; it is computed from the build")
    return found


def main(arguments: list[str]) -> None:
    """Become `sam deploy`, with the release among its parameters."""
    stage, sam = arguments
    build = ROOT / ".aws-sam" / "build"
    if not (build / "template.yaml").is_file():
        raise SystemExit("There is no build to deploy: make build")
    parameters = parameters_of(ROOT / "samconfig.toml", stage)
    release = release_of(build, parameters)
    print(f"Release {release}", flush=True)
    # Parameters of the command line replace those of samconfig.toml, so all of them are here.
    overrides = ["--parameter-overrides", *parameters, f"Release={release}"]
    os.execv(sam, [sam, "deploy", "--config-env", stage, *overrides])  # noqa: S606 - its questions need this terminal


if __name__ == "__main__":
    main(sys.argv[1:])
