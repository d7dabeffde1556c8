"""The seeds of the rule book against each other, the forms, the judges and the models."""

from __future__ import annotations

import csv
import re
from collections import Counter
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingest.forms import load_code_lists, load_forms
from warehouse.freeze import LOOK_BACK_QUARTERS

ROOT = Path(__file__).resolve().parents[2]
DBT_PROJECT = ROOT / "dbt_project"
SEEDS = DBT_PROJECT / "seeds" / "rulebook"


def seed(name: str) -> list[dict[str, str]]:
    """Rows of one seed."""
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


RULES = seed("rules")
INDICATORS = {row["indicator_code"]: row for row in seed("indicators")}
CLAUSES = {row["clause_id"]: row for row in seed("clauses")}
VERSIONS = {row["rulebook_version"] for row in seed("rulebook_versions")}


def rule_name(rule: dict[str, str]) -> str:
    """Name of a rule in the test report."""
    return f"{rule['rule_id']}-{rule['indicator_code']}"


def test_every_quota_of_the_document_has_a_rule() -> None:
    quotas = {clause_id for clause_id, clause in CLAUSES.items() if clause["force"] == "quota"}
    assert {rule["clause_id"] for rule in RULES} >= quotas


@pytest.mark.parametrize("rule", RULES, ids=rule_name)
def test_a_rule_judges_an_indicator_of_its_own_clause(rule: dict[str, str]) -> None:
    assert rule["rulebook_version"] in VERSIONS
    assert INDICATORS[rule["indicator_code"]]["clause_id"] == rule["clause_id"]
    assert rule["clause_id"] in CLAUSES


@pytest.mark.parametrize("rule", RULES, ids=rule_name)
def test_a_rule_has_the_bounds_that_its_operator_needs(rule: dict[str, str]) -> None:
    has_bounds = (bool(rule["lower_bound"]), bool(rule["upper_bound"]))
    needed = {"ge": (True, False), "le": (False, True), "between": (True, True), "eq": (True, True)}
    assert has_bounds == needed[rule["operator"]]
    if rule["operator"] == "eq":
        assert rule["lower_bound"] == rule["upper_bound"]


@pytest.mark.parametrize("rule", RULES, ids=rule_name)
def test_a_rule_tells_the_value_and_the_threshold_and_who_mends_it(rule: dict[str, str]) -> None:
    placeholders = set(re.findall(r"{(\w*)}", rule["message_zh"] + rule["remedy_zh"]))
    assert {"value", "threshold"} == set(re.findall(r"{(\w*)}", rule["message_zh"])) <= placeholders
    assert placeholders <= {"value", "threshold"}
    assert rule["remedy_zh"].startswith("由")
    assert rule["owed_by"]
    assert rule["owed_by_zh"]


def test_what_superiors_owe_is_not_asked_of_the_street() -> None:
    for rule in RULES:
        if "street" not in rule["owed_by"]:
            assert "由街道团工委" not in rule["remedy_zh"], rule["rule_id"]


def test_every_choice_of_a_ruling_has_its_reading() -> None:
    for ruling in seed("rulings"):
        choices = ruling["choices"].split("|")
        readings = [
            rule["ruling_choice"]
            for rule in RULES
            if rule["ruling_code"] == ruling["ruling_code"] and rule["rulebook_version"] == ruling["rulebook_version"]
        ]
        assert sorted(readings) == sorted(choices)
        assert ruling["choice"] in choices
        assert ruling["reason_zh"]
        assert ruling["effect_zh"]


def test_one_reading_of_each_rule_is_in_force() -> None:
    taken = {(row["rulebook_version"], row["ruling_code"], row["choice"]) for row in seed("rulings")}
    in_force = Counter(
        (rule["rulebook_version"], rule["rule_id"])
        for rule in RULES
        if not rule["ruling_code"] or (rule["rulebook_version"], rule["ruling_code"], rule["ruling_choice"]) in taken
    )
    assert set(in_force) == {(rule["rulebook_version"], rule["rule_id"]) for rule in RULES}
    assert set(in_force.values()) == {1}


def levels_of(rule: dict[str, str]) -> set[tuple[str, str]]:
    """Level and kind of each score in which a rule must stand: with those who owe it, and with whom it is owed to."""
    owed_by = set(rule["owed_by"].split(", "))
    judged = INDICATORS[rule["indicator_code"]]["unit_level"]
    if owed_by == {"member_unit"}:
        return {("street", "member_unit")}
    own = {(level, "own") for level in owed_by}
    return own | ({("street", "superior")} if judged == "street" and "street" not in owed_by else set())


@pytest.mark.parametrize("paper_code", sorted({stage["paper_code"] for stage in seed("stages")}))
def test_every_rule_has_points_in_the_score_of_all_who_owe_it_or_a_reason_for_none(paper_code: str) -> None:
    scored: dict[str, set[tuple[str, str]]] = {}
    for row in seed("score_items"):
        if row["paper_code"] == paper_code and row["reads"] == "rule":
            scored.setdefault(row["reads_code"], set()).add((row["unit_level"], row["score_kind"]))
    unscored = {row["rule_id"]: row for row in seed("unscored_rules") if row["paper_code"] == paper_code}
    for rule in RULES:
        if rule["rule_id"] in unscored:
            assert rule["rule_id"] not in scored
            assert unscored[rule["rule_id"]]["reason_zh"]
            assert unscored[rule["rule_id"]]["reason_en"].isascii()
        else:
            # A district that reports to its province answers notices as a city does.
            extra = scored[rule["rule_id"]] - levels_of(rule)
            assert levels_of(rule) <= scored[rule["rule_id"]], rule["rule_id"]
            assert extra <= ({("district", "own")} if "city" in rule["owed_by"] else set()), rule["rule_id"]


def items_of(paper: dict[str, str]) -> list[dict[str, str]]:
    """Items of one level and kind of score."""
    key = ("paper_code", "unit_level", "score_kind")
    return [row for row in seed("score_items") if all(row[name] == paper[name] for name in key)]


def force_of(item: dict[str, str]) -> str:
    """Force of the clause that an item reads."""
    [clause_id] = {rule["clause_id"] for rule in RULES if rule["rule_id"] == item["reads_code"]}
    return CLAUSES[clause_id]["force"]


@pytest.mark.parametrize("paper", seed("papers"), ids=lambda row: f"{row['unit_level']}-{row['score_kind']}")
def test_the_points_of_a_paper_add_up_to_its_total_and_quotas_weigh_most(paper: dict[str, str]) -> None:
    points = Counter[str]()
    for item in items_of(paper):
        points[force_of(item) if item["counts_as"] == "base" else "extra"] += Decimal(item["points"])
    quotas = points["quota"]
    assert sum(points.values()) - points["extra"] == Decimal(paper["total_points"])
    assert paper["score_kind"] == "member_unit" or 2 * quotas > Decimal(paper["total_points"])


def test_what_is_encouraged_is_a_capped_bonus_and_takes_nothing() -> None:
    caps = {(row["paper_code"], row["group_code"]): row for row in seed("score_groups")}
    encouraged = [item for item in seed("score_items") if force_of(item) == "encouraged"]
    assert encouraged
    for item in encouraged:
        group = caps[item["paper_code"], item["group_code"]]
        assert (item["counts_as"], item["method"], item["floor"], group["floor"]) == ("extra", "attainment", "0", "0")
        assert Decimal(item["points"]) == Decimal(item["cap"]) <= Decimal(group["cap"])


def test_classes_hold_values_of_their_code_lists() -> None:
    lists = load_code_lists()
    for row in seed("code_classes"):
        assert row["value_zh"] in lists[row["code_list"]]


def test_stages_follow_each_other_and_name_a_rule_book() -> None:
    stages = seed("stages")
    for stage in stages:
        assert stage["first_period"] <= stage["last_period"]
        assert stage["rulebook_version"] in VERSIONS
    for before, after in pairwise(stages):
        assert before["last_period"] < after["first_period"]


def test_every_outcome_of_the_judges_has_a_text() -> None:
    with (ROOT / "expectations" / "outcomes.csv").open(encoding="utf-8", newline="") as handle:
        possible = {
            (row[column], row["status"])
            for row in csv.DictReader(handle)
            for column in ("when_met", "when_unmet", "when_null", "when_draft")
        }
    told = {(row["outcome"], row["status"]): row for row in seed("outcome_texts")}
    assert possible <= set(told)
    for (outcome, _), row in told.items():
        assert bool(row["message_zh"]) == (outcome != "fail")


@cache
def documented_models() -> dict[str, dict[str, Any]]:
    """Models of the indicators by name, as their yml files describe them."""
    files = (DBT_PROJECT / "models" / "indicators").rglob("*.yml")
    documents = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in files)
    return {model["name"]: model for document in documents for model in document.get("models", [])}


@pytest.mark.parametrize("indicator", INDICATORS.values(), ids=lambda row: row["indicator_code"])
def test_an_indicator_names_its_model_and_its_evidence(indicator: dict[str, str]) -> None:
    models = documented_models()
    fields = {field.name for form in load_forms().values() for sheet in form.sheets for field in sheet.fields}
    assert indicator["indicator_code"] in {column["name"] for column in models[indicator["source_model"]]["columns"]}
    evidence = {column["name"] for column in models[indicator["evidence_model"]]["columns"]}
    assert {"submission_id", "period", "sheet", "row", "subject_key", indicator["evidence_flag"]} <= evidence
    assert indicator["evidence_field"] in fields


def test_code_values_stand_in_the_seeds_and_not_in_the_models() -> None:
    values = {value for name in load_code_lists().values() for value in name if len(value) > 1}
    for folder in ("indicators", "assessment", "marts"):
        for path in (DBT_PROJECT / "models" / folder).rglob("*.sql"):
            literals = set(re.findall(r"'([^']*)'", path.read_text(encoding="utf-8")))
            assert not literals & values, path.name


def test_a_changed_quarter_makes_all_quarters_due_that_look_back_on_it() -> None:
    macro = (DBT_PROJECT / "macros" / "rulebook" / "arithmetic.sql").read_text(encoding="utf-8")
    found = re.search(r"macro look_back_quarters\(\) -%}\s*(\d+)", macro)
    assert found
    assert int(found[1]) == LOOK_BACK_QUARTERS
    # Funds of a year are read in its last quarter: three quarters back.
    assert LOOK_BACK_QUARTERS >= 3
