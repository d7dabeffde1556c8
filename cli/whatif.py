"""The comparison of a what-if as text."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from cli.output import print_table, say


def points(thousandths: int | None) -> str:
    """A score in points, from whole thousandths."""
    return "—" if thousandths is None else f"{Decimal(thousandths) / 1000:f}"


def _arrow(before: Any, after: Any) -> str:
    shown = ["—" if value is None else str(value) for value in (before, after)]
    return shown[0] if shown[0] == shown[1] else " → ".join(shown)


def _number(value: Any) -> str | None:
    return None if value is None else f"{Decimal(str(value)).normalize():f}"


def _section(title: str, columns: Sequence[str], rows: list[list[Any]]) -> None:
    say(f"\n{title}：{len(rows)}")
    if rows:
        print_table(columns, rows)


def print_whatif(found: dict[str, Any]) -> None:
    """Print the result of ``warehouse.whatif.what_if``."""
    what = "、".join([*([found["rulebook"]] if found["rulebook"] else []), *found["overrides"]])
    say(f"假设 {what}（阶段 {found['stage_code']}，对照已发布 {found['build_id']}）")
    if not found["changed_files"]:
        say("与现行规则库相同。")
    flips = [
        [
            flip["rule_id"],
            flip["unit_name"],
            flip["unit_code"],
            None if flip["subject_key"] == flip["unit_code"] else flip["subject_name"] or flip["subject_key"],
            _arrow(_number(flip["before_value"]), _number(flip["after_value"])),
            _arrow(flip["before_threshold_zh"], flip["after_threshold_zh"]),
            _arrow(flip["before_outcome_zh"], flip["after_outcome_zh"]),
        ]
        for flip in found["flips"]
    ]
    _section("结论改变", ("规则", "单位", "代码", "对象", "数值", "标准", "结论"), flips)
    scores = [
        [
            score["unit_name"],
            score["unit_code"],
            _arrow(points(score["before_score"]), points(score["after_score"])),
            _arrow(points(score["before_superior_score"]), points(score["after_superior_score"])),
            _arrow(score["before_rank"], score["after_rank"]),
            _arrow(score["before_band_zh"], score["after_band_zh"]),
        ]
        for score in found["scores"]
    ]
    _section("得分、名次改变", ("单位", "代码", "得分", "上级得分", "名次", "等次"), scores)
    _print_duties(found)


def _print_duties(found: dict[str, Any]) -> None:
    """Who would have to act or pay."""
    duties = [
        [duty["rule_id"], duty["owed_by_zh"], len(duty["must_act"]), len(duty["relieved"])]
        for duty in found["duties"]
        if duty["must_act"] or duty["relieved"]
    ]
    _section("谁须办理", ("规则", "责任", "新增未达标单位", "不再未达标单位"), duties)
    money = [
        [
            one["rule_id"],
            one["unit_name"],
            one["unit_code"],
            one["owed_by_zh"],
            _arrow(_number(one["before_shortfall_cny"]), _number(one["after_shortfall_cny"])),
        ]
        for one in found["shortfalls"]
    ]
    _section("资金缺口（元，各级按辖区合计）", ("规则", "单位", "代码", "责任", "缺口"), money)
