"""An explanation as text: what an official reads when a street asks why."""

from __future__ import annotations

from typing import Any

from cli.output import say
from cli.release import local
from cli.whatif import points
from warehouse.wording import UNRANKED_ZH, figure_zh, number_zh, ranges, record_text, threshold_zh

#: Ranges of cells shown in full; the JSON form shows every cell.
RANGES_SHOWN = 12
KINDS_ZH = {"own": "本级应办", "superior": "上级应保障", "member_unit": "成员单位应办，不计入得分"}
#: Why a line does not count, by what is known of it; the first that is not 0 is told.
LEFT_OUT_ZH = {"not_decided_count": "标准未定，暂不计分", "too_early_count": "尚未到期，暂不计分"}
COUNTS_ZH = {"pass_count": "达标", "fail_count": "未达标", "not_evaluated_count": "未评判"}
#: Subjects of a fix that are named; the JSON form names all.
SUBJECTS_SHOWN = 5


def _cells(evidence: list[dict[str, Any]]) -> str:
    cells = ranges(evidence) or sorted({f"{row['sheet']}第{row['row']}行" for row in evidence})
    more = f" 等{len(cells)}处" if len(cells) > RANGES_SHOWN else ""
    return "、".join(cells[:RANGES_SHOWN]) + more


def _print_finding(rule: dict[str, Any], indent: str) -> None:
    """Clause, value, message, cells, records and files of one finding."""
    if rule["clause_id"] is not None:
        owed = f"（责任：{rule['owed_by_zh']}）" if rule["owed_by_zh"] else ""
        say(f"{indent}条款 {rule['clause_id']}：“{rule['quote_zh']}”{owed}")
    if rule["value"] is not None or rule["rule_id"] is not None:
        version = f"（规则版本 {rule['rulebook_version']}）" if rule["rulebook_version"] else ""
        value = figure_zh(rule["value"], rule["measure_unit_zh"])
        say(f"{indent}数值 {value}，标准 {threshold_zh(rule)}{version}")
    if rule["outcome"] == "fail":
        say(f"{indent}{rule['message_zh']}{rule['remedy_zh']}")
    _print_basis(rule, indent)


def _print_basis(rule: dict[str, Any], indent: str) -> None:
    """Cells by the file that they stand in, then records, then what no cell names of the files of the records."""
    files: dict[str, list[dict[str, Any]]] = {}
    for row in rule["evidence"]:
        files.setdefault(row["submission_id"], []).append(row)
    for rows in sorted(files.values(), key=lambda rows: (rows[0]["period"], rows[0]["submission_id"])):
        of_period = f" {rows[0]['period']} 报表" if len(files) > 1 else ""
        say(f"{indent}依据{of_period} {_cells(rows)}")
        _print_file(rows[0], indent)
    for record in rule["records"][:RANGES_SHOWN]:
        say(f"{indent}依据 {record_text(record)}")
    if len(rule["records"]) > RANGES_SHOWN:
        say(f"{indent}等{len(rule['records'])}条记录")
    of_records = {row["submission_id"]: row for row in rule["records"] if row.get("file_sha256")}
    for _, row in sorted(of_records.items()):
        _print_file(row, indent)


def _print_file(row: dict[str, Any], indent: str) -> None:
    """Hash and receipt of the file that a cell or a record came from."""
    if row.get("file_sha256"):
        came = f"报送 {local(row['submitted_at'])}，采纳 {local(row['accepted_at']) or '—'}"
        say(f"{indent}文件 SHA-256 {row['file_sha256']}\n{indent}回执 {row['submission_id']}，{came}")


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
    for reason in why_unranked(explanation):
        say(reason)
    for group in explanation["groups"]:
        kind = KINDS_ZH.get(group["score_kind"], group["score_kind"])
        say(f"\n【{kind}】{group['group_name_zh']}  {points(group['points'])} / {points(group['max_points'])} 分")
        for line in group["rules"]:
            _print_line(line, explanation["unit_code"])
    for record in explanation["decisions"]:
        what = f"{record['rule_id'] or ''} {record['subject_key'] or ''} → {record['outcome'] or record['kind']}"
        by = f"{local(record['decided_at'])}，{record['decided_by']}"
        say(f"\n决定 {record['record_id']}（{by}）：{what}；{record['reason']}")
    if explanation["fixes"]:
        say("\n最能提分的整改")
    for number, fix in enumerate(explanation["fixes"], start=1):
        _print_fix(number, fix, explanation["unit_code"])


def why_unranked(explanation: dict[str, Any]) -> list[str]:
    """Why a unit has no rank and what became of it and its reports, in sentences; nothing for one that is ranked."""
    told = []
    reason = explanation["unranked_reason"]
    if reason is not None:
        grounds = [one["reason"] for one in explanation["decisions"] if one["kind"] == "excuse" and reason == "excused"]
        told.append(f"未排名：{UNRANKED_ZH[reason]}" + (f"（{grounds[-1]}）" if grounds else ""))
    if explanation["unit_event_zh"] is not None:
        told.append(f"单位变动：{explanation['unit_event_zh']}；{explanation['baseline_state_zh']}")
    lacking = [row for row in explanation["reports"] if row["state"] not in ("on_time", "late", "nil", "not_due")]
    told += [f"{row['period']} 报表：{row['state_zh']}" for row in lacking]
    return told


def _subject(finding: dict[str, Any], unit_code: str) -> str:
    """Whom a finding is about, in brackets; nothing when it is the unit as a whole."""
    if finding["unit_code"] != unit_code:
        # What a superior owes to each of its units names the unit.
        return f"[{finding['unit_name']}]"
    is_part = finding["subject_key"] != unit_code
    return f"[{finding['subject_name'] or finding['subject_key']}]" if is_part else ""


def _print_fix(number: int, fix: dict[str, Any], unit_code: str) -> None:
    """What to do and what it gains; subjects with the same words are told together."""
    say(f"  {number}. {fix['rule_id'] or ''} {fix['item_zh']}：达标可增加 {points(fix['gain'])} 分")
    told: dict[str, list[str]] = {}
    for one in fix["subjects"][:SUBJECTS_SHOWN]:
        told.setdefault(f"{one['message_zh']}{one['remedy_zh']}", []).append(_subject(one, unit_code))
    for text, subjects in told.items():
        say(f"     {''.join(subjects)}{text}")
    if len(fix["subjects"]) > SUBJECTS_SHOWN:
        say(f"     等{len(fix['subjects'])}处，其余见上")


def _standing(line: dict[str, Any]) -> str:
    """What a line gives, or why it does not count; how its subjects stand when there are several."""
    if not line["is_in_denominator"] and line["points"] is None:
        return next((text for name, text in LEFT_OUT_ZH.items() if line[name]), "不适用，不计分")
    if line["is_in_denominator"]:
        gives = f"{points(line['points'])} / {points(line['max_points'])} 分（权重 {number_zh(line['weight'])}）"
    else:
        gives = f"另计 {points(line['points'])} 分"
    if line["subject_count"] > 1:
        gives += "；" + "，".join(f"{text}{line[name]}" for name, text in COUNTS_ZH.items() if line[name])
    return gives


def _print_line(line: dict[str, Any], unit_code: str) -> None:
    """One line of the score, and its findings when it counts."""
    say(f"  {line['rule_id'] or line['item_code']} {line['item_zh']}  {_standing(line)}")
    findings = line["findings"] if line["points"] is not None else []
    # Of the units below only what falls short is told; the JSON form has all of them.
    met = [one for one in findings if one["unit_code"] != unit_code and one["outcome"] not in ("fail", "not_evaluated")]
    for finding in (one for one in findings if one not in met):
        head = f"{finding['period'] or ''} {finding['outcome_zh'] or ''}  {_subject(finding, unit_code)}"
        if head.strip():
            say(f"    {head.strip()}")
        _print_finding(finding, "      ")
    if met and len(met) < len(findings):
        say(f"    其余{len(met)}处没有问题")
    elif met:
        say(f"    {len(met)}处均没有问题，依据为所属单位报表")
