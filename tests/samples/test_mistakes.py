"""Clean workbooks pass the check without a word; every planted error is found where it was planted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ingest.check import check_workbook
from ingest.forms import load_forms
from ingest.report import Report
from ingest.template import write_workbook
from samples.calendar import load_periods
from samples.committee import Committee, committee_workbooks
from samples.funds import Payment
from samples.hierarchy import Unit
from samples.merging import merge_cells
from samples.mistakes import Draft, Mistake, load_mistakes
from samples.plan import UnitPlan
from samples.spoiling import candidates, plant
from samples.street import street_workbooks
from samples.street_context import Street, Workbook
from tests.samples.conftest import REGISTERS, Sample

Found = set[tuple[str | None, str | None, str, str]]


Checked = list[tuple[dict[str, str], Report]]


def _check(data: bytes, key: bytes, channel_unit: str, file_name: str) -> Report:
    return check_workbook(data, registers=REGISTERS, pseudonym_key=key, channel_unit=channel_unit, file_name=file_name)


def _check_all(sample: Sample) -> Checked:
    return [(line, _check(sample.read(line), sample.key, line["unit_code"], line["file"])) for line in sample.files()]


@pytest.fixture(scope="module")
def clean(clean_sample: Sample) -> Checked:
    """Reports on the workbooks without mistakes."""
    return _check_all(clean_sample)


@pytest.fixture(scope="module")
def spoilt(spoilt_sample: Sample) -> Checked:
    """Reports on the workbooks with mistakes."""
    return _check_all(spoilt_sample)


def _planted(sample: Sample) -> dict[tuple[str, str], Found]:
    planted: dict[tuple[str, str], Found] = {}
    for line in sample.truth("issues"):
        finding = (line["sheet"] or None, line["cell"] or None, line["issue_code"], line["severity"])
        planted.setdefault((line["unit_code"], line["file"]), set()).add(finding)
    return planted


def _workbook(mistake: Mistake, number: int) -> tuple[str, Workbook]:
    """A clean workbook of the form of ``mistake``, another one for each number, and the unit that reports it."""
    periods = load_periods(["2025-Q1"], REGISTERS.rulebook_dir)
    if mistake.form == "street":
        unit = Unit("440103001", "沙面街道", "street", "440103", "440103")
        community = "440103001101"
        street = Street(number, UnitPlan(unit, ["on_time"]), periods, [community], [("44", "省"), ("440103", "区")])
        return unit.code, {**street_workbooks(street)[0], "cover": [{"prepared_on": date(2025, 4, 2)}]}
    unit = Unit("440103", "荔湾区", "district", "4401", "4401")
    streets = ["440103001", "440103002", "440103003"]
    paid = [Payment(streets[0], 0, "440103", "区", 2025, "项目经费", Decimal(5000), date(2025, 2, 1), date(2025, 2, 3))]
    committee = Committee(number, UnitPlan(unit, ["on_time"]), periods, [], streets, paid, False, {})
    workbook = committee_workbooks(committee)[0]
    workbook["cover"][0]["prepared_on"] = date(2025, 4, 2)
    return unit.code, workbook


@pytest.mark.parametrize("mistake", load_mistakes(), ids=lambda mistake: f"{mistake.issue_code}-{mistake.field}")
def test_every_mistake_causes_its_finding_in_its_cell_and_no_other(mistake: Mistake) -> None:
    for number in range(50):
        unit, workbook = _workbook(mistake, number)
        places = candidates(mistake, workbook[mistake.entity])
        if places:
            break
    name = REGISTERS.unit_names[unit]
    workbook["cover"][0].setdefault("street_name" if mistake.form == "street" else "unit_name", name)
    clean = Draft(load_forms()[mistake.form], workbook, f"{name}2025年第1季度报表.xlsx")
    draft = plant(clean, mistake, places[-1])
    data = write_workbook(draft.form, unit_code=unit, unit_name=name, period="2025-Q1", rows=draft.workbook)
    report = _check(merge_cells(data, draft.merged), b"key", unit, draft.file)
    found = [(issue.sheet, issue.cell, issue.code, issue.severity) for issue in report.issues]
    planted = [(one.sheet, one.cell, one.issue_code, one.severity) for one in draft.findings]
    assert sorted(found, key=str) == sorted(planted, key=str)
    assert planted[0][2:] == (mistake.issue_code, mistake.severity)
    assert (report.state == "rejected") == mistake.blocks


def test_every_clean_workbook_is_accepted_without_a_word(clean: Checked) -> None:
    assert {line["form"] for line, _ in clean} == {"street", "committee", "feedback"}
    for line, report in clean:
        assert (report.state, report.issues) == ("accepted", []), line
        assert (report.form, report.unit_code, report.period) == (line["form"], line["unit_code"], line["period"])


def test_exactly_the_planted_errors_are_found_in_their_cells(spoilt_sample: Sample, spoilt: Checked) -> None:
    planted = _planted(spoilt_sample)
    for line, report in spoilt:
        found = {(issue.sheet, issue.cell, issue.code, issue.severity) for issue in report.issues}
        assert found == planted.get((line["unit_code"], line["file"]), set()), line


def test_a_workbook_is_rejected_exactly_when_the_truth_says_so(spoilt: Checked) -> None:
    for line, report in spoilt:
        assert (report.state == "rejected") == (line["state"] == "rejected"), line


def test_nearly_all_kinds_of_mistakes_occur_when_all_clerks_err(spoilt_sample: Sample) -> None:
    known = {mistake.issue_code for mistake in load_mistakes() if mistake.weight > 1} | {"unit_mismatch"}
    assert {line["issue_code"] for line in spoilt_sample.truth("issues")} >= known - {"street_code_invalid"}


def test_person_keys_of_the_truth_are_those_of_the_check(clean_sample: Sample, clean: Checked) -> None:
    keys = {
        row["person_key"]
        for _, report in clean
        if report.form == "committee"
        for row in report.rows["committee_leader"]
    }
    subjects = [line for line in clean_sample.truth("outcomes") if line["rule_id"] == "R1d.streets"]
    assert subjects
    assert {line["subject_key"].partition("/")[2] for line in subjects} <= keys
