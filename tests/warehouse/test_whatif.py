"""Each ruling read otherwise, another paper, another parameter: what changes, and that nothing published does."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from cli.main import app
from ingest.home import Home
from tests.support.rulings import CATEGORY, CHANGES, RELATION, programme_of_rulings
from warehouse.overrides import apply_override, parse_override
from warehouse.project import RULEBOOK_DIR
from warehouse.rulebook import copy_rulebook

with (RULEBOOK_DIR / "rulings.csv").open(encoding="utf-8", newline="") as handle:
    RULINGS = {row["ruling_code"]: row for row in csv.DictReader(handle)}
ALTERNATIVES = [
    (code, choice) for code, row in RULINGS.items() for choice in row["choices"].split("|") if choice != row["choice"]
]
JUDGED_SQL = "select rule_id, subject_key, value, status from indicators.int_rules__to_judge"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Streets and leaders of whom each stands for one ruling, after one night."""
    return programme_of_rulings(tmp_path_factory.mktemp("rulings") / "home")


@pytest.fixture(scope="module")
def copied(published: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the published file that may be written."""
    path = tmp_path_factory.mktemp("copied") / "warehouse.duckdb"
    path.write_bytes(published.published.read_bytes())
    with duckdb.connect(str(path)) as connection:
        yield connection


def traces(home: Home) -> dict[str, tuple[str, int]]:
    """Hash and time of change of everything that is published and of the ledger."""
    paths = [*home.published.parent.iterdir(), *home.root.glob("ledger.db*")]
    return {path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns) for path in paths}


def whatif(home: Home, monkeypatch: pytest.MonkeyPatch, *options: str) -> dict[str, Any]:
    """What ``jiedao whatif`` finds for the first stage; published files and ledger stay as they were."""
    monkeypatch.setenv("JIEDAO_HOME", str(home.root))
    before = traces(home)
    result = CliRunner().invoke(app, ["whatif", "--stage", "S1", "--json", *options])
    assert result.exit_code == 0, result.output
    assert traces(home) == before
    assert {"ledger.db", "warehouse.duckdb", "manifest.json"} <= before.keys()
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize(("ruling", "choice"), ALTERNATIVES, ids=[":".join(one) for one in ALTERNATIVES])
def test_another_choice_changes_the_values_that_it_names_and_no_other(
    copied: duckdb.DuckDBPyConnection, ruling: str, choice: str
) -> None:
    """The published views are asked again with one word changed: every value that is judged, of every rule."""
    before = {row[:2]: row[2:] for row in copied.execute(JUDGED_SQL).fetchall()}
    copied.begin()
    copied.execute("update rulebook.rulings set choice = $1 where ruling_code = $2", [choice, ruling])
    after = {row[:2]: row[2:] for row in copied.execute(JUDGED_SQL).fetchall()}
    copied.rollback()
    assert after.keys() == before.keys()
    changed = {key: (before[key][0], after[key][0]) for key in before if before[key] != after[key]}
    assert changed == {key: change[:2] for key, change in CHANGES[ruling, choice].items()}


def test_every_ruling_read_otherwise_flips_exactly_those_it_must(
    published: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The first of several alternatives.
    chosen = dict(reversed(ALTERNATIVES))
    found = whatif(published, monkeypatch, *(f"--set=ruling.{code}={choice}" for code, choice in chosen.items()))
    flips = {
        (flip["rule_id"], flip["subject_key"]): (flip["before_outcome"], flip["after_outcome"])
        for flip in found["flips"]
    }
    wanted = {key: change[2:] for ruling in chosen.items() for key, change in CHANGES[ruling].items()}
    assert flips == {key: (before, after) for key, (before, after) in wanted.items() if before != after}
    acting = {(duty["rule_id"], unit_code) for duty in found["duties"] for unit_code in duty["must_act"]}
    assert acting == {(rule, subject.split("/")[0]) for (rule, subject), (_, after) in flips.items() if after == "fail"}
    moved = {one["unit_code"] for one in found["scores"] if one["before_score"] != one["after_score"]}
    assert {flip["unit_code"] for flip in found["flips"] if flip["owed_by"] == "street"} <= moved
    lacking = {one["unit_code"]: one["after_shortfall_cny"] for one in found["shortfalls"]}
    paid = {key.split("/")[0]: value for (_, key), (_, value, *_) in CHANGES["5b.funds", chosen["5b.funds"]].items()}
    assert {code: lacking[code] for code in paid} == {
        code: max(0, 20000 - (value or 0)) for code, value in paid.items()
    }


def test_a_folder_with_another_paper_and_parameter_changes_what_hangs_on_them(
    published: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy_rulebook(RULEBOOK_DIR, tmp_path / "draft")
    papers = (folder / "papers.csv").read_text(encoding="utf-8")
    ours = "GD-2025,street,own,街道区域化大团建考核表,100,0,100,"
    assert ours in papers
    (folder / "papers.csv").write_text(papers.replace(ours, ours.replace("100", "200")), encoding="utf-8")
    apply_override(folder, parse_override("parameter.2h.org_count=2"), "S1")
    found = whatif(published, monkeypatch, "--rulebook", str(folder))
    assert found["changed_files"] == ["papers.csv", "parameters.csv"]
    # Two organisations are many now; what is proposed is not decided in a stage that does not accept drafts.
    assert {(flip["rule_id"], flip["unit_code"], flip["after_outcome"]) for flip in found["flips"]} == {
        ("2h", RELATION, "not_decided"),
        ("2h", CATEGORY, "not_decided"),
    }
    scores = [one for one in found["scores"] if one["before_score"] != one["after_score"]]
    assert {len(one["unit_code"]) for one in scores} == {9}
    assert all(abs(one["after_score"] - 2 * one["before_score"]) <= 1 for one in scores)
    assert {(one["before_rank"], one["before_superior_score"]) for one in scores} == {
        (one["after_rank"], one["after_superior_score"]) for one in scores
    }
