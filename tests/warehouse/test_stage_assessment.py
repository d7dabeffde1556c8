"""A stage as it would be, as it was, and as it was released: what-if, known time, releases, appeals, verification."""

from __future__ import annotations

import csv
import hashlib
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from cli.main import app
from expectations.build import judge_in_place
from ingest.home import Home
from tests.support.programme import FIRST_NIGHT, STAGE, accept, programme, publish
from tests.support.reports import ABOVE, AT, BELOW, SILENT, at_thresholds, one_above, one_below, payment
from warehouse.appeal import AppealError, decide_appeal, file_appeal, list_appeals
from warehouse.assess import TargetExistsError, assess
from warehouse.decision import record_decision
from warehouse.enrolment import note_enrolment
from warehouse.explain_stage import explain_stage
from warehouse.night import open_ledger
from warehouse.release import FINAL, PRELIMINARY, ReleaseError, create, finalise, folder_of, open_appeals, states_of
from warehouse.results import sealed, write_json, write_results
from warehouse.rulebook_files import RulebookError
from warehouse.verify import NoReleaseError, changed_files, read_manifest, verify
from warehouse.whatif import StaleWarehouseError, what_if

RESUBMITTED_AT = datetime(2025, 5, 10)
#: The stage closes with 10 February 2026, Shanghai time; until then its results are provisional.
RELEASED_AT = datetime(2026, 3, 1, 2)
LATER_REPORTS = {
    "2025-Q2": datetime(2025, 7, 2),
    "2025-Q3": datetime(2025, 10, 2),
    "2025-Q4": datetime(2026, 1, 2),
}
JUDGE = judge_in_place


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The programme after one night; no test changes what is published."""
    home = programme(tmp_path_factory.mktemp("stage") / "home")
    publish(home, FIRST_NIGHT)
    return home


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def traces(home: Home) -> tuple[str, str, list[str]]:
    """Hashes of what is published and of the ledger, and what lies among the builds."""
    builds = sorted(path.name for path in home.builds.iterdir())
    return digest(home.published), digest(home.root / "ledger.db"), builds


# ------------------------------------------------------------------------------------------------------------ what if


def test_a_lower_bound_flips_exactly_those_between_and_touches_nothing_published(published: Home) -> None:
    before = traces(published)
    found = what_if(published, STAGE, judge=JUDGE, overrides=["rule.3d.lower_bound=9"])
    [flip] = found["flips"]
    assert (flip["rule_id"], flip["unit_code"]) == ("3d", BELOW)
    assert (flip["before_outcome"], flip["after_outcome"]) == ("fail", "pass")
    [score] = [one for one in found["scores"] if one["unit_code"] == BELOW]
    assert score["after_score"] > score["before_score"]
    assert found["duties"][0]["relieved"] == [BELOW]
    assert traces(published) == before


def test_two_values_at_once_give_what_a_whole_build_with_them_gives(published: Home, tmp_path: Path) -> None:
    overrides = ["rule.3d.lower_bound=11", "rule.3b.lower_bound=3"]
    found = what_if(published, STAGE, judge=JUDGE, overrides=overrides)
    flipped = {(flip["rule_id"], flip["unit_code"], flip["after_outcome"]) for flip in found["flips"]}
    assert flipped == {("3d", AT, "fail"), ("3b", AT, "fail")}
    assert {(duty["rule_id"], *duty["must_act"]) for duty in found["duties"]} == {("3d", AT), ("3b", AT)}
    from warehouse.overrides import apply_override, parse_override
    from warehouse.project import RULEBOOK_DIR
    from warehouse.rulebook import copy_rulebook

    folder = copy_rulebook(RULEBOOK_DIR, tmp_path / "draft")
    for text in overrides:
        apply_override(folder, parse_override(text), STAGE)
    whole = assess(published, STAGE, known_at=FIRST_NIGHT, judge=JUDGE, rulebook=str(folder), out=tmp_path / "whole")
    scores = {
        row["unit_code"]: row["score"] for row in pq.read_table(whole.folder / "mart_stage_score.parquet").to_pylist()
    }
    assert {one["unit_code"]: one["after_score"] for one in found["scores"]}.items() <= scores.items()
    assert AT in {one["unit_code"] for one in found["scores"]}


def test_the_same_rule_book_changes_nothing(published: Home) -> None:
    found = what_if(published, STAGE, judge=JUDGE, overrides=["rule.3d.lower_bound=10"])
    assert found["changed_files"] in ([], ["rules.csv"])
    assert [found[name] for name in ("flips", "scores", "duties", "shortfalls")] == [[], [], [], []]


def test_what_cannot_be_set_is_said_before_anything_is_built(published: Home) -> None:
    with pytest.raises(RulebookError, match="no rule '9z'"):
        what_if(published, STAGE, judge=JUDGE, overrides=["rule.9z.lower_bound=1"])
    with pytest.raises(RulebookError, match="no stage 'S9'"):
        what_if(published, "S9", judge=JUDGE, overrides=["rule.3d.lower_bound=1"])


def test_what_other_models_have_published_is_not_compared(published: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("warehouse.whatif.model_hash", lambda: "other")
    with pytest.raises(StaleWarehouseError, match="jiedao nightly"):
        what_if(published, STAGE, judge=JUDGE, overrides=["rule.3d.lower_bound=9"])


# ------------------------------------------------------------------------------------------------------------ explain


def test_a_score_opens_down_to_cells_and_receipt_and_names_the_best_fixes(published: Home) -> None:
    found = explain_stage(published, BELOW, STAGE)
    lines = {line["rule_id"]: line for group in found["groups"] for line in group["rules"]}
    [finding] = lines["3d"]["findings"]
    assert finding["quote_zh"] == "配备至少10名专兼职团干部"
    evidence = finding["evidence"]
    assert {(row["submission_id"], row["sheet"]) for row in evidence} == {("below", "工作力量")}
    assert all(row["cell"].startswith("B") and row["accepted_at"] and row["file_sha256"] for row in evidence)
    gains = [fix["gain"] for fix in found["fixes"]]
    assert len(gains) == 3
    assert gains == sorted(gains, reverse=True)
    assert gains[-1] > 0


def test_the_gain_of_a_fix_is_what_the_score_gains_by_it(published: Home) -> None:
    """Each fix is tried out: a bound that the street meets gives exactly the points that were promised."""
    reached = {"3b": "1", "3c": "0", "3d": "9", "3e": "0", "3.3": "8", "1c": "60"}
    fix = next(one for one in explain_stage(published, BELOW, STAGE)["fixes"] if one["rule_id"] in reached)
    override = f"rule.{fix['rule_id']}.lower_bound={reached[fix['rule_id']]}"
    changed = what_if(published, STAGE, judge=JUDGE, overrides=[override])
    [score] = [one for one in changed["scores"] if one["unit_code"] == BELOW]
    assert score["after_score"] - score["before_score"] == fix["gain"]


def test_one_rule_can_be_explained_alone_and_an_unknown_one_cannot(published: Home) -> None:
    found = explain_stage(published, BELOW, STAGE, "3d")
    assert [line["rule_id"] for group in found["groups"] for line in group["rules"]] == ["3d"]
    with pytest.raises(LookupError, match="9z"):
        explain_stage(published, BELOW, STAGE, "9z")
    with pytest.raises(LookupError, match="no part"):
        explain_stage(published, "440104001", STAGE)


# --------------------------------------------------------------------------------------------------------- known time


def decide_afterwards(home: Home) -> None:
    """Decisions of every kind that changes a result, and one more street on the roster, after the first night."""
    about = {"by": "440103", "reason": "查实", "now": RESUBMITTED_AT}
    record_decision(home, STAGE, ABOVE, "veto", **about)
    record_decision(home, STAGE, BELOW, "excuse", **about)
    record_decision(home, STAGE, AT, "override", rule_id="3d", outcome="fail", **about)
    with (home.programme / "enrolment.csv").open("a", encoding="utf-8") as handle:
        handle.write(f"{SILENT},false,B1,2025-Q1,\n")
    with open_ledger(home) as ledger:
        note_enrolment(home, ledger, RESUBMITTED_AT)


def test_what_was_known_then_comes_out_the_same_after_a_resubmission(published: Home, tmp_path: Path) -> None:
    home = Home(Path(shutil.copytree(published.root, tmp_path / "home")))
    first = assess(home, STAGE, known_at=FIRST_NIGHT, judge=JUDGE, out=tmp_path / "first")
    accept(home, "again", BELOW, {**at_thresholds(), "funding": [payment("20000")]}, at=RESUBMITTED_AT)
    decide_afterwards(home)
    again = assess(home, STAGE, known_at=FIRST_NIGHT, judge=JUDGE, out=tmp_path / "elsewhere" / "again")
    later = assess(home, STAGE, known_at=RESUBMITTED_AT + timedelta(days=1), judge=JUDGE, rulebook="2025.1")
    assert len(first.manifest["files"]) >= 3
    assert first.manifest["files"] == again.manifest["files"]
    for path in first.folder.iterdir():
        assert path.read_bytes() == (again.folder / path.name).read_bytes(), path.name
    published_then = write_results(home.published, STAGE, tmp_path / "published")
    for path in published_then:
        assert path.read_bytes() == (first.folder / path.name).read_bytes(), path.name
    assert later.manifest["content_hash"] != first.manifest["content_hash"]
    scored = {row["unit_code"]: row for row in pq.read_table(later.folder / "mart_stage_score.parquet").to_pylist()}
    assert (scored[ABOVE]["band_code"], scored[BELOW]["unranked_reason"]) == ("fail", "excused")
    outcomes = {
        (row["unit_code"], row["rule_id"]): row["outcome"]
        for row in pq.read_table(later.folder / "mart_rule_result.parquet").to_pylist()
    }
    assert outcomes[AT, "3d"] == "fail"
    assert scored[SILENT]["unranked_reason"] == "not_reported"
    assert later.folder.is_relative_to(home.root / "assessments" / STAGE)


def test_results_are_not_written_over_something_else(published: Home, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("x", encoding="utf-8")
    with pytest.raises(TargetExistsError, match="something else"):
        assess(published, STAGE, known_at=FIRST_NIGHT, judge=JUDGE, out=tmp_path)


# ----------------------------------------------------------------------------------------------------------- releases


@pytest.fixture(scope="module")
def released(published: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A copy of the programme, whose streets go on reporting the same, with a preliminary release open to appeals."""
    home = Home(Path(shutil.copytree(published.root, tmp_path_factory.mktemp("released") / "home")))
    for period, at in LATER_REPORTS.items():
        for unit_code, rows in ((AT, at_thresholds()), (BELOW, one_below()), (ABOVE, one_above())):
            accept(home, f"{unit_code}-{period}", unit_code, rows, at=at, period=period)
    create(home, STAGE, now=RELEASED_AT, known_at=None, judge=JUDGE)
    with pytest.raises(AppealError, match="no appeal window is open"):
        file_appeal(home, STAGE, BELOW, "3d", "x", subject=None, now=RELEASED_AT)
    open_appeals(home, STAGE, now=RELEASED_AT)
    return home


def test_a_release_verifies_elsewhere_by_the_command_when_its_home_is_gone(
    released: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = Path(shutil.copytree(folder_of(released, "S1-v1", PRELIMINARY), tmp_path / "other disk" / "r"))
    gone = released.root.rename(released.root.with_name("gone"))
    monkeypatch.setenv("JIEDAO_HOME", str(tmp_path / "nowhere"))
    try:
        result = CliRunner().invoke(app, ["verify", str(moved)])
    finally:
        gone.rename(released.root)
    assert "S1-v1 (preliminary) is verified" in result.stdout, result.output
    assert result.exit_code == 0
    assert not (tmp_path / "nowhere" / "published").exists()


def test_one_changed_byte_of_any_file_of_a_release_is_found(released: Home, tmp_path: Path) -> None:
    moved = Path(shutil.copytree(folder_of(released, "S1-v1", PRELIMINARY), tmp_path / "r"))
    files = sorted(path for path in moved.rglob("*") if path.is_file())
    assert len(files) > 50
    for path in files:
        data = path.read_bytes()
        if not data:
            continue
        path.write_bytes(bytes([data[0] ^ 1]) + data[1:])
        name = path.relative_to(moved).as_posix()
        if name == "manifest.json":
            with pytest.raises(NoReleaseError, match=r"manifest\.json is missing or damaged"):
                read_manifest(moved)
        else:
            assert changed_files(moved, read_manifest(moved)) == [f"{name} is not the file that was released"]
        path.write_bytes(data)


@pytest.mark.parametrize(
    "name",
    [
        "results/mart_stage_score.parquet",
        "inputs/submission.parquet",
        "rulebook/rules.csv",
        "reference/units_history.parquet",
        "manifest.json",
    ],
)
def test_a_changed_byte_is_found_and_its_file_named(released: Home, tmp_path: Path, name: str) -> None:
    moved = Path(shutil.copytree(folder_of(released, "S1-v1", PRELIMINARY), tmp_path / "r"))
    data = bytearray((moved / name).read_bytes())
    # The manifest stays JSON: only its state is another one.
    place = data.index(b'"state": "p') + 10 if name == "manifest.json" else len(data) // 2
    data[place] ^= 1
    (moved / name).write_bytes(bytes(data))
    (moved / "results" / "more.parquet").write_bytes(b"")
    found = verify(moved, judge=JUDGE)
    assert f"{name} is not the file that was released" in found.findings
    assert "results/more.parquet is not part of the release" in found.findings


def test_results_that_do_not_follow_from_the_inputs_are_named_by_row(released: Home, tmp_path: Path) -> None:
    """Somebody raises a score and makes the manifest fit: only computing it again can tell."""
    import json

    import pyarrow as pa

    moved = Path(shutil.copytree(folder_of(released, "S1-v1", PRELIMINARY), tmp_path / "r"))
    path = moved / "results" / "mart_stage_score.parquet"
    table = pq.read_table(path)
    rows = [{**row, "score": 99999 if row["unit_code"] == BELOW else row["score"]} for row in table.to_pylist()]
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    manifest = json.loads((moved / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["results/mart_stage_score.parquet"] = digest(path)
    write_json(moved / "manifest.json", sealed(manifest))
    [finding] = verify(moved, judge=JUDGE).findings
    assert "mart_stage_score.parquet is recomputed differently" in finding
    assert BELOW in finding
    assert "score=99999" in finding


def test_a_folder_that_holds_no_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoReleaseError, match="holds no release"):
        verify(tmp_path, judge=JUDGE)


def test_an_appeal_has_a_clock_a_decision_and_a_new_score(released: Home, tmp_path: Path) -> None:
    home = Home(Path(shutil.copytree(released.root, tmp_path / "home")))
    in_window = RELEASED_AT + timedelta(days=3)
    with pytest.raises(ReleaseError, match="not final yet"):
        create(home, STAGE, now=in_window, known_at=None, judge=JUDGE)
    appeal = file_appeal(home, STAGE, BELOW, "3d", "另有1名团干部", subject=None, now=in_window)
    assert appeal["contested_outcome"] == "fail"
    # Ten days after 1 March the window ends with 11 March, Shanghai time.
    assert appeal["filed_until"] == datetime(2026, 3, 11, 16)
    with pytest.raises(AppealError, match="contested already"):
        file_appeal(home, STAGE, BELOW, "3d", "再申诉", subject=None, now=in_window)
    with pytest.raises(AppealError, match="no finding"):
        file_appeal(home, STAGE, BELOW, "9z", "x", subject=None, now=in_window)
    with pytest.raises(ReleaseError, match="runs until 2026-03-12 00:00"):
        finalise(home, STAGE, now=in_window, judge=JUDGE)
    after_window = appeal["filed_until"]
    with pytest.raises(AppealError, match="was over"):
        file_appeal(home, STAGE, ABOVE, "3a", "x", subject=None, now=after_window)
    with pytest.raises(ReleaseError, match=appeal["appeal_id"]):
        finalise(home, STAGE, now=after_window, judge=JUDGE)
    [waiting] = list_appeals(home, after_window)
    assert (waiting["state"], waiting["days"]) == ("open", 7)

    decide_appeal(home, appeal["appeal_id"], "upheld", by="440103", reason="查实", now=after_window)
    with pytest.raises(AppealError, match="decided already"):
        decide_appeal(home, appeal["appeal_id"], "rejected", by="440103", reason="x", now=after_window)
    finalise(home, STAGE, now=after_window + timedelta(hours=1), judge=JUDGE)

    final = folder_of(home, "S1-v1", FINAL)
    [record] = pq.read_table(final / "inputs" / "decision_record.parquet").to_pylist()
    assert (record["unit_code"], record["rule_id"], record["kind"], record["outcome"]) == (
        BELOW,
        "3d",
        "override",
        "pass",
    )
    assert verify(final, judge=JUDGE).findings == ()
    with (final / "difference" / "difference.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    changed = [row for row in rows if row["rule_id"] == "3d" and row["field"] == "outcome"]
    # The finding is that of the stage: the decision holds in each of its quarters.
    assert sorted((row["period"], row["before"], row["after"], row["reason_record_id"]) for row in changed) == [
        (period, "fail", "pass", appeal["appeal_id"]) for period in ("2025-Q1", *LATER_REPORTS)
    ]
    assert {row["unit_code"] for row in rows if row["field"] == "score"} == {BELOW}
    with pytest.raises(ReleaseError, match="final already"):
        finalise(home, STAGE, now=after_window, judge=JUDGE)
    with pytest.raises(ReleaseError, match="only a preliminary release"):
        open_appeals(home, STAGE, now=after_window)


def test_a_late_correction_makes_a_new_version_and_a_published_difference(released: Home, tmp_path: Path) -> None:
    home = Home(Path(shutil.copytree(released.root, tmp_path / "home")))
    finalise(home, STAGE, now=RELEASED_AT, judge=JUDGE, force_reason="无人申诉")
    accept(home, "again", BELOW, at_thresholds(), at=datetime(2026, 3, 10, 12), period="2025-Q4")
    manifest = create(home, STAGE, now=RELEASED_AT + timedelta(days=30), known_at=None, judge=JUDGE)
    assert (manifest["release_id"], manifest["difference_to"]) == ("S1-v2", "v1-final")
    difference = pq.read_table(folder_of(home, "S1-v2", PRELIMINARY) / "difference" / "difference.parquet").to_pylist()
    outcomes = [row for row in difference if row["field"] == "outcome"]
    assert {row["unit_code"] for row in outcomes} == {BELOW}
    assert ("3d", "fail", "pass", "again") in {
        (row["rule_id"], row["before"], row["after"], row["reason_submission_id"]) for row in outcomes
    }
    with open_ledger(home) as ledger:
        states = [(row["release_id"], row["state"], row["detail"]) for row in states_of(ledger, STAGE)]
    assert states == [("S1-v1", "final", "无人申诉"), ("S1-v2", "preliminary", "")]
