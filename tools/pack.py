"""Make a build of SAM's start fast: leave out of the layer what nobody here uses, and compile what stays.

`/opt` cannot be written to on Lambda, so without compiled code each cold start compiles every module it imports. SAM
zips files with dates of 1980: bytecode that is checked against the dates of its sources is then thrown away. So it is
compiled to be taken as it is (PEP 552, unchecked hash). `make build` and `make deploy` run this with the Python that
the functions run on: its bytecode is read by no other.
"""

import compileall
import shutil
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from py_compile import PycInvalidationMode

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

UNUSED = (
    "phonenumbers/carrierdata",  # which carrier a number is of
    "phonenumbers/geodata",  # and which town
    "icalendar/tests",
    "boto3/data",  # of resources: the code makes clients alone
    "boto3/examples",
)
LARGEST_LAYER = 19_000_000
"""Bytes, zipped: a cold start fetches all of them."""


def pack(build: Path) -> int:
    """Pack SAM's build folder; the size of its layer, zipped. Raises SystemExit if the layer is too large."""
    layer = build / "CommonLayer" / "python"
    for folder in [*_unused_models(layer), *(layer / name for name in UNUSED)]:
        shutil.rmtree(folder, ignore_errors=True)
    for folder in (one for one in build.iterdir() if one.is_dir()):
        if not compileall.compile_dir(folder, quiet=1, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH, workers=0):
            raise SystemExit(f"{folder.name} cannot be compiled")
    size = _zipped(layer.parent)
    if size > LARGEST_LAYER:
        raise SystemExit(f"The layer has {size:,} bytes zipped, more than {LARGEST_LAYER:,}: what has grown?")
    return size


def _unused_models(layer: Path) -> Iterator[Path]:
    for folder in (layer / "botocore" / "data").iterdir():
        if folder.is_dir() and folder.name not in SERVICES:
            yield folder


def _zipped(folder: Path) -> int:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(folder))
    return len(packed.getvalue())


if __name__ == "__main__":
    size = pack(Path(sys.argv[1]))
    print(f"Packed: the layer has {size / 1e6:.1f} MB zipped, compiled for Python {sys.version.split()[0]}")
