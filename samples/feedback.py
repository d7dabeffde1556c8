"""Answers to the notices of a province by the units that report directly to it."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ingest.forms import load_code_lists, load_forms
from samples.hierarchy import Unit
from samples.plan import LATE, MISSING, ON_TIME, plan_feedback
from samples.submissions import Submission
from samples.words import source, words

FORM = "feedback"


def load_notices(rulebook_dir: Path, period_codes: set[str]) -> list[dict[str, Any]]:
    """Notices whose period is among ``period_codes``; instants as datetime (UTC)."""
    with (rulebook_dir / "notices.csv").open(encoding="utf-8", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["period"] in period_codes]
    return [
        {
            **row,
            "deadline_at": datetime.fromisoformat(row["deadline_at"]),
            "issued_at": datetime.fromisoformat(row["issued_on"]),
        }
        for row in rows
    ]


def addressees(units: Sequence[Unit], notice: Mapping[str, Any]) -> list[Unit]:
    """Those of ``units`` that report directly to the province that issued ``notice``."""
    return [unit for unit in units if unit.reporting_parent == notice["issuer_code"]]


def _answer(seed: int, unit: Unit, notice: Mapping[str, Any], state: str, clauses: Sequence[str]) -> Submission:
    rng = source(seed, unit.code, notice["notice_id"])
    window = notice["deadline_at"] - notice["issued_at"]
    part = rng.uniform(1.05, 3.0) if state == LATE else rng.uniform(0.1, 0.95)
    is_marked_copy = rng.random() < 0.6
    workbook = {
        "feedback": [
            {
                "feedback_form": load_code_lists()["feedback_form"][0 if is_marked_copy else 1],
                "signer_post": "分管副书记" if rng.random() < 0.9 else "书记",
                "is_signed": rng.random() < 0.95,
            }
        ],
        "proposal": [
            {"clause_id": clause, "proposal": rng.choice(words()["proposals"])}
            for clause in rng.sample(list(clauses), rng.randint(0, 4))
        ],
    }
    return Submission(
        unit=unit,
        period=notice["notice_id"],
        form=load_forms()[FORM],
        file=f"{unit.name}{load_forms()[FORM].name_zh}_{notice['notice_id']}.xlsx",
        state=state,
        submitted_at=notice["issued_at"] + timedelta(seconds=int(window.total_seconds() * part)),
        cover_unit=unit,
        workbook=workbook,
        findings=(),
        stands=workbook,
    )


def answers(
    seed: int, units: Sequence[Unit], notice: Mapping[str, Any], clauses: Sequence[str]
) -> dict[str, Submission | None]:
    """The answer of each unit to ``notice``, None where there is none."""
    states = plan_feedback(units, seed, notice["notice_id"])
    known = {ON_TIME, LATE}
    return {
        unit.code: _answer(seed, unit, notice, states[unit.code], clauses) if states[unit.code] in known else None
        for unit in units
        if states[unit.code] in {*known, MISSING}
    }
