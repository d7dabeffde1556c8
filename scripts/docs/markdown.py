"""Small pieces of Markdown, and the tables of the repository as rows."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
RULEBOOK = ROOT / "dbt_project" / "seeds" / "rulebook"

#: What stands in an empty cell.
NOTHING = "—"

Row = dict[str, str]


def read_csv(path: Path) -> list[Row]:
    """The rows of a CSV file, all values as text."""
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def one_line(text: str) -> str:
    """``text`` on one line, with what would end a table cell escaped."""
    return " ".join(text.split()).replace("|", "\\|")


def code(text: str) -> str:
    """``text`` as code; nothing stays nothing."""
    return f"`{text}`" if text else ""


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; empty cells get a dash."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(one_line(cell) or NOTHING for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def document(*blocks: str) -> str:
    """The blocks as one file, an empty line between them."""
    return "\n\n".join(block.strip("\n") for block in blocks if block) + "\n"


def generated_note(sources: str) -> str:
    """The line that tells a reader not to edit by hand."""
    return f"<!-- Made by `python -m scripts.render_docs` from {sources}. Change those, not this file. -->"
