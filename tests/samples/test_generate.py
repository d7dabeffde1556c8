"""What a sample consists of, and that it can be made again."""

from __future__ import annotations

import csv
import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from ingest.contacts import load_contacts
from ingest.issues import catalogue
from samples import generate
from samples.calendar import load_periods
from samples.plan import portion
from samples.words import shape
from tests.samples.conftest import LONG_AFTER, REGISTERS, SCOPE, YEAR, Sample, make_sample


def _contents(home: Path) -> dict[str, tuple[bytes, int]]:
    """Bytes and instant of every file of the inbox, bytes of all others."""
    return {
        str(path.relative_to(home)): (path.read_bytes(), int(path.stat().st_mtime) if path.suffix == ".xlsx" else 0)
        for path in sorted(home.rglob("*"))
        if path.is_file()
    }


def test_same_seed_gives_the_same_bytes_instants_and_truth_whatever_the_number_of_workers(
    sample: Sample, tmp_path: Path
) -> None:
    again = make_sample(tmp_path, workers=2)
    assert again.summary == sample.summary
    assert _contents(again.home) == _contents(sample.home)


def test_another_seed_gives_other_facts(sample: Sample, tmp_path: Path) -> None:
    other = make_sample(tmp_path, seed=7)
    assert other.truth("outcomes") != sample.truth("outcomes")


def test_every_street_of_the_scope_and_all_its_superiors_are_in_the_sample(sample: Sample) -> None:
    streets = {code for code in REGISTERS.unit_names if len(code) == 9 and code.startswith(SCOPE)}
    units = {line["unit_code"] for line in sample.truth("submissions")}
    assert units <= streets | {SCOPE, "4401", "44"}
    assert {SCOPE, "4401", "44"} <= units
    assert len(units) == sample.summary.unit_count == 25


def test_enrolment_names_the_scope_with_its_subtree_the_superiors_alone_and_one_street_twice(sample: Sample) -> None:
    lines = (sample.home / "programme" / "enrolment.csv").read_text(encoding="utf-8").splitlines()
    assert lines == [
        "scope_code,has_subtree,batch_code,from_period,to_period",
        "440103,true,B1,2025-Q1,2025-Q4",
        "4401,false,B1,2025-Q1,2025-Q4",
        "44,false,B1,2025-Q1,2025-Q4",
        "440103022,false,B1,2025-Q1,2025-Q4",
        "440103022,false,B2,2025-Q1,2025-Q4",
    ]


def test_every_unit_has_a_contact_that_the_registry_takes_and_no_address_is_of_anybody(sample: Sample) -> None:
    units = REGISTERS.unit_names
    found = load_contacts(sample.home / "programme" / "contacts.csv", units)
    assert found.problems == ()
    with (sample.home / "sample" / "truth_submissions.csv").open(encoding="utf-8", newline="") as handle:
        reporting = {row["unit_code"] for row in csv.DictReader(handle)}
    assert {one.unit_code for one in found.contacts if one.channel == "mailbox"} >= reporting
    assert all(one.alert_email.endswith("@example.org") for one in found.contacts)


def test_a_gap_between_the_periods_makes_two_lines_of_enrolment(tmp_path: Path) -> None:
    make_sample(tmp_path, "440103001", ["2025-Q1", "2025-Q3", "2025-Q4"])
    lines = (tmp_path / "programme" / "enrolment.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[3:] for line in lines[1:3]] == [["2025-Q1", "2025-Q1"], ["2025-Q3", "2025-Q4"]]


def test_truth_and_inbox_list_the_same_files_with_the_same_instants(sample: Sample) -> None:
    files = {path for path in (sample.home / "inbox").rglob("*") if path.is_file()}
    assert {sample.home / "inbox" / line["unit_code"] / line["file"] for line in sample.files()} == files
    for line in sample.files():
        path = sample.home / "inbox" / line["unit_code"] / line["file"]
        stamp = datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None)
        assert stamp == datetime.fromisoformat(line["submitted_at"])


def test_files_come_after_the_period_and_only_late_ones_after_the_deadline(sample: Sample) -> None:
    rulebook = REGISTERS.rulebook_dir
    periods = {period.code: period for period in load_periods(YEAR, rulebook)}
    for line in sample.files():
        if line["form"] == "feedback":
            continue
        period = periods[line["period"]]
        submitted_at = datetime.fromisoformat(line["submitted_at"])
        assert (submitted_at + timedelta(hours=8)).date() > period.ends_on
        assert (submitted_at > period.deadline_at) == (line["state"] == "late")


def test_even_a_small_sample_has_every_way_of_reporting_in_every_quarter(sample: Sample) -> None:
    for period in YEAR:
        states = Counter(line["state"] for line in sample.truth("submissions") if line["period"] == period)
        assert set(states) == {"on_time", "late", "nil", "missing", "rejected", "superseded"}


def test_a_resubmission_comes_after_the_file_that_it_replaces(sample: Sample) -> None:
    lines = sample.truth("submissions")
    replaced = [line for line in lines if line["state"] == "superseded"]
    assert replaced
    for first in replaced:
        key = (first["unit_code"], first["period"])
        later = [line for line in lines if (line["unit_code"], line["period"]) == key and line is not first]
        assert [line["state"] for line in later] == ["on_time"]
        assert later[0]["submitted_at"] > first["submitted_at"]


def test_states_occur_as_often_as_the_shape_says(tmp_path: Path) -> None:
    big = make_sample(tmp_path, "4401", ["2025-Q2"])
    streets = [line for line in big.truth("submissions") if line["form"] == "street"]
    total = len({line["unit_code"] for line in streets})
    states = Counter(line["state"] for line in streets)
    for state in ("missing", "nil", "late"):
        assert states[state] == portion(shape()["states"][state], total)
    spoilt = {line["unit_code"] for line in big.truth("issues") if len(line["unit_code"]) == 9}
    assert len(spoilt) == portion(shape()["errors"]["share"], total)


def test_a_sample_without_errors_has_no_findings_and_nothing_rejected(clean_sample: Sample) -> None:
    found = {line["issue_code"] for line in clean_sample.truth("issues")}
    assert {code for code in found if catalogue()[code].level != "cross_period"} == set()
    assert "rejected" not in clean_sample.summary.states


def test_registers_keep_most_of_their_entries_from_quarter_to_quarter(clean_sample: Sample) -> None:
    by_unit: dict[str, list[set[str]]] = {}
    for line in clean_sample.files():
        if line["form"] == "street" and line["state"] == "on_time":
            sheet = CalamineWorkbook.from_filelike(BytesIO(clean_sample.read(line))).get_sheet_by_name("辖区单位")
            by_unit.setdefault(line["unit_code"], []).append({str(row[0]) for row in sheet.to_python()[2:]})
    pairs = [pair for names in by_unit.values() for pair in itertools.pairwise(names)]
    assert all(len(before & after) >= 0.75 * len(before) for before, after in pairs)
    assert any(before != after for before, after in pairs)


def test_what_would_come_after_the_present_is_left_out(tmp_path: Path) -> None:
    in_the_window = datetime(2025, 10, 9)
    young = make_sample(tmp_path, SCOPE, ["2025-Q2", "2025-Q3", "2025-Q4"], as_of=in_the_window)
    assert all(datetime.fromisoformat(line["submitted_at"]) <= in_the_window for line in young.files())
    outcomes = young.truth("outcomes")
    assert {line["period"] for line in outcomes} == {"2025-Q2", "2025-Q3"}
    silent = {line["unit_code"] for line in outcomes if line["period"] == "2025-Q3" and line["rule_id"] == "3a"}
    silent -= {line["unit_code"] for line in young.files() if line["period"] == "2025-Q3"}
    assert silent
    third = [line for line in outcomes if line["period"] == "2025-Q3" and line["unit_code"] in silent]
    drafts = {rule_id for rule_id, rule in shape()["rules"].items() if rule.get("status") == "draft"}
    assert {line["outcome"] for line in third if line["rule_id"] not in drafts} <= {"too_early", "pass"}


def test_an_existing_pseudonym_key_is_kept(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "pseudonym.key").write_bytes(b"kept")
    assert make_sample(tmp_path, "440103001", ["2025-Q1"]).key == b"kept"


def test_a_new_pseudonym_key_says_that_it_is_a_samples_and_is_private(sample: Sample) -> None:
    assert sample.key.startswith(b"sample:")
    assert (sample.home / "secret" / "pseudonym.key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("scope", "periods", "options"),
    [
        ("999999", YEAR, {}),
        (SCOPE, ["2025-5"], {}),
        (SCOPE, ["1999-Q1"], {}),
        (SCOPE, [], {}),
        (SCOPE, YEAR, {"error_share": 1.5}),
    ],
)
def test_an_unknown_scope_period_or_share_is_refused(
    tmp_path: Path, scope: str, periods: list[str], options: dict[str, float]
) -> None:
    with pytest.raises(ValueError):
        generate(tmp_path, scope, periods, as_of=LONG_AFTER, **options)  # type: ignore[arg-type]
    assert not (tmp_path / "inbox").exists()


def test_progress_is_told_for_every_unit(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    make_sample(tmp_path, "440103001", ["2025-Q1"], progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_district_that_hangs_elsewhere_in_the_reporting_tree_is_covered(tmp_path: Path) -> None:
    shenzhen = make_sample(tmp_path, "4403", ["2025-Q1"])
    dapeng = [line for line in shenzhen.truth("outcomes") if line["unit_code"] == "4403X1"]
    assert "R2b.district" in {line["rule_id"] for line in dapeng}


def test_a_city_without_districts_is_not_asked_for_links_to_them(tmp_path: Path) -> None:
    dongguan = make_sample(tmp_path, "4419", ["2025-Q1"])
    links = [line for line in dongguan.truth("outcomes") if line["rule_id"] == "R1d.districts"]
    assert links
    assert {line["outcome"] for line in links if line["unit_code"] == "4419"} == {"not_applicable"}
