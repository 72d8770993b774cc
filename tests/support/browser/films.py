"""What ffprobe says of a recording."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any


class NoProberError(Exception):
    """No ffprobe was found. Nothing is skipped for that."""


def streams_of(path: Path) -> set[str]:
    """The kinds of its streams: `video`, `audio`."""
    return {stream["codec_type"] for stream in _probed(path, "-show_streams")["streams"]}


def seconds_of(path: Path) -> float:
    """How long it plays: what its container says; of WebM, which has no length, where its last packet ends."""
    if path.suffix == ".mp4":
        return float(_probed(path, "-show_format")["format"]["duration"])
    packets = _probed(path, "-show_packets")["packets"]
    return max(float(packet["pts_time"]) + float(packet.get("duration_time", 0)) for packet in packets)


def play(path: Path) -> None:
    """Decode all of it. Raises AssertionError, with what is wrong with it, where that fails."""
    program = _program("ffmpeg")
    command = [program, "-v", "error", "-xerror", "-i", str(path), "-f", "null", "-"]
    done = subprocess.run(command, check=False, capture_output=True)
    assert done.returncode == 0, f"{path}: {done.stderr.decode(errors='replace')}"


def _probed(path: Path, *asked: str) -> dict[str, Any]:
    command = [_program("ffprobe"), "-v", "error", "-of", "json", *asked, str(path)]
    answer = subprocess.run(command, check=True, capture_output=True)
    said: dict[str, Any] = json.loads(answer.stdout)
    return said


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise NoProberError(f"Tests of recordings need {name} on the PATH: apt-get install -y ffmpeg")
    return found
