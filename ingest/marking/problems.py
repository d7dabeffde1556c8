"""What is marked where: the cells of problems, with the severity that colours them and the text of their notes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ingest.grouping import Problem
from ingest.marking.cells import Place
from ingest.settings import marking_texts
from ingest.text import column_index

_CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


def place_of(cell: str) -> Place | None:
    """(row, column) from 0 of an address such as ``G4``."""
    match = _CELL.fullmatch(cell)
    return (int(match[2]) - 1, column_index(match[1])) if match else None


def marks_of(
    problems: Sequence[Problem], places: Mapping[str, Place] | None = None
) -> dict[str, dict[Place, tuple[str, str]]]:
    """By sheet and place: the severest severity found there, and the text of the note.

    ``places`` says where something stands that findings call otherwise than by its address.
    """
    known = places or {}
    severities = list(marking_texts()["severities"])
    found: dict[str, dict[Place, tuple[str, list[str]]]] = {}
    for problem in problems:
        for issue in problem.issues:
            place = known.get(issue.cell or "") or place_of(issue.cell or "")
            if place is None or issue.sheet is None:
                continue
            severity, texts = found.setdefault(issue.sheet, {}).get(place, (issue.severity, []))
            worst = min(severity, issue.severity, key=severities.index)
            text = f"{issue.message}\n{issue.remedy}"
            found[issue.sheet][place] = (worst, [*texts, text] if text not in texts else texts)
    mark = marking_texts()["note_mark"]
    return {
        sheet: {place: (severity, mark + "\n".join(texts)) for place, (severity, texts) in places.items()}
        for sheet, places in found.items()
    }
