"""One small sample for all tests: a district with its superiors over a year, as ``make run`` makes it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from ingest.registers import Registers
from samples import SampleSummary, generate

ROOT = Path(__file__).parent.parent.parent
SCOPE = "440103"
YEAR = ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"]
LONG_AFTER = datetime(2026, 6, 1)
REGISTERS = Registers(ROOT / "reference", ROOT / "dbt_project" / "seeds" / "rulebook")


@dataclass(frozen=True)
class Sample:
    """A generated sample: where it lies, what was said of it, and its truth files."""

    home: Path
    summary: SampleSummary

    def truth(self, name: str) -> list[dict[str, str]]:
        """Lines of one truth file."""
        with (self.home / "sample" / f"truth_{name}.csv").open(encoding="utf-8", newline="") as handle:
            return list(csv.DictReader(handle))

    def read(self, line: dict[str, str]) -> bytes:
        """The file of a line of ``truth_submissions.csv``."""
        return (self.home / "inbox" / line["unit_code"] / line["file"]).read_bytes()

    def files(self) -> list[dict[str, str]]:
        """Lines of ``truth_submissions.csv`` that have a file."""
        return [line for line in self.truth("submissions") if line["file"]]

    @property
    def key(self) -> bytes:
        """The sample's pseudonym key."""
        return (self.home / "secret" / "pseudonym.key").read_bytes()


def make_sample(home: Path, scope: str = SCOPE, periods: list[str] | None = None, **options: object) -> Sample:
    """Generate a sample that is judged long after all deadlines."""
    options = {"as_of": LONG_AFTER, "workers": 1, **options}
    return Sample(home, generate(home, scope, periods or YEAR, **options))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """The sample of ``make run``."""
    return make_sample(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="session")
def clean_sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """The same without clerk errors."""
    return make_sample(tmp_path_factory.mktemp("clean"), error_share=0.0)


@pytest.fixture(scope="session")
def spoilt_sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """A city of many streets in which nearly every workbook has clerk errors."""
    return make_sample(tmp_path_factory.mktemp("spoilt"), "4401", ["2025-Q4"], error_share=1.0)
