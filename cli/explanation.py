"""An explanation as text: what an official reads when a street asks why."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from cli.output import say

#: Counted cells shown in full; the JSON form shows all.
CELLS_SHOWN = 12


def _number(value: Any) -> str:
    if value is None:
        return "—"
    return f"{Decimal(str(value)).normalize():f}"


def _threshold(rule: dict[str, Any]) -> str:
    lower, upper = rule["lower_bound"], rule["upper_bound"]
    if lower is not None and upper is not None:
        return f"= {_number(lower)}" if lower == upper else f"{_number(lower)} 至 {_number(upper)}"
    return f"≥ {_number(lower)}" if lower is not None else f"≤ {_number(upper)}"


def _cells(evidence: list[dict[str, Any]]) -> str:
    cells = [f"{row['sheet']}!{row['cell']}" for row in evidence if row["cell"]]
    more = f" 等{len(cells)}处" if len(cells) > CELLS_SHOWN else ""
    return "、".join(cells[:CELLS_SHOWN]) + more


def print_explanation(explanation: dict[str, Any]) -> None:
    """Print ``warehouse.explain.explain_unit``'s result."""
    unit = f"{explanation['unit_name']}（{explanation['unit_code']}）"
    say(f"{unit} {explanation['period']}  报送：{explanation['state_zh']}")
    for rule in explanation["rules"]:
        is_part = rule["subject_key"] != explanation["unit_code"]
        subject = f"  [{rule['subject_name'] or rule['subject_key']}]" if is_part else ""
        say(f"\n{rule['rule_id']}  {rule['outcome_zh']}{subject}")
        say(f"  条款 {rule['clause_id']}：“{rule['quote_zh']}”（责任：{rule['owed_by_zh']}）")
        say(f"  数值 {_number(rule['value'])}，标准 {_threshold(rule)}（规则版本 {rule['rulebook_version']}）")
        if rule["outcome"] == "fail":
            say(f"  {rule['message_zh']}{rule['remedy_zh']}")
        if rule["evidence"]:
            say(f"  依据 {_cells(rule['evidence']) or '报送记录'}")
        files = sorted({row["file_sha256"] for row in rule["evidence"] if row["file_sha256"]})
        for digest in files:
            say(f"  文件 SHA-256 {digest}")
