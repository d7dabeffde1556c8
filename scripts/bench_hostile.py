"""What hostile and odd files cost: seconds and peak memory of the check of each, and how each was answered.

``make hostile`` runs the attacks of the tests and some hundred mutated workbooks;
``make hostile FILES=FOLDER`` runs the files of a folder. One line of CSV a file, the dearest first; exit
code 1 when a file took too long, took too much, ended the child, or was answered by a failure of our own code.
"""

from __future__ import annotations

import argparse
import csv
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.check import check_workbook
from ingest.registers import Registers
from ingest.report import Report
from ingest.sandbox import Job, check_in_sandbox
from warehouse.project import REFERENCE_DIR, RULEBOOK_DIR

MOST_SECONDS, MOST_MEGABYTES = 2.0, 500
PEAK, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Cost:
    """The check of one file: seconds, peak memory of the child in MB (None: it was ended), and the answer."""

    name: str
    seconds: float
    megabytes: float | None
    answer: str
    message: str

    @property
    def is_fine(self) -> bool:
        """Whether the file was answered by the checks, in time and in memory."""
        return self.megabytes is not None and self.megabytes < MOST_MEGABYTES and self.seconds < MOST_SECONDS


def measured(data: bytes, **options: Any) -> Report:
    """`check_workbook` in the child, with what it took in the report's ``cost`` (seconds, kB)."""
    RESET.write_text("5")  # the peak counts from here
    start = time.perf_counter()
    report = check_workbook(data, **options)
    seconds = time.perf_counter() - start
    peak = next(line for line in PEAK.read_text().splitlines() if line.startswith("VmHWM"))
    vars(report)["cost"] = seconds, int(peak.split()[1])
    return report


def costs_of(jobs: list[Job]) -> Iterator[Cost]:
    """Check the files one after the other, as the night does."""
    from scripts.bench_hostile import measured as check  # by its full name: the child imports it

    registers = Registers(REFERENCE_DIR, RULEBOOK_DIR)
    start = time.perf_counter()
    for name, report in check_in_sandbox(jobs, registers=registers, pseudonym_key=b"-", check=check):
        waited, start = time.perf_counter() - start, time.perf_counter()
        if not isinstance(report, Report):
            yield Cost(name, waited, None, "own failure", report.trace.replace("\n", " "))
            continue
        seconds, kilobytes = getattr(report, "cost", (waited, None))
        answer = report.reason or report.state
        message = report.issues[0].message if report.issues else ""
        yield Cost(name, seconds, None if kilobytes is None else kilobytes / 1024, answer, message)


def write_attacks(folder: Path) -> None:
    """The attacks of the tests, and small workbooks of every kind with one byte wrong or broken off."""
    from tests.support.attacks import ATTACKS
    from tests.support.mutants import mutants

    for name, (make, _, _) in ATTACKS.items():
        (folder / f"attack {name}".replace("/", "-")).write_bytes(make())
    for name, data in mutants():
        (folder / name).write_bytes(data)


def main() -> int:
    """Measure, print, and say whether all were fine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="files to check; default: the attacks of the tests")
    given = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as made:
        folder = given or Path(made)
        if given is None:
            write_attacks(folder)
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        costs = list(costs_of([Job(str(path.relative_to(folder)), path, file_name=path.name) for path in paths]))
    out = csv.writer(sys.stdout)
    out.writerow(("file", "seconds", "megabytes", "answer", "message"))
    for cost in sorted(costs, key=lambda cost: -cost.seconds):
        megabytes = "" if cost.megabytes is None else f"{cost.megabytes:.0f}"
        out.writerow((cost.name, f"{cost.seconds:.3f}", megabytes, cost.answer, cost.message))
    wrong = [cost.name for cost in costs if not cost.is_fine]
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    sys.stderr.write(f"{len(costs)} files, {len(wrong)} not fine, children took {largest:.0f} MB at most\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
