"""Reading the repository's documents, for the tests that hold them against the code."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.zh-CN.md")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@cache
def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    """The fenced blocks of one language, in order."""
    return [body for found, body in _FENCE.findall(text_of(name)) if found == language]


def prose(name: str) -> str:
    """A document without its fenced blocks."""
    return _FENCE.sub("", text_of(name))


def shell_lines(name: str) -> list[str]:
    """Every command line of the shell blocks, without comments."""
    lines = (line.split("#")[0].strip() for block in blocks(name, "sh") for line in block.splitlines())
    return [line for line in lines if line]


@cache
def project_files() -> tuple[Path, ...]:
    """Every file that is tracked, or would be once it is added."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return tuple(path for name in listed if (path := ROOT / name.strip('"')).is_file())


def text_files() -> list[tuple[str, str]]:
    """Name and text of the project's files, without those that are no text."""
    found = []
    for path in project_files():
        data = path.read_bytes()
        if b"\0" not in data:
            found.append((str(path.relative_to(ROOT)), data.decode("utf-8")))
    return found
