"""Every known attack, in every format, gets its own refusal before anything is parsed."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from ingest.ole import MAGIC, CompoundFile, OleError, pack_stream
from ingest.report import Report
from ingest.sandbox import Job, check_in_sandbox
from tests.support import formats
from tests.support.attacks import ATTACKS, looped_container, members_of, xlsx
from tests.support.mutants import bases, broken_off, with_a_wrong_byte
from tests.support.workbooks import KEY, REGISTERS, check


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_gets_its_own_refusal(name: str) -> None:
    make, code, said = ATTACKS[name]
    report = check(make())
    assert (report.state, report.reason, report.exit_code) == ("rejected", code, 2)
    assert said in report.issues[0].message


def sandboxed(folder: Path, files: list[bytes]) -> list[Report]:
    """The reports on files, none of them a failure of ours."""
    jobs = []
    for at, data in enumerate(files):
        path = folder / str(at)
        path.write_bytes(data)
        jobs.append(Job(str(at), path))
    found = [answer for _, answer in check_in_sandbox(jobs, registers=REGISTERS, pseudonym_key=KEY)]
    reports = [answer for answer in found if isinstance(answer, Report)]
    assert reports == found
    return reports


def test_all_attacks_together_end_no_child_and_fit_its_memory(tmp_path: Path) -> None:
    reports = sandboxed(tmp_path, [make() for make, _, _ in ATTACKS.values()])
    assert [report.reason for report in reports] == [code for _, code, _ in ATTACKS.values()]


@pytest.mark.parametrize("kind", bases())
def test_a_file_that_breaks_off_anywhere_is_refused_and_never_our_failure(tmp_path: Path, kind: str) -> None:
    data = bases()[kind]
    for report in sandboxed(tmp_path, broken_off(data)):
        assert report.state == "rejected"
        assert report.exit_code == 2


@pytest.mark.parametrize("kind", bases())
def test_a_file_with_a_wrong_byte_is_answered_and_never_our_failure(tmp_path: Path, kind: str) -> None:
    files = with_a_wrong_byte(kind, bases()[kind])
    assert all(report.state == "rejected" for report in sandboxed(tmp_path, files))


def test_a_damaged_member_is_found_by_its_check_sum() -> None:
    stored = formats.zipped(members_of(xlsx()), zipfile.ZIP_STORED)
    assert stored.count("丙".encode()) == 1
    assert check(stored.replace("丙".encode(), "乙".encode())).reason == "workbook_damaged"


# --- containers


@pytest.mark.parametrize("size", [10, 5_000, 70_000, 7_200_000])
def test_a_packed_stream_is_read_back_whole(size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    assert CompoundFile(pack_stream("Workbook", content)).stream("WORKBOOK")[: len(content)] == content


@pytest.mark.parametrize("data", [b"", MAGIC, MAGIC + bytes(504), MAGIC + bytes([255]) * 504, looped_container()])
def test_a_broken_container_is_refused(data: bytes) -> None:
    with pytest.raises(OleError):
        CompoundFile(data)
