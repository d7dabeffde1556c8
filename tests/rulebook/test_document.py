"""The clauses against the text of the document they quote."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "document.zh.txt").read_text(encoding="utf-8")
SEEDS = ROOT / "dbt_project" / "seeds" / "rulebook"
CLAUSES = list(csv.DictReader((SEEDS / "clauses.csv").open(encoding="utf-8", newline="")))
FORCES = {"quota", "duty", "conditional", "strive", "encouraged", "trend"}


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause["clause_id"])
def test_a_clause_quotes_the_document_word_for_word(clause: dict[str, str]) -> None:
    assert clause["quote_zh"]
    assert clause["quote_zh"] in DOCUMENT


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause["clause_id"])
def test_a_clause_says_how_it_binds_and_whom(clause: dict[str, str]) -> None:
    assert clause["force"] in FORCES
    assert clause["owed_by"]
    assert clause["indicator"]


def test_every_measurable_sentence_is_there_once() -> None:
    ids = [clause["clause_id"] for clause in CLAUSES]
    assert len(ids) == len(set(ids)) == 102


def test_the_text_of_the_document_names_no_person_to_call_or_write_to() -> None:
    assert not re.search(r"联\s*系\s*人|联系电话|邮箱|@|\d{3,4}-\d{7,8}|\d{7,}", DOCUMENT)
