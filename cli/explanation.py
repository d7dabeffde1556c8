"""An explanation as text: what an official reads when a street asks why."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from cli.output import say
from cli.release import local
from cli.whatif import points

#: Ranges of cells shown in full; the JSON form shows every cell.
RANGES_SHOWN = 12
KINDS_ZH = {"own": "本级应办", "superior": "上级应保障"}
CELL = re.compile(r"([A-Z]+)(\d+)")


def _number(value: Any) -> str:
    if value is None:
        return "—"
    return f"{Decimal(str(value)).normalize():f}"


def _threshold(rule: dict[str, Any]) -> str:
    lower, upper = rule["lower_bound"], rule["upper_bound"]
    if lower is not None and upper is not None:
        return f"= {_number(lower)}" if lower == upper else f"{_number(lower)} 至 {_number(upper)}"
    return f"≥ {_number(lower)}" if lower is not None else f"≤ {_number(upper)}"


def ranges(evidence: list[dict[str, Any]]) -> list[str]:
    """The cells as ``sheet!cell``, those below each other in one column as one range such as ``工作力量!C3:C15``."""
    by_column: dict[tuple[str, str], set[int]] = {}
    for row in evidence:
        if row["cell"]:
            found = CELL.fullmatch(row["cell"])
            column, number = (found[1], int(found[2])) if found else (row["cell"], 0)
            by_column.setdefault((row["sheet"], column), set()).add(number)
    return [
        f"{sheet}!{column}{first or ''}" + (f":{column}{last}" if last > first else "")
        for (sheet, column), numbers in by_column.items()
        for first, last in _runs(sorted(numbers))
    ]


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    """First and last of each unbroken run of ascending numbers."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] + 1 == number:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def _cells(evidence: list[dict[str, Any]]) -> str:
    cells = ranges(evidence)
    more = f" 等{len(cells)}处" if len(cells) > RANGES_SHOWN else ""
    return "、".join(cells[:RANGES_SHOWN]) + more


def _print_finding(rule: dict[str, Any], indent: str) -> None:
    """Clause, value, message, cells and files of one finding."""
    say(f"{indent}条款 {rule['clause_id']}：“{rule['quote_zh']}”（责任：{rule['owed_by_zh']}）")
    say(f"{indent}数值 {_number(rule['value'])}，标准 {_threshold(rule)}（规则版本 {rule['rulebook_version']}）")
    if rule["outcome"] == "fail":
        say(f"{indent}{rule['message_zh']}{rule['remedy_zh']}")
    if rule["evidence"]:
        say(f"{indent}依据 {_cells(rule['evidence']) or '报送记录'}")
    files = {row["submission_id"]: row for row in rule["evidence"] if row["file_sha256"]}
    for submission_id, row in sorted(files.items()):
        receipt = f"回执 {submission_id}，报送 {local(row['submitted_at'])}，接收 {local(row['accepted_at']) or '—'}"
        say(f"{indent}文件 SHA-256 {row['file_sha256']}\n{indent}{receipt}")


def print_explanation(explanation: dict[str, Any]) -> None:
    """Print ``warehouse.explain.explain_unit``'s result."""
    unit = f"{explanation['unit_name']}（{explanation['unit_code']}）"
    say(f"{unit} {explanation['period']}  报送：{explanation['state_zh']}")
    for rule in explanation["rules"]:
        is_part = rule["subject_key"] != explanation["unit_code"]
        subject = f"  [{rule['subject_name'] or rule['subject_key']}]" if is_part else ""
        say(f"\n{rule['rule_id']}  {rule['outcome_zh']}{subject}")
        _print_finding(rule, "  ")


def print_stage_explanation(explanation: dict[str, Any]) -> None:
    """Print ``warehouse.explain_stage.explain_stage``'s result."""
    say(f"{explanation['unit_name']}（{explanation['unit_code']}） {explanation['stage_name_zh']}")
    place = f"第 {explanation['rank'] or '—'} 名（共 {explanation['peers_count']}）"
    band = explanation["band_zh"] or "—"
    superior = points(explanation["superior_score"])
    say(f"得分 {points(explanation['score'])}，{place}，等次 {band}；上级保障得分 {superior}")
    for group in explanation["groups"]:
        kind = KINDS_ZH.get(group["score_kind"], group["score_kind"])
        earned = f"{points(group['points'])} / {points(group['max_points'])} 分"
        say(f"\n【{kind}】{group['group_name_zh']}  {earned}")
        for line in group["rules"]:
            _print_line(line, explanation["unit_code"])
    for record in explanation["decisions"]:
        what = f"{record['rule_id'] or ''} {record['subject_key'] or ''} → {record['outcome'] or record['kind']}"
        by = f"{local(record['decided_at'])}，{record['decided_by']}"
        say(f"\n决定 {record['record_id']}（{by}）：{what}；{record['reason']}")
    if explanation["fixes"]:
        say("\n最能提分的整改")
    for number, fix in enumerate(explanation["fixes"], start=1):
        say(f"  {number}. {fix['rule_id'] or fix['item_zh']} 达标可增加 {points(fix['gain'])} 分")
        for text in dict.fromkeys(f"{one['message_zh']}{one['remedy_zh']}" for one in fix["subjects"]):
            say(f"     {text}")


def _print_line(line: dict[str, Any], unit_code: str) -> None:
    """One line of the score with its findings."""
    name = line["rule_id"] or line.get("item_zh") or ""
    if line["is_in_denominator"]:
        say(f"  {name}  {points(line['points'])} / {points(line['max_points'])} 分（权重 {_number(line['weight'])}）")
    else:
        say(f"  {name}  不计入（不适用、未到期或未定）")
    for finding in line["findings"]:
        # What a superior owes to each of its units names the unit.
        is_other, is_part = finding["unit_code"] != unit_code, finding["subject_key"] != unit_code
        name = finding["unit_name"] if is_other else finding["subject_name"] or finding["subject_key"]
        say(f"    {finding['period']} {finding['outcome_zh']}{f'  [{name}]' if is_part else ''}")
        _print_finding(finding, "      ")
