"""Every pitfall of the list has a test of its own, on a workbook that goes through the whole check."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from tests.support.workbooks import ROOT

TESTS = "\n".join(path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("test_*.py")))


def _listed() -> list[str]:
    with (ROOT / "docs" / "clerk_pitfalls.csv").open(encoding="utf-8", newline="") as handle:
        return [row["id"] for row in csv.DictReader(handle)]


def test_the_list_is_whole() -> None:
    assert _listed() == [f"P{number:02}" for number in range(1, 31)]


@pytest.mark.parametrize("pitfall", _listed())
def test_a_pitfall_has_a_test_that_checks_a_workbook(pitfall: str) -> None:
    tests = re.findall(rf"^def test_{pitfall.lower()}_.*?(?=^def |^@|\Z)", TESTS, re.MULTILINE | re.DOTALL)
    assert tests, f"no test is called test_{pitfall.lower()}_…"
    assert any("check" in body and "assert" in body for body in tests)
