"""Commands about workbooks: ``template``, ``sample``, ``check`` and ``submit``."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import ExitCode, fail, print_json, say, tell_progress
from ingest.check import Report
from ingest.forms import Form, load_forms
from ingest.grouping import group_findings
from ingest.home import Home
from ingest.prefill import Prefill
from ingest.registers import Registers, unit_level
from warehouse.project import REFERENCE_DIR, RULEBOOK_DIR

if TYPE_CHECKING:
    from ingest.sandbox import Job
    from ingest.waivers import Waiver

SEVERITIES_ZH = {"error": "［错误］", "query": "［核实］", "note": "［提示］"}
VERDICTS_ZH = {"accepted": "可以接收", "rejected": "退回修改"}
FormCode = StrEnum("FormCode", {code: code for code in load_forms()})  # type: ignore[misc]


def registers() -> Registers:
    """The look-ups of the checks."""
    return Registers(REFERENCE_DIR, RULEBOOK_DIR)


def template(
    form: Annotated[FormCode, typer.Argument(help="Which form.")],
    unit: Annotated[str, typer.Option(help="Code of the unit that reports: 2, 4, 6 or 9 digits.")],
    period: Annotated[str, typer.Option(help="Period, such as 2026-Q3; for feedback the number of the notice.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write (.xlsx).")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
    prefill: Annotated[
        bool, typer.Option("--prefill", help="Fill in what the unit last reported; events are left blank.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what is asked for and filled in as JSON.")] = False,
) -> None:
    """Write a workbook for one unit and period, blank or prefilled from the unit's last accepted report."""
    from ingest.template import write_workbook
    from ingest.values import is_period

    definition = load_forms()[form.value]
    names = registers().unit_names
    if unit not in names:
        fail(f"there is no unit {unit}", ExitCode.CANNOT_BE_TAKEN)
    if unit_level(unit) not in definition.unit_levels:
        levels = ", ".join(definition.unit_levels)
        fail(f"{unit} is a {unit_level(unit)}; the form {form.value} is for: {levels}", ExitCode.CANNOT_BE_TAKEN)
    if definition.cover.field(definition.period_field).type == "period":
        if not is_period(period):
            fail(f"{period!r} is not a period such as 2026-Q3", ExitCode.CANNOT_BE_TAKEN)
    elif period not in registers().notice_ids:
        known = ", ".join(sorted(registers().notice_ids))
        fail(f"there is no notice {period}; known: {known}", ExitCode.CANNOT_BE_TAKEN)
    if output.exists() and not force:
        fail(f"{output} exists; say --force to overwrite it", ExitCode.CANNOT_BE_TAKEN)
    filled = _prefill(definition, unit, period) if prefill else None
    rows = filled.rows if filled else None
    output.write_bytes(write_workbook(definition, unit_code=unit, unit_name=names[unit], period=period, rows=rows))
    if as_json:
        shown = {"file": str(output), "form": form.value, "unit_code": unit, "period": period}
        print_json({**shown, **(filled.to_json() if filled else {})})
        return
    say(f"{output}: {definition.name_zh}, {names[unit]}, {period}")
    if filled and filled.period:
        say(f"按{filled.period}的报表预填：共要填 {filled.asked_count} 格，已预填 {filled.prefilled_count} 格")
    elif filled:
        say("以前没有已采纳的报表，没有可预填的内容")


def _prefill(form: Form, unit: str, period: str) -> Prefill:
    """What the unit last reported, for a new workbook."""
    from ingest.prefill import PrefillError, prefill
    from warehouse.instants import to_local, utc_now
    from warehouse.night import open_ledger

    home = Home.from_environment()
    with open_ledger(home) as ledger:
        try:
            today = to_local(utc_now()).date()
            return prefill(home, ledger, form, unit, period, registers=registers(), today=today)
        except PrefillError as error:
            fail(str(error), ExitCode.OUR_FAILURE)


def _tell_units(done: int, total: int) -> None:
    """One line for every tenth of the units, and for the last."""
    if done == total or done % max(1, total // 10) == 0:
        tell_progress(f"    {done} of {total} units written")


def sample(
    scope: Annotated[str, typer.Option(help="Code of a district, city or province, or `all`.")] = "440103",
    periods: Annotated[str, typer.Option(help="Periods, separated by commas.")] = "2025-Q1,2025-Q2,2025-Q3,2025-Q4",
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 20250101,
    errors: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Share of workbooks with clerk errors; default: that of samples/shape.yml."),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that write.")] = 2,
) -> None:
    """Fill the inbox with invented reports of real streets, and write down what should be found in them."""
    from ingest.values import is_period
    from samples import generate

    wanted = [period.strip() for period in periods.split(",") if period.strip()]
    if not wanted or not all(is_period(period) for period in wanted):
        fail(f"{periods!r} is not a list of periods such as 2025-Q1,2025-Q2", ExitCode.CANNOT_BE_TAKEN)
    home = Home.from_environment().prepare()
    if (home.programme / "enrolment.csv").exists() and not home.has_sample_key():
        fail(f"{home.root} is no sample's home: choose another with JIEDAO_HOME", ExitCode.CANNOT_BE_TAKEN)
    try:
        summary = generate(
            home.root, scope, wanted, seed=seed, workers=workers, progress=_tell_units, error_share=errors
        )
    except ValueError as error:
        fail(str(error), ExitCode.CANNOT_BE_TAKEN)
    states = ", ".join(f"{state} {count}" for state, count in summary.states.items())
    say(
        f"{summary.workbook_count} workbooks of {summary.unit_count} units in {home.inbox} ({states}; "
        f"{summary.issue_count} findings planted); what should be found lies in {home.root / 'sample'}"
    )


def read_file(path: Path) -> bytes:
    """The bytes of a file that the user named; ends with a message when there is none."""
    try:
        return path.read_bytes()
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror}", ExitCode.CANNOT_BE_TAKEN)


def _in_sandbox(job: Job, check: Callable[..., Report]) -> Report:
    """What ``check`` says of one file. The key of a home, if there is one, gives findings the keys of the night."""
    from ingest.sandbox import OwnFailure, check_in_sandbox

    home = Home.from_environment()
    key = home.pseudonym_key() if home.lake.exists() else secrets.token_bytes(32)
    [(_, report)] = list(check_in_sandbox([job], registers=registers(), pseudonym_key=key, check=check))
    if isinstance(report, OwnFailure):
        fail(f"{job.file_name} could not be checked: our own code failed on it\n{report.trace}", ExitCode.OUR_FAILURE)
    return report


def _check(path: Path, unit: str | None, *, file_name: str | None = None, is_marked: bool = False) -> Report:
    """Findings on one file, also beside what was accepted of its unit before, and the marked workbook."""
    from ingest.check import check_workbook
    from ingest.marking import findings_only, marker
    from ingest.sandbox import Job

    job = Job(path.name, path, unit, file_name or path.name)
    report = _beside_history(_in_sandbox(job, partial(check_workbook, waivers=_waivers())))
    if is_marked:
        sent = (unit, hashlib.sha256(path.read_bytes()).hexdigest())
        report.marked = _in_sandbox(job, marker({sent: report.issues})).marked or findings_only(report.issues)
    return report


def _waivers() -> list[Waiver]:
    """What offices have waived in this home; nothing where there is no home yet."""
    from ingest.waivers import in_force
    from warehouse.instants import utc_now
    from warehouse.night import open_ledger

    home = Home.from_environment()
    if not home.lake.exists():
        return []
    with open_ledger(home) as ledger:
        return in_force(ledger.waivers(utc_now()))


def _beside_history(report: Report) -> Report:
    """The report beside what this home has accepted of its unit before; as it is where there is no home yet."""
    from ingest.history import History, compare_with_history
    from warehouse.night import open_ledger

    home = Home.from_environment()
    if report.unit_code is None or not home.lake.exists():
        return report
    with open_ledger(home) as ledger:
        return compare_with_history(report, History(home.lake, ledger))


def _print_report(name: str, report: Report) -> None:
    """Verdict and findings in Chinese, for the clerk."""
    form = load_forms()[report.form].name_zh if report.form else "表种不明"
    unit, period = report.unit_code or "单位不明", report.period or "报告期不明"
    say(f"{name}：{VERDICTS_ZH[report.state]}（{form}，{unit}，{period}）")
    for problem in group_findings(report.issues):
        place = "!".join(part for part in (problem.sheet, problem.places) if part)
        raw = problem.issues[0].raw
        found = f"（填的是“{raw}”）" if problem.count == 1 and raw and raw not in problem.message else ""
        say(f"  {problem.rank}. {SEVERITIES_ZH[problem.severity]} {place} {problem.message}{found} {problem.remedy}")


def check(
    file: Annotated[Path, typer.Argument(help="Workbook to check.")],
    unit: Annotated[str | None, typer.Option(help="Unit that would send it; default: believe the file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    marked: Annotated[Path | None, typer.Option(help="Write the workbook with its findings marked (.xlsx).")] = None,
) -> None:
    """Check a workbook as the nightly would, without sending it: 0 accepted, 1 errors in it, 2 cannot be taken."""
    read_file(file)
    report = _check(file, unit, is_marked=marked is not None)
    if marked is not None and report.marked is not None:
        if marked.resolve() == file.resolve():
            fail(f"{marked} is the file that is checked: write the marked workbook elsewhere", ExitCode.CANNOT_BE_TAKEN)
        marked.write_bytes(report.marked.data)
    if as_json:
        print_json(report.to_json())
    else:
        _print_report(file.name, report)
        if marked is not None and report.marked is not None:
            say(f"{marked}：{'已在原件上标注' if report.marked.is_own_file else '原件不能标注，另列问题清单'}")
    raise typer.Exit(report.exit_code)


def submit(
    file: Annotated[Path, typer.Argument(help="Workbook to send.")],
    unit: Annotated[str, typer.Option(help="Code of the unit that sends it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the receipt as JSON.")] = False,
) -> None:
    """Hand a workbook in: stored, given a receipt, checked at once; it counts from the next nightly run on."""
    from ingest.batch import note_lock
    from ingest.receipts import receipt_of
    from ingest.receive import raw_path, receive
    from warehouse.instants import utc_now
    from warehouse.night import open_ledger

    data = read_file(file)
    if unit not in registers().unit_names:
        fail(f"there is no unit {unit}", ExitCode.CANNOT_BE_TAKEN)
    home = Home.from_environment().prepare()
    now = utc_now()
    with open_ledger(home) as ledger:
        receipt, is_new = receive(
            home,
            ledger,
            data,
            channel="cli",
            channel_unit_code=unit,
            file_name=file.name,
            submitted_at=now,
            received_at=now,
        )
        signed = receipt_of(home, ledger, receipt.submission_id)
        locks = ledger.locks(now)
    report = _check(raw_path(home.raw, receipt.file_sha256), unit, file_name=file.name)
    note_lock(receipt, unit, report, locks)
    if as_json:
        shown = {"receipt": {**vars(receipt), "is_new": is_new}, "signed_receipt": signed, "report": report.to_json()}
        print_json(shown)
    else:
        state = "收到" if is_new else "以前已经收到过内容相同的文件"
        say(f"{file.name}：{state}。回执号 {receipt.submission_id}，文件SHA-256 {receipt.file_sha256}")
        _print_report(file.name, report)
    raise typer.Exit(report.exit_code)


def marked(
    submission: Annotated[str, typer.Argument(help="Number of the submission.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write (.xlsx).")],
) -> None:
    """Write the marked workbook of a decided submission: the street's own file with the wrong cells coloured."""
    from ingest.answers import marked_files
    from warehouse.compared import compared_findings
    from warehouse.night import open_ledger

    home = Home.from_environment()
    with open_ledger(home) as ledger:
        later = compared_findings(home, [submission])
        found = marked_files(home, ledger, [submission], registers=registers(), later=later)
    if submission not in found:
        fail(f"there is no decided submission {submission}", ExitCode.CANNOT_BE_TAKEN)
    output.write_bytes(found[submission].read_bytes())
    say(f"{output}: {submission}")
