"""Copies of the rule book take exactly the values that are set, and say what they do not know."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from warehouse.overrides import apply_override, parse_override, targets
from warehouse.project import RULEBOOK_DIR
from warehouse.rulebook import copy_rulebook, make_project, prepare_rulebook
from warehouse.rulebook_files import RulebookError, version_of_stage


def changed_lines(folder: Path, name: str) -> list[tuple[str, str]]:
    """Lines of a file that differ from our rule book, as (ours, copy)."""
    ours, copy = ((place / name).read_text(encoding="utf-8").splitlines() for place in (RULEBOOK_DIR, folder))
    return [pair for pair in zip(ours, copy, strict=True) if pair[0] != pair[1]]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return copy_rulebook(RULEBOOK_DIR, tmp_path / "rulebook")


def set_value(folder: Path, text: str) -> None:
    apply_override(folder, parse_override(text), "S1")


def test_an_override_changes_one_value_and_nothing_else(copy: Path) -> None:
    set_value(copy, "rule.3.3.lower_bound=7")
    [(ours, copied)] = changed_lines(copy, "rules.csv")
    [before, after] = [next(csv.reader([line])) for line in (ours, copied)]
    assert [(old, new) for old, new in zip(before, after, strict=True) if old != new] == [("9", "7")]
    for path in RULEBOOK_DIR.glob("*.csv"):
        if path.name != "rules.csv":
            assert path.read_bytes() == (copy / path.name).read_bytes()


def test_a_ruling_is_set_by_its_code_alone(copy: Path) -> None:
    set_value(copy, "ruling.3d.off_establishment=not_counted")
    assert len(changed_lines(copy, "rulings.csv")) == 1


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("3d.lower_bound=8", "no override such as"),
        ("rule.3d.lower_bound", "no override such as"),
        ("rule.3d=8", "names no column"),
        ("rule.9z.lower_bound=8", "no rule '9z'; known: .*3d"),
        ("rule.3d.bound=8", "no column 'bound'.*lower_bound"),
        ("rule.3d.rule_id=x", "no column 'rule_id'"),
        ("rule.3d.lower_bound=many", "is a number, and 'many' is none"),
        ("rule.3d.operator=about", "operator of 3d is one of ge, le, between, eq"),
        ("rule.3d.parameter_status=maybe", "one of text, draft, decided"),
        ("parameter.2h.org_count=many", "is a number"),
        ("parameter.9z=1", "no parameter '9z'; known: 2h.org_count"),
        ("stage.S1.accepts_draft=maybe", "is true or false"),
        ("stage.S1.opens_on=2025-13-01", "is a day such as"),
        ("stage.S1.appeal_days=2.5", "is a whole number"),
        ("ruling.9z.x=counted", "no ruling '9z.x'"),
        ("ruling.3d.off_establishment=perhaps", "the choices are counted, not_counted"),
        ("rule.3d.indicator_code=establishment_cadre_count", "set ruling.3d.off_establishment=not_counted"),
    ],
)
def test_an_override_that_cannot_be_set_says_what_there_is(copy: Path, text: str, complaint: str) -> None:
    with pytest.raises(RulebookError, match=complaint):
        set_value(copy, text)
    assert changed_lines(copy, "rules.csv") == []


def test_what_tells_readings_apart_is_set_only_in_the_one_in_force(copy: Path) -> None:
    set_value(copy, "rule.3d.indicator_code=fixed_volunteer_count")
    [(ours, copied)] = changed_lines(copy, "rules.csv")
    [before, after] = [next(csv.reader([line])) for line in (ours, copied)]
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert changed == [("cadre_count", "fixed_volunteer_count")]


def test_every_word_of_an_override_names_a_file_and_columns_that_exist() -> None:
    present = [target for target in targets().values() if (RULEBOOK_DIR / target.file).exists()]
    assert {"rule", "ruling"} <= {target.word for target in present}
    for target in present:
        with (RULEBOOK_DIR / target.file).open(encoding="utf-8", newline="") as handle:
            columns = set(csv.DictReader(handle).fieldnames or [])
        wanted = {target.key_column, target.value_column, target.choices_column} - {""}
        assert wanted <= columns, target


def test_a_folder_without_all_files_is_no_rule_book(tmp_path: Path) -> None:
    with pytest.raises(RulebookError, match=r"lacks .*rules\.csv"):
        copy_rulebook(tmp_path, tmp_path / "copy")
    with pytest.raises(RulebookError, match="there is no folder"):
        copy_rulebook(tmp_path / "nowhere", tmp_path / "copy")


def test_a_file_of_a_rule_book_that_cannot_be_read_is_named(copy: Path, tmp_path: Path) -> None:
    (copy / "rules.csv").unlink()
    (copy / "rules.csv").mkdir()
    with pytest.raises(RulebookError, match=r"rules\.csv cannot be read"):
        prepare_rulebook(tmp_path / "prepared", str(copy))


def test_a_version_can_be_put_in_force_and_an_unknown_one_cannot(tmp_path: Path) -> None:
    version = version_of_stage(RULEBOOK_DIR, "S1")
    folder = prepare_rulebook(tmp_path / "one", version)
    assert version_of_stage(folder, "S5") == version
    with pytest.raises(RulebookError, match="neither a folder nor one of the versions"):
        prepare_rulebook(tmp_path / "two", "1999.9")
    with pytest.raises(RulebookError, match="no stage 'S9'"):
        version_of_stage(folder, "S9")


def test_a_project_with_another_rule_book_shares_the_models_and_leaves_ours_alone(copy: Path, tmp_path: Path) -> None:
    set_value(copy, "rule.3d.lower_bound=8")
    project = make_project(tmp_path / "project", copy)
    assert (project / "models").resolve() == RULEBOOK_DIR.parents[1] / "models"
    assert (project / "seeds" / "rulebook" / "rules.csv").read_bytes() == (copy / "rules.csv").read_bytes()
    assert sorted(path.name for path in (project / "seeds" / "rulebook").glob("*.yml")) == sorted(
        path.name for path in RULEBOOK_DIR.glob("*.yml")
    )
