"""One file never stops the others: the child may die, hang, eat memory or panic, and the next file is checked."""

from __future__ import annotations

import logging
import os
import threading
import time
from pathlib import Path

import pytest

from ingest.report import Report
from ingest.sandbox import Job, Limits, OwnFailure, check_in_sandbox, default_limits
from tests.support.breaking import check_by_first_word
from tests.support.workbooks import KEY, REGISTERS, STREET, check, report_workbook

QUICK = Limits(memory_bytes=400 * 1024 * 1024, wall_seconds=2, cpu_seconds=10)


def jobs_of(folder: Path, *words: str) -> list[Job]:
    """One file per word."""
    jobs = []
    for number, word in enumerate(words):
        path = folder / f"{number}-{word}"
        path.write_text(word, encoding="utf-8")
        jobs.append(Job(str(number), path))
    return jobs


def run(folder: Path, *words: str, limits: Limits = QUICK) -> list[Report]:
    """Reports on files that do what their word says."""
    jobs = jobs_of(folder, *words)
    answers = list(
        check_in_sandbox(jobs, registers=REGISTERS, pseudonym_key=KEY, limits=limits, check=check_by_first_word)
    )
    assert [submission_id for submission_id, _ in answers] == [job.submission_id for job in jobs]
    return [report for _, report in answers]


def child_pids() -> set[int]:
    """Children of this process that have not been reaped."""
    path = Path(f"/proc/{os.getpid()}/task")
    return {int(pid) for task in path.iterdir() for pid in (task / "children").read_text().split()}


def test_real_workbooks_give_the_same_report_as_in_this_process(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(report_workbook())
    jobs = [Job("1", path, STREET), Job("2", path, "440103002")]
    (_, first), (_, second) = check_in_sandbox(jobs, registers=REGISTERS, pseudonym_key=KEY)
    expected = check(path.read_bytes(), STREET)
    assert first == expected
    assert second.reason == "unit_mismatch"


@pytest.mark.parametrize(
    ("word", "reason"),
    [("die", "reader_failed"), ("hang", "reader_timeout"), ("eat", "reader_failed"), ("panic", "reader_failed")],
)
def test_a_file_that_breaks_the_child_is_rejected_and_the_next_one_checked(
    tmp_path: Path, word: str, reason: str
) -> None:
    before, broken, after = run(tmp_path, "fine", word, "fine")
    assert (broken.state, broken.reason, broken.exit_code) == ("rejected", reason, 2)
    assert broken.issues[0].code == reason
    assert before.state == after.state == "accepted"


def test_a_file_that_burns_cpu_is_stopped_by_the_cpu_limit(tmp_path: Path) -> None:
    limits = Limits(QUICK.memory_bytes, wall_seconds=20, cpu_seconds=1)
    started = time.monotonic()
    [burnt, after] = run(tmp_path, "burn", "fine", limits=limits)
    assert burnt.reason == "reader_timeout"
    assert after.state == "accepted"
    assert time.monotonic() - started < 10


def test_one_child_checks_file_after_file_and_is_replaced_only_when_it_dies(tmp_path: Path) -> None:
    reports = run(tmp_path, "fine", "fine", "die", "fine")
    assert reports[0].unit_code == reports[1].unit_code
    assert reports[3].unit_code not in (reports[0].unit_code, str(os.getpid()))


def test_a_mistake_of_ours_is_logged_without_its_message_and_leaves_the_file_undecided(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answers = dict(
            check_in_sandbox(
                jobs_of(tmp_path, "raise", "fine"), registers=REGISTERS, pseudonym_key=KEY, check=check_by_first_word
            )
        )
    assert isinstance(answers["0"], OwnFailure)
    assert answers["1"].state == "accepted"
    assert "check_by_first_word" in caplog.text
    # The kind of the exception and the place, but not its message: that could quote a cell.
    assert caplog.text.rstrip().endswith("\nValueError")


def test_what_a_library_prints_does_not_disturb_the_answers(tmp_path: Path) -> None:
    assert [report.state for report in run(tmp_path, "print", "fine")] == ["accepted", "accepted"]


def test_no_process_is_left_behind(tmp_path: Path) -> None:
    before = child_pids()
    run(tmp_path, "fine", "die", "fine", "hang")
    assert child_pids() == before


def test_no_process_is_left_behind_when_the_caller_stops_listening(tmp_path: Path) -> None:
    before = child_pids()
    answers = check_in_sandbox(
        jobs_of(tmp_path, "fine", "fine"),
        registers=REGISTERS,
        pseudonym_key=KEY,
        limits=QUICK,
        check=check_by_first_word,
    )
    next(answers)
    assert child_pids() > before
    answers.close()  # type: ignore[attr-defined]
    assert child_pids() == before


def test_it_works_from_several_threads_at_once(tmp_path: Path) -> None:
    states: list[str] = []

    def work(folder: Path) -> None:
        folder.mkdir()
        states.extend(report.state for report in run(folder, "fine", "die", "fine"))

    threads = [threading.Thread(target=work, args=(tmp_path / str(number),)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(states) == ["accepted"] * 6 + ["rejected"] * 3


def test_no_file_needs_no_child() -> None:
    before = child_pids()
    assert list(check_in_sandbox([], registers=REGISTERS, pseudonym_key=KEY)) == []
    assert child_pids() == before


def test_a_file_that_is_not_there_is_our_failure(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(
            check_in_sandbox(
                [Job("1", tmp_path / "gone")], registers=REGISTERS, pseudonym_key=KEY, check=check_by_first_word
            )
        )


def test_a_huge_file_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "huge"
    with path.open("wb") as handle:
        handle.truncate(2 * 1024**3)
    [(_, report)] = check_in_sandbox([Job("1", path)], registers=REGISTERS, pseudonym_key=KEY)
    assert report.reason == "file_too_large"


def test_the_limits_are_data() -> None:
    stated = default_limits()
    assert stated.wall_seconds >= stated.cpu_seconds
    assert stated.memory_bytes < 1024**3
