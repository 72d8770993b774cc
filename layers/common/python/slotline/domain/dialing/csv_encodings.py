"""How tables of calls may be encoded. Apart from what reads them: whoever places a call reads no table."""

from enum import StrEnum


class CsvEncoding(StrEnum):
    """How a file's bytes are characters, where its sender says so. A byte order mark knows better."""

    UTF_8 = "utf-8"
    UTF_16 = "utf-16"
    WINDOWS_1252 = "windows-1252"
